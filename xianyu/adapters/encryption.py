"""Secrets that the server must be able to read again, encrypted with a key that is not in the database."""

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


def _fernet() -> Fernet:
    settings = get_settings()
    secret = settings.secret_key.get_secret_value().encode() or _key_in(settings.data_dir)
    # The setting may be any phrase; what is derived is as long as the cipher wants it (RFC 5869).
    key = HKDF(SHA256(), length=32, salt=None, info=b"xianyu second step").derive(secret)
    return Fernet(base64.urlsafe_b64encode(key))


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
