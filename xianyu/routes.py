"""Every address of the site, by name. Pages and states build links here and nowhere else."""

import re
from collections.abc import Mapping
from posixpath import normpath
from urllib.parse import quote, unquote, urlencode

HOME = "/"
REGISTER = "/register"
LOGIN = "/login"
FORGOT_PASSWORD = "/forgot-password"  # noqa: S105 - an address, no secret
RESET_PASSWORD = "/reset-password"  # noqa: S105 - the same
CONFIRM_EMAIL = "/confirm-email"
# Where a login through a third party goes on: a username, a password, or a code is still wanted.
WELCOME = "/welcome"
LINK = "/link"
LOGIN_CODE = "/login/code"
SELL = "/sell"
LISTING = "/listing/[listing_id]"
LISTING_EDIT = "/listing/[listing_id]/edit"
MESSAGES = "/messages"
CONVERSATION = "/messages/[peer_id]"
PLAZA = "/plaza"
FRIENDS = "/friends"
ME = "/me"
SETTINGS = "/me/settings"
FAVORITES = "/me/favorites"
HISTORY = "/me/history"
SAVED_SEARCHES = "/me/searches"
SEARCH = "/search"
ACTIVITY = "/activity/[activity_id]"
ACTIVITY_NEW = "/activity/new"
ACTIVITY_EDIT = "/activity/[activity_id]/edit"
ANNOUNCEMENT = "/announcement/[announcement_id]"
ANNOUNCEMENT_NEW = "/announcement/new"
ANNOUNCEMENT_EDIT = "/announcement/[announcement_id]/edit"
USER = "/user/[user_id]"
ORDERS = "/orders"
ORDER = "/orders/[order_id]"
BUY = "/listing/[listing_id]/buy"
# The operators' console.
ADMIN = "/admin"
ADMIN_USERS = "/admin/users"
ADMIN_USER = "/admin/users/[user_id]"
ADMIN_LISTINGS = "/admin/listings"
ADMIN_REPORTS = "/admin/reports"
ADMIN_HELD = "/admin/held"
ADMIN_WORDS = "/admin/words"
ADMIN_ANNOUNCEMENTS = "/admin/announcements"
ADMIN_CATALOG = "/admin/catalog"
ADMIN_LOG = "/admin/log"

# Served by the program's own HTTP routes, not by pages.
SESSION = "/auth/session"
LOGOUT = "/auth/logout"
PHOTO_UPLOAD = "/api/photos"
AVATAR_UPLOAD = "/api/avatar"
VIDEO_UPLOAD = "/api/videos"
SHARE = "/s"
MEDIA = "/media"
EXPORTS = "/api/exports"
ORDERS_CSV = "/api/orders.csv"
ADMIN_LOG_CSV = "/api/admin/log.csv"
EXTERNAL_LOGIN = "/auth/external"
# For the operator's own tools.
ALIVE = "/healthz"
READY = "/readyz"
METRICS = "/metrics"
UNSUBSCRIBE = "/unsubscribe"
PUSH_WORKER = "/push-worker.js"
MANIFEST = "/site.webmanifest"

# Controls, backslashes, and halves of characters, which no address can carry.
_UNSAFE = re.compile("[\x00-\x1f\x7f\\\\\ud800-\udfff]")


def listing(listing_id: int) -> str:
    """The page of one listing."""
    return f"/listing/{listing_id}"


def listing_edit(listing_id: int) -> str:
    """The form that changes one listing."""
    return f"/listing/{listing_id}/edit"


def buy(listing_id: int) -> str:
    """The form that orders one listing."""
    return f"/listing/{listing_id}/buy"


def order(order_id: int) -> str:
    """The page of one order."""
    return f"/orders/{order_id}"


def orders(query: Mapping[str, str] | None = None) -> str:
    """One's orders. ``query`` is what the address holds; empty values are left out."""
    return _with_query(ORDERS, query or {})


def orders_csv(query: Mapping[str, str] | None = None) -> str:
    """The same as a table to keep."""
    return _with_query(ORDERS_CSV, query or {})


def _with_query(path: str, query: Mapping[str, str]) -> str:
    given = urlencode({name: value for name, value in query.items() if value})
    return f"{path}{'?' if given else ''}{given}"


def admin(query: Mapping[str, str] | None = None) -> str:
    """The first page of the operators' console. ``query`` is what the address holds."""
    return _with_query(ADMIN, query or {})


def admin_held(query: Mapping[str, str] | None = None) -> str:
    """What was held back, for operators. ``query`` is what the address holds; empty values are left out."""
    return _with_query(ADMIN_HELD, query or {})


def admin_words(query: Mapping[str, str] | None = None) -> str:
    """The sensitive words. ``query`` as above."""
    return _with_query(ADMIN_WORDS, query or {})


def admin_log(query: Mapping[str, str] | None = None) -> str:
    """What operators did. ``query`` is what the address holds; empty values are left out."""
    return _with_query(ADMIN_LOG, query or {})


def admin_log_csv(query: Mapping[str, str] | None = None) -> str:
    """The same as a table to keep."""
    return _with_query(ADMIN_LOG_CSV, query or {})


