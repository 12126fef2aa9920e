"""What the open tabs of both sides show after something else than a message happened."""

from datetime import timedelta

import pytest

from tests.factories import login_token, make_listing, make_photo, make_user
from tests.live_site import Site, Tab, until
from tests.states.talk import bodies, say, shown
from xianyu import routes
from xianyu.adapters.live import bus
from xianyu.schemas.accounts import Actor
from xianyu.schemas.messages import MessageView
from xianyu.services import message_changes, messages
from xianyu.services.message_changes import RECALL_WITHIN
from xianyu.states import conversation as conversation_module
from xianyu.states.conversation import ConversationState
from xianyu.states.message_tail import PAGE, TAIL
from xianyu.states.presence import PeopleWatch


def numbers(tab: Tab) -> list[int]:
    return [message["seq"] for message in shown(tab)]


async def opened(site: Site, two: tuple[Actor, Actor]) -> tuple[list[Tab], Tab]:
    """Two tabs of mine and one of the other's on their conversation, a list of mine, and three messages of mine."""
    me, other = two
    cookie = login_token(site.database, me)
    mine = [await site.tab(routes.conversation(other.user_id), cookie) for _ in range(2)]
    theirs = await site.tab_of(other, routes.conversation(me.user_id))
    for number in (1, 2, 3):
        await say(mine[0], other, number)
    for tab in (*mine, theirs):
        await tab.until(lambda tab: len(bodies(tab)) == 3)
    return mine, theirs


async def test_taking_back_reaches_every_tab_and_the_lists(site: Site, two: tuple[Actor, Actor]) -> None:
    _, other = two
    mine, theirs = await opened(site, two)
    await mine[0].call("message_actions_state.recall", peer_id=other.user_id, seq=3)
    for tab in (*mine, theirs):
        await tab.until(lambda tab: bodies(tab) == ["第 1 条", "第 2 条", ""])
        assert "recalled" in [message["kind"] for message in tab["conversation_state"]["tail"]]
    for tab, line in ((mine[1], "你撤回了一条消息"), (theirs, "对方撤回了一条消息")):
        await tab.until(lambda tab, line=line: tab["inbox_state"]["conversations"][0]["last_body"] == line)  # type: ignore[misc]  # bound here
    # A browser that lost the answer and sends it again changes nothing.
    await say(mine[0], other, 3)
    for tab in (*mine, theirs):
        await tab.settle()
        assert bodies(tab) == ["第 1 条", "第 2 条", ""]


async def test_what_is_too_old_says_so(site: Site, two: tuple[Actor, Actor], monkeypatch: pytest.MonkeyPatch) -> None:
    _, other = two
    mine, theirs = await opened(site, two)
    monkeypatch.setattr(message_changes, "RECALL_WITHIN", -RECALL_WITHIN + timedelta(minutes=1))
    await mine[0].call("message_actions_state.recall", peer_id=other.user_id, seq=3)
    assert "发送超过 2 分钟，不能撤回了" in mine[0].said()
    assert bodies(theirs)[2] == "第 3 条"


async def test_deleting_reaches_my_tabs_alone(site: Site, two: tuple[Actor, Actor]) -> None:
    me, other = two
    mine, theirs = await opened(site, two)
    await mine[0].call("message_actions_state.delete", peer_id=other.user_id, seqs=[1, 3])
    for tab in mine:
        await tab.until(lambda tab: bodies(tab) == ["第 2 条"])
        await tab.until(lambda tab: tab["inbox_state"]["conversations"][0]["last_body"] == "第 2 条")
    # Nor does a message that is told again bring it back.
    await say(mine[0], other, 3)
    for tab in mine:
        await tab.settle()
        assert bodies(tab) == ["第 2 条"]
    assert len(bodies(theirs)) == 3
    await say(theirs, me, 4)
    for tab in mine:
        await tab.until(lambda tab: bodies(tab) == ["第 2 条", "第 4 条"])


async def test_deleting_all_that_is_shown_brings_what_is_older(site: Site, two: tuple[Actor, Actor]) -> None:
    me, other = two
    for number in range(1, PAGE + 6):
        site.database.write(messages.send, other, me.user_id, f"stored-{number:05}", f"旧 {number}")
    tab = await site.tab_of(me, routes.conversation(other.user_id))
    everything = numbers(tab)
    await tab.call("message_actions_state.delete", peer_id=other.user_id, seqs=everything)
    await tab.until(lambda tab: bodies(tab) == [f"旧 {number}" for number in range(1, 6)])


async def test_clearing_empties_my_tabs_and_takes_the_line_away(site: Site, two: tuple[Actor, Actor]) -> None:
    me, other = two
    mine, theirs = await opened(site, two)
    await mine[0].call("message_actions_state.clear", peer_id=other.user_id)
    for tab in mine:
        await tab.until(lambda tab: bodies(tab) == [])
        await tab.until(lambda tab: tab["inbox_state"]["conversations"] == [])
    assert len(bodies(theirs)) == 3
    await say(mine[0], other, 2)
    for tab in mine:
        await tab.settle()
        assert bodies(tab) == []
    await say(theirs, me, 4)
    for tab in mine:
        await tab.until(lambda tab: bodies(tab) == ["第 4 条"])
        await tab.until(lambda tab: len(tab["inbox_state"]["conversations"]) == 1)


