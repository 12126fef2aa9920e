"""Every event handler that a socket can reach, called by those who should get nothing from it."""

import copy
import inspect
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col

from tests.factories import PASSWORD, login_token, make_activity, make_announcement, make_listing, make_user
from tests.live_site import Site, Tab, states_by_name
from tests.states import (
    handlers_accounts,
    handlers_console,
    handlers_contacts,
    handlers_interest,
    handlers_listings,
    handlers_messages,
    handlers_orders,
    handlers_search,
    handlers_sections,
    handlers_settings,
)
from tests.states.handlers_listings import FORM
from tests.stored import Rows, changed, everything
from tests.trade import order_form
from xianyu import routes
from xianyu.models import AuthSession, Role, User
from xianyu.schemas.accounts import Actor
from xianyu.schemas.orders import AddressForm
from xianyu.services import address_book, messages, offers, orders
from xianyu.services.order_forms import OfferForm
from xianyu.states.message_tail import PAGE

LISTING = routes.listing(1)

SECRET = "绝密：钥匙在门垫下"
HOME = "绝密小区 7 号楼 701 室"
FAILURE = "出了点问题，请稍后再试"
# What no answer may hold: how the program looks inside.
INSIDES = ("Traceback", 'File \\"', "site-packages", "sqlalchemy", "sqlite3", "Error(", "password_hash")

# Outcomes that are not a sentence.
NOTHING = "nothing happens that is not for everyone"
LOGIN = "the login page"


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


TALK = frozenset({"conversation", "conversation_member", "message_thread", "read_position"})
# The press is counted, and the seller is told.
WANT = frozenset({"listing", "listing_want", "notice"})
BIG = 2**53

SURFACE: dict[str, Surface] = {
    # Reflex's own.
    "state.hydrate": Surface(),
    "state.set_is_hydrated": Surface(payloads=({"value": True},)),
    "state.hydrate_and_load": Surface(payloads=({}, {"hashes": []}, {"vars": {}})),
    "on_load_internal_state.on_load_internal": Surface(),
    "on_load_internal_state.set_is_hydrated": Surface(payloads=({"value": False},)),
    "update_vars_internal_state.update_vars_internal": Surface(payloads=({"vars": {}},)),
    "frontend_event_exception_state.handle_frontend_exception": Surface(
        payloads=({"info": "x", "component_stack": "y"},)
    ),
    # Everyone's.
    "shell_state.enter": Surface(),
    "shell_state.note_front": Surface(payloads=({"in_front": False}, {"in_front": True}, {"in_front": []})),
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
    # Members', for what is theirs.
    "listing_state.want": Surface(page=routes.LISTING, visitor=LOGIN, may_change=TALK | WANT),
    "inbox_state.load": Surface(page=routes.MESSAGES, visitor=LOGIN),
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
    "conversation_state.set_visible": Surface(page=routes.CONVERSATION, revoked=LOGIN, payloads=({"visible": True},)),
}
for rows in (
    handlers_accounts.ROWS,
    handlers_console.ROWS,
    handlers_contacts.ROWS,
    handlers_interest.ROWS,
    handlers_listings.ROWS,
    handlers_messages.ROWS,
    handlers_orders.ROWS,
    handlers_search.ROWS,
    handlers_sections.ROWS,
    handlers_settings.ROWS,
):
    SURFACE |= {name: Surface(**row) for name, row in rows.items()}


