"""A tab that was away for hours, asleep until its state expired or cut off, wakes up right."""

from typing import Any

import pytest
from sqlmodel import Session

from tests.factories import login_token, make_user
from tests.live_site import Site, Tab, quiet, until
from xianyu import routes
from xianyu.schemas.accounts import Actor
from xianyu.services import message_changes, messages

# Seconds after which Reflex forgets a state that nobody touches.
EXPIRY = 1


@pytest.fixture
def manager(site: Site, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What keeps the states of tabs, for a short time."""
    from xianyu.xianyu import app

    monkeypatch.setattr(app.state_manager, "token_expiration", EXPIRY)
    return app.state_manager


@pytest.fixture
def three(site: Site) -> tuple[Actor, Actor, Actor]:
    return make_user(site.database, "小明"), make_user(site.database, "小红"), make_user(site.database, "小刚")


def say(site: Site, sender: Actor, recipient: Actor, *bodies: str) -> None:
    """Messages of which this worker was told nothing."""

    def work(session: Session) -> None:
        for body in bodies:
            messages.send(session, sender, recipient.user_id, f"client-{body.encode().hex()}"[:36], body)

    site.database.write(work)


def bodies(tab: Tab) -> list[str]:
    state = tab["conversation_state"]
    return [message["body"] for message in [*state["history"], *state["tail"]]]


def lines(tab: Tab) -> dict[str, int]:
    return {line["peer_name"]: line["unread"] for line in tab["inbox_state"]["conversations"]}


def expect_all(tab: Tab) -> None:
    """Logged in as before, with the present messages and counts."""
    assert (tab["shell_state"]["username"], tab["shell_state"]["ended"]) == ("小明", False)
    assert not tab.redirects()
    assert bodies(tab) == ["早", "", "还在吗"]
    # What stands in the conversation is read, since it is in front; the rest is not.
    assert lines(tab) == {"小红": 0, "小刚": 2}
    assert tab["shell_state"]["unread"] == 2


async def asleep(manager: Any, tab: Tab) -> None:
    """Wait until the server has forgotten the tab by itself, and have it forget what it was sent."""
    await quiet()

    def is_forgotten() -> bool:
        # Done whenever anybody's page says something; here there is nobody else.
        manager._purge_expired_tokens()
        return not any(tab.token in key for key in manager.states)

    await until(is_forgotten)
    tab.vars.clear()
    tab.updates.clear()


def meanwhile(site: Site, three: tuple[Actor, Actor, Actor]) -> None:
    me, other, third = three
    say(site, other, me, "手滑")
    site.database.write(message_changes.recall, other, me.user_id, 2)
    say(site, other, me, "还在吗")
    say(site, third, me, "你好", "在吗")


async def test_a_tab_that_slept_until_its_state_expired_is_right_when_it_comes_to_the_front(
    site: Site, manager: Any, three: tuple[Actor, Actor, Actor]
) -> None:
    me, other, _ = three
    say(site, other, me, "早")
    tab = await site.tab_of(me, routes.conversation(other.user_id))
    tab.in_front = False
    await tab.look()
    await asleep(manager, tab)
    meanwhile(site, three)
    tab.in_front = True
    # The first word of the browser brings the page back, and the page then says again that it is in front.
    await tab.look()
    await tab.look()
    expect_all(tab)


async def test_what_arrives_while_a_tab_sleeps_wakes_it_up(
    site: Site, manager: Any, three: tuple[Actor, Actor, Actor]
) -> None:
    me, other, third = three
    say(site, other, me, "早")
    tab = await site.tab_of(me, routes.conversation(other.user_id))
    await asleep(manager, tab)
    theirs = await site.tab_of(third, routes.conversation(me.user_id))
    await theirs.call("conversation_state.send", peer_id=me.user_id, client_id="client-woke", body="喂")
    await tab.until(lambda tab: tab.vars.get("shell_state", {}).get("unread") == 1)
    await tab.until(lambda tab: lines(tab) == {"小红": 0, "小刚": 1})


async def test_a_tab_that_was_cut_off_until_its_state_expired_comes_back_right(
    site: Site, manager: Any, three: tuple[Actor, Actor, Actor]
) -> None:
    me, other, _ = three
    say(site, other, me, "早")
    cookie = login_token(site.database, me)
    tab = await site.tab(routes.conversation(other.user_id), cookie)
    await tab.close()
    await asleep(manager, tab)
    meanwhile(site, three)
    expect_all(await site.tab(routes.conversation(other.user_id), cookie, tab.token))