def admin_listings(query: Mapping[str, str] | None = None) -> str:
    """Everybody's listings for operators. ``query`` as above."""
    return _with_query(ADMIN_LISTINGS, query or {})


def with_wish(page: str, wish: str, signature: str) -> str:
    """A page that is to do what a visitor pressed there before they logged in."""
    return _with_query(page, {wish: signature})


def share(listing_id: int) -> str:
    """A listing's address for chats and crawlers, which read a preview there and lead people on."""
    return f"{SHARE}/{listing_id}"


def section(name: str = "") -> str:
    """A section's tab of the home page: "activity", "announcement", or things for sale."""
    return f"{HOME}?{urlencode({'section': name})}" if name else HOME


def activity(activity_id: int) -> str:
    """The page of one activity."""
    return f"/activity/{activity_id}"


def activity_edit(activity_id: int) -> str:
    """The form that changes one activity."""
    return f"/activity/{activity_id}/edit"


def announcement(announcement_id: int) -> str:
    """The page of one announcement."""
    return f"/announcement/{announcement_id}"


def announcement_edit(announcement_id: int) -> str:
    """The form that changes one announcement."""
    return f"/announcement/{announcement_id}/edit"


def search(query: Mapping[str, str]) -> str:
    """The results of a search. ``query`` is what its address holds; empty values are left out."""
    return _with_query(SEARCH, query)


def conversation(peer_id: int) -> str:
    """The conversation with one person."""
    return f"/messages/{peer_id}"


def message(peer_id: int, seq: int) -> str:
    """The conversation with one person, opened at one of its messages."""
    return f"/messages/{peer_id}?at={seq}"


def box(name: str) -> str:
    """A box of the messages' page other than the conversations."""
    return f"{MESSAGES}?{urlencode({'box': name})}"


def user(user_id: int) -> str:
    """One person's page."""
    return f"/user/{user_id}"


def media(name: str) -> str:
    """A stored picture."""
    return f"{MEDIA}/{name}"


def export(name: str) -> str:
    """An archive of one person's data."""
    return f"{EXPORTS}/{name}"


def login(next_path: str = "") -> str:
    """The login page, which leads back to ``next_path``."""
    target = safe_next(next_path)
    return LOGIN if target == HOME else f"{LOGIN}?{urlencode({'next': target})}"


def turned_away(next_path: str, carried: str) -> str:
    """The login page for whoever just proved who they are and is banned; ``carried`` tells it of the ban."""
    page = login(next_path)
    return f"{page}{'&' if '?' in page else '?'}{urlencode({'banned': carried})}"


def user_admin(user_id: int) -> str:
    """One person's page in the operators' console."""
    return f"{ADMIN_USERS}/{user_id}"


def reports_about(user_id: int) -> str:
    """The reports about one person in the operators' console."""
    return f"{ADMIN_REPORTS}?{urlencode({'about': user_id})}"


def register(next_path: str = "") -> str:
    """The registration page, which leads on to ``next_path``."""
    target = safe_next(next_path)
    return REGISTER if target == HOME else f"{REGISTER}?{urlencode({'next': target})}"


def reset_password(token: str) -> str:
    """The page that takes a new password from whoever got the token by mail."""
    return f"{RESET_PASSWORD}?{urlencode({'token': token})}"


def confirm_email(token: str) -> str:
    """The page that makes the address to which the token went the account's."""
    return f"{CONFIRM_EMAIL}?{urlencode({'token': token})}"


def unsubscribe(token: str) -> str:
    """Where whoever got the token by mail is asked whether they want no more of them, or says so."""
    return f"{UNSUBSCRIBE}?{urlencode({'token': token})}"


def external_login(provider: str, next_path: str = "", intent: str = "") -> str:
    """Where a login through a third party begins; with an ``intent``, where an identity gets linked."""
    target = safe_next(next_path)
    query = {"next": "" if target == HOME else target, "intent": intent}
    given = urlencode({name: value for name, value in query.items() if value})
    return f"{EXTERNAL_LOGIN}/{provider}{'?' if given else ''}{given}"


def external_callback(provider: str) -> str:
    """Where a third party sends the browser back to."""
    return f"{EXTERNAL_LOGIN}/{provider}/callback"


def external_result(page: str, result: str, wait: int = 0) -> str:
    """A page that says how a login through a third party ended, and after how many seconds to try again."""
    given = urlencode({"external": result} | ({"wait": wait} if wait else {}))
    return f"{page}{'&' if '?' in page else '?'}{given}"


def safe_next(path: str | None) -> str:
    """A path of this site to continue at, or the home page for anything else.

    Browsers read ``//host``, a backslash after the first slash, and addresses with control characters
    as other sites, so only a plain absolute path passes (the open redirect of CWE-601). The server
    resolves escapes and the browser dots, so neither may hide where the path leads.
    """
    if not path or not path.startswith("/") or _UNSAFE.search(path):
        return HOME
    target = unquote(path.partition("?")[0].partition("#")[0])
    if _UNSAFE.search(target) or "//" in target or normpath(target) != (target.rstrip("/") or HOME):
        return HOME
    # The program's own routes act rather than show: nobody is to be logged out by a link.
    if f"{target}/".startswith("/auth/"):
        return HOME
    return quote(path, safe="/?&=%#:@!$'()*+,;~-._[]")
