"""Password hashes (bcrypt) and the random tokens of sessions and tickets."""

import asyncio
import base64
import contextvars
import hashlib
import os
import secrets
import sys
import threading
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import TypeVar

import bcrypt

T = TypeVar("T")

# The cost of a hash: each step doubles its time.
BCRYPT_ROUNDS = 12


# bcrypt lets go of the interpreter's lock, so each hash keeps a whole core busy. One core stays free
# for everyone who is logged in already.
HASHES_AT_ONCE = max(1, (os.cpu_count() or 2) - 1)
_cores = threading.BoundedSemaphore(HASHES_AT_ONCE)
# Threads in which passwords wait for a core: not those of queries and pictures, which would stand
# still behind a crowd that logs in.
WAITING_THREADS = 32
# How far these threads stand back behind the event loop where there is but one core (see nice(2)).
NICENESS = 10


def _stand_back() -> None:
    # Elsewhere than on Linux a thread has no niceness of its own.
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


_waiting_room = ThreadPoolExecutor(max_workers=WAITING_THREADS, thread_name_prefix="password", initializer=_stand_back)


async def hashing(work: Callable[[], T]) -> T:
    """Run ``work``, which makes or checks a hash, off the event loop and apart from other slow work."""
    context = contextvars.copy_context()
    return await asyncio.get_running_loop().run_in_executor(_waiting_room, context.run, work)


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
    """A bcrypt hash of ``password``. Takes about a quarter of a second: run it by ``hashing``."""
    with _cores:
        return bcrypt.hashpw(_prepare(password), bcrypt.gensalt(rounds=BCRYPT_ROUNDS)).decode()


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    return hash_password(secrets.token_urlsafe())


def verify_password(password: str, password_hash: str | None) -> bool:
    """Whether ``password`` is the one behind the hash.

    Without a hash (nobody has that name) it takes as long and answers no, so that the time tells
    nothing about who has an account.
    """
    stored = (password_hash or _nobodys_hash()).encode()
    with _cores:
        matches = bcrypt.checkpw(_prepare(password), stored)
    return matches and password_hash is not None


def new_token() -> str:
    """A secret with 256 bits of randomness, fit for a cookie or an address."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What the database keeps of a token: its SHA-256 in hex."""
    return hashlib.sha256(token.encode()).hexdigest()
