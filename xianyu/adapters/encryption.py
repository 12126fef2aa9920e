"""Secrets that the server must be able to read again, encrypted with a key that is not in the database.

That key is also what signatures are made with, each purpose with one of its own.
"""

import base64
import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from xianyu.settings import get_settings

KEY_FILE = "secret.key"


class Unreadable(Exception):
    """A secret was encrypted with another key than the present one, or is damaged."""


def encrypt(text: str) -> str:
    """``text`` as only this server can read it."""
    return _fernet().encrypt(text.encode()).decode()


def decrypt(encrypted: str) -> str:
    """What ``encrypt`` was given.

    Raises:
        Unreadable: if the key is another one now.
    """
    try:
        return _fernet().decrypt(encrypted.encode()).decode()
    except InvalidToken as error:
        raise Unreadable from error


def derived_key(purpose: str) -> bytes:
    """32 bytes for one purpose. Keys of different purposes tell nothing of each other (RFC 5869). Reads a file."""
    settings = get_settings()
    secret = settings.secret_key.get_secret_value().encode() or _key_in(settings.data_dir)
    # The setting may be any phrase; what is derived is as long as ciphers and signatures want it.
    return HKDF(SHA256(), length=32, salt=None, info=f"xianyu {purpose}".encode()).derive(secret)


def _fernet() -> Fernet:
    return Fernet(base64.urlsafe_b64encode(derived_key("second step")))


def key_mark() -> str:
    """What tells the present key from others and leads nowhere; empty while there is none yet."""
    settings = get_settings()
    if not settings.secret_key.get_secret_value() and not (settings.data_dir / KEY_FILE).exists():
        return ""
    return derived_key("mark of the key")[:8].hex()


def _key_in(folder: Path) -> bytes:
    path = folder / KEY_FILE
    if not path.exists():
        _make_key(path)
    return path.read_bytes()


def _make_key(path: Path) -> None:
    """Write a key that only this user can read, whole from the start; the first of several writers wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{secrets.token_hex(8)}")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secrets.token_hex(32).encode())
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        temporary.unlink()