@dataclass(frozen=True)
class Scene:
    """A seller and a buyer who have talked, and what only they may know."""

    site: Site
    seller: Actor
    buyer: Actor
    listing_id: int
    activity_id: int
    announcement_id: int
    order_id: int
    offer_id: int
    address_id: int
    private: list[str] = field(default_factory=list)

    @property
    def ids(self) -> dict[str, int]:
        """The numbers that arguments name."""
        return {
            "[listing_id]": self.listing_id,
            "[order_id]": self.order_id,
            "[offer_id]": self.offer_id,
            "[address_id]": self.address_id,
        }

    def path(self, route: str, person: Actor) -> str:
        """A page's address, with the listing's id or the person's."""
        filled = route.replace("[listing_id]", str(self.listing_id)).replace("[activity_id]", str(self.activity_id))
        filled = filled.replace("[announcement_id]", str(self.announcement_id))
        filled = filled.replace("[order_id]", str(self.order_id))
        return filled.replace("[user_id]", str(self.seller.user_id)).replace("[peer_id]", str(person.user_id))

    def payload(self, payload: dict[str, Any]) -> dict[str, Any]:
        """A handler's arguments, with the listing's id where they name one."""
        filled: dict[str, Any] = {name: self._filled(value) for name, value in payload.items()}
        return {name: int(value) if payload[name] in list(self.ids) else value for name, value in filled.items()}

    def _filled(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self._filled(each) for name, each in value.items()}
        for name, number in self.ids.items() if isinstance(value, str) else ():
            value = value.replace(name, str(number))
        return value

    def rows(self) -> Rows:
        """Everything that is stored, by table."""
        return everything(self.site.database)


def _talk(session: Session, seller: Actor, buyer: Actor) -> None:
    for number in range(PAGE + 5):
        messages.send(session, buyer, seller.user_id, f"client-{number:04}", f"{SECRET} {number}")


def _trade(session: Session, seller: Actor, buyer: Actor, listing_id: int) -> tuple[int, int, int]:
    """An order to be sent to the buyer's address, and an offer, about something else than the scene's listing."""
    address_id, _ = address_book.save(session, buyer, AddressForm("买家本人", "13800000000", HOME))
    form = order_form(listing_id, delivery="shipping", address_id=address_id, note=HOME)
    offered = offers.make(session, buyer, listing_id, OfferForm(1, 9_900, "offer-00001"))
    return orders.place(session, buyer, form).order_id, offered.offer_id, address_id


@pytest.fixture
def scene(site: Site) -> Scene:
    seller, buyer = make_user(site.database, "卖家"), make_user(site.database, "买家")
    listing_id = make_listing(site.database, seller)
    for _ in range(30):
        make_listing(site.database, seller)
    site.database.write(_talk, seller, buyer)
    people = site.database.read(lambda session: session.execute(sa.select(col(User.email), col(User.password_hash))))
    trade = site.database.write(_trade, seller, buyer, make_listing(site.database, seller, quantity=5))
    activity_id = make_activity(site.database, seller)
    announcement_id = make_announcement(site.database, make_user(site.database, role=Role.OPERATOR))
    return Scene(
        site,
        seller,
        buyer,
        listing_id,
        activity_id,
        announcement_id,
        *trade,
        [SECRET, HOME, *(value for row in people.all() for value in row)],
    )


async def visitor(scene: Scene, route: str) -> Tab:
    """Somebody without a cookie."""
    return await scene.site.tab(scene.path(route, scene.seller))


async def stranger(scene: Scene, route: str) -> Tab:
    """Somebody who is logged in, and neither of the two."""
    return await scene.site.tab_of(make_user(scene.site.database), scene.path(route, scene.seller))


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
    return {
        f"{state}.{name}": handler
        for state, cls in states_by_name().items()
        for name, handler in cls.event_handlers.items()
        if name != "setvar"
    }


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
    tab = await CALLERS[caller](scene, surface.page)
    for payload in surface.payloads:
        before = scene.rows()
        tab.updates.clear()
        await tab.call(name, **scene.payload(payload))
        _check_outcome(tab, getattr(surface, caller) or surface.visitor)
        # What the seller's tab was shown while it was logged in, hydration shows it again.
        if not (caller == "revoked" and ".hydrate" in name):
            _check_nothing_leaked(tab, scene.private)
        assert changed(before, scene.rows()) <= (surface.may_change if caller == "stranger" else frozenset())


