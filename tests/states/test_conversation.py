"""What an open conversation shows while messages arrive, in whatever order and number."""

import random

import pytest
from sqlmodel import Session

from tests.factories import login_token, make_listing, make_user
from tests.live_site import Site
from tests.states.lone import lone
from tests.states.talk import bodies, say
from xianyu import routes
from xianyu.adapters.live import bus
from xianyu.schemas.accounts import Actor
from xianyu.schemas.messages import MessageView
from xianyu.services import messages
from xianyu.states import conversation as module
from xianyu.states.conversation import KEPT, ConversationState
from xianyu.states.message_tail import PAGE, TAIL


def view(seq: int) -> MessageView:
    return MessageView(seq, f"client-{seq:05}", 1, "小明", f"第 {seq} 条", "2026-01-01T00:00:00.000Z")


@pytest.fixture
def conversation() -> ConversationState:
    return lone(ConversationState)


def shown(conversation: ConversationState) -> list[int]:
    return [message.seq for message in (*conversation.history, *conversation.tail)]


def receive(conversation: ConversationState, *numbers: int) -> None:
    for seq in numbers:
        conversation._receive(view(seq))


def test_messages_stand_in_the_order_of_their_numbers(conversation: ConversationState) -> None:
    receive(conversation, 3, 1, 2, 5, 4)
    assert shown(conversation) == [1, 2, 3, 4, 5]


def test_a_message_is_never_shown_twice(conversation: ConversationState) -> None:
    receive(conversation, 1, 1, 2, 1, 2)
    assert shown(conversation) == [1, 2]


@pytest.mark.parametrize("repeated", [1, 5, 30, 39, 40])
def test_a_late_repeat_of_an_old_message_is_not_shown_again(conversation: ConversationState, repeated: int) -> None:
    """A browser that lost the answer sends again, however much was said meanwhile."""
    conversation.history = [view(seq) for seq in range(1, 41)]
    receive(conversation, repeated)
    assert shown(conversation) == list(range(1, 41))
    receive(conversation, 41, repeated)
    assert shown(conversation) == list(range(1, 42))


def test_one_that_was_overtaken_by_many_finds_its_place(conversation: ConversationState) -> None:
    receive(conversation, *range(1, 5), *range(6, 14), 5)
    assert shown(conversation) == list(range(1, 14))


def test_a_repeat_from_above_the_page_is_left_to_scrolling(conversation: ConversationState) -> None:
    conversation.history, conversation.has_older = [view(seq) for seq in range(50, 90)], True
    receive(conversation, 3)
    assert shown(conversation) == list(range(50, 90))


def test_the_tail_folds_into_the_history(conversation: ConversationState) -> None:
    receive(conversation, *range(1, TAIL + 1))
    assert (len(conversation.history), len(conversation.tail)) == (0, TAIL)
    receive(conversation, TAIL + 1)
    assert (len(conversation.history), len(conversation.tail)) == (TAIL + 1, 0)
    receive(conversation, TAIL + 2)
    assert (len(conversation.history), len(conversation.tail)) == (TAIL + 1, 1)
    assert not conversation.has_older


def test_a_tab_that_stays_open_for_days_keeps_the_newest(conversation: ConversationState) -> None:
    receive(conversation, *range(1, 2 * KEPT + 1))
    assert KEPT <= len(shown(conversation)) <= KEPT + TAIL
    assert shown(conversation) == list(range(2 * KEPT + 1 - len(shown(conversation)), 2 * KEPT + 1))
    assert conversation.has_older


@pytest.mark.parametrize("seed", range(25))
def test_any_order_with_any_repeats_ends_the_same(conversation: ConversationState, seed: int) -> None:
    dice = random.Random(seed)
    numbers = list(range(1, dice.randrange(2, 120)))
    arriving = [*numbers, *dice.choices(numbers, k=30)]
    # Messages overtake each other by a few places, and repeats come at any time.
    arriving = sorted(arriving, key=lambda seq: seq + dice.random() * 8)
    receive(conversation, *arriving)
    receive(conversation, *dice.choices(numbers, k=10))
    assert shown(conversation) == numbers


# Over real sockets.


def store(site: Site, sender: Actor, recipient: Actor, count: int) -> None:
    def work(session: Session) -> None:
        for number in range(1, count + 1):
            messages.send(session, sender, recipient.user_id, f"stored-{number:05}", f"旧 {number}")

    site.database.write(work)


