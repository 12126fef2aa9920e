"""Every event handler that a socket can reach, called by those who should get nothing from it."""

import ast
import dataclasses
import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import reflex as rx
import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col

from tests.factories import PASSWORD, login_token, make_listing, make_user
from tests.live_site import Site, Tab, all_states, site_app, state_names
from xianyu import routes
from xianyu.models import AuthSession, User, metadata
from xianyu.schemas.accounts import Actor
from xianyu.services import messages
from xianyu.states.conversation import PAGE

LISTING = routes.listing(1)
STATES = Path(__file__).resolve().parents[2] / "xianyu" / "states"

SECRET = "绝密：钥匙在门垫下"
FAILURE = "出了点问题，请稍后再试"
# What no answer may hold: how the program looks inside.
INSIDES = ("Traceback", 'File \\"', "site-packages", "sqlalchemy", "sqlite3", "Error(", "password_hash")

# Outcomes that are not a sentence.
NOTHING = "nothing happens that is not for everyone"
LOGIN = "the login page"
OWN_ONLY = "只有发布者本人可以修改这件宝贝"


@dataclass(frozen=True)
class Surface:
    """What a handler does for those who have no right to it.

    ``visitor``, ``stranger`` and ``revoked`` are outcomes: one of the two above or the sentence that
    is shown. ``page`` is a route; its id is the listing's, or the person's whom one would like to be.
    """

    visitor: str = NOTHING
    stranger: str = NOTHING
    revoked: str = ""
    page: str = routes.HOME
    payloads: tuple[dict[str, Any], ...] = ({},)
    may_change: frozenset[str] = frozenset()
    """Tables in which a stranger rightly makes rows of their own."""


FORM = {"title": "改掉", "description": "x", "price": "1", "quantity": "1", "category": "sports", "photos": '{"ids":[1]}'}
TALK = frozenset({"conversation", "conversation_member", "message_thread", "read_position"})
BIG = 2**53

SURFACE: dict[str, Surface] = {
    # Reflex's own.
    "state.hydrate": Surface(),
    "state.set_is_hydrated": Surface(payloads=({"value": True}, {"value": SECRET})),
    "state.hydrate_and_load": Surface(payloads=({}, {"hashes": []}, {"vars": {}})),
    "on_load_internal_state.on_load_internal": Surface(),
    "on_load_internal_state.set_is_hydrated": Surface(payloads=({"value": False},)),
    "update_vars_internal_state.update_vars_internal": Surface(payloads=({"vars": {}},)),
    "frontend_event_exception_state.handle_frontend_exception": Surface(
        payloads=({"info": "x", "component_stack": "y"},)
    ),
    # Everyone's.
    "shell_state.enter": Surface(),
    "shell_state.require_login": Surface(visitor=LOGIN),
    "feed_state.load": Surface(),
    "feed_state.load_more": Surface(),
    "feed_state.show_new": Surface(),
    "listing_state.load": Surface(page=routes.LISTING),
    "person_state.load": Surface(page=routes.USER),
    "person_state.load_more": Surface(page=routes.USER),
    "login_state.load": Surface(page=routes.LOGIN),
    "login_state.submit": Surface(
        page=routes.LOGIN,
        visitor="用户名或密码不正确",
        stranger="用户名或密码不正确",
        payloads=(
            {"form": {"login": "卖家", "password": "wrong password"}},
            {"form": {"login": "' OR 1=1 --", "password": PASSWORD}},
            {"form": {"login": "卖_", "password": PASSWORD}},
        ),
    ),
    "register_state.load": Surface(page=routes.REGISTER),
    "register_state.submit": Surface(
        page=routes.REGISTER,
        visitor="这个用户名已被使用",
        stranger="这个用户名已被使用",
        payloads=(
            {
                "form": {
                    "username": "卖家",
                    "email": "new@example.com",
                    "password": PASSWORD,
                    "confirmation": PASSWORD,
                    "role": "operator",
                }
            },
        ),
    ),
    # The seller's.
    "listing_state.take_down": Surface(page=routes.LISTING, visitor=LOGIN, stranger=OWN_ONLY),
    "listing_state.relist": Surface(page=routes.LISTING, visitor=LOGIN, stranger=OWN_ONLY),
    "listing_state.mark_sold_out": Surface(page=routes.LISTING, visitor=LOGIN, stranger=OWN_ONLY),
    "listing_state.delete": Surface(page=routes.LISTING, visitor=LOGIN, stranger=OWN_ONLY),
    "sell_state.load_edit": Surface(page=routes.LISTING_EDIT, visitor=LOGIN, stranger=OWN_ONLY),
    "sell_state.save": Surface(
        page=routes.LISTING_EDIT, visitor=LOGIN, stranger=OWN_ONLY, payloads=({"form": FORM},)
    ),
    # Members', for what is theirs.
    "listing_state.want": Surface(page=routes.LISTING, visitor=LOGIN, may_change=TALK),
    "sell_state.load": Surface(page=routes.SELL),
    "sell_state.publish": Surface(
        page=routes.SELL, visitor=LOGIN, stranger="有照片已失效或已用于其他宝贝", payloads=({"form": FORM},)
    ),
    "me_state.load": Surface(page=routes.ME, visitor=LOGIN),
    "me_state.choose": Surface(page=routes.ME, visitor=LOGIN, payloads=({"status": "taken_down"},)),
    "me_state.load_more": Surface(page=routes.ME, revoked=LOGIN),
    "inbox_state.load": Surface(page=routes.MESSAGES, visitor=LOGIN),
    "inbox_state.show": Surface(page=routes.MESSAGES),
    "conversation_state.load": Surface(page=routes.CONVERSATION, visitor=LOGIN),
    "conversation_state.load_older": Surface(page=routes.CONVERSATION, revoked=LOGIN),
    "conversation_state.send": Surface(
        page=routes.CONVERSATION,
        visitor="登录已失效，请重新登录后再发",
        stranger="没有找到这位邻居",
        payloads=(
            {"peer_id": 0, "client_id": "client-0001", "body": "在吗"},
            {"peer_id": BIG, "client_id": "client-0002", "body": "在吗"},
        ),
    ),
    "conversation_state.check_outbox": Surface(
        page=routes.CONVERSATION, visitor=LOGIN, payloads=({"peer_id": 1, "client_ids": ["client-0000"]},)
    ),
    "conversation_state.set_visible": Surface(
        page=routes.CONVERSATION, revoked=LOGIN, payloads=({"visible": False}, {"visible": True})
    ),
}


