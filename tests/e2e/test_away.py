"""Tabs that nobody looked at for hours, and tabs that were cut off, in a real browser."""

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect
from sqlmodel import Session

from tests.e2e import actions
from tests.e2e.conftest import MakePerson
from tests.e2e.people import DESKTOP, OUTAGE, PHONE, Person
from tests.e2e.site import Site
from xianyu.services import messages

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]

# Seconds after which the server forgets a tab that says nothing.
EXPIRY = 2
# What a browser tells a page that goes to the back, and one that comes to the front again.
_TO_THE_BACK = """() => {
  Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
_TO_THE_FRONT = """() => {
  delete document.visibilityState;
  document.dispatchEvent(new Event("visibilitychange"));
}"""


@pytest.fixture
def forgetful(site: Site) -> Iterator[Site]:
    """The site, which forgets sleeping tabs after a moment."""
    site.restart(expiry=EXPIRY)
    yield site
    site.restart()


def say(site: Site, sender: Person, recipient: Person, *bodies: str) -> None:
    """Messages of which the server was told nothing: another worker stored them."""

    def work(session: Session) -> None:
        for body in bodies:
            messages.send(session, sender.actor, recipient.id, f"client-{body.encode().hex()}"[:36], body)

    site.database.write(work)


def expect_all(one: Person, other: Person, third: Person) -> None:
    """The present messages and counts, and what was being written."""
    for text in ("早", "还在吗"):
        actions.expect_message(one.page, text, actions.RECOVERY)
    expect(actions.message_field(one.page)).to_have_value("还没写完的话")
    actions.expect_unread(one.page, 2, actions.RECOVERY)
    expect(actions.entry(one.page, third.name)).to_contain_text("2 条未读")
    expect(actions.entry(one.page, other.name)).not_to_contain_text("条未读")


def write_half(site: Site, one: Person, other: Person) -> None:
    say(site, other, one, "早")
    actions.open_chat(one.page, other.id)
    actions.expect_message(one.page, "早")
    actions.message_field(one.page).fill("还没写完的话")


def test_a_tab_that_slept_for_hours_wakes_up_right(forgetful: Site, person: MakePerson) -> None:
    one, other, third = person("小明", DESKTOP), person("李阿姨", PHONE), person("王叔", PHONE)
    write_half(forgetful, one, other)
    one.page.evaluate(_TO_THE_BACK)
    # Nothing can be seen of being forgotten.
    time.sleep(2 * EXPIRY)
    say(forgetful, other, one, "还在吗")
    say(forgetful, third, one, "你好", "在吗")
    one.page.evaluate(_TO_THE_FRONT)
    expect_all(one, other, third)
    # And what is said from now on is read as it comes.
    actions.open_chat(other.page, one.id)
    actions.send(other.page, "回来啦")
    actions.expect_message(one.page, "回来啦")
    expect(actions.row(other.page, "回来啦")).to_contain_text("已读", timeout=actions.LIVE)
    actions.send(one.page, "回来了")
    actions.expect_message(other.page, "回来了")
    expect(actions.message_field(one.page)).to_have_value("")
    for each in (one, other, third):
        each.page.close()


def test_a_tab_that_was_cut_off_while_the_server_was_away_wakes_up_right(site: Site, person: MakePerson) -> None:
    one, other, third = person("小明", DESKTOP), person("李阿姨", PHONE), person("王叔", PHONE)
    for each in (one, other, third):
        each.faults.allow(OUTAGE)
    write_half(site, one, other)
    site.stop()
    expect(one.page.get_by_text("连接已断开")).to_be_visible(timeout=actions.RECOVERY)
    say(site, other, one, "还在吗")
    say(site, third, one, "你好", "在吗")
    site.start()
    expect_all(one, other, third)