HOSTILE: list[Any] = [
    None,
    True,
    -1,
    0,
    1.5,
    10**30,
    "",
    "1",
    "\x00",
    "\ud800",
    "'; DROP TABLE user_account; --",
    "x" * 100_000,
    [],
    [[None]],
    ["client-0000"] * 1000,
    {},
    {"form": {"login": []}, "ids": [10**30], "": None},
    {name: ["x", {"y": None}] for name in ("login", "password", "username", "email", "confirmation", "title")},
    dict.fromkeys(("login", "password", "username", "email", "confirmation", "title"), "�\x00" * 8),
    FORM | {"photos": "[" * 1500},
    FORM | {"photos": '{"ids": [1e400, "1", null, {"a": 1}]}'},
    FORM | {"price": "NaN", "quantity": 10**30, "category": ["sports"], "description": {"x": 1}},
]


def _hostile_payloads(handler: Any) -> Iterator[dict[str, Any]]:
    names = list(inspect.signature(handler.fn).parameters)[1:]
    # Reflex sends this one's argument back, and half a character ends the sender's own socket.
    echoes = handler.fn.__name__ == "set_is_hydrated"
    for value in [value for value in HOSTILE if not (echoes and "ud800" in json.dumps(value))]:
        yield dict.fromkeys(names, value) if names else {"unexpected": value}
    yield {}
    yield dict.fromkeys([*names, "session", "actor"], 1)


@pytest.mark.parametrize("caller", ["visitor", "stranger"])
@pytest.mark.parametrize("name", [*SURFACE, "feed_state.setvar", "conversation_state.setvar"])
async def test_no_argument_changes_or_reveals_anything(name: str, caller: str, scene: Scene) -> None:
    state, _, method = name.rpartition(".")
    surface = SURFACE.get(name, Surface())
    tab = await CALLERS[caller](scene, surface.page)
    before = scene.rows()
    tab.updates.clear()
    for payload in _hostile_payloads(states_by_name()[state].event_handlers[method]):
        await tab.emit(name, **payload)
    await tab.settle()
    _check_nothing_leaked(tab, scene.private)
    assert changed(before, scene.rows()) <= (surface.may_change if caller == "stranger" else frozenset())
    # The tab lives on.
    await tab.call("shell_state.enter")


async def test_no_var_can_be_set_from_outside(scene: Scene) -> None:
    tab = await stranger(scene, routes.CONVERSATION)
    shown = copy.deepcopy(tab.vars)
    for state, cls in states_by_name().items():
        for var in (*cls.base_vars, *(name for name in inspect.get_annotations(cls) if name.startswith("_"))):
            await tab.emit(f"{state}.setvar", var_name=var, value=scene.seller.user_id)
            name = f"{cls.get_full_name()}.{var}_rx_state_"
            await tab.emit("update_vars_internal_state.update_vars_internal", vars={name: scene.seller.user_id})
    tab.vars.clear()
    await tab.call("state.hydrate")
    # Each refused attempt is answered by a notice, which counts them.
    said = {"state": None, "notice_state": None}
    assert {**tab.vars, **said} == {**shown, **said}


async def test_another_ones_conversation_cannot_be_named(scene: Scene) -> None:
    """A stranger's page may name either of the two; what they said to each other is not on it."""
    for peer in (scene.seller, scene.buyer):
        tab = await scene.site.tab_of(make_user(scene.site.database), routes.conversation(peer.user_id))
        assert tab["conversation_state"]["peer"]["id"] == peer.user_id
        await tab.call("conversation_state.load_older")
        assert tab["conversation_state"]["history"] == []
        assert SECRET not in tab.said()


async def test_the_cookie_stays_where_no_script_can_read_it(scene: Scene) -> None:
    cookie = login_token(scene.site.database, scene.seller)
    tab = await scene.site.tab(routes.ME, cookie)
    assert tab["shell_state"]["username"] == "卖家"
    assert cookie not in tab.said()


async def test_another_tabs_name_is_not_another_tabs_identity(scene: Scene) -> None:
    """Reflex's name of a tab is not a secret that anything rests on while that tab is open."""
    victim = await scene.site.tab_of(scene.seller, scene.path(routes.CONVERSATION, scene.buyer))
    thief = await scene.site.tab(routes.HOME, token=victim.token)
    assert SECRET not in thief.said()
    assert thief["shell_state"]["user_id"] == 0
    await victim.call("shell_state.enter")
    assert victim["shell_state"]["user_id"] == scene.seller.user_id