async def test_a_message_arrives_once_in_each_open_tab_of_both(site: Site, two: tuple[Actor, Actor]) -> None:
    me, other = two
    cookie = login_token(site.database, me)
    mine = [await site.tab(routes.conversation(other.user_id), cookie) for _ in range(2)]
    theirs = await site.tab_of(other, routes.conversation(me.user_id))
    await say(theirs, me, 1, "在吗")
    await say(mine[0], other, 2, "在的")
    for tab in (*mine, theirs):
        await tab.until(lambda tab: bodies(tab) == ["在吗", "在的"])
        await tab.settle()
        assert bodies(tab) == ["在吗", "在的"]
        names = [message["sender_name"] for message in tab["conversation_state"]["tail"]]
        assert names == ["小红", "小明"]


async def test_sending_again_stores_and_shows_it_once(site: Site, two: tuple[Actor, Actor]) -> None:
    me, other = two
    mine = await site.tab_of(me, routes.conversation(other.user_id))
    theirs = await site.tab_of(other, routes.conversation(me.user_id))
    await say(mine, other, 1)
    for number in range(2, 30):
        await say(theirs, me, number)
    await say(mine, other, 1)
    for tab in (mine, theirs):
        await tab.settle()
        assert bodies(tab) == [f"第 {number} 条" for number in range(1, 30)]


async def test_a_conversation_survives_a_reload_and_shows_no_more(site: Site, two: tuple[Actor, Actor]) -> None:
    me, other = two
    store(site, other, me, PAGE + 3)
    cookie = login_token(site.database, me)
    for _ in range(2):
        tab = await site.tab(routes.conversation(other.user_id), cookie)
        assert bodies(tab) == [f"旧 {number}" for number in range(4, PAGE + 4)]
        assert tab["conversation_state"]["has_older"] is True
        await tab.call("conversation_state.load_older")
        assert bodies(tab) == [f"旧 {number}" for number in range(1, PAGE + 4)]
        assert tab["conversation_state"]["has_older"] is False
        await tab.call("conversation_state.load_older")
        assert len(bodies(tab)) == PAGE + 3


async def test_a_message_never_enters_another_conversation(site: Site, two: tuple[Actor, Actor]) -> None:
    """串台."""
    me, other = two
    third = make_user(site.database, "小刚")
    cookie = login_token(site.database, me)
    with_other = await site.tab(routes.conversation(other.user_id), cookie)
    with_third = await site.tab(routes.conversation(third.user_id), cookie)
    theirs = await site.tab_of(third, routes.conversation(me.user_id))
    bystander = await site.tab_of(other, routes.conversation(me.user_id))
    await say(theirs, me, 1, "只给小明")
    await with_third.until(lambda tab: bodies(tab) == ["只给小明"])
    for tab in (with_other, bystander):
        await tab.settle()
        assert bodies(tab) == []
    assert "只给小明" not in bystander.said()
    # The same tab, moved on to another conversation, shows that one alone.
    await with_third.go(routes.conversation(other.user_id))
    assert bodies(with_third) == []
    await say(theirs, me, 2, "又来")
    await with_third.settle()
    assert bodies(with_third) == []


async def test_what_is_sent_to_one_while_another_is_open_is_not_shown_there(
    site: Site, two: tuple[Actor, Actor]
) -> None:
    """The page moved on while a message was on its way."""
    me, other = two
    third = make_user(site.database, "小刚")
    tab = await site.tab_of(me, routes.conversation(third.user_id))
    await say(tab, other, 1, "给小红的")
    assert bodies(tab) == []
    assert tab["conversation_state"]["refusal"] == {"client_id": "", "message": "", "is_final": False}
    theirs = await site.tab_of(other, routes.conversation(me.user_id))
    assert bodies(theirs) == ["给小红的"]


async def test_a_tab_whose_state_expired_gets_the_whole_conversation(site: Site, two: tuple[Actor, Actor]) -> None:
    me, other = two
    store(site, other, me, 5)
    mine = await site.tab_of(me, routes.conversation(other.user_id))
    mine.expire()
    theirs = await site.tab_of(other, routes.conversation(me.user_id))
    await say(theirs, me, 6, "还在吗")
    await mine.until(lambda tab: bool(tab.vars.get("conversation_state", {}).get("loaded")))
    assert bodies(mine) == [*(f"旧 {number}" for number in range(1, 6)), "还在吗"]
    assert mine["conversation_state"]["peer"]["username"] == "小红"
    # And goes on from there as if nothing had been.
    await say(theirs, me, 7, "喂")
    await mine.until(lambda tab: bodies(tab)[-1:] == ["喂"])
    await say(mine, other, 8, "在")
    await mine.settle()
    assert bodies(mine)[-3:] == ["还在吗", "喂", "在"]
    assert len(bodies(mine)) == 8


