"""Passwords that anybody would guess, and a service of leaked ones that is asked without being told."""

import hashlib
import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from xianyu.services import accounts
from xianyu.services.password_rules import common_passwords, weakness
from xianyu.settings import Settings, get_settings

COMMON = "这个密码太常见，很容易被猜到，换一个吧"
OWN_NAME = "密码不能和用户名、邮箱或网站名称相同"
LEAKED = "这个密码曾在别的网站泄露过，换一个吧"
GOOD = "两棵枣树 and a bicycle"


@pytest.mark.parametrize(
    "password", ["12345678", "PassWord1", "qwertyuiop", "ｐａｓｓｗｏｒｄ", "iloveyou", "trustno1"]
)
def test_common_passwords_are_refused_however_they_are_spelled(password: str) -> None:
    assert accounts.password_error(password) == COMMON


@pytest.mark.parametrize(
    "password", ["zhang_wei_", "ZHANG_WEI_", "zhang_wei_zhang_wei_", "Wei@Example.com", "邻里闲鱼邻里闲鱼", "localhost"]
)
def test_what_the_owner_and_the_site_are_called_is_refused(password: str) -> None:
    assert accounts.password_error(password, "Zhang_Wei_", "wei@example.com") == OWN_NAME


@pytest.mark.parametrize("password", [GOOD, "密" * 8, "zhang_wei_ on a bicycle", "12345678 枣树"])
def test_others_pass(password: str) -> None:
    assert weakness(password, "Zhang_Wei_", "wei@example.com") == ""


def test_the_list_is_large_and_is_read_once() -> None:
    assert len(common_passwords()) > 25_000
    assert common_passwords() is common_passwords()


class _Leaks(BaseHTTPRequestHandler):
    """Answers a range of hashes as the public service does; what it was asked is kept."""

    asked: list[str] = []  # noqa: RUF012 - one server a test
    status = 200
    answer = ""

    def do_GET(self) -> None:
        type(self).asked.append(self.path)
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(self.answer.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def leaks(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[_Leaks]]:
    digest = hashlib.sha1(GOOD.encode()).hexdigest().upper()
    handler = type("Leaks", (_Leaks,), {"asked": [], "answer": f"{'0' * 35}:3\r\n{digest[5:]}:42\r\n{'F' * 35}:1"})
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("XIANYU_BREACHED_PASSWORDS_URL", f"http://127.0.0.1:{server.server_port}/range/")
    get_settings.cache_clear()
    yield handler
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_leaked_password_is_refused_and_only_five_digits_are_sent(leaks: type[_Leaks]) -> None:
    assert accounts.password_error(GOOD) == LEAKED
    assert leaks.asked == [f"/range/{hashlib.sha1(GOOD.encode()).hexdigest()[:5].upper()}"]


def test_padding_does_not_count_as_a_leak(leaks: type[_Leaks]) -> None:
    leaks.answer = leaks.answer.replace(":42", ":0")
    assert accounts.password_error(GOOD) == ""


def test_another_ending_is_no_leak(leaks: type[_Leaks]) -> None:
    assert accounts.password_error(GOOD + "!") == ""


def test_what_is_refused_anyway_is_never_asked_about(leaks: type[_Leaks]) -> None:
    assert accounts.password_error("12345678") == COMMON
    assert leaks.asked == []


@pytest.mark.parametrize("url", ["", "http://127.0.0.1:9/", "http://[broken/", "gopher://x/"])
def test_a_service_that_is_off_or_fails_refuses_nobody(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, url: str
) -> None:
    monkeypatch.setenv("XIANYU_BREACHED_PASSWORDS_URL", url)
    get_settings.cache_clear()
    with caplog.at_level(logging.WARNING):
        assert accounts.password_error(GOOD) == ""
    assert bool(caplog.records) is bool(url)
    assert GOOD not in caplog.text


def test_a_service_that_answers_with_an_error_refuses_nobody(
    leaks: type[_Leaks], caplog: pytest.LogCaptureFixture
) -> None:
    leaks.status = 503
    assert accounts.password_error(GOOD) == ""
    assert "HTTPStatusError" in caplog.text
