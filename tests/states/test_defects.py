"""What went wrong in the prototype and may never come back, one test for each defect, named after it.

| defect | test |
| --- | --- |
| a message shown twice | test_no_message_is_shown_twice |
| a message lost on reload; stored messages that vanish for no reason | test_no_message_is_lost_on_reload |
| `undefined` or a nameless sender | test_no_sender_is_nameless |
| a system line shown as a message | test_no_system_line_is_a_message |
| a message in the wrong conversation (串台) | test_no_message_is_in_the_wrong_conversation |
| the selected conversation lost on reload | test_the_selected_conversation_is_not_lost_on_reload |
| the count stuck at 1 | test_the_count_is_not_stuck_at_one |
| the count right on one page and absent on another | test_the_count_is_the_same_on_every_page |
| the count back after a reload | test_the_count_is_not_back_after_a_reload |
| messages sent while offline that vanish | test_what_was_sent_to_somebody_offline_does_not_vanish |
| “no messages” shown beside messages | test_no_page_says_no_messages_beside_messages |
| an error shown after a deletion that worked | test_no_error_after_a_deletion_that_worked |
| an id that is `NaN` or of another type than its twin | test_no_id_is_nan_or_of_another_type |
| 想要 on one's own listing | test_nobody_wants_their_own_listing |
| a picture whose stored name is not its file's name | test_a_pictures_stored_name_is_its_files_name |

The others need a browser, two servers or what is told elsewhere: ``ELSEWHERE`` names their tests.
"""

import ast
import io
from pathlib import Path

import httpx
import pytest
from PIL import Image
from sqlmodel import select

from tests.factories import login_token, make_listing, make_user
from tests.live_site import Site, Tab
from tests.states.talk import bodies, say, shown
from xianyu import routes
from xianyu.adapters.cookies import session_cookie_name
from xianyu.models import Photo
from xianyu.schemas.accounts import Actor
from xianyu.services import message_errors, messages
from xianyu.settings import get_settings

ROOT = Path(__file__).resolve().parents[2]
ELSEWHERE = {
    "messages sent while offline that vanish, in a browser": (
        "tests/e2e/test_chat.py",
        "test_what_is_sent_without_a_network_waits_and_arrives_once",
    ),
    "a bottom bar that covers content or the message box": (
        "tests/e2e/test_pages.py",
        "test_every_page_keeps_what_all_pages_promise",
    ),
    "two servers that do not share messages": (
        "tests/adapters/test_relay.py",
        "test_an_event_reaches_every_worker_once",
    ),
}


def unread(tab: Tab) -> int:
    return int(tab["shell_state"]["unread"])


async def test_no_message_is_shown_twice(site: Site, two: tuple[Actor, Actor]) -> None:
    me, other = two
    mine = await site.tab_of(me, routes.conversation(other.user_id))
    theirs = await site.tab_of(other, routes.conversation(me.user_id))
    for _ in range(3):
        await say(mine, other, 1, "在吗")
    for tab in (mine, theirs):
        await tab.settle()
        assert bodies(tab) == ["在吗"]
        await tab.call("conversation_state.load")
        assert bodies(tab) == ["在吗"]


async def test_no_message_is_lost_on_reload(site: Site, two: tuple[Actor, Actor]) -> None:
    me, other = two
    cookie = login_token(site.database, me)
    mine = await site.tab(routes.conversation(other.user_id), cookie)
    said = [f"第 {number} 句" for number in range(25)]
    for number, body in enumerate(said):
        await say(mine, other, number, body)
    for _ in range(3):
        assert bodies(await site.tab(routes.conversation(other.user_id), cookie)) == said
    assert bodies(await site.tab_of(other, routes.conversation(me.user_id))) == said


async def test_no_sender_is_nameless(site: Site, two: tuple[Actor, Actor]) -> None:
    me, other = two
    mine = await site.tab_of(me, routes.conversation(other.user_id))
    theirs = await site.tab_of(other, routes.conversation(me.user_id))
    await say(mine, other, 1, "在吗")
    await say(theirs, me, 2, "在的")
    for tab in (mine, theirs, await site.tab_of(me, routes.conversation(other.user_id))):
        await tab.settle()
        senders = [(message["sender_id"], message["sender_name"]) for message in shown(tab)]
        assert senders == [(me.user_id, "小明"), (other.user_id, "小红")]
        assert "undefined" not in tab.said()


