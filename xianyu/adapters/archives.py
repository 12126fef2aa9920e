"""Archives of a whole site: a ZIP file of named parts, with a manifest that has a SHA-256 of each.

Nothing is ever unpacked by the names that an archive gives: a reader asks for parts by names of its
own making, and whatever else is in the file makes it refuse the whole.
"""

import hashlib
import io
import json
import os
import re
import shutil
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from xianyu.adapters import media

# The form of the archive, counted up when an older program could no longer read it.
FORMAT = 1
MANIFEST = "manifest.json"
KEY = "secret.key"
MESSAGES = "messages.jsonl"
# Bytes that are read at a time.
_BLOCK = 1 << 20
# A manifest has about 130 bytes for each file; one of this size is no accident.
_LARGEST_MANIFEST = 1 << 30
_NAMES = re.compile(rf"{KEY}|{MESSAGES}|tables/[a-z][a-z0-9_]{{0,62}}\.jsonl|media/[0-9a-f]{{32}}(?:_t)?\.(?:webp|mp4)")

Report = Callable[[str, int, int], None]


class BadArchive(Exception):
    """A file is no archive of a site, is damaged, or was made by a newer program."""


@dataclass(frozen=True)
class Manifest:
    """What an archive says of itself.

    ``tables`` has for each table its number of rows and the last number that it gave to a row, if it
    numbers them; ``parts`` for each part its SHA-256 and its size in bytes; ``key`` tells one key of
    the two-step logins from another.
    """

    revision: str
    made_at: str
    database: str
    messages_in: str
    tables: dict[str, dict[str, int | None]]
    conversations: int
    messages: int
    files: int
    key: str = ""
    format: int = FORMAT
    parts: dict[str, dict[str, str | int]] = field(default_factory=dict)


class _Part(io.RawIOBase):
    """Writes into a part and sums it up."""

    def __init__(self, into: IO[bytes]) -> None:
        self._into = into
        self.digest = hashlib.sha256()
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.digest.update(data)
        self.size += len(data)
        return self._into.write(data)


class ArchiveWriter:
    """Writes an archive that only its owner can read. It is whole once it has its manifest.

    Args:
        path: A file that does not exist yet.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b")
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED, compresslevel=6)
        self.parts: dict[str, dict[str, str | int]] = {}

    @contextmanager
    def part(self, name: str, *, compressed: bool = True) -> Iterator[_Part]:
        """Where the bytes of a part go."""
        info = zipfile.ZipInfo(name)
        info.compress_type = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
        info.external_attr = 0o600 << 16
        with self._zip.open(info, "w", force_zip64=True) as into:
            part = _Part(into)
            yield part
        self.parts[name] = {"sha256": part.digest.hexdigest(), "bytes": part.size}

    def add_file(self, name: str, path: Path) -> bool:
        """Take a file in as it is. Returns whether there still was one."""
        try:
            source = path.open("rb")
        except FileNotFoundError:
            return False
        with source, self.part(name, compressed=False) as part:
            while block := source.read(_BLOCK):
                part.write(block)
        return True

    def finish(self, manifest: Manifest) -> None:
        """Write the manifest, and everything to the disk."""
        self._zip.writestr(MANIFEST, json.dumps(manifest.__dict__, ensure_ascii=False))
        self._zip.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def abandon(self) -> None:
        """Let go of the file, finished or not."""
        with suppress(OSError, ValueError):
            self._zip.close()
        self._file.close()


class Archive:
    """Reads an archive whose names and manifest are as they should be.

    Args:
        path: The file.

    Raises:
        BadArchive: if they are not.
    """

    def __init__(self, path: Path) -> None:
        with _guarded():
            # What is not there is not damaged.
            self._zip = zipfile.ZipFile(path)
        try:
            with _guarded():
                self.manifest = self._read_manifest()
                self._check_names()
        except BaseException:
            self._zip.close()
            raise

    def _read_manifest(self) -> Manifest:
        if self._zip.getinfo(MANIFEST).file_size > _LARGEST_MANIFEST:
            raise BadArchive("its manifest is absurdly large")
        given = json.loads(self._zip.read(MANIFEST))
        if not isinstance(given, dict) or not isinstance(given.get("format"), int):
            raise BadArchive("its manifest is none of this program's")
        if given["format"] > FORMAT:
            raise BadArchive("it was made by a newer version of this program")
        return Manifest(**given)

    def _check_names(self) -> None:
        names = self._zip.namelist()
        if len(set(names)) < len(names):
            raise BadArchive("a part of it is there twice")
        for name in set(names) - {MANIFEST}:
            if not _is_name(name):
                raise BadArchive(f"it has a part with the name {name[:100]!r}")
        if set(names) - {MANIFEST} != set(self.manifest.parts):
            raise BadArchive("its parts are not those of its manifest")

    def verify(self, report: Report) -> None:
        """Read every part to its end, and compare.

        Raises:
            BadArchive: if one is not what was written.
        """
        every = len(self.manifest.parts)
        for done, (name, wanted) in enumerate(self.manifest.parts.items(), 1):
            digest, size = hashlib.sha256(), 0
            with self.open(name) as part:
                while block := _guarded_read(part):
                    digest.update(block)
                    size += len(block)
            if {"sha256": digest.hexdigest(), "bytes": size} != wanted:
                raise BadArchive(f"{name} is not what was written")
            report("Verifying", done, every)

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """A part to read from."""
        with _guarded():
            part = self._zip.open(name)
        with part:
            yield part

    def lines(self, name: str) -> Iterator[Any]:
        """The JSON values of a part that has one on each line."""
        with self.open(name) as part:
            for line in io.TextIOWrapper(part, encoding="utf-8", newline="\n"):
                yield json.loads(line)

    def copy(self, name: str, path: Path) -> None:
        """Write a part to a file that is either whole or as it was, and only its owner's to read if it is the key."""
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".tmp")
        temporary.unlink(missing_ok=True)
        mode = 0o600 if name == KEY else 0o644
        with (
            self.open(name) as part,
            os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file,
        ):
            shutil.copyfileobj(part, file, _BLOCK)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)

    def files(self) -> list[str]:
        """The names of the pictures and videos."""
        return [name.removeprefix("media/") for name in self.manifest.parts if name.startswith("media/")]

    def close(self) -> None:
        """Let go of the file."""
        self._zip.close()


def _is_name(name: str) -> bool:
    return _NAMES.fullmatch(name) is not None and (
        not name.startswith("media/") or media.is_stored_name(name.removeprefix("media/"))
    )


@contextmanager
def _guarded() -> Iterator[None]:
    """Whatever foreign bytes make the library raise means the same."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise BadArchive(f"it is damaged: {error}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise BadArchive("its manifest is none of this program's") from error


def _guarded_read(part: IO[bytes]) -> bytes:
    with _guarded():
        return part.read(_BLOCK)