async def test_after_the_network_was_away_the_tab_catches_up(site: Site, two: tuple[Actor, Actor]) -> None:
    me, other = two
    cookie = login_token(site.database, me)
    mine = await site.tab(routes.conversation(other.user_id), cookie)
    await mine.close()
    theirs = await site.tab_of(other, routes.conversation(me.user_id))
    for number in range(1, 4):
        await say(theirs, me, number)
    epoch = mine["conversation_state"]["epoch"]
    back = await site.tab(routes.conversation(other.user_id), cookie, mine.token)
    assert bodies(back) == ["第 1 条", "第 2 条", "第 3 条"]
    assert back["conversation_state"]["epoch"] > epoch
    await back.until(lambda tab: tab["shell_state"]["unread"] == 0)


async def test_a_page_from_a_state_made_anew_is_seen_to_be_new(site: Site, two: tuple[Actor, Actor]) -> None:
    """Else a browser that comes back after a restart would not say that it is in front, and nothing would be read."""
    me, other = two
    page, cookie = routes.conversation(other.user_id), login_token(site.database, me)
    for path, state in ((page, "conversation_state"), (routes.PLAZA, "plaza_state"), (routes.MESSAGES, "box_state")):
        before = await site.tab(path, cookie)
        # On another worker, or after a restart, nothing is left of the state but what the browser knows.
        after = await site.tab(path, cookie)
        assert after[state]["epoch"] != before[state]["epoch"]


async def test_the_outbox_learns_what_is_stored(site: Site, two: tuple[Actor, Actor]) -> None:
    me, other = two
    mine = await site.tab_of(me, routes.conversation(other.user_id))
    await say(mine, other, 1)
    asked = ["client-00001", "client-00002", "nonsense!"]
    await mine.call("conversation_state.check_outbox", peer_id=other.user_id, client_ids=asked)
    assert mine["conversation_state"]["settled"] == ["client-00001"]
    # What somebody else sent under the same name is not mine.
    theirs = await site.tab_of(other, routes.conversation(me.user_id))
    await theirs.call("conversation_state.check_outbox", peer_id=me.user_id, client_ids=asked)
    assert theirs["conversation_state"]["settled"] == []


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("", "消息不能为空"),
        (" \n\u200b", "消息不能为空"),
        ("长" * 100_000, f"消息太长（最多 {messages.BODY_LENGTH} 字）"),
        ("a\x00b", "不能包含控制字符"),
    ],
)
async def test_a_refused_message_says_why_and_which(
    body: str, message: str, site: Site, two: tuple[Actor, Actor]
) -> None:
    me, other = two
    mine = await site.tab_of(me, routes.conversation(other.user_id))
    await mine.call("conversation_state.send", peer_id=other.user_id, client_id="client-00001", body=body)
    assert mine["conversation_state"]["refusal"] == {"client_id": "client-00001", "message": message, "is_final": False}
    assert bodies(mine) == []
    await say(mine, other, 2)
    assert bodies(mine) == ["第 2 条"]


async def test_pages_of_nobody_and_of_oneself_say_so(site: Site, two: tuple[Actor, Actor]) -> None:
    me, other = two
    for address, message in (
        (routes.conversation(me.user_id), "不能给自己发消息"),
        (routes.conversation(10**9), "没有找到这位邻居"),
        ("/messages/NaN", "没有找到这位邻居"),
        ("/messages/undefined", "没有找到这位邻居"),
    ):
        tab = await site.tab_of(me, address)
        assert (tab["conversation_state"]["missing"], tab["conversation_state"]["loaded"]) == (message, True)
    await tab.go(routes.conversation(other.user_id))
    assert tab["conversation_state"]["missing"] == ""


async def test_the_listing_that_it_is_about_stands_on_top(site: Site, two: tuple[Actor, Actor]) -> None:
    me, other = two
    listing_id = make_listing(site.database, other, title="山地车")
    mine = await site.tab_of(me, routes.listing(listing_id))
    await mine.call("listing_state.want")
    assert mine.redirects() == [routes.conversation(other.user_id)]
    await mine.go(routes.conversation(other.user_id))
    assert mine["conversation_state"]["about"]["title"] == "山地车"
    assert [line["peer_name"] for line in mine["inbox_state"]["conversations"]] == ["小红"]


async def test_leaving_the_conversation_ends_its_being_seen(site: Site, two: tuple[Actor, Actor]) -> None:
    me, other = two
    mine = await site.tab_of(me, routes.conversation(other.user_id))
    assert bus.is_viewing(me.user_id, module.topic(me.user_id, other.user_id))
    await mine.go(routes.HOME)
    assert not bus.is_viewing(me.user_id, module.topic(me.user_id, other.user_id))
    theirs = await site.tab_of(other, routes.conversation(me.user_id))
    await say(theirs, me, 1)
    await mine.until(lambda tab: tab["shell_state"]["unread"] == 1)
