"""Names and counts in every open tab, always equal to what is stored."""

import asyncio
import random
from functools import partial

import httpx
import pytest
import sqlalchemy as sa
from sqlmodel import Session, col

from tests.factories import login_token, make_user
from tests.live_site import Site, Tab, quiet, until
from xianyu import routes
from xianyu.adapters.cookies import session_cookie_name
from xianyu.adapters.live import bus
from xianyu.models import AuthSession
from xianyu.schemas.accounts import Actor
from xianyu.services import conversation_list, messages
from xianyu.states.delivery import Refresher


def write_to(site: Site, sender: Actor, recipient: Actor, count: int = 1) -> None:
    """Messages that were stored while nobody looked."""

    def work(session: Session) -> None:
        for number in range(count):
            messages.send(session, sender, recipient.user_id, f"{sender.user_id}-stored-{number:05}", "在吗？")

    site.database.write(work)


def unread(tab: Tab) -> int:
    return int(tab["shell_state"]["unread"])


async def test_the_count_is_right_on_every_page_and_after_a_reload(site: Site, two: tuple[Actor, Actor]) -> None:
    me, other = two
    write_to(site, other, me, 3)
    cookie = login_token(site.database, me)
    for page in (routes.HOME, routes.ME, routes.MESSAGES, routes.SELL, routes.user(other.user_id)):
        assert unread(await site.tab(page, cookie)) == 3
    again = await site.tab(routes.HOME, cookie)
    await again.go(routes.ME)
    assert unread(again) == 3


async def test_the_count_rises_elsewhere_and_falls_in_all_tabs(site: Site, two: tuple[Actor, Actor]) -> None:
    me, other = two
    cookie = login_token(site.database, me)
    home, list_of_mine = await site.tab(routes.HOME, cookie), await site.tab(routes.MESSAGES, cookie)
    theirs = await site.tab_of(other, routes.conversation(me.user_id))
    for number in range(3):
        await theirs.call("conversation_state.send", peer_id=me.user_id, client_id=f"client-{number:04}", body="在吗")
    for tab in (home, list_of_mine):
        await tab.until(lambda tab: unread(tab) == 3)
    assert list_of_mine["inbox_state"]["conversations"][0]["unread"] == 3
    assert unread(theirs) == 0
    await site.tab(routes.conversation(other.user_id), cookie)
    for tab in (home, list_of_mine):
        await tab.until(lambda tab: unread(tab) == 0)
    await list_of_mine.until(lambda tab: tab["inbox_state"]["conversations"][0]["unread"] == 0)


async def test_a_message_in_view_is_never_counted(site: Site, two: tuple[Actor, Actor]) -> None:
    me, other = two
    cookie = login_token(site.database, me)
    home = await site.tab(routes.HOME, cookie)
    open_one = await site.tab(routes.conversation(other.user_id), cookie)
    theirs = await site.tab_of(other, routes.conversation(me.user_id))
    await theirs.call("conversation_state.send", peer_id=me.user_id, client_id="client-0001", body="在吗")
    await open_one.until(lambda tab: len(tab["conversation_state"]["tail"]) == 1)
    for tab in (home, open_one):
        await tab.settle()
        counts = [
            count
            for update in tab.updates
            for vars_ in (update.get("delta") or {}).values()
            for name, count in vars_.items()
            if name == "unread_rx_state_"
        ]
        assert set(counts) <= {0}


async def test_in_a_tab_at_the_back_it_waits_to_be_seen(site: Site, two: tuple[Actor, Actor]) -> None:
    me, other = two
    mine = await site.tab_of(me, routes.conversation(other.user_id))
    theirs = await site.tab_of(other, routes.conversation(me.user_id))
    await mine.call("conversation_state.set_visible", visible=False)
    await theirs.call("conversation_state.send", peer_id=me.user_id, client_id="client-0001", body="在吗")
    await mine.until(lambda tab: unread(tab) == 1)
    await mine.call("conversation_state.set_visible", visible=True)
    await mine.until(lambda tab: unread(tab) == 0)


async def test_what_comes_while_a_page_is_loading_waits_until_the_page_says_it_is_in_front(
    site: Site, two: tuple[Actor, Actor]
) -> None:
    me, other = two
    mine = await site.tab_of(me, routes.conversation(other.user_id))
    theirs = await site.tab_of(other, routes.conversation(me.user_id))
    # The page is loaded again, as after a reload or a lost connection, and has not said anything yet.
    await mine.call("on_load_internal_state.on_load_internal")
    await theirs.call("conversation_state.send", peer_id=me.user_id, client_id="client-0001", body="在吗")
    await mine.until(lambda tab: unread(tab) == 1)
    assert theirs["conversation_state"]["read_by_peer"] == 0
    await mine.call("conversation_state.set_visible", visible=True)
    await mine.until(lambda tab: unread(tab) == 0)
    await theirs.until(lambda tab: tab["conversation_state"]["read_by_peer"] == 1)


async def test_logging_out_empties_every_tab_of_that_browser_and_no_other(site: Site, two: tuple[Actor, Actor]) -> None:
    me, other = two
    write_to(site, other, me, 2)
    cookie = login_token(site.database, me)
    tabs = [await site.tab(routes.HOME, cookie), await site.tab(routes.conversation(other.user_id), cookie)]
    bystander = await site.tab_of(other, routes.HOME)
    async with httpx.AsyncClient(base_url=site.origin, cookies={session_cookie_name(): cookie}) as browser:
        answer = await browser.post(routes.LOGOUT)
    assert answer.headers["location"] == routes.HOME
    for tab in tabs:
        await tab.until(lambda tab: tab["shell_state"]["user_id"] == 0)
        assert (tab["shell_state"]["username"], unread(tab)) == ("", 0)
    assert bystander["shell_state"]["username"] == "小红"
    # What is written to somebody who is gone reaches none of their tabs.
    theirs = await site.tab_of(other, routes.conversation(me.user_id))
    for tab in tabs:
        tab.updates.clear()
    await theirs.call("conversation_state.send", peer_id=me.user_id, client_id="client-0009", body="秘密")
    for tab in tabs:
        await tab.settle()
        assert "秘密" not in tab.said()
        assert unread(tab) == 0


