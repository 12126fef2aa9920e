"""The public room in open tabs: one text for all, who is there, and what only one reader is shown."""

import random

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col

from tests.factories import login_token, make_user
from tests.live_site import Site, Tab
from tests.states.lone import lone
from xianyu import routes
from xianyu.adapters.live import bus
from xianyu.models import AuthSession, Role
from xianyu.schemas.accounts import Actor
from xianyu.schemas.contacts import RoomMessage
from xianyu.schemas.events import Reconnected
from xianyu.services import contacts, plaza
from xianyu.settings import get_settings
from xianyu.states.message_tail import PAGE, TAIL
from xianyu.states.plaza import KEPT, PlazaState


def view(seq: int) -> RoomMessage:
    return RoomMessage(seq, f"client-{seq:05}", 1, "小明", f"第 {seq} 条", "2026-01-01T00:00:00.000Z")


@pytest.fixture
def room() -> PlazaState:
    return lone(PlazaState)


def shown(room: PlazaState) -> list[int]:
    return [message.seq for message in (*room.history, *room.tail)]


@pytest.mark.parametrize("seed", range(15))
def test_any_order_with_any_repeats_ends_the_same(room: PlazaState, seed: int) -> None:
    dice = random.Random(seed)
    numbers = list(range(1, dice.randrange(2, KEPT)))
    arriving = [*numbers, *dice.choices(numbers, k=20)]
    for seq in sorted(arriving, key=lambda seq: seq + dice.random() * 8):
        room._receive(view(seq))
    assert shown(room) == numbers


def test_a_tab_that_stays_open_keeps_the_newest(room: PlazaState) -> None:
    for seq in range(1, 5 * KEPT):
        room._receive(view(seq))
        assert len(room.tail) <= TAIL
    assert KEPT <= len(shown(room)) <= KEPT + TAIL
    assert shown(room)[-1] == 5 * KEPT - 1
    assert room.has_older
    room._receive(view(3))
    assert 3 not in shown(room)


# Over real sockets.


@pytest.fixture
def at_ease(monkeypatch: pytest.MonkeyPatch) -> None:
    """No slow mode."""
    monkeypatch.setenv("XIANYU_ROOM_PAUSE", "0")
    get_settings.cache_clear()


def bodies(tab: Tab) -> list[str]:
    state = tab["plaza_state"]
    return [message["body"] for message in (*state["history"], *state["tail"])]


async def say(tab: Tab, number: int, body: str = "") -> None:
    await tab.call("plaza_state.send", client_id=f"client-{number:05}", body=body or f"第 {number} 条")


def said(site: Site, who: Actor, count: int) -> None:
    def work(session: Session) -> None:
        for number in range(1, count + 1):
            plaza.post(session, who, f"before-{number:05}", f"旧 {number}")

    site.database.write(work)


@pytest.mark.usefixtures("at_ease")
async def test_everybody_is_sent_the_same_and_only_what_is_new(site: Site) -> None:
    one, other = make_user(site.database, "小明"), make_user(site.database, "小红")
    said(site, other, 200)
    sender = await site.tab_of(one, routes.PLAZA)
    readers = [await site.tab_of(other, routes.PLAZA), await site.tab(routes.PLAZA)]
    for tab in readers:
        assert bodies(tab) == [f"旧 {number}" for number in range(161, 201)]
        tab.updates.clear()
    await say(sender, 1)
    pushed = []
    for tab in readers:
        await tab.until(lambda tab: bodies(tab)[-1] == "第 1 条")
        pushed.append([update["delta"] for update in tab.updates if update.get("delta")])
    assert pushed[0] == pushed[1]
    [[delta]] = pushed[:1]
    # The 200 that were said before cost nothing.
    assert set(delta[PlazaState.get_full_name()]) == {"tail_rx_state_"}
    # The same message again is the same message.
    await say(sender, 1)
    assert len(site.database.read(plaza.history, None, limit=PAGE)) == PAGE
    assert bodies(sender)[-2:] == ["旧 200", "第 1 条"]


@pytest.mark.usefixtures("at_ease")
async def test_scrolling_up_brings_what_is_older(site: Site) -> None:
    one = make_user(site.database)
    said(site, one, 90)
    tab = await site.tab(routes.PLAZA)
    for _ in range(4):
        await tab.call("plaza_state.load_older")
    assert bodies(tab) == [f"旧 {number}" for number in range(1, 91)]
    assert not tab["plaza_state"]["has_older"]