async def test_no_system_line_is_a_message(site: Site, two: tuple[Actor, Actor]) -> None:
    me, other = two
    mine = await site.tab_of(me, routes.conversation(other.user_id))
    for _ in range(3):
        await (await site.tab_of(other, routes.conversation(me.user_id))).close()
    await mine.settle()
    assert bodies(mine) == []
    await say(mine, other, 1, "只有这一句")
    assert bodies(mine) == ["只有这一句"]


async def test_no_message_is_in_the_wrong_conversation(site: Site, two: tuple[Actor, Actor]) -> None:
    me, other = two
    third = make_user(site.database, "小刚")
    cookie = login_token(site.database, me)
    with_other = await site.tab(routes.conversation(other.user_id), cookie)
    with_third = await site.tab(routes.conversation(third.user_id), cookie)
    await say(await site.tab_of(third, routes.conversation(me.user_id)), me, 1, "小刚的话")
    await say(with_other, other, 2, "给小红")
    for tab, expected in ((with_other, ["给小红"]), (with_third, ["小刚的话"])):
        await tab.settle()
        assert bodies(tab) == expected


async def test_the_selected_conversation_is_not_lost_on_reload(site: Site, two: tuple[Actor, Actor]) -> None:
    me, other = two
    cookie = login_token(site.database, me)
    for _ in range(2):
        tab = await site.tab(routes.conversation(other.user_id), cookie)
        assert tab["conversation_state"]["peer"]["id"] == other.user_id
        assert tab.redirects() == []


async def test_the_count_is_not_stuck_at_one(site: Site, two: tuple[Actor, Actor]) -> None:
    me, other = two
    home = await site.tab_of(me, routes.HOME)
    theirs = await site.tab_of(other, routes.conversation(me.user_id))
    for number in range(1, 4):
        await say(theirs, me, number, "在吗")
        await home.until(lambda tab, number=number: unread(tab) == number)  # type: ignore[misc]  # its default is bound here


async def test_the_count_is_the_same_on_every_page(site: Site, two: tuple[Actor, Actor]) -> None:
    me, other = two
    cookie = login_token(site.database, me)
    theirs = await site.tab_of(other, routes.conversation(me.user_id))
    for number in range(1, 4):
        await say(theirs, me, number, "在吗")
    for page in (routes.HOME, routes.ME, routes.MESSAGES, routes.SELL, routes.SETTINGS, routes.user(other.user_id)):
        assert unread(await site.tab(page, cookie)) == 3


async def test_the_count_is_not_back_after_a_reload(site: Site, two: tuple[Actor, Actor]) -> None:
    me, other = two
    cookie = login_token(site.database, me)
    theirs = await site.tab_of(other, routes.conversation(me.user_id))
    await say(theirs, me, 1, "在吗")
    await (await site.tab(routes.conversation(other.user_id), cookie)).until(lambda tab: unread(tab) == 0)
    for page in (routes.HOME, routes.MESSAGES, routes.conversation(other.user_id)):
        assert unread(await site.tab(page, cookie)) == 0


async def test_what_was_sent_to_somebody_offline_does_not_vanish(site: Site, two: tuple[Actor, Actor]) -> None:
    me, other = two
    cookie = login_token(site.database, me)
    await (await site.tab(routes.conversation(other.user_id), cookie)).close()
    theirs = await site.tab_of(other, routes.conversation(me.user_id))
    await say(theirs, me, 1, "你不在的时候")
    assert unread(await site.tab(routes.HOME, cookie)) == 1
    assert bodies(await site.tab(routes.conversation(other.user_id), cookie)) == ["你不在的时候"]


async def test_no_page_says_no_messages_beside_messages(site: Site, two: tuple[Actor, Actor]) -> None:
    """The page says so where it shows none: what it shows and what there is are the same thing."""
    me, other = two
    theirs = await site.tab_of(other, routes.conversation(me.user_id))
    mine = await site.tab_of(me, routes.conversation(other.user_id))
    assert (mine["conversation_state"]["loaded"], bodies(mine)) == (True, [])
    await say(theirs, me, 1, "来了")
    await mine.until(lambda tab: bodies(tab) == ["来了"])
    await mine.go(routes.MESSAGES)
    assert [line["last_body"] for line in mine["inbox_state"]["conversations"]] == ["来了"]