async def test_the_next_person_at_the_same_tab_finds_nothing_of_the_last(site: Site, two: tuple[Actor, Actor]) -> None:
    """The browser keeps Reflex's name of the tab over a logout, and Reflex the state of that name."""
    me, other = two
    write_to(site, other, me, 2)
    cookie = login_token(site.database, me)
    tab = await site.tab(routes.conversation(other.user_id), cookie)
    assert "在吗？" in tab.said()
    async with httpx.AsyncClient(base_url=site.origin, cookies={session_cookie_name(): cookie}) as browser:
        await browser.post(routes.LOGOUT)
    await tab.close()
    await quiet()
    await _forgotten(tab.token)
    after = await site.tab(routes.HOME, token=tab.token)
    assert after.token == tab.token
    assert "在吗？" not in after.said()
    assert "小红" not in after.said()


async def _forgotten(token: str) -> None:
    from xianyu.xianyu import app

    namespace = app.event_namespace
    assert namespace is not None
    await until(lambda: token not in namespace.token_to_sid)


@pytest.mark.parametrize("page", [routes.SELL, routes.MESSAGES, routes.ME, routes.conversation(1)])
async def test_pages_for_neighbours_lead_to_the_login_page_and_back(page: str, site: Site) -> None:
    tab = await site.tab(page)
    assert set(tab.redirects()) == {routes.login(page)}


async def test_a_visit_moves_the_expiry_on_once_in_a_while(site: Site, two: tuple[Actor, Actor]) -> None:
    me, _ = two
    cookie = login_token(site.database, me)
    seen = sa.select(col(AuthSession.seen_at)).where(col(AuthSession.id) == me.session_id)

    def seen_at() -> str:
        return str(site.database.read(lambda session: session.execute(seen).scalar_one()))

    first = seen_at()
    await site.tab(routes.HOME, cookie)
    assert seen_at() == first
    earlier = sa.text("UPDATE auth_session SET seen_at = '2020-01-01 00:00:00.000000'")
    site.database.write(lambda session: session.execute(earlier))
    await site.tab(routes.HOME, cookie)
    assert seen_at() >= first


@pytest.mark.parametrize("seed", range(20))
async def test_a_burst_of_requests_ends_with_the_truth(seed: int) -> None:
    """However events and readings fall, what is shown last was read after the last event."""
    dice = random.Random(seed)
    truth, shown, running, most, readings = 0, -1, 0, 0, 0

    async def refresh(_key: int) -> None:
        nonlocal shown, running, most, readings
        running, readings = running + 1, readings + 1
        most = max(most, running)
        found = truth
        for _ in range(dice.randrange(4)):
            await asyncio.sleep(0)
        shown = found
        running -= 1

    refresher = Refresher(refresh)
    for _ in range(200):
        truth += 1
        refresher.request(7)
        for _ in range(dice.randrange(3)):
            await asyncio.sleep(0)
    await until(lambda: not refresher._running)
    assert (shown, most) == (truth, 1)
    assert readings <= 200


async def test_a_burst_that_comes_at_once_is_read_at_most_twice() -> None:
    readings: list[int] = []

    async def refresh(key: int) -> None:
        readings.append(key)
        await asyncio.sleep(0)

    refresher = Refresher(refresh)
    for _ in range(100):
        refresher.request(1)
    await asyncio.sleep(0)
    for _ in range(100):
        refresher.request(1)
    await until(lambda: not refresher._running)
    assert len(readings) == 2


async def test_one_key_does_not_wait_for_another() -> None:
    gate, done = asyncio.Event(), []

    async def refresh(key: int) -> None:
        if key == 1:
            await gate.wait()
        done.append(key)

    refresher = Refresher(refresh)
    for key in (1, 2):
        refresher.request(key)
    await until(lambda: 2 not in refresher._running)
    assert done == [2]
    gate.set()
    await asyncio.gather(*refresher._running.values())
    assert done == [2, 1]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_a_refresh_that_fails_does_not_stop_later_ones() -> None:
    results: list[str] = []

    async def refresh(_key: int) -> None:
        results.append("tried")
        if len(results) == 1:
            raise RuntimeError("the database is away")

    refresher = Refresher(refresh)
    refresher.request(1)
    failed = refresher._running[1]
    with pytest.raises(RuntimeError):
        await failed
    refresher.request(1)
    await asyncio.gather(*refresher._running.values())
    assert results == ["tried", "tried"]


async def test_many_messages_from_many_people_add_up(site: Site) -> None:
    me = make_user(site.database)
    others = [make_user(site.database) for _ in range(4)]
    home = await site.tab_of(me, routes.HOME)
    theirs = [await site.tab_of(other, routes.conversation(me.user_id)) for other in others]
    sends = [
        tab.emit("conversation_state.send", peer_id=me.user_id, client_id=f"client-{number:04}", body="在吗")
        for tab in theirs
        for number in range(10)
    ]
    await asyncio.gather(*sends)
    for tab in theirs:
        await tab.settle()
    await home.until(lambda tab: unread(tab) == 40)
    assert site.database.read(partial(conversation_list.unread_total, actor=me)) == 40
    assert bus.tabs(user_id=me.user_id)[0].token == home.token
