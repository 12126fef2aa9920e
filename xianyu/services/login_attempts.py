"""Against which limits an attempt at a password counts."""

from dataclasses import dataclass

from xianyu.services import known_browsers, limits
from xianyu.services.accounts import fold_username
from xianyu.services.text import clean_line

Spending = tuple[limits.Rule, tuple[str, ...]]


@dataclass(frozen=True)
class Attempt:
    """Somebody who gives a password.

    ``account`` stands for the account, or for the name where nobody is called that, so that limits
    treat both alike. ``browser`` is the name of a browser that the account knows, or empty.
    """

    account: str
    browser: str
    address: str


def attempt(login: str, credentials: tuple[int, str] | None, cookie: str, address: str) -> Attempt:
    """What is known before the password is looked at.

    Args:
        login: The name or address that was typed.
        credentials: The id and password hash behind it, if there is an account.
        cookie: What the browser says of itself.
        address: The client's.
    """
    if credentials is None:
        return Attempt(f"name {fold_username(clean_line(login))}", "", address)
    user_id, password_hash = credentials
    return Attempt(f"id {user_id}", known_browsers.recognised(cookie, user_id, password_hash), address)


def counted(made: Attempt) -> list[Spending]:
    """The limits on guesses at one account. Their reasons stand beside the rules."""
    if made.browser:
        return [(limits.LOGIN_BROWSER, (made.account, made.browser))]
    return [(limits.LOGIN_ACCOUNT, (made.account, made.address)), (limits.LOGIN_ANYWHERE, (made.account,))]


def forgiven(made: Attempt) -> Spending:
    """What a right password takes back: the limit that is this browser's or this address's alone."""
    return counted(made)[0]