async def test_no_error_after_a_deletion_that_worked(site: Site, two: tuple[Actor, Actor]) -> None:
    me, other = two
    mine = await site.tab_of(me, routes.conversation(other.user_id))
    for number in range(1, 5):
        await say(mine, other, number, f"第 {number} 句")
    mine.updates.clear()
    await mine.call("message_actions_state.delete", peer_id=other.user_id, seqs=[1])
    await mine.call("message_actions_state.recall", peer_id=other.user_id, seq=2)
    # A press that comes twice, as on a slow phone.
    await mine.call("message_actions_state.delete", peer_id=other.user_id, seqs=[1])
    await mine.call("message_actions_state.recall", peer_id=other.user_id, seq=2)
    assert bodies(mine) == ["", "第 3 句", "第 4 句"]
    for _ in range(2):
        await mine.call("message_actions_state.clear", peer_id=other.user_id)
    assert bodies(mine) == []
    assert "notice_state" not in mine.said()
    assert mine["conversation_state"]["refusal"] == {"client_id": "", "message": "", "is_final": False}


async def test_no_id_is_nan_or_of_another_type(site: Site, two: tuple[Actor, Actor]) -> None:
    me, other = two
    mine = await site.tab_of(me, routes.conversation(other.user_id))
    theirs = await site.tab_of(other, routes.conversation(me.user_id))
    await say(mine, other, 1, "在吗")
    await theirs.settle()
    ids = [mine["shell_state"]["user_id"], theirs["conversation_state"]["peer"]["id"], shown(theirs)[0]["sender_id"]]
    assert ids == [me.user_id] * 3
    assert {type(one) for one in ids} == {int}
    for address in ("/messages/NaN", "/messages/undefined", "/messages/1e3", "/messages/0x1"):
        tab = await site.tab_of(me, address)
        assert tab["conversation_state"]["missing"] == "没有找到这位邻居"
        assert tab["conversation_state"]["peer"]["id"] == 0


async def test_nobody_wants_their_own_listing(site: Site, two: tuple[Actor, Actor]) -> None:
    me, _ = two
    listing_id = make_listing(site.database, me)
    page = await site.tab_of(me, routes.listing(listing_id))
    assert page["listing_state"]["listing"]["is_mine"] is True
    await page.call("listing_state.want")
    assert page.redirects() == []
    assert "这是你自己发布的宝贝" in page.said()
    with pytest.raises(message_errors.WantOwnListing):
        site.database.write(messages.want, me, listing_id)


async def test_a_pictures_stored_name_is_its_files_name(site: Site, two: tuple[Actor, Actor]) -> None:
    me, other = two
    buffer = io.BytesIO()
    Image.new("RGB", (640, 480), "orange").save(buffer, "PNG")
    cookies = {session_cookie_name(): login_token(site.database, me)}
    async with httpx.AsyncClient(base_url=site.origin, cookies=cookies) as browser:
        origin = {"Origin": site.origin}
        stored = (await browser.post(routes.PHOTO_UPLOAD, content=buffer.getvalue(), headers=origin)).json()
        site.database.write(messages.send_photo, me, other.user_id, "client-id-1", stored["id"])
        theirs = await site.tab_of(other, routes.conversation(me.user_id))
        picture = shown(theirs)[0]["attachment"]
        assert picture["url"] == stored["url"]
        for url in (picture["url"], picture["image_url"]):
            assert (await browser.get(url)).status_code == 200
    [name] = site.database.read(lambda session: session.exec(select(Photo.name)).all())
    files = {path.name for path in get_settings().media_dir.rglob("*.webp")}
    assert name in files
    assert picture["url"] == routes.media(name)


@pytest.mark.parametrize("defect", ELSEWHERE)
def test_what_is_tested_elsewhere_is_tested_there(defect: str) -> None:
    file, name = ELSEWHERE[defect]
    found = {getattr(node, "name", "") for node in ast.walk(ast.parse((ROOT / file).read_text(encoding="utf-8")))}
    assert name in found


def test_the_table_above_names_the_tests_below() -> None:
    tests = {name for name in globals() if name.startswith(("test_no", "test_the_", "test_a_", "test_what_was"))}
    tests -= {"test_the_table_above_names_the_tests_below"}
    assert {name for name in tests if name not in (__doc__ or "")} == set()
