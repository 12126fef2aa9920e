"""What the mails say, and that nothing in them is taken for markup or for a line of its own."""

from html.parser import HTMLParser

import pytest

from xianyu.services import mails
from xianyu.settings import get_settings

VALUES: dict[str, str | int] = {
    "username": "小明",
    "address": "new@example.com",
    "minutes": 30,
    "messages": 3,
    "neighbours": 2,
    "provider": "校园账号",
    "path": "/reset-password?token=abc&x=1",
    "unsubscribe": "/unsubscribe?token=7.messages.abc",
}
SETTINGS = "https://market.example/me/settings"
UNSUBSCRIBE = "https://market.example/unsubscribe?token=7.messages.abc"
PLACEHOLDERS = ("{", "}")


class Page(HTMLParser):
    """The links, the text and the tags of a mail."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.tags: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in {"href", "src"} and value]

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(autouse=True)
def names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XIANYU_SITE_NAME", "静安<闲置>")
    monkeypatch.setenv("XIANYU_PUBLIC_URL", "https://market.example")
    get_settings.cache_clear()


@pytest.mark.parametrize("template", mails._TEMPLATES)
def test_both_parts_say_the_same(template: str) -> None:
    mail = mails.compose(template, "alice@example.com", **VALUES)
    page, link = Page(mail.html), "https://market.example/reset-password?token=abc&x=1"
    assert mail.to == "alice@example.com"
    assert "静安<闲置>" in mail.subject
    assert link in mail.text.splitlines()
    assert page.links[0] == link
    more = {SETTINGS, UNSUBSCRIBE} if template == "missed_messages" else set()
    assert mail.unsubscribe == (UNSUBSCRIBE if template == "missed_messages" else "")
    assert set(page.links) == {link, "https://market.example"} | more
    for line in mail.text.splitlines():
        assert line.removeprefix("-- ") in page.text
    assert not any(mark in mail.text + mail.subject + page.text for mark in PLACEHOLDERS)
    assert "小明" in page.text


@pytest.mark.parametrize("template", mails._TEMPLATES)
def test_values_are_text(template: str) -> None:
    hostile: dict[str, str | int] = VALUES | {"username": "<img src=x>&amp;{site}", "address": '"><script>@example.com'}
    page = Page(mails.compose(template, "alice@example.com", **hostile).html)
    assert {"img", "script"} & set(page.tags) == set()
    assert "<img src=x>&amp;{site}" in page.text


def test_a_reminder_says_how_many_and_where_it_is_switched_off() -> None:
    mail = mails.compose("missed_messages", "alice@example.com", **(VALUES | {"path": "/messages"}))
    assert "2 位邻居给你发了消息，共有 3 条还没看" in mail.text
    assert "https://market.example/messages" in mail.text.splitlines()
    assert f"退订，不用登录：{UNSUBSCRIBE}" in mail.text
    assert f"重新打开：{SETTINGS}" in mail.text
    assert f'href="{SETTINGS}"' in mail.html
    assert f'href="{UNSUBSCRIBE}"' in mail.html


def test_a_missing_value_is_an_error() -> None:
    with pytest.raises(KeyError):
        mails.compose("reset_password", "alice@example.com", path="/")
    with pytest.raises(KeyError):
        mails.compose("no such mail", "alice@example.com", **VALUES)
