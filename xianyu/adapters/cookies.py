"""The session cookie: its name, its attributes, and how it is read from a header."""

from http.cookies import CookieError, SimpleCookie

from xianyu.settings import get_settings


def session_cookie_name() -> str:
    """The cookie's name. Over https the ``__Host-`` prefix ties it to this host (RFC 6265bis, 4.1.3.2)."""
    return "__Host-xianyu_session" if get_settings().secure_cookies else "xianyu_session"


def read_session_cookie(header: str) -> str:
    """The session token in a ``Cookie`` header, or an empty string."""
    try:
        cookie: SimpleCookie = SimpleCookie(header)
    except CookieError:
        return ""
    morsel = cookie.get(session_cookie_name())
    return morsel.value if morsel is not None else ""
