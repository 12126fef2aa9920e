"""The first step of a login: a name and a password, counted, checked and logged."""

import asyncio

import reflex as rx

from xianyu.adapters import security_log
from xianyu.adapters.cookies import read_browser_cookie
from xianyu.adapters.database import get_database
from xianyu.adapters.passwords import HASHES_AT_ONCE, hashing
from xianyu.services import accounts, limits, login_attempts
from xianyu.services.login_attempts import Attempt
from xianyu.states.actor import client_address

# Seconds between the beginnings of two logins. A hash takes longer than a tenth of a second on any
# machine, so nobody is in later for it; but a crowd does not take the event loop from everyone else
# at one stroke.
SPACING = 0.1 / HASHES_AT_ONCE


class _Doorkeeper:
    """Lets one login begin after the other."""

    def __init__(self) -> None:
        self._free_at = 0.0

    async def wait(self) -> None:
        """Return at once where there is no crowd, else when it is one's turn."""
        now = asyncio.get_running_loop().time()
        turn = max(now, self._free_at)
        self._free_at = turn + SPACING
        if turn > now:
            await asyncio.sleep(turn - now)


doorkeeper = _Doorkeeper()


async def whose_password(state: rx.State, login: str, password: str) -> int:
    """The id of the account that the name and the password belong to.

    Raises:
        TooManyRequests: before anything is checked, if too much was tried.
        WrongCredentials: if they belong to nobody.
    """
    address = client_address(state)
    await limits.spending(limits.LOGIN_ADDRESS, address)
    credentials = await get_database().reading(accounts.find_credentials, login)
    cookie = read_browser_cookie(state.router.headers.cookie)
    made = login_attempts.attempt(login, credentials, cookie, address)
    for rule, keys in login_attempts.counted(made):
        await limits.spending(rule, *keys, address=address)
    return await _check(made, credentials, password)


async def _check(made: Attempt, credentials: tuple[int, str] | None, password: str) -> int:
    try:
        user_id = await hashing(lambda: accounts.check_password(credentials, password))
    except accounts.WrongCredentials:
        known = credentials[0] if credentials else None
        security_log.record("login", "failure", user_id=known, address=made.address, reason="password")
        raise
    rule, keys = login_attempts.forgiven(made)
    await limits.forgiving(rule, *keys)
    return user_id
