"""Words and held texts in open tabs: what operators do shows at once, and so does what came of it."""

import pytest

from tests.factories import make_user, make_word
from tests.live_site import Site, Tab
from tests.states.handlers_listings import FORM
from tests.states.talk import bodies, say
from xianyu import routes
from xianyu.models import Role, WordAction
from xianyu.schemas.accounts import Actor
from xianyu.services import held_pages, sensitive_words
from xianyu.services.message_screening import TURNED_DOWN, WAITS
from xianyu.services.screening import REFUSAL

WANTED = {**FORM, "kind": "wanted", "photos": ""}


@pytest.fixture
def operator(site: Site) -> Actor:
    return make_user(site.database, "物业", role=Role.OPERATOR)


def words(tab: Tab) -> list[tuple[str, str]]:
    return [(word["word"], word["action"]) for word in tab["console_words_state"]["words"]]


def held(tab: Tab) -> list[int]:
    return [entry["id"] for entry in tab["console_held_state"]["entries"]]


async def test_words_are_kept_and_every_console_shows_them(site: Site, operator: Actor) -> None:
    second = make_user(site.database, role=Role.OPERATOR)
    tab, other = [await site.tab_of(one, routes.ADMIN_WORDS) for one in (operator, second)]
    await tab.call("console_words_state.add", form={"words": "枪支\n毒品", "action": "mask"})
    assert words(tab) == [("枪支", "mask"), ("毒品", "mask")]
    assert tab["console_words_state"]["report"] == "已添加 2 个"
    await other.until(lambda tab: len(words(tab)) == 2)
    await tab.call("console_words_state.add", form={"words": "枪支\n刷单", "action": "hold"})
    assert tab["console_words_state"]["report"] == "已添加 1 个，1 个本来就在列表里"
    first = tab["console_words_state"]["words"][1]
    await tab.call("console_words_state.set_action", word_id=first["id"], action="refuse")
    await other.until(lambda tab: ("枪支", "refuse") in words(tab))
    await tab.call("console_words_state.try_out", form={"text": "刷 单"})
    assert tab["console_words_state"]["trial"]["verdict"].startswith("会先送审")
    await tab.call("console_words_state.remove", word_id=first["id"])
    await other.until(lambda tab: len(words(tab)) == 2)
    await tab.call("console_words_state.add", form={"words": "！", "action": ""})
    assert set(tab["console_words_state"]["errors"]) == {"words", "action"}


