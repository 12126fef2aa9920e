"""Every address of the site, by name. Pages and states build links here and nowhere else."""

from urllib.parse import quote, urlencode, urlsplit

HOME = "/"
REGISTER = "/register"
LOGIN = "/login"
SELL = "/sell"
LISTING = "/listing/[listing_id]"
LISTING_EDIT = "/listing/[listing_id]/edit"
MESSAGES = "/messages"
CONVERSATION = "/messages/[peer_id]"
ME = "/me"
USER = "/user/[user_id]"

# Served by the program's own HTTP routes, not by pages.
SESSION = "/auth/session"
LOGOUT = "/auth/logout"
PHOTO_UPLOAD = "/api/photos"
MEDIA = "/media"


def listing(listing_id: int) -> str:
    """The page of one listing."""
    return f"/listing/{listing_id}"


def listing_edit(listing_id: int) -> str:
    """The form that changes one listing."""
    return f"/listing/{listing_id}/edit"


def conversation(peer_id: int) -> str:
    """The conversation with one person."""
    return f"/messages/{peer_id}"


def user(user_id: int) -> str:
    """One person's page."""
    return f"/user/{user_id}"


def media(name: str) -> str:
    """A stored picture."""
    return f"{MEDIA}/{name}"


def login(next_path: str = "") -> str:
    """The login page, which leads back to ``next_path``."""
    target = safe_next(next_path)
    return LOGIN if target == HOME else f"{LOGIN}?{urlencode({'next': target})}"


def register(next_path: str = "") -> str:
    """The registration page, which leads on to ``next_path``."""
    target = safe_next(next_path)
    return REGISTER if target == HOME else f"{REGISTER}?{urlencode({'next': target})}"


def safe_next(path: str | None) -> str:
    """A path of this site to continue at, or the home page for anything else.

    Browsers read ``//host``, ``/\\host`` and addresses with control characters as other sites, so
    only a plain absolute path passes (the open redirect of CWE-601).
    """
    if not path or not path.startswith("/") or path.startswith(("//", "/\\")) or "\\" in path:
        return HOME
    if any(ord(char) < 0x20 or ord(char) == 0x7F for char in path):
        return HOME
    try:
        parts = urlsplit(path)
    except ValueError:
        return HOME
    if parts.scheme or parts.netloc or parts.path.startswith("/auth/"):
        return HOME
    return quote(path, safe="/?&=%#:@!$'()*+,;~-._[]")
