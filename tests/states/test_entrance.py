"""Registering and logging in over a socket, up to the cookie."""

import asyncio
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from sqlmodel import Session, col

from tests.factories import PASSWORD, make_user
from tests.live_site import Site, Tab
from xianyu import routes
from xianyu.adapters.cookies import session_cookie_name
from xianyu.adapters.database import Database
from xianyu.models import LoginTicket, User

FORM = {"username": "新邻居", "email": "new@example.com", "password": PASSWORD, "confirmation": PASSWORD}


def count(database: Database, table: type[Any]) -> int:
    def work(session: Session) -> int:
        return int(session.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())

    return database.read(work)


async def enter(site: Site, tab: Tab, state: str) -> Tab:
    """What the page does with a ticket: post it, keep the cookie, and open the next page in a new socket."""
    async with httpx.AsyncClient(base_url=site.origin) as browser:
        fields = {"ticket": tab[state]["ticket"], "next": tab[state]["next_path"]}
        answer = await browser.post(routes.SESSION, data=fields)
        assert answer.status_code == 303
        return await site.tab(answer.headers["location"], answer.cookies[session_cookie_name()])


async def test_who_registers_is_logged_in_where_they_wanted_to_be(site: Site) -> None:
    tab = await site.tab(f"{routes.REGISTER}?next=/sell")
    await tab.call("register_state.submit", form=FORM)
    assert tab["register_state"]["errors"] == {}
    assert tab["register_state"]["busy"] is False
    inside = await enter(site, tab, "register_state")
    assert inside["shell_state"]["username"] == "新邻居"
    assert inside["state"]["rx_router_url"]["path"] == "/sell"
    assert inside.redirects() == []


@pytest.mark.parametrize("login", ["老邻居", "old@example.com", " OLD@Example.com "])
async def test_login_by_name_or_address(login: str, site: Site) -> None:
    actor = make_user(site.database, "老邻居", email="old@example.com")
    tab = await site.tab(routes.LOGIN)
    await tab.call("login_state.submit", form={"login": login, "password": PASSWORD})
    inside = await enter(site, tab, "login_state")
    assert inside["shell_state"]["user_id"] == actor.user_id


async def test_a_refused_login_says_why_and_gives_no_ticket(site: Site) -> None:
    make_user(site.database, "老邻居")
    tab = await site.tab(routes.LOGIN)
    for login in ("老邻居", "没有这个人"):
        await tab.call("login_state.submit", form={"login": login, "password": "wrong password"})
        assert tab["login_state"]["errors"] == {"password": "用户名或密码不正确"}
    await tab.call("login_state.submit", form={"login": " ", "password": ""})
    assert tab["login_state"]["errors"] == {"login": "请输入用户名或邮箱", "password": "请输入密码"}
    assert tab["login_state"]["ticket"] == ""
    assert tab["login_state"]["busy"] is False
    assert count(site.database, LoginTicket) == 0


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"username": "a"}, {"username"}),
        ({"username": "<b>邻居</b>"}, {"username"}),
        ({"email": "nowhere"}, {"email"}),
        ({"password": "short", "confirmation": "short"}, {"password"}),
        ({"confirmation": "something else"}, {"confirmation"}),
        ({"username": "", "email": "", "password": "", "confirmation": ""}, {"username", "email", "password"}),
        (
            {"username": None, "email": ["a@example.com"], "password": {}},
            {"username", "email", "password", "confirmation"},
        ),
    ],
)
async def test_a_refused_registration_names_each_field(changes: dict[str, Any], refused: set[str], site: Site) -> None:
    tab = await site.tab(routes.REGISTER)
    await tab.call("register_state.submit", form=FORM | changes)
    assert set(tab["register_state"]["errors"]) == refused
    assert all(tab["register_state"]["errors"].values())
    assert tab["register_state"]["ticket"] == ""
    assert tab["register_state"]["busy"] is False
    assert count(site.database, User) == 0


async def test_two_at_once_for_one_name(site: Site) -> None:
    tabs = [await site.tab(routes.REGISTER) for _ in range(4)]
    forms = [FORM | {"email": f"new{number}@example.com"} for number in range(4)]
    await asyncio.gather(*(tab.call("register_state.submit", form=form) for tab, form in zip(tabs, forms, strict=True)))
    answers = sorted(str(tab["register_state"]["errors"]) for tab in tabs)
    assert answers == [str({"username": "这个用户名已被使用，换一个试试"})] * 3 + ["{}"]
    assert count(site.database, User) == 1


async def test_the_page_forgets_the_last_attempt_when_it_is_opened_again(site: Site) -> None:
    tab = await site.tab(routes.LOGIN)
    await tab.call("login_state.submit", form={})
    assert tab["login_state"]["errors"]
    await tab.go(f"{routes.LOGIN}?next=/messages")
    assert tab["login_state"]["errors"] == {}
    assert tab["login_state"]["next_path"] == "/messages"
    assert tab["login_state"]["other_form"] == routes.register("/messages")


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"])
async def test_no_other_site_is_the_next_page(target: str, site: Site) -> None:
    for page, state in ((routes.LOGIN, "login_state"), (routes.REGISTER, "register_state")):
        tab = await site.tab(f"{page}?{httpx.QueryParams(next=target)}")
        assert tab[state]["next_path"] == routes.HOME


async def test_the_password_is_never_sent_back(site: Site) -> None:
    tab = await site.tab(routes.REGISTER)
    await tab.call("register_state.submit", form=FORM | {"confirmation": "something else"})
    await tab.call("register_state.submit", form=FORM)
    hashes = site.database.read(lambda session: session.execute(sa.select(col(User.password_hash))).scalars().all())
    assert len(hashes) == 1
    assert not any(secret in tab.said() for secret in (PASSWORD, hashes[0]))
