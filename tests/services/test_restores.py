"""Archives that are forged or damaged, and restores that are interrupted."""

import hashlib
import json
import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.backups import kept, quiet, restore
from tests.stored import everything
from xianyu.adapters.archives import Archive, BadArchive
from xianyu.adapters.database import Database
from xianyu.services import restores, search_index
from xianyu.services.restores import RestoreFailed, RestoreRefused
from xianyu.settings import get_settings


def _rewritten(path: Path, change: Callable[[dict[str, bytes], dict[str, Any]], None]) -> Path:
    """The same archive with other parts, or with another manifest."""
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    manifest = json.loads(parts.pop("manifest.json"))
    change(parts, manifest)
    altered = path.with_name("altered.zip")
    with zipfile.ZipFile(altered, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in parts.items():
            new.writestr(name, content)
        new.writestr("manifest.json", json.dumps(manifest))
    return altered


def _add(name: str) -> Callable[[dict[str, bytes], dict[str, Any]], None]:
    def change(parts: dict[str, bytes], manifest: dict[str, Any]) -> None:
        parts[name] = b"evil"
        manifest["parts"][name] = {"sha256": hashlib.sha256(b"evil").hexdigest(), "bytes": 4}

    return change


def _set(**values: object) -> Callable[[dict[str, bytes], dict[str, Any]], None]:
    return lambda _parts, manifest: manifest.update(values)


def _change_row(parts: dict[str, bytes], _manifest: dict[str, Any]) -> None:
    parts["tables/user_account.jsonl"] = parts["tables/user_account.jsonl"].replace(b"member", b"operator")


FORGED: dict[str, tuple[Callable[[dict[str, bytes], dict[str, Any]], None], str]] = {
    "slip": (_add("media/../../evil.webp"), "name"),
    "absolute": (_add("/etc/cron.d/evil"), "name"),
    "backslash": (_add("media\\..\\evil.webp"), "name"),
    "other folder": (_add("xianyu/__main__.py"), "name"),
    "table": (_add("tables/../x.jsonl"), "name"),
    "no picture": (_add("media/evil.webp"), "name"),
    "row": (_change_row, "not what was written"),
    "missing": (lambda parts, _: parts.__delitem__("messages.jsonl"), "parts are not"),
    "undeclared": (lambda parts, _: parts.update({"tables/extra.jsonl": b""}), "parts are not"),
    "newer form": (_set(format=2), "newer version"),
    "newer revision": (_set(revision="9999"), "newer version"),
    "symbolic revision": (_set(revision="head"), "newer version"),
    "no form": (_set(format="1"), "manifest"),
    "foreign field": (_set(surprise=1), "manifest"),
}


@pytest.mark.parametrize("case", FORGED)
def test_a_forged_archive_is_refused_before_anything_is_touched(case: str, made: tuple[Database, Path]) -> None:
    database, path = made
    change, complaint = FORGED[case]
    before, files = everything(database), sorted(get_settings().data_dir.parent.rglob("*"))
    altered = _rewritten(path, change)
    with pytest.raises(BadArchive, match=complaint):
        restore(database, altered, replace=True)
    altered.unlink()
    assert everything(database) == before
    assert sorted(get_settings().data_dir.parent.rglob("*")) == files


@pytest.mark.parametrize("case", ["empty", "text", "half", "without its end", "one bit"])
def test_a_damaged_archive_is_refused_before_anything_is_touched(case: str, made: tuple[Database, Path]) -> None:
    database, path = made
    whole = path.read_bytes()
    flipped = bytearray(whole)
    flipped[len(whole) // 3] ^= 4
    damaged = {
        "empty": b"",
        "text": b"no archive at all" * 100,
        "half": whole[: len(whole) // 2],
        "without its end": whole[:-10],
        "one bit": bytes(flipped),
    }
    path.write_bytes(damaged[case])
    before = everything(database)
    with pytest.raises(BadArchive):
        restore(database, path, replace=True)
    assert everything(database) == before
    assert not (get_settings().data_dir / restores.UNFINISHED).exists()


def test_no_bit_of_an_archive_can_turn_unseen(made: tuple[Database, Path]) -> None:
    """Wherever the damage is, either it is found, or it is in what nobody reads and everything is right."""
    database, path = made
    whole, before = path.read_bytes(), kept(database)
    numbers = random.Random(1)
    for _ in range(60):
        damaged = bytearray(whole)
        damaged[numbers.randrange(len(whole))] ^= 1 << numbers.randrange(8)
        path.write_bytes(bytes(damaged))
        try:
            archive = Archive(path)
        except BadArchive:
            continue
        try:
            archive.verify(quiet)
        except BadArchive:
            continue
        finally:
            archive.close()
        restore(database, path, replace=True)
        assert kept(database) == before


def test_an_interrupted_restore_is_told_from_a_site(
    made: tuple[Database, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    database, path = made
    before = kept(database)
    with monkeypatch.context() as patch:
        patch.setattr(search_index, "rebuild", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            restore(database, path, replace=True)
    with pytest.raises(RestoreRefused, match="not finished"):
        restores.check_finished(get_settings())
    restore(database, path, replace=True)
    restores.check_finished(get_settings())
    assert kept(database) == before


def test_rows_that_do_not_all_arrive_are_noticed(made: tuple[Database, Path], tmp_path: Path) -> None:
    """Here the archive agrees with itself, but not with what it says that it holds."""
    database, path = made

    def drop(parts: dict[str, bytes], manifest: dict[str, Any]) -> None:
        content = parts["tables/notice.jsonl"] = b""
        manifest["parts"]["tables/notice.jsonl"] = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": 0}
        manifest["tables"]["notice"]["rows"] = 7

    with pytest.raises(RestoreFailed, match="notice has 0 rows where the backup has 7"):
        restore(database, _rewritten(path, drop), replace=True)
