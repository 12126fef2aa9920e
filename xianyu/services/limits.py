"""How often one person or one address may do a thing, and the refusal when that is too often."""

import hashlib
import math
import re
import secrets
from dataclasses import dataclass
from functools import lru_cache

from limits import RateLimitItem, RateLimitItemPerSecond, parse_many

from xianyu.adapters import security_log
from xianyu.adapters.addresses import clean, network
from xianyu.adapters.database import in_thread
from xianyu.adapters.rate_limits import get_rate_limits
from xianyu.services.errors import DomainError
from xianyu.settings import get_settings

# What was typed as a name, which may have been a password, is told in the log by a tag that holds
# while the process runs and leads nowhere without this key.
_TAG_KEY = secrets.token_bytes(16)
_PERSON = re.compile(r"(?:id )?(\d{1,16})")
_MINUTE = 60
_HOUR = 3600


@dataclass(frozen=True)
class Rule:
    """A limit. Several windows make the wait grow with the attempts.

    Args:
        name: What it is called in logs and counts.
        windows: How often in which time, in the notation of the ``limits`` library.
        field: The form field that the refusal is shown at.
        scales: Whether ``rate_allowance`` raises it. What guards one account's password never scales.
    """

    name: str
    windows: str
    field: str = ""
    scales: bool = True


# Logins. The address's own rule slows whoever tries many accounts. Guessing at one account is slowed
# by three rules of which a login spends those that apply:
# - A browser that has logged in to this account before carries a cookie that says so and is counted
#   alone, under LOGIN_BROWSER. What strangers do, even behind the same router, cannot slow it.
# - Anyone else is counted by account and address. The wait grows from a minute to a day, but only
#   for that address.
# - LOGIN_ANYWHERE bounds what many addresses can guess together. It is generous, and while it is
#   spent, it holds up unknown browsers alone; the account itself is never locked.
# A right password takes back what was spent on the account, except by LOGIN_ANYWHERE.
LOGIN_ADDRESS = Rule("login_address", "60/minute;600/hour", "password")
LOGIN_BROWSER = Rule("login_browser", "5/minute;15/15minute;40/hour", "password", scales=False)
LOGIN_ACCOUNT = Rule("login_account", "5/minute;10/15minute;20/hour;50/day", "password", scales=False)
LOGIN_ANYWHERE = Rule("login_anywhere", "100/hour", "password", scales=False)
# Codes of the second step, by account: only who knows the password gets that far. And passwords that
# somebody who is logged in is asked for again.
SECOND_STEP = Rule("second_step", "10/15minute;30/hour;100/day", "code", scales=False)
CONFIRM = Rule("confirm", "10/15minute;30/hour", scales=False)
REGISTER = Rule("register", "20/10minute;100/day", "form")
RESET = Rule("reset", "3/15minute;10/day", "email", scales=False)
RESET_ADDRESS = Rule("reset_address", "20/hour", "email")
MAIL_CHANGE = Rule("mail_change", "3/15minute;10/day", "email", scales=False)
MESSAGE = Rule("message", "30/10second;1500/hour")
UPLOAD = Rule("upload", "40/minute;400/day")
VIDEO = Rule("video", "6/minute;60/day")
PUBLISH = Rule("publish", "5/minute;60/day", "form")
# Coming and not coming after all: the organizer hears of each.
JOIN = Rule("join", "20/minute;200/day")
SEARCH = Rule("search", "60/minute")
# What the search box asks while somebody types, and further pages of what was found.
SUGGEST = Rule("suggest", "300/minute")
# A draft is kept each time that somebody pauses while they type.
DRAFT = Rule("draft", "90/minute")
FAVORITE = Rule("favorite", "60/minute;2000/day")
# Looks of visitors, by address: what is above this counts for nothing.
VISIT = Rule("visit", "60/minute;1000/hour")
ORDER = Rule("order", "10/minute;100/day", "form")
# Offers, counter-offers, and the steps of orders: the other is told of each.
OFFER = Rule("offer", "10/minute;150/day", "form")
STEP = Rule("step", "30/minute;600/day")
# Reviews and the answers to them.
REVIEW = Rule("review", "10/minute;100/day", "form")
ADDRESS = Rule("address", "20/minute;200/day", "form")
PUSH = Rule("push", "10/minute;100/day")
TABLE = Rule("table", "10/minute;100/day")
EXPORT = Rule("export", "3/day")
REPORT = Rule("report", "5/minute;30/day", "form")
FRIEND = Rule("friend", "20/minute;200/day")


