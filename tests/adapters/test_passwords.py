"""Password hashes and tokens."""

import time
from collections.abc import Callable, Iterator

import pytest

from tests.conftest import TEST_ROUNDS
from xianyu.adapters import passwords
from xianyu.adapters.passwords import hash_password, new_token, token_hash, verify_password

# Slow enough to be measured, quick enough to be repeated.
MEASURED_ROUNDS = 8


@pytest.fixture
def measured_rounds(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hashes that take some milliseconds."""
    monkeypatch.setattr(passwords, "BCRYPT_ROUNDS", MEASURED_ROUNDS)
    passwords._nobodys_hash.cache_clear()
    yield
    passwords._nobodys_hash.cache_clear()


def test_the_cost_is_12_outside_tests(monkeypatch: pytest.MonkeyPatch, production_rounds: int) -> None:
    assert production_rounds == 12
    monkeypatch.setattr(passwords, "BCRYPT_ROUNDS", production_rounds)
    stored = hash_password("correct horse")
    assert stored.startswith("$2b$12$")
    assert verify_password("correct horse", stored)
    assert not verify_password("correct horses", stored)


def test_tests_hash_cheaply() -> None:
    assert hash_password("correct horse").startswith(f"$2b${TEST_ROUNDS:02}$")


@pytest.mark.parametrize(
    "password",
    [
        "correct horse",
        "密" * 64,
        "𠮷" * 64,
        "x" * 72,
        "x" * 73,
        "x" * 500,
        "a\x00b password",
        "🧧🐟" * 8,
        "\ud800 half",
    ],
)
def test_any_password_can_be_used_and_no_other_opens(password: str) -> None:
    stored = hash_password(password)
    assert len(stored) <= 100
    assert verify_password(password, stored)
    assert not verify_password(password[:-1], stored)
    assert not verify_password(password + "x", stored)
    assert not verify_password("", stored)


@pytest.mark.parametrize("filler", ["密", "x", "𠮷"])
def test_long_passwords_differ_by_their_last_character(filler: str) -> None:
    stored = hash_password(filler * 63 + "甲")
    assert verify_password(filler * 63 + "甲", stored)
    assert not verify_password(filler * 63 + "乙", stored)


def test_what_follows_a_nul_counts() -> None:
    assert not verify_password("password\x00b", hash_password("password\x00a"))


def test_width_and_composition_do_not_count() -> None:
    assert verify_password("Ｐａｓｓｗｏｒｄ１", hash_password("Password1"))
    assert verify_password("cafe\u0301 au lait", hash_password("café au lait"))


def test_hashes_are_salted() -> None:
    assert hash_password("correct horse") != hash_password("correct horse")


def test_without_a_hash_nothing_opens() -> None:
    assert not verify_password("correct horse", None)
    assert not verify_password("", None)


def quickest(work: Callable[[], object], repeats: int = 7) -> float:
    """The least processor time of some runs, in seconds; other load on the machine does not count."""

    def once() -> float:
        start = time.thread_time()
        work()
        return time.thread_time() - start

    return min(once() for _ in range(repeats))


def test_an_unknown_user_takes_as_long_as_a_wrong_password(measured_rounds: None) -> None:
    stored = hash_password("correct horse")
    wrong = quickest(lambda: verify_password("wrong", stored))
    unknown = quickest(lambda: verify_password("wrong", None))
    assert 0.5 < unknown / wrong < 2


def test_tokens_are_long_and_never_the_same() -> None:
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert min(map(len, tokens)) >= 43


def test_the_hash_of_a_token_is_its_sha_256() -> None:
    assert token_hash("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
