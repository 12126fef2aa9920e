"""Browsers that have logged in to an account before, which strangers' guesses must not hold up.

A browser keeps a cookie that says so: the account, a random name, and a signature. This is the
device cookie that OWASP describes under "Slow Down Online Guessing Attacks with Device Cookies". It
opens nothing; it only decides against which limit a login is counted. The key is the hash of the
account's password, so that another password makes every browser unknown.
"""

import hmac
import re
import secrets

from sqlmodel import Session

from xianyu.models import User

# How long a browser stays known without a login, in days.
KEPT_DAYS = 180

_COOKIE = re.compile(r"(\d{1,16})\.([0-9a-f]{32})\.([0-9a-f]{64})")


def cookie_for(session: Session, user_id: int, present: str) -> str:
    """The cookie of a browser that has just logged in: the one it has, if that is good, or a new one.

    Empty for an account without a password, at which nobody can guess.
    """
    password_hash = session.get_one(User, user_id).password_hash
    if not password_hash or recognised(present, user_id, password_hash):
        return present if password_hash else ""
    name = secrets.token_hex(16)
    return f"{user_id}.{name}.{_signature(user_id, name, password_hash)}"


def recognised(cookie: str, user_id: int, password_hash: str) -> str:
    """The browser's name if it has logged in to this account before, or an empty string."""
    found = _COOKIE.fullmatch(cookie)
    if found is None or found[1] != str(user_id) or not password_hash:
        return ""
    expected = _signature(user_id, found[2], password_hash)
    return found[2] if hmac.compare_digest(found[3], expected) else ""


def _signature(user_id: int, name: str, password_hash: str) -> str:
    return hmac.digest(password_hash.encode(), f"browser:{user_id}:{name}".encode(), "sha256").hex()
