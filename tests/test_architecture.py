"""The rules that hold the code together, checked on the code itself."""

import ast
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "xianyu"
CODE_FOLDERS = ("xianyu", "tests", "benchmarks", "alembic")
LONGEST_FILE = 400

# What each part may import besides itself. Each line stands on those above it; `routes` is a leaf
# that anyone may use, and `states`, `http` and `demo`, the kinds of entrance, know nothing of each other.
LEAVES = {"routes"}
ALLOWED: dict[str, set[str]] = {
    "routes": set(),
    "settings": set(),
    "models": LEAVES,
    "schemas": LEAVES | {"models"},
}
ALLOWED["adapters"] = LEAVES | {"settings", "models", "schemas"}
ALLOWED["services"] = ALLOWED["adapters"] | {"adapters"}
ALLOWED["states"] = ALLOWED["http"] = ALLOWED["demo"] = ALLOWED["services"] | {"services"}
ALLOWED["components"] = ALLOWED["states"] | {"states", "http"}
ALLOWED["pages"] = ALLOWED["components"] | {"components"}
ALLOWED["xianyu"] = ALLOWED["pages"] | {"pages"}
ALLOWED["__main__"] = ALLOWED["xianyu"] | {"xianyu", "demo"}

MAY_USE_REFLEX = {"states", "components", "pages", "xianyu"}
# The settings are the only reader. The command line hands variables on to the process that it starts.
MAY_USE_ENVIRONMENT = {"settings", "__main__"}
ENVIRONMENT = {"environ", "environb", "getenv", "getenvb", "putenv", "unsetenv"}


def part_of(module: str) -> str:
    """The folder or top module of ``xianyu`` that a dotted name lies in; the package itself is ``""``."""
    return module.split(".")[1] if "." in module else ""


def module_name(file: Path, root: Path) -> str:
    """The dotted name of a file; a package's own file has its ``__init__`` at the end."""
    return ".".join(file.relative_to(root).with_suffix("").parts)


