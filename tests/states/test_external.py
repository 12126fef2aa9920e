"""The pages that a login through a third party goes on at, and the settings' card, called by friend and foe."""

from functools import partial

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from tests.external_logins import MEI, identity_of, set_up_providers
from tests.factories import PASSWORD, make_user
from tests.live_site import Site, Tab
from xianyu import routes
from xianyu.adapters.database import Database
from xianyu.models import ExternalIdentity, ExternalLogin, User
from xianyu.models.types import utc_now
from xianyu.schemas.external_logins import ExternalPerson, LoginUnderWay
from xianyu.services import external_logins

LAPSED = "登录已失效或已经用过"


@pytest.fixture(autouse=True)
def campus(sqlite_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    set_up_providers(monkeypatch, "campus")


def proven(database: Database, person: ExternalPerson = MEI) -> str:
    """The cookie of somebody who has just come back from the third party."""
    under_way = LoginUnderWay("campus", "nonce", "verifier", routes.SELL, None)
    return database.write(external_logins.finish, under_way, person).secret


async def back_at(site: Site, path: str, secret: str) -> Tab:
    return await site.tab(path, f"none; xianyu_external={secret}")


def users(database: Database) -> list[str]:
    return list(database.read(lambda session: session.exec(select(User.username)).all()))


@pytest.mark.parametrize(
    ("message", "query"),
    [
        ("你取消了登录", "external=denied"),
        ("暂时无法访问", "external=down&next=/sell"),
        ("操作太频繁，请 35 秒后再试", "external=busy&wait=35"),
        ("操作太频繁", "external=busy&wait=<b>"),
        ("", "external=<script>"),
        ("", "external="),
    ],
)
async def test_the_login_page_says_how_it_ended_and_nothing_else(site: Site, message: str, query: str) -> None:
    tab = await site.tab(f"/login?{query}")
    problem = tab["external_entrance_state"]["problem"]
    assert message in problem
    assert bool(message) == bool(problem)
    assert "<" not in problem


async def test_each_way_in_leads_on_to_where_the_visitor_was(site: Site) -> None:
    for path in ("/login", "/register"):
        tab = await site.tab(f"{path}?next=/sell")
        choices = tab["external_entrance_state"]["choices"]
        assert choices == [{"label": "校园账号", "href": "/auth/external/campus?next=%2Fsell"}]
    tab = await site.tab("/login?next=https://evil.example")
    assert tab["external_entrance_state"]["choices"][0]["href"] == "/auth/external/campus"


HANDLERS = {
    "choose_name": {"username": "小梅", "email": "mei@example.com"},
    "give_password": {"password": PASSWORD},
    "give_code": {"code": "123456"},
}


@pytest.mark.parametrize("handler", HANDLERS)
@pytest.mark.parametrize("cookie", ["", "made up", "old", "state"])
async def test_nothing_goes_on_without_a_login_that_waits(site: Site, cookie: str, handler: str) -> None:
    make_user(site.database, "阿梅", email="mei@example.com")
    secret = proven(site.database) if cookie == "old" else cookie
    if cookie == "old":
        past = sa.update(ExternalLogin).values(expires_at=utc_now())
        site.database.write(partial(Session.execute, statement=past))
    tab = await back_at(site, routes.WELCOME, secret)
    assert LAPSED in tab["pending_login_state"]["lapsed"]
    await tab.call(f"pending_login_state.{handler}", form=HANDLERS[handler])
    assert tab["pending_login_state"]["ticket"] == ""
    assert users(site.database) == ["阿梅"]
    assert "mei@example.com" not in tab.said()


async def test_a_newcomer_gets_an_account(site: Site) -> None:
    tab = await back_at(site, routes.WELCOME, proven(site.database))
    assert tab["pending_login_state"]["suggestion"] == "小梅"
    await tab.call("pending_login_state.choose_name", form={"username": "!", "email": ["x"]})
    assert set(tab["pending_login_state"]["errors"]) == {"username"}
    await tab.call("pending_login_state.choose_name", form={"username": "小梅"})
    assert tab["pending_login_state"]["ticket"] != ""
    assert tab["pending_login_state"]["next_path"] == routes.SELL
    assert users(site.database) == ["小梅"]


async def test_only_the_owners_password_links(site: Site) -> None:
    owner = make_user(site.database, "阿梅", email="mei@example.com")
    make_user(site.database, "别人", password="another password")
    tab = await back_at(site, routes.LINK, proven(site.database))
    for wrong in ("another password", "", None):
        await tab.call("pending_login_state.give_password", form={"password": wrong})
        assert set(tab["pending_login_state"]["errors"]) == {"password"}
        assert tab["pending_login_state"]["ticket"] == ""
    await tab.call("pending_login_state.give_password", form={"password": PASSWORD, "user_id": owner.user_id + 1})
    assert tab["pending_login_state"]["ticket"] != ""
    found = site.database.read(lambda session: session.exec(select(ExternalIdentity.user_id)).all())
    assert list(found) == [owner.user_id]


async def test_guesses_at_the_password_have_to_wait(site: Site) -> None:
    make_user(site.database, "阿梅", email="mei@example.com")
    tab = await back_at(site, routes.LINK, proven(site.database))
    for _ in range(6):
        await tab.call("pending_login_state.give_password", form={"password": "a wrong guess"})
    assert "操作太频繁" in tab["pending_login_state"]["errors"]["password"]


async def test_guesses_at_the_code_have_to_wait(site: Site) -> None:
    actor = make_user(site.database)
    identity_of(site.database, actor)
    with_secret = sa.update(User).where(col(User.id) == actor.user_id).values(totp_secret="unreadable")
    site.database.write(partial(Session.execute, statement=with_secret))
    tab = await back_at(site, routes.LOGIN_CODE, proven(site.database))
    for _ in range(11):
        await tab.call("pending_login_state.give_code", form={"code": "000000"})
    assert "操作太频繁" in tab["pending_login_state"]["errors"]["code"]
    assert tab["pending_login_state"]["ticket"] == ""


async def test_the_card_is_its_owners_alone(site: Site) -> None:
    owner, stranger = make_user(site.database), make_user(site.database)
    identity_id = identity_of(site.database, owner)
    visitor = await site.tab(routes.SETTINGS)
    for event, payload in (("load", {}), ("link", {"provider": "campus"}), ("unlink", {"identity_id": identity_id})):
        visitor.updates.clear()
        await visitor.call(f"linked_logins_state.{event}", **payload)
        assert any(path.startswith(routes.LOGIN) for path in visitor.redirects())
    tab = await site.tab_of(stranger, routes.SETTINGS)
    assert tab["linked_logins_state"]["identities"] == []
    await tab.call("linked_logins_state.unlink", identity_id=identity_id)
    assert "已经解绑" in tab["linked_logins_state"]["errors"]["link"]
    assert len(site.database.read(lambda session: session.exec(select(ExternalIdentity.id)).all())) == 1


async def test_linking_begins_at_a_provider_that_there_is(site: Site) -> None:
    tab = await site.tab_of(make_user(site.database), routes.SETTINGS)
    for made_up in ("nobody", "../logout", "", None, 7, ["campus"]):
        await tab.call("linked_logins_state.link", provider=made_up)
        assert (tab["linked_logins_state"]["wanted"], tab["linked_logins_state"]["leaving"]) == ("", "")
    await tab.call("linked_logins_state.link", provider="campus")
    await tab.call("linked_logins_state.submit", form={"link_password": PASSWORD})
    assert tab["linked_logins_state"]["leaving"].startswith("/auth/external/campus?intent=")
