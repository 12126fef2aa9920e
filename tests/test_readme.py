"""What the documents say about the program is so."""

import re
from pathlib import Path

import pytest

from xianyu.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
READMES = ("README.md", "README.zh-CN.md")
ROW = re.compile(r"^\| `(XIANYU_[A-Z_]+)` \| (.*?) \| (.+?) \|$", re.MULTILINE)
LINK = re.compile(r"(?:\]\(|src=\"|srcset=\")([^)\"#:]+)[)\"#]")


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_both_languages_list_the_same_settings() -> None:
    english, chinese = ([row[:2] for row in ROW.findall(_text(name))] for name in READMES)
    assert [name for name, _ in english] == [f"XIANYU_{field.upper()}" for field in Settings.model_fields]
    assert [(name, default.replace("空", "empty")) for name, default in chinese] == english


@pytest.mark.parametrize("name", [*READMES, "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_to_files_lead_somewhere(name: str) -> None:
    missing = [target for target in LINK.findall(_text(name)) if not (ROOT / target).exists()]
    assert missing == []


@pytest.mark.parametrize("name", [*READMES, "CONTRIBUTING.md"])
def test_commands_that_are_told_exist(name: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):.*## ", _text("Makefile"), re.MULTILINE))
    told = set(re.findall(r"`?\bmake ([a-z-]+)\b", _text(name)))
    assert {"run", "test"} <= told if name != "CONTRIBUTING.md" else "test" in told
    assert told <= targets
