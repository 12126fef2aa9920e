"""Limits: how they count, whom they are for, and what logins are counted against."""

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import Iterator
from itertools import count

import pytest
from limits import parse

from tests.factories import make_user
from tests.redis_server import running_redis
from xianyu.adapters import rate_limits
from xianyu.adapters.database import Database
from xianyu.adapters.rate_limits import MemoryWindows, RateLimits, get_rate_limits
from xianyu.adapters.security_log import LOGGER
from xianyu.models import User
from xianyu.services import accounts, known_browsers, limits, login_attempts
from xianyu.services.limits import Rule, TooManyRequests
from xianyu.settings import Settings, get_settings

PAIR = Rule("pair", "2/minute", "title")
GROWING = Rule("growing", "2/minute;3/hour")


class Clock:
    """The time of the test."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def time(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(rate_limits, "time", clock)
    return clock


def wait(rule: Rule, *keys: str) -> int:
    """Spend once; how long one is told to wait, or 0."""
    try:
        limits.spend(rule, *keys)
    except TooManyRequests as refusal:
        return refusal.wait
    return 0


@pytest.mark.parametrize(
    ("keys", "address", "told"),
    [
        (("7",), "192.0.2.1", {"user_id": 7, "address": "192.0.2.1"}),
        (("id 7", "192.0.2.1"), "", {"user_id": 7, "address": "192.0.2.1"}),
        (("192.0.2.1",), "", {"address": "192.0.2.1"}),
        (("name hunter2", "192.0.2.1"), "", {"address": "192.0.2.1", "key": True}),
        (("lin@example.com", "2001:db8::1"), "", {"address": "2001:db8::1", "key": True}),
        (("id 7", "ab" * 16), "192.0.2.1", {"user_id": 7, "address": "192.0.2.1", "key": True}),
    ],
)
def test_the_log_tells_whom_a_limit_held_up(
    clock: Clock, caplog: pytest.LogCaptureFixture, keys: tuple[str, ...], address: str, told: dict[str, object]
) -> None:
    caplog.set_level(logging.INFO, LOGGER)
    for _ in range(4):
        with contextlib.suppress(TooManyRequests):
            limits.spend(PAIR, *keys, address=address)
    first, second = [json.loads(record.message) for record in caplog.records if record.name == LOGGER]
    named = {name: first[name] for name in ("user_id", "address", "key") if name in first}
    assert named | ({"key": len(named["key"]) == 12} if "key" in named else {}) == told
    # The same from line to line, and nothing that was typed.
    assert first.get("key") == second.get("key")
    assert not any(typed in caplog.text for typed in ("hunter2", "lin@example.com"))


def test_after_too_many_one_is_told_how_long_to_wait(clock: Clock) -> None:
    limits.spend(PAIR, "1")
    clock.now += 25
    limits.spend(PAIR, "1")
    with pytest.raises(TooManyRequests) as refusal:
        limits.spend(PAIR, "1")
    assert (refusal.value.message, refusal.value.field) == ("操作太频繁，请 35 秒后再试", "title")
    assert refusal.value.wait == 35
    clock.now += 34
    assert wait(PAIR, "1") == 1
    clock.now += 1.5
    assert wait(PAIR, "1") == 0
    assert wait(PAIR, "1") == 25


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "1 秒"), (60, "60 秒"), (61, "2 分钟"), (3600, "60 分钟"), (3601, "2 小时"), (86_400, "24 小时")],
)
def test_the_wait_in_words(seconds: float, words: str) -> None:
    assert TooManyRequests(seconds).message == f"操作太频繁，请 {words}后再试"


def test_what_is_refused_counts_for_nothing(clock: Clock) -> None:
    waits = [wait(GROWING, "1") for _ in range(5)]
    assert waits == [0, 0, 60, 60, 60]
    clock.now += 61
    assert wait(GROWING, "1") == 0
    # Three in the hour: the wait has grown.
    assert 3000 < wait(GROWING, "1") < 3600


def test_keys_and_rules_are_apart(clock: Clock) -> None:
    for keys in (("1",), ("2",), ("1", "2"), ("1\x1f2x",), ("12",)):
        assert [wait(PAIR, *keys) for _ in range(3)] == [0, 0, 60]
    assert wait(Rule("other", "2/minute"), "1") == 0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
    ],
)
def test_an_ipv6_network_is_one_address(clock: Clock, one: str, other: str, same: bool) -> None:
    limits.spend(PAIR, one)
    limits.spend(PAIR, one)
    assert (wait(PAIR, other) > 0) is same


def test_the_allowance_multiplies_all_but_what_guards_passwords(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XIANYU_RATE_ALLOWANCE", "3")
    get_settings.cache_clear()
    assert sum(wait(PAIR, "1") == 0 for _ in range(10)) == 6
    fixed = Rule("fixed", "2/minute", scales=False)
    assert sum(wait(fixed, "1") == 0 for _ in range(10)) == 2
    guards = (limits.LOGIN_ACCOUNT, limits.LOGIN_BROWSER, limits.LOGIN_ANYWHERE, limits.SECOND_STEP, limits.RESET)
    assert not any(rule.scales for rule in guards)


def test_forgiving_takes_back(clock: Clock) -> None:
    limits.spend(GROWING, "1")
    limits.spend(GROWING, "1")
    limits.forgive(GROWING, "1")
    assert [wait(GROWING, "1") for _ in range(3)] == [0, 0, 60]


async def test_spending_and_forgiving_on_an_event_loop(clock: Clock) -> None:
    await limits.spending(PAIR, "1")
    await limits.spending(PAIR, "1")
    with pytest.raises(TooManyRequests):
        await limits.spending(PAIR, "1")
    await limits.forgiving(PAIR, "1")
    await limits.spending(PAIR, "1")


def test_no_more_than_allowed_pass_when_many_come_at_once(settings: Settings) -> None:
    async def crowd() -> int:
        answers = await asyncio.gather(*(asyncio.to_thread(wait, PAIR, "1") for _ in range(40)))
        return answers.count(0)

    assert asyncio.run(crowd()) == 2


def test_keys_that_nobody_uses_any_more_are_forgotten(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "SWEEP_EVERY", 50)
    windows = MemoryWindows()
    for number in range(49):
        windows.acquire_entry(f"key {number}", 2, 60)
    assert len(windows._times) == 49
    clock.now += 61
    windows.acquire_entry("another", 2, 60)
    assert set(windows._times) == {"another"}


def test_a_refusal_is_logged_without_its_keys(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    for _ in range(3):
        wait(PAIR, "lin@example.com")
    assert '"rule": "pair"' in caplog.text
    assert "lin@" not in caplog.text


def test_a_message_costs_next_to_nothing(settings: Settings) -> None:
    """Far above what it takes, so that a busy machine does not fail it: 0.02 ms."""
    for number in range(100):
        limits.spend(limits.MESSAGE, str(number))
    start = time.perf_counter()
    for number in range(2000):
        limits.spend(limits.MESSAGE, str(number % 100))
    assert (time.perf_counter() - start) / 2000 < 0.001


# Redis


def test_without_redis_limits_are_counted_in_memory_and_that_is_said_once(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    counts = RateLimits("redis://:geheim@127.0.0.1:1/0")
    windows = (parse("2/minute"),)
    assert [counts.spend(windows, "1") > 0 for _ in range(3)] == [False, False, True]
    clock.now += rate_limits.REDIS_PAUSE + 1
    assert counts.blocks
    counts.forget(windows, "1")
    assert not counts.blocks
    said = [record for record in caplog.records if record.name == rate_limits.__name__]
    assert len(said) == 1
    assert "geheim" not in caplog.text


def test_workers_count_together_through_redis(redis_url: str) -> None:
    one, other = RateLimits(redis_url), RateLimits(redis_url)
    windows = (parse("3/minute"), parse("10/hour"))
    assert [one.spend(windows, "k"), other.spend(windows, "k"), one.spend(windows, "k")] == [0, 0, 0]
    assert 55 < other.spend(windows, "k") <= 60
    one.forget(windows, "k")
    assert other.spend(windows, "k") == 0


# Logins


@pytest.fixture
def lin(sqlite_database: Database, clock: Clock) -> tuple[int, str]:
    """The id and password hash of somebody."""
    user_id = make_user(sqlite_database, "林小满").user_id
    return user_id, sqlite_database.read(lambda session: session.get_one(User, user_id).password_hash)


_address = (f"198.51.{high}.{low}" for high in range(100, 200) for low in count(1) if low < 255)


def try_login(who: tuple[int, str] | None, address: str, cookie: str = "", login: str = "林小满") -> int:
    made = login_attempts.attempt(login, who, cookie, address)
    return max(wait(rule, *keys) for rule, keys in login_attempts.counted(made))


def test_a_strangers_wait_grows_with_their_guesses(lin: tuple[int, str], clock: Clock) -> None:
    tries, longest = 0, 0
    for _ in range(600):
        waited = try_login(lin, "192.0.2.1")
        longest = max(longest, waited)
        tries += not waited
        clock.now += waited or 1
        if longest > 3600:
            break
    assert tries <= 51
    assert longest > 3600


def test_a_stranger_holds_up_nobody_at_another_address(lin: tuple[int, str]) -> None:
    for _ in range(20):
        try_login(lin, "192.0.2.1")
    assert try_login(lin, "192.0.2.1") > 0
    assert try_login(lin, "203.0.113.7") == 0


def known_cookie(database: Database, who: tuple[int, str]) -> str:
    return database.read(known_browsers.cookie_for, who[0], "")


def test_a_known_browser_is_held_up_by_no_stranger_even_at_its_own_address(
    lin: tuple[int, str], sqlite_database: Database
) -> None:
    cookie = known_cookie(sqlite_database, lin)
    for number in range(200):
        try_login(lin, f"198.51.100.{number}")
        try_login(lin, "192.0.2.1")
    assert try_login(lin, "192.0.2.1") > 0
    assert try_login(lin, "203.0.113.7") > 0, "the whole account is guessed at from everywhere"
    assert try_login(lin, "192.0.2.1", cookie) == 0


def test_a_known_browser_may_not_guess_for_ever_either(lin: tuple[int, str], sqlite_database: Database) -> None:
    cookie = known_cookie(sqlite_database, lin)
    assert [try_login(lin, "192.0.2.1", cookie) > 0 for _ in range(6)] == [False] * 5 + [True]


def test_a_name_that_nobody_has_is_counted_like_an_account(clock: Clock) -> None:
    assert [try_login(None, "192.0.2.1", login="没有人") > 0 for _ in range(6)] == [False] * 5 + [True]
    assert try_login(None, "192.0.2.1", login="也没有") == 0


def test_a_name_cannot_be_made_to_stand_for_an_accounts_number(lin: tuple[int, str]) -> None:
    for name in (f"{lin[0]}", f"id {lin[0]}"):
        for _ in range(6):
            try_login(None, "192.0.2.1", login=name)
    assert try_login(lin, "192.0.2.1") == 0


def test_a_cookie_is_good_for_its_own_account_and_password_only(
    lin: tuple[int, str], sqlite_database: Database
) -> None:
    user_id, password_hash = lin
    cookie = known_cookie(sqlite_database, lin)
    name = cookie.split(".")[1]
    assert known_browsers.recognised(cookie, user_id, password_hash) == name
    assert known_browsers.recognised(cookie, user_id + 1, password_hash) == ""
    assert known_browsers.recognised(cookie, user_id, password_hash + "x") == ""
    assert known_browsers.recognised(cookie[:-1] + ("0" if cookie[-1] != "0" else "1"), user_id, password_hash) == ""
    for nonsense in ("", "x", "..", f"{user_id}.{name}", cookie + "\n"):
        assert known_browsers.recognised(nonsense, user_id, password_hash) == ""


def test_a_known_browser_keeps_its_cookie(lin: tuple[int, str], sqlite_database: Database) -> None:
    cookie = known_cookie(sqlite_database, lin)
    assert sqlite_database.read(known_browsers.cookie_for, lin[0], cookie) == cookie
    assert sqlite_database.read(known_browsers.cookie_for, make_user(sqlite_database).user_id, cookie) != cookie


def test_credentials_and_attempts_agree_on_who_is_meant(lin: tuple[int, str], sqlite_database: Database) -> None:
    found = sqlite_database.read(accounts.find_credentials, "林小满")
    assert found == lin
    assert login_attempts.attempt("林小满", found, "", "192.0.2.1").account == f"id {lin[0]}"


def test_the_counts_of_a_process_are_one(settings: Settings) -> None:
    assert get_rate_limits() is get_rate_limits()


@pytest.fixture
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_redis(tmp_path_factory.mktemp("redis")) as url:
        yield url
