"""Cookies: their names, and how they are read from a header."""

from xianyu.settings import get_settings


def session_cookie_name() -> str:
    """The cookie's name. Over https the ``__Host-`` prefix ties it to this host (RFC 6265bis, 4.1.3.2)."""
    return "__Host-xianyu_session" if get_settings().secure_cookies else "xianyu_session"


def read_session_cookie(header: str) -> str:
    """The session token in a ``Cookie`` header, or an empty string.

    Other programs on the same host set cookies too, and one that breaks the rules must not hide
    ours, as it does from ``http.cookies``. The first of a name is the most specific (RFC 6265, 5.4).
    """
    return _read(header, session_cookie_name())


def external_cookie_name() -> str:
    """The cookie that ties a login at a third party to the browser that began it."""
    return "__Host-xianyu_external" if get_settings().secure_cookies else "xianyu_external"


def read_external_cookie(header: str) -> str:
    """The secret of a login at a third party in a ``Cookie`` header, or an empty string."""
    return _read(header, external_cookie_name())


def browser_cookie_name() -> str:
    """The cookie by which a browser is known that has logged in before."""
    return "__Host-xianyu_browser" if get_settings().secure_cookies else "xianyu_browser"


def read_browser_cookie(header: str) -> str:
    """What a known browser says of itself in a ``Cookie`` header, or an empty string."""
    return _read(header, browser_cookie_name())


def _read(header: str, wanted: str) -> str:
    for pair in header.split(";"):
        name, _, value = pair.partition("=")
        if name.strip() == wanted:
            return value.strip()
    return ""
