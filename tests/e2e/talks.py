"""What people do in an open conversation besides writing."""

import os
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.e2e import actions
from tests.e2e.conftest import MakePerson
from tests.e2e.people import DESKTOP, PHONE, Person

# Where to put pictures, for people to look at; nowhere unless it is set.
SHOTS = os.environ.get("XIANYU_E2E_SHOTS", "")


def shoot(page: Page, name: str) -> None:
    """A picture for people to look at, where they are wanted."""
    if SHOTS:
        page.wait_for_timeout(300)
        actions.save(page, Path(SHOTS), name)


def three(person: MakePerson) -> tuple[Person, Person, Person]:
    """A conversation of two, open on both sides, and somebody else who talks with the first."""
    one, other, third = person("小明", DESKTOP), person("李阿姨", PHONE, has_touch=True), person("王叔", DESKTOP)
    actions.open_chat(one.page, other.id)
    actions.open_chat(other.page, one.id)
    actions.open_chat(third.page, one.id)
    return one, other, third


def message_menu(page: Page) -> Locator:
    """The menu of a message, while it is open."""
    return page.get_by_role("menu", name="消息菜单")


def choose(page: Page, text: str, item: str) -> None:
    """Open a message's menu by a right click and choose from it."""
    actions.bubble(page, text).click(button="right")
    message_menu(page).get_by_role("menuitem", name=item, exact=True).click()
    expect(message_menu(page)).to_have_count(0)


def long_press(page: Page, target: Locator) -> None:
    """Hold a finger on something."""
    box = target.bounding_box()
    assert box is not None
    point = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    finger = page.context.new_cdp_session(page)
    finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    page.wait_for_timeout(700)
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def expect_inside(page: Page, element: Locator) -> None:
    """All of it lies inside the window."""
    box, size = element.bounding_box(), page.viewport_size
    assert box is not None
    assert size is not None
    assert box["x"] >= 0
    assert box["y"] >= 0
    assert box["x"] + box["width"] <= size["width"]
    assert box["y"] + box["height"] <= size["height"]


def texts(page: Page) -> list[str]:
    """What the bubbles say, oldest first."""
    return page.get_by_role("log").locator(".x-bubble").all_inner_texts()


def expect_texts(page: Page, *expected: str) -> None:
    """The bubbles come to say exactly this."""
    expect(page.get_by_role("log").locator(".x-bubble")).to_have_text(list(expected), timeout=actions.LIVE)


def send_photos(page: Page, *files: dict[str, object]) -> None:
    """Choose photos, which are then sent by themselves."""
    page.get_by_label("发照片").set_input_files(list(files))  # type: ignore[arg-type]  # Playwright's own dict type