async def test_the_pause_is_told_and_nothing_is_stored(site: Site) -> None:
    tab = await site.tab_of(make_user(site.database), routes.PLAZA)
    await say(tab, 1)
    await say(tab, 2)
    refusal = tab["plaza_state"]["refusal"]
    assert refusal["client_id"] == "client-00002"
    assert "秒后再发" in refusal["message"]
    assert bodies(tab) == ["第 1 条"]


@pytest.mark.usefixtures("at_ease")
async def test_what_an_operator_does_is_seen_by_all_and_told_to_the_one(site: Site) -> None:
    operator, one = make_user(site.database, role=Role.OPERATOR), make_user(site.database, "小明")
    chief, mine = await site.tab_of(operator, routes.PLAZA), await site.tab_of(one, routes.PLAZA)
    visitor = await site.tab(routes.PLAZA)
    assert (chief["plaza_state"]["is_operator"], mine["plaza_state"]["is_operator"]) == (True, False)
    await say(mine, 1, "广告")
    await chief.call("plaza_state.retract", seq=1)
    for tab in (chief, mine, visitor):
        await tab.until(lambda tab: tab["plaza_state"]["tail"][-1]["kind"] == "retracted")
        assert bodies(tab) == [""]
    await chief.call("plaza_state.mute", person_id=one.user_id, minutes=10)
    await mine.until(lambda tab: tab["plaza_state"]["muted_until"] != "")
    assert visitor["plaza_state"]["muted_until"] == ""
    await say(mine, 2)
    assert mine["plaza_state"]["refusal"]["message"] == "你已被禁言，暂时不能在这里发言"
    await chief.call("plaza_state.mute", person_id=one.user_id, minutes=0)
    await mine.until(lambda tab: tab["plaza_state"]["muted_until"] == "")
    await say(mine, 3)
    await mine.call("plaza_state.recall", seq=2)
    for tab in (chief, mine, visitor):
        await tab.until(lambda tab: tab["plaza_state"]["tail"][-1]["kind"] == "recalled")


@pytest.mark.usefixtures("at_ease")
async def test_a_tab_that_slept_or_missed_something_reads_everything_anew(site: Site) -> None:
    one, other = make_user(site.database), make_user(site.database)
    said(site, other, 50)
    site.database.write(contacts.block, one, other.user_id)
    sleeper, speaker = await site.tab_of(one, routes.PLAZA), await site.tab_of(other, routes.PLAZA)
    sleeper.expire()
    await say(speaker, 1)
    await sleeper.until(lambda tab: bool(tab.vars.get("plaza_state", {}).get("loaded")))
    assert bodies(sleeper) == [*(f"旧 {number}" for number in range(12, 51)), "第 1 条"]
    assert sleeper["plaza_state"]["blocked"] == [other.user_id]
    # Said on another worker while this one was cut off.
    site.database.write(plaza.post, other, "elsewhere-0001", "那边说的")
    await bus.receive([Reconnected()])
    for tab in (sleeper, speaker):
        await tab.until(lambda tab: bodies(tab)[-1] == "那边说的")


async def test_who_is_here_counts_people_and_not_tabs(site: Site) -> None:
    one, other = make_user(site.database, "小明"), make_user(site.database, "小红")
    cookie = login_token(site.database, one)
    tabs = [await site.tab(routes.PLAZA, cookie) for _ in range(2)]
    await site.tab(routes.PLAZA)
    last = await site.tab_of(other, routes.PLAZA)
    assert last["plaza_state"]["people_count"] == 2
    assert [person["name"] for person in last["plaza_state"]["here"]] == ["小明", "小红"]
    await tabs[0].until(lambda tab: tab["plaza_state"]["people_count"] == 2)
    # Who goes to another page has left.
    await last.go(routes.HOME)
    await tabs[0].until(lambda tab: [one["name"] for one in tab["plaza_state"]["here"]] == ["小明"])


async def test_a_login_that_ended_writes_no_more(site: Site) -> None:
    one = make_user(site.database)
    tab = await site.tab_of(one, routes.PLAZA)
    site.database.write(
        lambda session: session.execute(sa.delete(AuthSession).where(col(AuthSession.user_id) == one.user_id))
    )
    await say(tab, 1)
    assert tab["plaza_state"]["refusal"]["message"] == "登录已失效，请重新登录后再发"
    assert site.database.read(plaza.history, None) == []