async def test_how_far_it_is_read_is_seen_live(site: Site, two: tuple[Actor, Actor]) -> None:
    me, other = two
    mine, theirs = await opened(site, two)
    for tab in mine:
        await tab.until(lambda tab: tab["conversation_state"]["read_by_peer"] == 3)
    await theirs.call("conversation_state.set_visible", visible=False)
    await say(mine[0], other, 4)
    for tab in mine:
        await tab.settle()
        assert tab["conversation_state"]["read_by_peer"] == 3
    await theirs.call("conversation_state.set_visible", visible=True)
    for tab in mine:
        await tab.until(lambda tab: tab["conversation_state"]["read_by_peer"] == 4)
    # Who answers has read.
    assert theirs["conversation_state"]["read_by_peer"] == 4
    again = await site.tab_of(me, routes.conversation(other.user_id))
    assert again["conversation_state"]["read_by_peer"] == 4


async def test_typing_reaches_who_talks_with_them_and_nobody_else(
    site: Site, two: tuple[Actor, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    me, other = two
    third = make_user(site.database)
    mine, theirs = await opened(site, two)
    stranger = await site.tab_of(third, routes.conversation(me.user_id))
    await mine[0].call("conversation_state.note_typing")
    await theirs.until(lambda tab: tab["conversation_state"]["typing"] == 1)
    # Not each key: at most one sign in a while.
    await mine[0].call("conversation_state.note_typing")
    await theirs.settle()
    assert theirs["conversation_state"]["typing"] == 1
    monkeypatch.setattr(conversation_module, "TYPING_PAUSE", 0.0)
    await mine[0].call("conversation_state.note_typing")
    await theirs.until(lambda tab: tab["conversation_state"]["typing"] == 2)
    # What they were writing has come.
    await say(mine[0], other, 4)
    await theirs.until(lambda tab: tab["conversation_state"]["typing"] == 0)
    # Two who never talked.
    with_stranger = await site.tab_of(me, routes.conversation(third.user_id))
    await stranger.call("conversation_state.note_typing")
    await with_stranger.settle()
    for tab in (*mine, with_stranger, stranger):
        assert tab["conversation_state"]["typing"] == 0
    # And who hides whether they are there.
    settings = await site.tab_of(me, routes.SETTINGS)
    await settings.call("settings_profile_state.choose_presence", shows_presence=False)
    cookie_tab = await site.tab_of(me, routes.conversation(other.user_id))
    await cookie_tab.call("conversation_state.note_typing")
    await theirs.call("conversation_state.note_typing")
    await theirs.settle()
    assert theirs["conversation_state"]["typing"] == 0
    assert cookie_tab["conversation_state"]["typing"] == 0


async def test_who_comes_and_goes_is_seen_in_the_head_and_in_the_list(site: Site, two: tuple[Actor, Actor]) -> None:
    me, other = two
    site.database.write(messages.send, other, me.user_id, "client-id-1", "你好")
    watch = PeopleWatch()
    mine = await site.tab_of(me, routes.conversation(other.user_id))
    await watch.look()
    assert mine["conversation_state"]["presence"]["shown"] is True
    assert mine["conversation_state"]["presence"]["is_online"] is False
    theirs = await site.tab_of(other, routes.HOME)
    await watch.look()
    await mine.until(lambda tab: tab["conversation_state"]["presence"]["is_online"])
    await mine.until(lambda tab: tab["inbox_state"]["online"] == [other.user_id])
    await theirs.close()
    await until(lambda: other.user_id not in bus.people())
    # At one look alone somebody may be missing: a page is being loaded anew.
    await watch.look()
    await mine.settle()
    await watch.look()
    await mine.until(lambda tab: not tab["conversation_state"]["presence"]["is_online"])
    await mine.until(lambda tab: tab["inbox_state"]["online"] == [])
    assert mine["conversation_state"]["presence"]["last_seen_at"] != ""


async def test_a_choice_to_hide_shows_at_once_on_both_sides(site: Site, two: tuple[Actor, Actor]) -> None:
    me, _ = two
    mine, theirs = await opened(site, two)
    for tab in (*mine, theirs):
        await tab.until(lambda tab: tab["conversation_state"]["presence"]["is_online"])
        await tab.until(lambda tab: len(tab["inbox_state"]["online"]) == 1)
    settings = await site.tab_of(me, routes.SETTINGS)
    for shows in (False, True):
        await settings.call("settings_profile_state.choose_presence", shows_presence=shows)
        assert settings["settings_profile_state"]["profile"]["shows_presence"] is shows
        await theirs.until(lambda tab, shows=shows: tab["conversation_state"]["presence"]["shown"] is shows)  # type: ignore[misc]  # bound here
        await theirs.until(lambda tab, shows=shows: tab["inbox_state"]["online"] == ([me.user_id] if shows else []))  # type: ignore[misc]  # as above


async def test_pinning_and_muting_reach_every_tab(site: Site, two: tuple[Actor, Actor]) -> None:
    me, other = two
    mine, theirs = await opened(site, two)
    await mine[0].call("message_actions_state.set_pinned", peer_id=other.user_id, is_pinned=True)
    await mine[0].call("message_actions_state.set_muted", peer_id=other.user_id, is_muted=True)
    for tab in mine:
        await tab.until(lambda tab: tab["conversation_state"]["is_pinned"] and tab["conversation_state"]["is_muted"])
        await tab.until(lambda tab: tab["inbox_state"]["conversations"][0]["is_muted"])
        assert tab["inbox_state"]["conversations"][0]["is_pinned"] is True
    assert theirs["conversation_state"]["is_pinned"] is False
    again = await site.tab_of(me, routes.conversation(other.user_id))
    assert again["conversation_state"]["is_muted"] is True


async def test_pictures_and_cards_are_sent_by_their_numbers(site: Site, two: tuple[Actor, Actor]) -> None:
    me, other = two
    mine, theirs = await opened(site, two)
    photo_id, listing_id = make_photo(site.database, me), make_listing(site.database, other, title="山地车")
    send = {"peer_id": other.user_id, "body": ""}
    await mine[0].call("conversation_state.send", **send, client_id="client-photo", kind="photo", ref=photo_id)
    await mine[0].call("conversation_state.send", **send, client_id="client-card-", kind="listing", ref=listing_id)
    for tab in (*mine, theirs):
        await tab.until(lambda tab: len(bodies(tab)) == 5)
        state = tab["conversation_state"]
        kinds = [(one["kind"], one["attachment"]) for one in (*state["history"], *state["tail"])][3:]
        assert [kind for kind, _ in kinds] == ["photo", "listing"]
        assert kinds[0][1]["width"] == 1200
        assert kinds[1][1]["title"] == "山地车"
    for kind, ref, message in (("photo", 10**9, "这张照片已失效"), ("listing", 10**9, "不存在或已被删除")):
        await mine[0].call("conversation_state.send", **send, client_id="client-none-", kind=kind, ref=ref)
        assert message in mine[0]["conversation_state"]["refusal"]["message"]


async def test_at_an_old_message_live_ones_wait_below(site: Site, two: tuple[Actor, Actor]) -> None:
    me, other = two
    for number in range(1, 101):
        site.database.write(messages.send, other, me.user_id, f"stored-{number:05}", f"旧 {number}")
    tab = await site.tab_of(me, f"{routes.conversation(other.user_id)}?at=20")
    assert (tab["conversation_state"]["at"], tab["conversation_state"]["has_newer"]) == (20, True)
    assert numbers(tab) == list(range(1, 40))
    theirs = await site.tab_of(other, routes.conversation(me.user_id))
    await say(theirs, me, 101)
    await tab.settle()
    assert numbers(tab)[-1] == 39
    await tab.call("conversation_state.load_newer")
    await tab.call("conversation_state.load_newer")
    assert numbers(tab) == list(range(1, 102))
    assert tab["conversation_state"]["has_newer"] is False
    await say(theirs, me, 102)
    await tab.until(lambda tab: numbers(tab)[-1] == 102)
    # Who writes from an old place is at the newest.
    await tab.go(f"{routes.conversation(other.user_id)}?at=20")
    assert tab["conversation_state"]["has_newer"] is True
    await say(tab, other, 103)
    assert numbers(tab)[-1] == 103
    assert tab["conversation_state"]["has_newer"] is False
    for address in ("abc", "-1", "0", "9" * 30, "1e3"):
        await tab.go(f"{routes.conversation(other.user_id)}?at={address}")
        assert (tab["conversation_state"]["at"], numbers(tab)[-1]) == (0, 103)


async def test_search_is_mine_alone(site: Site, two: tuple[Actor, Actor]) -> None:
    mine, _ = await opened(site, two)
    await mine[0].call("inbox_state.search", text="第 2")
    assert [one["body"] for one in mine[0]["inbox_state"]["found"]] == ["第 2 条"]
    assert mine[0]["inbox_state"]["query"] == "第 2"
    await mine[0].call("inbox_state.search", text=" ")
    assert (mine[0]["inbox_state"]["found"], mine[0]["inbox_state"]["query"]) == ([], "")
    stranger = await site.tab_of(make_user(site.database), routes.MESSAGES)
    await stranger.call("inbox_state.search", text="第 2")
    assert stranger["inbox_state"]["found"] == []


def test_the_tail_stays_short_whatever_a_message_shows() -> None:
    """What each new message costs is about its own size: nothing long is added to plain text."""
    plain = MessageView(1, "c" * 32, 1, "小明", "在吗", "2026-01-01T00:00:00.000Z")
    assert plain.attachment is None
    assert TAIL <= 10
    assert "history" in ConversationState.base_vars
