"""Friends and blocks in open tabs: what each shows after somebody did something elsewhere."""

import pytest

from tests.factories import login_token, make_user
from tests.live_site import Site, Tab
from xianyu import routes
from xianyu.schemas.accounts import Actor
from xianyu.services import contacts, friends, messages
from xianyu.states import notices as said


def friendship(tab: Tab) -> str:
    return str(tab["contact_state"]["standing"]["friendship"])


def is_apart(tab: Tab) -> tuple[bool, bool]:
    standing = tab["contact_state"]["standing"]
    return standing["is_blocked"], standing["refuses"]


async def test_a_request_reaches_every_tab_of_both_and_nobody_elses(site: Site, two: tuple[Actor, Actor]) -> None:
    one, other = two
    mine, theirs = login_token(site.database, one), login_token(site.database, other)
    asker = await site.tab(routes.user(other.user_id), mine)
    second = await site.tab(routes.conversation(other.user_id), mine)
    profile = await site.tab(routes.user(one.user_id), theirs)
    me, lists = await site.tab(routes.ME, theirs), await site.tab(routes.FRIENDS, theirs)
    third = await site.tab_of(make_user(site.database), routes.user(other.user_id))
    await asker.call("contact_state.ask", person_id=other.user_id)
    for tab in (asker, second):
        await tab.until(lambda tab: friendship(tab) == "asked")
    await profile.until(lambda tab: friendship(tab) == "is_asked")
    for tab in (me, lists):
        await tab.until(lambda tab: tab["contact_state"]["waiting"] == 1)
    await lists.until(lambda tab: [one["name"] for one in tab["friends_state"]["asking"]] == ["小明"])
    await lists.call("contact_state.accept", person_id=one.user_id)
    for tab in (asker, second, profile):
        await tab.until(lambda tab: friendship(tab) == "friends")
    for tab in (me, lists):
        await tab.until(lambda tab: tab["contact_state"]["waiting"] == 0)
    await lists.until(lambda tab: [one["name"] for one in tab["friends_state"]["friends"]] == ["小明"])
    await third.settle()
    assert friendship(third) == ""


async def test_a_block_is_shown_to_both_and_lifted_for_both(site: Site, two: tuple[Actor, Actor]) -> None:
    one, other = two
    mine = await site.tab_of(one, routes.conversation(other.user_id))
    theirs = await site.tab_of(other, routes.conversation(one.user_id))
    await theirs.call("conversation_state.send", peer_id=one.user_id, client_id="client-0001", body="在吗")
    await mine.call("contact_state.block", person_id=other.user_id)
    await mine.until(lambda tab: is_apart(tab) == (True, False))
    await theirs.until(lambda tab: is_apart(tab) == (False, True))
    for tab in (mine, theirs):
        await tab.until(lambda tab: not tab["conversation_state"]["presence"]["shown"])
    await theirs.call("conversation_state.send", peer_id=one.user_id, client_id="client-0002", body="喂")
    assert theirs["conversation_state"]["refusal"] == {
        "client_id": "client-0002",
        "message": "暂时无法联系对方",
        "is_final": False,
    }
    # That they are writing is not told, either.
    typing = mine["conversation_state"]["typing"]
    await theirs.call("conversation_state.note_typing")
    await mine.settle()
    assert mine["conversation_state"]["typing"] == typing
    assert len(site.database.read(messages.history, one, other.user_id)) == 1
    await mine.call("contact_state.unblock", person_id=other.user_id)
    for tab in (mine, theirs):
        await tab.until(lambda tab: is_apart(tab) == (False, False))


async def test_a_tab_that_slept_through_it_is_right_at_once(site: Site, two: tuple[Actor, Actor]) -> None:
    one, other = two
    theirs = await site.tab_of(other, routes.conversation(one.user_id))
    lists = await site.tab_of(one, routes.FRIENDS)
    for tab in (theirs, lists):
        tab.expire()
    await lists.call("contact_state.block", person_id=other.user_id)
    await theirs.until(lambda tab: "contact_state" in tab.vars and is_apart(tab) == (False, True))
    await lists.until(lambda tab: len(tab.vars.get("friends_state", {}).get("blocked", ())) == 1)


async def test_who_logs_in_next_finds_nothing_of_it(site: Site, two: tuple[Actor, Actor]) -> None:
    one, other = two
    site.database.write(friends.ask, other, one.user_id)
    tab = await site.tab_of(one, routes.FRIENDS)
    assert tab["contact_state"]["waiting"] == 1
    third = make_user(site.database)
    again = await site.tab(routes.FRIENDS, login_token(site.database, third), tab.token)
    assert again["contact_state"]["waiting"] == 0
    assert again["friends_state"]["asking"] == []


async def test_a_visitor_is_sent_to_log_in_and_has_asked_when_they_are_back(
    site: Site, two: tuple[Actor, Actor]
) -> None:
    one, other = two
    page = routes.user(other.user_id)
    visitor = await site.tab(page)
    await visitor.call("contact_state.ask", person_id=other.user_id)
    assert visitor.redirects() == [routes.login(page)]
    await visitor.close()
    # The same tab, which its person has logged in in.
    back = await site.tab(page, login_token(site.database, one), visitor.token)
    await back.until(lambda tab: friendship(tab) == "asked")
    await back.call("contact_state.withdraw", person_id=other.user_id)
    await back.until(lambda tab: friendship(tab) == "")
    # Once is enough.
    await back.call("contact_state.load")
    await back.settle()
    assert friendship(back) == ""


@pytest.mark.parametrize("is_same", [True, False])
async def test_a_wish_that_its_visitor_gave_up_is_forgotten(
    is_same: bool, site: Site, two: tuple[Actor, Actor]
) -> None:
    """They go on without a login, at the same person or at another, and log in later."""
    one, other = two
    page = routes.user(other.user_id)
    visitor = await site.tab(page)
    await visitor.call("contact_state.ask", person_id=other.user_id)
    await visitor.go(page if is_same else routes.user(one.user_id))
    assert visitor.redirects() == [routes.login(page)]
    await visitor.close()
    back = await site.tab(page, login_token(site.database, make_user(site.database)), visitor.token)
    await back.settle()
    assert friendship(back) == ""


async def test_asking_is_limited(site: Site, two: tuple[Actor, Actor], monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = two
    tab = await site.tab_of(one, routes.user(other.user_id))
    for _ in range(20):
        await tab.call("contact_state.ask", person_id=other.user_id)
        await tab.call("contact_state.withdraw", person_id=other.user_id)
    await tab.call("contact_state.ask", person_id=other.user_id)
    assert "操作太频繁" in tab["notice_state"]["text"]
    # Who goes on at once still reads it; later pages do not say it again.
    await tab.go(routes.HOME)
    assert "操作太频繁" in tab["notice_state"]["text"]
    monkeypatch.setattr(said, "STAYS", 0.0)
    await tab.go(routes.user(other.user_id))
    assert tab["notice_state"]["text"] == ""
    # The way out of somebody's reach stays open.
    await tab.call("contact_state.block", person_id=other.user_id)
    assert site.database.read(contacts.blocked_by, one.user_id) == [other.user_id]
