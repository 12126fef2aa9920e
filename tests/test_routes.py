"""Addresses: where a login may lead on to, and where never."""

from urllib.parse import parse_qs, quote, unquote, urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xianyu import routes

SITE = "https://market.example/login"


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/sell",
        "/listing/12",
        "/listing/12/",
        "/messages/3?about=12",
        "/?q=100%25&category=books",
        "/?q=%5C%0A",
        "/?next=//evil.example",
        "/#/auth/logout",
        "/author",
        "/@me:1",
    ],
)
def test_own_paths_are_kept(path: str) -> None:
    assert routes.safe_next(path) == path


@pytest.mark.parametrize("path", ["/搜索?q=山地车", "/listing/1?title=二手 车", "/𠮷"])
def test_chinese_paths_are_kept_and_quoted(path: str) -> None:
    assert unquote(routes.safe_next(path)) == path
    assert routes.safe_next(path).isascii()


@pytest.mark.parametrize(
    "path",
    [
        None,
        "",
        " ",
        "sell",
        "//",
        "/%2F",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/x\\..\\evil.example",
        "https://evil.example",
        "http:evil.example",
        "//user@evil.example/listing/1",
        "javascript:alert(1)",
        "data:text/html,x",
        " //evil.example",
        "\t//evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "/x\r\nSet-Cookie: a=b",
        "/\x00",
        "/x\x7f",
        "/\ud800",
        "/%2Fevil.example",
        "/%2f%2fevil.example",
        "/%5Cevil.example",
        "/%09/evil.example",
        "/.//evil.example",
        "/..//evil.example",
        "/%2e%2e//evil.example",
        "//[evil",
        "/auth",
        "/auth/",
        "/auth/logout",
        "/auth/session?ticket=x",
        "/auth/logout#x",
        "/%61uth/logout",
        "/./auth/logout",
        "/sell/../auth/logout",
        "/sell/%2e%2e/auth/logout",
        "/auth//logout",
        "//auth/logout",
    ],
)
def test_everything_else_leads_home(path: str | None) -> None:
    assert routes.safe_next(path) == routes.HOME


@given(st.text(st.sampled_from("/\\.%2fF5cC@:?#\t\n\r ae[]"), max_size=12).map("/".__add__) | st.text())
def test_no_text_leads_off_the_site(text: str) -> None:
    path = routes.safe_next(text)
    # As a browser does it: backslashes are slashes, tabs and line ends vanish.
    seen = path.replace("\\", "/").translate({9: None, 10: None, 13: None})
    assert urlsplit(urljoin(SITE, seen)).netloc == "market.example"
    assert not urlsplit(urljoin(SITE, seen)).path.startswith(("//", "/auth/"))
    assert routes.safe_next(path) == path


@pytest.mark.parametrize(("page", "build"), [("/login", routes.login), ("/register", routes.register)])
def test_login_and_registration_lead_back(page: str, build: object) -> None:
    assert callable(build)
    assert build() == build("//evil.example") == page
    address = urlsplit(build("/搜索?q=a&b=c"))
    assert address.path == page
    assert parse_qs(address.query) == {"next": [quote("/搜索?q=a&b=c", safe="/?=&")]}


def test_builders_fill_in_their_route() -> None:
    assert routes.listing(12) == routes.LISTING.replace("[listing_id]", "12")
    assert routes.listing_edit(12) == routes.LISTING_EDIT.replace("[listing_id]", "12")
    assert routes.conversation(3) == routes.CONVERSATION.replace("[peer_id]", "3")
    assert routes.user(3) == routes.USER.replace("[user_id]", "3")
    assert routes.activity(3) == routes.ACTIVITY.replace("[activity_id]", "3")
    assert routes.activity_edit(3) == routes.ACTIVITY_EDIT.replace("[activity_id]", "3")
    assert routes.announcement(3) == routes.ANNOUNCEMENT.replace("[announcement_id]", "3")
    assert routes.announcement_edit(3) == routes.ANNOUNCEMENT_EDIT.replace("[announcement_id]", "3")
    assert (routes.section("activity"), routes.section()) == ("/?section=activity", routes.HOME)
    assert routes.media("a.webp") == "/media/a.webp"