async def test_the_words_are_narrowed_by_the_address_and_grow(
    site: Site, operator: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        make_word(site.database, f"枪支{number}号")
    make_word(site.database, "毒品")
    monkeypatch.setattr(sensitive_words, "PAGE_SIZE", 2)
    monkeypatch.setattr(sensitive_words.page, "__defaults__", ("", "", 0, 2))
    tab = await site.tab_of(operator, routes.ADMIN_WORDS)
    await tab.call("console_words_state.look_for", form={"words": " 枪 ", "action": "nonsense"})
    [path] = tab.redirects()
    assert path == routes.admin_words({"words": "枪"})
    await tab.go(path)
    assert (len(words(tab)), tab["console_words_state"]["total"]) == (2, 3)
    await tab.call("console_words_state.load_more")
    assert (len(words(tab)), tab["console_words_state"]["has_more"]) == (3, False)


async def test_a_held_listing_appears_everywhere_once_it_is_approved(site: Site, operator: Actor) -> None:
    make_word(site.database, "枪支", WordAction.HOLD)
    seller, reader = make_user(site.database), make_user(site.database)
    console = await site.tab_of(operator, routes.ADMIN_HELD)
    feed = await site.tab_of(reader, routes.HOME)
    own = await site.tab_of(seller, routes.SELL)
    await own.call("sell_state.publish", form={**WANTED, "title": "玩具枪支模型"})
    [path] = own.redirects()
    await own.go(path)
    assert own["listing_state"]["listing"]["status"] == "held"
    stranger = await site.tab_of(reader, path)
    assert "不存在" in stranger["listing_state"]["missing"]
    await console.until(lambda tab: len(held(tab)) == 1 and tab["console_state"]["held"] == 1)
    assert not feed["feed_state"]["has_new"]

    await console.call("console_held_state.approve", screening_id=held(console)[0])
    assert held(console) == []
    await own.until(lambda tab: tab["listing_state"]["listing"]["status"] == "active")
    await stranger.until(lambda tab: tab["listing_state"]["missing"] == "")
    await feed.until(lambda tab: tab["feed_state"]["has_new"])
    await own.until(lambda tab: tab["shell_state"]["unread"] == 1)
    await console.until(lambda tab: tab["console_state"]["held"] == 0)


async def test_what_is_refused_is_told_beside_the_field_and_operators_read_of_it(site: Site, operator: Actor) -> None:
    make_word(site.database, "毒品", WordAction.REFUSE)
    tab = await site.tab_of(make_user(site.database), routes.SELL)
    await tab.call("sell_state.publish", form={**WANTED, "description": "专收毒 品，价高者得"})
    assert tab["sell_state"]["errors"] == {"description": REFUSAL}
    assert tab.redirects() == []
    [noted] = site.database.read(held_pages.page, operator, held_pages.NOTED).entries
    assert (noted.outcome, noted.words) == ("已拒绝", "毒品")


async def test_a_held_message_arrives_on_both_sides_once_it_is_approved(site: Site, operator: Actor) -> None:
    make_word(site.database, "枪支", WordAction.HOLD)
    one, other = make_user(site.database), make_user(site.database)
    mine = await site.tab_of(one, routes.conversation(other.user_id))
    theirs = await site.tab_of(other, routes.conversation(one.user_id))
    await say(mine, other, 1, "枪支多少钱")
    assert mine["conversation_state"]["refusal"] == {"client_id": "client-00001", "message": WAITS, "is_final": True}
    assert bodies(mine) == bodies(theirs) == []
    console = await site.tab_of(operator, routes.ADMIN_HELD)
    await console.call("console_held_state.approve", screening_id=held(console)[0])
    for tab in (mine, theirs):
        await tab.until(lambda tab: bodies(tab) == ["枪支多少钱"])


async def test_a_rejected_message_is_let_go_and_its_sender_told(site: Site, operator: Actor) -> None:
    make_word(site.database, "枪支", WordAction.HOLD)
    one, other = make_user(site.database), make_user(site.database)
    mine = await site.tab_of(one, routes.conversation(other.user_id))
    await say(mine, other, 1, "枪支多少钱")
    console = await site.tab_of(operator, routes.ADMIN_HELD)
    [key] = held(console)
    await console.call("console_held_state.ask", screening_id=key)
    assert console["console_held_state"]["rejecting"] == key
    await console.call("console_held_state.reject", form={"screening_id": str(key), "note": "长" * 101})
    assert set(console["console_held_state"]["errors"]) == {"note"}
    await console.call("console_held_state.reject", form={"screening_id": str(key), "note": "不能买卖"})
    assert (held(console), console["console_held_state"]["rejecting"]) == ([], 0)
    await mine.until(lambda tab: tab["shell_state"]["unread"] == 1)
    await mine.call("conversation_state.check_outbox", peer_id=other.user_id, client_ids=["client-00001"])
    assert mine["conversation_state"]["settled"] == ["client-00001"]
    await say(mine, other, 1, "枪支多少钱")
    assert mine["conversation_state"]["refusal"]["message"] == TURNED_DOWN


async def test_the_second_operator_is_told_that_it_is_settled(site: Site, operator: Actor) -> None:
    make_word(site.database, "枪支", WordAction.HOLD)
    one, other = make_user(site.database), make_user(site.database)
    mine = await site.tab_of(one, routes.conversation(other.user_id))
    await say(mine, other, 1, "枪支多少钱")
    operators = (operator, make_user(site.database, role=Role.OPERATOR))
    first, second = [await site.tab_of(each, routes.ADMIN_HELD) for each in operators]
    [key] = held(first)
    await first.call("console_held_state.approve", screening_id=key)
    await second.call("console_held_state.approve", screening_id=key)
    assert "刚被别的管理员处理" in second.said()
    await second.call("console_held_state.reject", form={"screening_id": str(key)})
    assert held(second) == []


async def test_the_queue_has_its_parts_at_addresses_and_grows(
    site: Site, operator: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_word(site.database, "枪支", WordAction.HOLD)
    monkeypatch.setattr(held_pages.page, "__defaults__", ("waiting", 0, 2))
    one, other = make_user(site.database), make_user(site.database)
    mine = await site.tab_of(one, routes.conversation(other.user_id))
    for number in range(3):
        await say(mine, other, number, f"枪支 {number}")
    tab = await site.tab_of(operator, routes.ADMIN_HELD)
    assert (len(held(tab)), tab["console_held_state"]["has_more"]) == (2, True)
    await tab.call("console_held_state.load_more")
    assert (len(held(tab)), tab["console_held_state"]["has_more"]) == (3, False)
    await tab.go(routes.admin_held({"part": "decided"}))
    assert (held(tab), tab["console_held_state"]["part"]) == ([], "decided")
    await tab.go(routes.admin_held({"part": "nonsense"}))
    assert tab["console_held_state"]["part"] == "waiting"
