"""The security documents name only what exists, and call nothing met without a test or a place."""

import ast
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from xianyu.services import limits

ROOT = Path(__file__).resolve().parents[1]
SECURITY = ROOT / "docs" / "security.md"
ASVS = ROOT / "docs" / "security" / "asvs.md"
DOCUMENTS = sorted([*ROOT.glob("docs/security*.md"), *ROOT.glob("docs/security/*.md")])

FOLDERS = tuple(f"{path.name}/" for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith("."))
FILE = re.compile(r"[\w./-]+\.(py|md|jsx|txt|toml|css)")
STANDINGS = {"met", "partly", "not met", "does not apply"}
# How many requirements of each level the standard has (OWASP ASVS 5.0.0), and how many chapters.
REQUIREMENTS = {1: 70, 2: 183}
CHAPTERS = 17


@dataclass(frozen=True)
class Reference:
    """A path, and perhaps the name of something that is defined in that file."""

    path: str
    name: str


@dataclass(frozen=True)
class Row:
    number: tuple[int, ...]
    level: int
    demand: str
    standing: str
    evidence: str


def references(text: str) -> list[Reference]:
    """What stands between backticks and looks like a path of this repository."""
    quoted = (found.partition("::") for found in re.findall(r"`([^`\n]+)`", text))
    return [Reference(path, name) for path, _, name in quoted if FILE.fullmatch(path) or path.startswith(FOLDERS)]


@cache
def defined(path: Path) -> frozenset[str]:
    """The names of a file's functions, classes and constants."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        return frozenset(re.findall(r"(?:function|const|class) (\w+)", text))
    tree = ast.parse(text)
    named = {
        node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }
    targets = [target for node in tree.body if isinstance(node, ast.Assign) for target in node.targets]
    targets += [node.target for node in tree.body if isinstance(node, ast.AnnAssign)]
    return frozenset(named | {target.id for target in targets if isinstance(target, ast.Name)})


def problem(reference: Reference) -> str:
    """What is wrong with a reference, or an empty string."""
    path = ROOT / reference.path
    if not path.exists():
        return f"{reference.path} does not exist"
    if reference.name and (not path.is_file() or reference.name not in defined(path)):
        return f"{reference.path} defines no {reference.name}"
    return ""


def read_rows(text: str) -> list[Row]:
    rows = []
    for line in text.splitlines():
        if re.match(r"\| \d", line):
            number, level, demand, standing, evidence = (cell.strip() for cell in line.strip("|").split(" | "))
            rows.append(Row(tuple(map(int, number.split("."))), int(level), demand, standing, evidence))
    return rows


def rows() -> list[Row]:
    return read_rows(ASVS.read_text(encoding="utf-8"))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_whatever_is_named_exists(document: Path) -> None:
    found = references(document.read_text(encoding="utf-8"))
    assert found
    assert [text for text in map(problem, found) if text] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8"))
    assert [target for target in targets if not (document.parent / target).is_file()] == []


def test_the_list_is_linked() -> None:
    assert "(security/asvs.md)" in SECURITY.read_text(encoding="utf-8")


def written_numbers(windows: str) -> list[str]:
    """How often a rule allows a thing, window by window, as the document writes numbers."""
    return [f"{int(window.partition('/')[0]):,}" for window in windows.split(";")]


@pytest.mark.parametrize("rule", [one for one in vars(limits).values() if isinstance(one, limits.Rule)])
def test_every_limit_is_told_as_it_is(rule: limits.Rule) -> None:
    found = re.findall(rf"^\| [^|]+ \| `{rule.name}` \|.*$", SECURITY.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(found) == 1, f"the table of limits needs one line for {rule.name}"
    _, _, _, told, scales = found[0].strip("| ").split(" | ")
    assert re.findall(r"(?:^|, )([\d,]*\d)", told) == written_numbers(rule.windows)
    assert scales == ("yes" if rule.scales else "no")


def test_nothing_is_met_without_a_test_or_a_place() -> None:
    assert [row.number for row in rows() if row.standing == "met" and not references(row.evidence)] == []


def test_every_row_says_how_it_stands_and_why() -> None:
    for row in rows():
        assert row.standing in STANDINGS, row
        assert row.demand, row
        assert len(row.evidence) > len("no"), row


def test_every_requirement_is_there_once_and_in_order() -> None:
    numbers = [row.number for row in rows()]
    assert all(len(number) == 3 for number in numbers)
    assert [pair for pair in pairwise(numbers) if pair[0] >= pair[1]] == []
    assert Counter(row.level for row in rows()) == REQUIREMENTS
    assert {number[0] for number in numbers} == set(range(1, CHAPTERS + 1))


def test_every_row_stands_in_its_chapter() -> None:
    for part in ASVS.read_text(encoding="utf-8").split("\n## ")[1:]:
        chapter = re.match(r"V(\d+) ", part)
        assert chapter, part[:40]
        assert {row.number[0] for row in read_rows(part)} == {int(chapter[1])}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("`tests/test_nothing.py`", "tests/test_nothing.py does not exist"),
        ("`tests/test_security_document.py::test_nothing`", "tests/test_security_document.py defines no test_nothing"),
        ("`xianyu/http::name`", "xianyu/http defines no name"),
        ("`tests/test_security_document.py::ASVS`", ""),
        ("`tests/test_security_document.py::Row`", ""),
        ("`xianyu/http`", ""),
        ("`rxconfig.py`", ""),
    ],
)
def test_a_wrong_reference_is_found(text: str, found: str) -> None:
    assert [problem(reference) for reference in references(text)] == [found]


def test_what_is_no_path_is_no_reference() -> None:
    assert references("`/auth/`, `script.text`, `max-age=1`, `XIANYU_PORT`, `text/html`") == []