@dataclass(frozen=True)
class Scene:
    """A seller and a buyer who have talked, and what only they may know."""

    site: Site
    seller: Actor
    buyer: Actor
    listing_id: int
    private: list[str] = field(default_factory=list)

    def path(self, route: str, person: Actor) -> str:
        """A page's address, with the listing's id or the person's."""
        filled = route.replace("[listing_id]", str(self.listing_id))
        return filled.replace("[user_id]", str(self.seller.user_id)).replace("[peer_id]", str(person.user_id))

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """Everything that is stored, by table."""

        def work(session: Session) -> dict[str, list[tuple[Any, ...]]]:
            return {
                table.name: sorted((tuple(row) for row in session.execute(sa.select(table))), key=repr)
                for table in metadata.sorted_tables
            }

        return self.site.database.read(work)


def _talk(session: Session, seller: Actor, buyer: Actor) -> None:
    for number in range(PAGE + 5):
        messages.send(session, buyer, seller.user_id, f"client-{number:04}", f"{SECRET} {number}")


@pytest.fixture
def scene(site: Site) -> Scene:
    seller, buyer = make_user(site.database, "卖家"), make_user(site.database, "买家")
    listing_id = make_listing(site.database, seller)
    for _ in range(30):
        make_listing(site.database, seller)
    site.database.write(_talk, seller, buyer)
    people = site.database.read(lambda session: session.execute(sa.select(col(User.email), col(User.password_hash))))
    return Scene(site, seller, buyer, listing_id, [SECRET, *(value for row in people.all() for value in row)])


async def visitor(scene: Scene, route: str) -> Tab:
    """Somebody without a cookie."""
    return await scene.site.tab(scene.path(route, scene.seller))


async def stranger(scene: Scene, route: str) -> Tab:
    """Somebody who is logged in, and neither of the two."""
    return await scene.site.tab_of(make_user(scene.site.database, "路人"), scene.path(route, scene.seller))


async def revoked(scene: Scene, route: str) -> Tab:
    """The seller's own tab, after the login that it lives on was ended somewhere else."""
    cookie = login_token(scene.site.database, scene.seller)
    tab = await scene.site.tab(scene.path(route, scene.buyer), cookie)
    ended = sa.delete(AuthSession).where(col(AuthSession.id) == scene.seller.session_id)
    scene.site.database.write(lambda session: session.execute(ended))
    return tab


CALLERS = {"visitor": visitor, "stranger": stranger, "revoked": revoked}


def handlers() -> dict[str, Any]:
    """Every handler by its short name, but the ``setvar`` that Reflex gives to each state."""
    site_app()
    return {
        f"{state}.{name}": handler
        for state, cls in _states().items()
        for name, handler in cls.event_handlers.items()
        if name != "setvar"
    }


def _states() -> dict[str, type[rx.State]]:
    full_names = {full: short for short, full in state_names().items()}
    return {full_names[cls.get_full_name()]: cls for cls in all_states()}


def _check_outcome(tab: Tab, outcome: str) -> None:
    to_login = [path for path in tab.redirects() if path.startswith(routes.LOGIN)]
    assert bool(to_login) == (outcome == LOGIN), tab.redirects()
    assert FAILURE not in tab.said()
    if outcome not in {LOGIN, NOTHING}:
        assert outcome in tab.said()


def _check_nothing_leaked(tab: Tab, private: list[str]) -> None:
    said = tab.said()
    assert [value for value in (*private, *INSIDES) if value in said] == []


def test_the_table_names_every_handler_and_no_other() -> None:
    assert set(SURFACE) == set(handlers())


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("name", SURFACE)
async def test_a_handler_gives_nothing_away(name: str, caller: str, scene: Scene) -> None:
    surface = SURFACE[name]
    for payload in surface.payloads:
        tab = await CALLERS[caller](scene, surface.page)
        before = scene.rows()
        tab.updates.clear()
        await tab.call(name, **payload)
        outcome = getattr(surface, caller) or surface.visitor
        # What the seller's tab was shown while it was logged in, hydration shows again.
        if not (caller == "revoked" and ".hydrate" in name):
            _check_nothing_leaked(tab, scene.private)
        after = scene.rows()
        changed = {table for table in after if after[table] != before[table]}
        assert changed <= (surface.may_change if caller == "stranger" else frozenset())
        if name != "conversation_state.set_visible" or payload["visible"]:
            _check_outcome(tab, outcome)
        await tab.close()
        if caller == "revoked":
            break
        scene.site.database.write(lambda session: session.execute(sa.delete(User).where(col(User.username) == "路人")))
