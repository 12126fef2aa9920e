"""The session cookie: its name, its attributes, and how it is read from a header."""

from xianyu.settings import get_settings


def session_cookie_name() -> str:
    """The cookie's name. Over https the ``__Host-`` prefix ties it to this host (RFC 6265bis, 4.1.3.2)."""
    return "__Host-xianyu_session" if get_settings().secure_cookies else "xianyu_session"


def read_session_cookie(header: str) -> str:
    """The session token in a ``Cookie`` header, or an empty string.

    Other programs on the same host set cookies too, and one that breaks the rules must not hide
    ours, as it does from ``http.cookies``. The first of a name is the most specific (RFC 6265, 5.4).
    """
    wanted = session_cookie_name()
    for pair in header.split(";"):
        name, _, value = pair.partition("=")
        if name.strip() == wanted:
            return value.strip()
    return ""
