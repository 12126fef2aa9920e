"""Passwords that are too easy to guess, however long they are (OWASP ASVS 5.0, 6.2.4, 6.2.11, 6.2.12)."""

import unicodedata
from functools import lru_cache

from zxcvbn.frequency_lists import FREQUENCY_LISTS  # type: ignore[import-untyped]  # it has no types

from xianyu.adapters.breaches import is_breached
from xianyu.settings import get_settings


def weakness(password: str, *names: str) -> str:
    """Why a password of a fair length is refused all the same, or an empty string.

    Asks a service on the network where one is set: no transaction should be open.

    Args:
        password: The password.
        names: What its owner is called: the username, the address.
    """
    folded = _fold(password)
    if folded in _guesses(names):
        return "密码不能和用户名、邮箱或网站名称相同"
    if folded in common_passwords():
        return "这个密码太常见，很容易被猜到，换一个吧"
    if is_breached(password):
        return "这个密码曾在别的网站泄露过，换一个吧"
    return ""


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip()


def _guesses(names: tuple[str, ...]) -> set[str]:
    """What somebody who knows the owner's names and the site would try first."""
    host = get_settings().public_url.partition("://")[2].partition(":")[0]
    known = {_fold(name) for name in (*names, get_settings().site_name, host) if name}
    known |= {name.partition("@")[0] for name in known}
    # A short name is often lengthened by saying it twice.
    return known | {name * 2 for name in known}


@lru_cache(maxsize=1)
def common_passwords() -> frozenset[str]:
    """The 30,000 passwords that people choose most often, folded; zxcvbn brings the list."""
    return frozenset(_fold(password) for password in FREQUENCY_LISTS["passwords"])