def imported_modules(tree: ast.AST, module: str) -> Iterator[str]:
    """Every module that a source names, relative and dynamic imports resolved."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from _from_import(node, module)
        elif isinstance(node, ast.Call) and _called(node) in {"import_module", "__import__"}:
            yield from (str(arg.value) for arg in node.args[:1] if isinstance(arg, ast.Constant))


def _from_import(node: ast.ImportFrom, module: str) -> Iterator[str]:
    base = node.module or ""
    if node.level:
        base = ".".join([*module.split(".")[: -node.level], *base.split(".")]).strip(".")
    # `from xianyu import routes` names a module, `from xianyu.routes import HOME` does not.
    yield from (f"{base}.{alias.name}" for alias in node.names) if base == PACKAGE else [base]


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def uses_environment(tree: ast.AST) -> bool:
    """Whether a source reads or writes environment variables."""
    return any(
        (isinstance(node, ast.Attribute) and node.attr in ENVIRONMENT and getattr(node.value, "id", "") == "os")
        or (isinstance(node, ast.ImportFrom) and node.module == "os" and ENVIRONMENT & {a.name for a in node.names})
        for node in ast.walk(tree)
    )


def uses_deprecated_model(tree: ast.AST) -> bool:
    """Whether a source uses ``rx.Model``, which is on its way out."""
    return any(
        (isinstance(node, ast.Attribute) and node.attr == "Model" and getattr(node.value, "id", "") in {"rx", "reflex"})
        or (isinstance(node, ast.ImportFrom) and node.module == "reflex" and "Model" in {a.name for a in node.names})
        for node in ast.walk(tree)
    )


def violations(root: Path) -> list[str]:
    """Every place in ``root/xianyu`` that breaks a rule."""
    return [line for file in sorted((root / PACKAGE).rglob("*.py")) for line in _violations_of(file, root)]


def _violations_of(file: Path, root: Path) -> Iterator[str]:
    module = module_name(file, root)
    part = part_of(module)
    tree = ast.parse(file.read_text(encoding="utf-8"))
    if part != "__init__" and part not in ALLOWED:
        yield f"{module} lies in no layer"
        return
    yield from (f"{module} imports {name}" for name in imported_modules(tree, module) if not _may_import(part, name))
    if part not in MAY_USE_ENVIRONMENT and uses_environment(tree):
        yield f"{module} uses the environment"
    if uses_deprecated_model(tree):
        yield f"{module} uses rx.Model"


def _may_import(part: str, name: str) -> bool:
    top = name.split(".", maxsplit=1)[0]
    if top == "reflex" or top.startswith("reflex_"):
        return part in MAY_USE_REFLEX
    if top != PACKAGE:
        return True
    target = part_of(name)
    return target == part or target in ALLOWED.get(part, set())


def code_files() -> Iterable[Path]:
    """Every Python file of the project."""
    yield from ROOT.glob("*.py")
    for folder in CODE_FOLDERS:
        yield from (ROOT / folder).rglob("*.py")


def test_every_import_follows_the_layers() -> None:
    assert violations(ROOT) == []


def test_the_layers_are_those_that_exist() -> None:
    found = {part_of(module_name(file, ROOT)) for file in (ROOT / PACKAGE).rglob("*.py")}
    assert {"models", "schemas", "adapters", "services", "states", "settings", "routes"} <= found


def test_no_layer_depends_on_one_above_it() -> None:
    order = ["models", "schemas", "adapters", "services", "states", "components", "pages", "xianyu", "__main__"]
    for lower, upper in pairwise(order):
        assert lower in ALLOWED[upper]
        assert upper not in ALLOWED[lower]
    assert "http" not in ALLOWED["states"]
    assert "states" not in ALLOWED["http"]


def test_files_are_short() -> None:
    lengths = {file: len(file.read_text(encoding="utf-8").splitlines()) for file in code_files()}
    assert len(lengths) > 20
    assert [f"{file}: {length} lines" for file, length in lengths.items() if length > LONGEST_FILE] == []


PLANTED = {
    "models/a.py": ("from xianyu.settings import Settings", "xianyu.models.a imports xianyu.settings"),
    "schemas/a.py": ("import xianyu.adapters.live", "xianyu.schemas.a imports xianyu.adapters.live"),
    "adapters/a.py": ("from ..services import accounts", "xianyu.adapters.a imports xianyu.services"),
    "adapters/deep/a.py": ("from ...services.text import x", "xianyu.adapters.deep.a imports xianyu.services.text"),
    "services/__init__.py": ("from ..states import x", "xianyu.services.__init__ imports xianyu.states"),
    "services/a.py": ("from xianyu import states", "xianyu.services.a imports xianyu.states"),
    "services/b.py": ("def f():\n    import reflex as rx", "xianyu.services.b imports reflex"),
    "services/c.py": ("from reflex_base.event import x", "xianyu.services.c imports reflex_base.event"),
    "services/d.py": ("import os\nx = os.environ['HOME']", "xianyu.services.d uses the environment"),
    "services/e.py": ("from os import getenv", "xianyu.services.e uses the environment"),
    "services/f.py": ("import xianyu", "xianyu.services.f imports xianyu"),
    "services/g.py": (
        "import importlib\nimportlib.import_module('xianyu.states.actor')",
        "xianyu.services.g imports xianyu.states.actor",
    ),
    "services/h.py": (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import reflex.event",
        "xianyu.services.h imports reflex.event",
    ),
    "states/a.py": ("from xianyu.http import sessions", "xianyu.states.a imports xianyu.http"),
    "states/b.py": ("import reflex as rx\nclass A(rx.Model): pass", "xianyu.states.b uses rx.Model"),
    "http/a.py": ("from xianyu.states.actor import x", "xianyu.http.a imports xianyu.states.actor"),
    "http/b.py": ("import reflex", "xianyu.http.b imports reflex"),
    "components/a.py": ("from . import b\nfrom ..pages import home", "xianyu.components.a imports xianyu.pages"),
    "pages/a.py": ("from xianyu.xianyu import app", "xianyu.pages.a imports xianyu.xianyu"),
    "routes.py": ("from .settings import x", "xianyu.routes imports xianyu.settings"),
    "helpers/a.py": ("import json", "xianyu.helpers.a lies in no layer"),
    "helpers.py": ("import json", "xianyu.helpers lies in no layer"),
    "__init__.py": ("from xianyu import states", "xianyu.__init__ imports xianyu.states"),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_violation_is_found(name: str, tmp_path: Path) -> None:
    source, complaint = PLANTED[name]
    file = tmp_path / PACKAGE / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(source, encoding="utf-8")
    assert violations(tmp_path) == [complaint]


GOOD = {
    "states/a.py": "import reflex as rx\nfrom xianyu import routes\nfrom ..services import accounts\nfrom . import b",
    "services/a.py": "from xianyu.adapters.database import Database\nfrom .errors import DomainError",
    "settings.py": "import os\nx = os.environ",
    "xianyu.py": "import reflex\nfrom xianyu.pages import home\nfrom xianyu.http import sessions",
}


@pytest.mark.parametrize("name", GOOD)
def test_what_is_allowed_passes(name: str, tmp_path: Path) -> None:
    file = tmp_path / PACKAGE / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(GOOD[name], encoding="utf-8")
    assert violations(tmp_path) == []
