"""What happened while this worker could hear nothing of the others: every open page reads it as soon as it can."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.factories import login_token, make_activity, make_announcement, make_listing, make_user
from tests.live_site import Site, Tab
from xianyu import routes
from xianyu.adapters.live import bus
from xianyu.models import Role
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import Reconnected
from xianyu.services import (
    activities,
    announcements,
    closing,
    contacts,
    friends,
    interest,
    listings,
    messages,
    plaza,
    sessions,
)


@dataclass(frozen=True)
class World:
    """Who is there, and what was there before."""

    reader: Actor
    other: Actor
    operator: Actor
    listing_id: int
    own_id: int
    activity_id: int
    announcement_id: int


Deed = Callable[[Any, World], object]
Sign = Callable[[Tab, World], bool]


def card(tab: Tab, state: str, listing_id: int) -> dict[str, Any]:
    return next((one for one in tab[state]["cards"] if one["id"] == listing_id), {})


def _take_down(session: Any, world: World) -> None:
    listings.take_down(session, world.other, world.listing_id)


def _cancel(session: Any, world: World) -> None:
    activities.cancel(session, world.other, world.activity_id)


def _delete_announcement(session: Any, world: World) -> None:
    announcements.delete(session, world.operator, world.announcement_id)


def _write(session: Any, world: World) -> None:
    messages.send(session, world.other, world.reader.user_id, "client-missed", "听得到吗")


def _favorite(session: Any, world: World) -> None:
    interest.favorite(session, world.reader, world.listing_id)


def _says(tab: Tab, state: str, body: str) -> bool:
    return [one["body"] for one in [*tab[state]["history"], *tab[state]["tail"]]] == [body]


CASES: dict[str, tuple[Callable[[World], str], Deed, Sign]] = {
    "a card on the home page": (
        lambda _: routes.HOME,
        _take_down,
        lambda tab, world: card(tab, "feed_state", world.listing_id)["status"] == "taken_down",
    ),
    "the activities": (
        lambda _: f"{routes.HOME}?section=activity",
        _cancel,
        lambda tab, world: card(tab, "activity_feed_state", world.activity_id)["phase"] == "cancelled",
    ),
    "the announcements": (
        lambda _: f"{routes.HOME}?section=announcement",
        _delete_announcement,
        lambda tab, world: not card(tab, "announcement_feed_state", world.announcement_id),
    ),
    "a search": (
        lambda _: f"{routes.SEARCH}?q=帐篷",
        _take_down,
        lambda tab, _: tab["search_state"]["hits"][0]["card"]["status"] == "taken_down",
    ),
    "a listing": (
        lambda world: routes.listing(world.listing_id),
        _take_down,
        lambda tab, _: tab["listing_state"]["listing"]["status"] == "taken_down",
    ),
    "who saved a listing": (
        lambda world: routes.listing(world.listing_id),
        _favorite,
        lambda tab, _: tab["interest_state"]["is_saved"],
    ),
    "my listings": (
        lambda _: routes.ME,
        lambda session, world: listings.take_down(session, world.reader, world.own_id),
        lambda tab, _: tab["me_state"]["counts"]["taken_down"] == 1 and not tab["me_state"]["cards"],
    ),
    "what I saved": (
        lambda _: routes.FAVORITES,
        _favorite,
        lambda tab, world: [one["card"]["id"] for one in tab["favorites_state"]["entries"]] == [world.listing_id],
    ),
    "what I looked at": (
        lambda _: routes.HISTORY,
        lambda session, world: interest.look(session, world.reader, world.listing_id, is_counted=False),
        lambda tab, world: [one["card"]["id"] for one in tab["history_state"]["entries"]] == [world.listing_id],
    ),
    "what others did": (
        lambda _: f"{routes.MESSAGES}?box=notices",
        lambda session, world: interest.want(session, world.other, world.own_id),
        lambda tab, _: len(tab["box_state"]["notices"]) == 1,
    ),
    "the broadcasts": (
        lambda _: f"{routes.MESSAGES}?box=broadcasts",
        _delete_announcement,
        lambda tab, _: tab["box_state"]["broadcasts_loaded"] and "停水" not in str(tab["box_state"]["broadcasts"]),
    ),
    "an activity": (
        lambda world: routes.activity(world.activity_id),
        _cancel,
        lambda tab, _: tab["activity_state"]["activity"]["phase"] == "cancelled",
    ),
    "an announcement": (
        lambda world: routes.announcement(world.announcement_id),
        _delete_announcement,
        lambda tab, _: bool(tab["announcement_state"]["missing"]),
    ),
    "my data": (
        lambda _: routes.SETTINGS,
        lambda session, world: closing.ask(session, world.reader),
        lambda tab, _: bool(tab["my_data_state"]["closing"]["closing_at"]),
    ),
    "a conversation": (
        lambda world: routes.conversation(world.other.user_id),
        _write,
        lambda tab, _: _says(tab, "conversation_state", "听得到吗"),
    ),
    # The announcement is the other that is unread.
    "a count": (lambda _: routes.HOME, _write, lambda tab, _: tab["shell_state"]["unread"] == 2),
    "the list of conversations": (
        lambda _: routes.MESSAGES,
        _write,
        lambda tab, _: [one["unread"] for one in tab["inbox_state"]["conversations"]] == [1],
    ),
    "the public room": (
        lambda _: routes.PLAZA,
        lambda session, world: plaza.post(session, world.other, "client-missed", "大家好"),
        lambda tab, _: _says(tab, "plaza_state", "大家好"),
    ),
    "the friends": (
        lambda _: routes.FRIENDS,
        lambda session, world: friends.ask(session, world.other, world.reader.user_id),
        lambda tab, _: len(tab["friends_state"]["asking"]) == 1 and tab["contact_state"]["waiting"] == 1,
    ),
    "a person": (
        lambda world: routes.user(world.other.user_id),
        lambda session, world: contacts.block(session, world.other, world.reader.user_id),
        lambda tab, _: tab["contact_state"]["standing"]["refuses"],
    ),
    "a login that ended": (
        lambda _: routes.ME,
        lambda session, world: sessions.end_all(session, world.reader.user_id),
        lambda tab, _: tab["shell_state"]["user_id"] == 0 and tab["shell_state"]["ended"],
    ),
}


def make_world(site: Site) -> World:
    reader, other = make_user(site.database), make_user(site.database)
    operator = make_user(site.database, role=Role.OPERATOR)
    return World(
        reader,
        other,
        operator,
        make_listing(site.database, other, title="双人帐篷"),
        make_listing(site.database, reader),
        make_activity(site.database, other),
        make_announcement(site.database, operator),
    )


@pytest.mark.parametrize("what", CASES)
async def test_every_page_reads_what_it_could_not_hear_of(site: Site, what: str) -> None:
    page, deed, sign = CASES[what]
    world = make_world(site)
    tab = await site.tab(page(world), login_token(site.database, world.reader))
    site.database.write(deed, world)
    await tab.settle()
    assert not sign(tab, world)
    await bus.receive([Reconnected()])
    await tab.until(lambda tab: sign(tab, world))
