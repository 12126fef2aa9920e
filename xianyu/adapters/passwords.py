"""Password hashes (bcrypt) and the random tokens of sessions and tickets."""

import base64
import hashlib
import secrets
import unicodedata
from functools import lru_cache

import bcrypt

# The cost of a hash: each step doubles its time.
BCRYPT_ROUNDS = 12


def _prepare(password: str) -> bytes:
    """64 bytes that stand for a password of any length and language.

    bcrypt reads 72 bytes at most, 24 Chinese characters, and stops at a NUL. The digest is neither
    cut nor refused, and base64 keeps NUL out. NFKC first, since input methods differ in how they
    compose and in width (NIST SP 800-63B, 3.1.1.2). Half a surrogate pair, which a socket can
    carry, is as good as any other character.
    """
    digest = hashlib.sha384(unicodedata.normalize("NFKC", password).encode(errors="surrogatepass")).digest()
    return base64.b64encode(digest)


def hash_password(password: str) -> str:
    """A bcrypt hash of ``password``. Takes about a quarter of a second: run it in a worker thread."""
    return bcrypt.hashpw(_prepare(password), bcrypt.gensalt(rounds=BCRYPT_ROUNDS)).decode()


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    return hash_password(secrets.token_urlsafe())


def verify_password(password: str, password_hash: str | None) -> bool:
    """Whether ``password`` is the one behind the hash.

    Without a hash (nobody has that name) it takes as long and answers no, so that the time tells
    nothing about who has an account.
    """
    matches = bcrypt.checkpw(_prepare(password), (password_hash or _nobodys_hash()).encode())
    return matches and password_hash is not None


def new_token() -> str:
    """A secret with 256 bits of randomness, fit for a cookie or an address."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What the database keeps of a token: its SHA-256 in hex."""
    return hashlib.sha256(token.encode()).hexdigest()
