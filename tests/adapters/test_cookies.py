"""The session cookie: its name, and how it is found among others."""

import pytest

from xianyu.adapters.cookies import read_session_cookie, session_cookie_name
from xianyu.adapters.passwords import new_token
from xianyu.settings import get_settings


@pytest.fixture
def https(monkeypatch: pytest.MonkeyPatch) -> None:
    """A public address that is encrypted."""
    monkeypatch.setenv("XIANYU_PUBLIC_URL", "https://market.example")
    get_settings.cache_clear()


def test_the_name_over_http() -> None:
    assert session_cookie_name() == "xianyu_session"


def test_the_name_over_https_is_tied_to_the_host(https: None) -> None:
    assert session_cookie_name() == "__Host-xianyu_session"


def test_over_https_a_cookie_that_another_host_may_set_is_ignored(https: None) -> None:
    assert read_session_cookie("xianyu_session=planted") == ""
    assert read_session_cookie("xianyu_session=planted; __Host-xianyu_session=own") == "own"


@pytest.mark.parametrize(
    "header",
    [
        "xianyu_session=token",
        "a=b; xianyu_session=token",
        "a=b;xianyu_session=token;c=d",
        " xianyu_session = token ",
        'broken={"json": 1, "x": "y"}; xianyu_session=token',
        "no value; xianyu_session=token; =",
        "名=值; xianyu_session=token",
        "xianyu_session=token; xianyu_session=less-specific",
    ],
)
def test_the_token_is_found(header: str) -> None:
    assert read_session_cookie(header) == "token"


@pytest.mark.parametrize(
    "header", ["", ";", "xianyu_session", "xianyu_session=", "my_xianyu_session=token", "XIANYU_SESSION=token", "a=b"]
)
def test_there_is_none(header: str) -> None:
    assert read_session_cookie(header) == ""


def test_a_token_survives_the_way() -> None:
    token = new_token()
    assert read_session_cookie(f"a=b; {session_cookie_name()}={token}; c=d") == token