class TooManyRequests(DomainError):
    """Something was done too often.

    Args:
        wait: In how many seconds it may be tried again.
        field: The form field that the refusal is shown at.
    """

    def __init__(self, wait: float, field: str = "") -> None:
        self.wait = math.ceil(wait)
        super().__init__(f"操作太频繁，请 {_in_words(self.wait)}后再试", field)


def _in_words(seconds: int) -> str:
    if seconds <= _MINUTE:
        return f"{seconds} 秒"
    if seconds <= _HOUR:
        return f"{math.ceil(seconds / _MINUTE)} 分钟"
    return f"{math.ceil(seconds / _HOUR)} 小时"


def spend(rule: Rule, *keys: str, address: str = "") -> None:
    """Count one attempt against a rule, before the work is done.

    Where a Redis counts this goes over the network: on an event loop await ``spending``.

    Args:
        rule: One of the rules above.
        keys: Whom it counts for: an account's id, a client's address. An IPv6 address counts as its
            /64, since whoever has one has them all.
        address: The client's address for the log, where it is not among the keys.

    Raises:
        TooManyRequests: if there were too many; this one then counts for nothing.
    """
    waiting = get_rate_limits().spend(_windows(rule), rule.name, *map(network, keys))
    if waiting:
        _note(rule, waiting, keys, address)
        raise TooManyRequests(waiting, rule.field)


def _note(rule: Rule, waiting: float, keys: tuple[str, ...], address: str) -> None:
    user_id: int | None = None
    facts: dict[str, str] = {}
    for key in keys:
        if person := _PERSON.fullmatch(key):
            user_id = int(person[1])
        elif clean(key):
            address = clean(key)
        else:
            facts["key"] = hashlib.blake2b(key.encode(), digest_size=6, key=_TAG_KEY).hexdigest()
    security_log.record(
        "limit",
        "refused",
        user_id=user_id,
        address=address,
        rule=rule.name,
        wait=math.ceil(waiting),
        **facts,  # type: ignore[arg-type]  # its one name is none of those above
    )


async def spending(rule: Rule, *keys: str, address: str = "") -> None:
    """``spend`` for an event loop: in place where that takes microseconds, else in a worker thread."""
    if get_rate_limits().blocks:
        await in_thread(lambda: spend(rule, *keys, address=address))
    else:
        spend(rule, *keys, address=address)


async def waiting(name: str, seconds: int, key: str) -> float:
    """In how many seconds something may be done again that has a pause after it; 0 counts as doing it now."""
    windows = (RateLimitItemPerSecond(1, seconds),)
    limits = get_rate_limits()
    if limits.blocks:
        return await in_thread(lambda: limits.spend(windows, name, key))
    return limits.spend(windows, name, key)


def forgive(rule: Rule, *keys: str) -> None:
    """Take back what was counted: the password was right in the end."""
    get_rate_limits().forget(_windows(rule), rule.name, *map(network, keys))


async def forgiving(rule: Rule, *keys: str) -> None:
    """``forgive`` for an event loop."""
    if get_rate_limits().blocks:
        await in_thread(lambda: forgive(rule, *keys))
    else:
        forgive(rule, *keys)


def _windows(rule: Rule) -> tuple[RateLimitItem, ...]:
    return _parsed(rule.windows, get_settings().rate_allowance if rule.scales else 1)


@lru_cache(maxsize=64)
def _parsed(windows: str, allowance: int) -> tuple[RateLimitItem, ...]:
    found = parse_many(windows)
    return tuple(type(item)(item.amount * allowance, item.multiples) for item in found)
