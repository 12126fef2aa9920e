"""Taking my data along, and leaving, in real browsers."""

import json
import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect

from tests.e2e import actions
from tests.e2e.conftest import MakePerson
from tests.e2e.people import DESKTOP, PHONE, Person, offer, write
from tests.e2e.site import ARTIFACTS, BASE, Site
from tests.factories import PASSWORD, make_photo
from xianyu.services.closing import WORD

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]

EXPORT = "导出我的数据"
CLOSE = "注销账号"
KEEP = "我改主意了，保留账号"
SAID = "台灯还在，明晚七点楼下见"
# So many that packing them takes long enough to be seen.
PICTURES = 100
# Making an archive begins within two seconds.
PACKING = 30_000


def card(page: Page, title: str) -> Locator:
    """A card of the settings by its heading."""
    return page.locator("section").filter(has=page.get_by_role("heading", name=title, exact=True))


def open_card(person: Person, title: str) -> Locator:
    """The settings, with this card ready to be used."""
    found = card(person.go("/me/settings"), title)
    expect(found.get_by_role("button", name=title)).to_be_visible()
    return found


def export(mine: Locator) -> Locator:
    """Ask for an archive and wait for the link to it."""
    mine.get_by_role("button", name=EXPORT).click()
    mine.get_by_role("progressbar", name="导出进度").wait_for()
    expect(mine.get_by_role("status")).to_contain_text("正在打包")
    link = mine.get_by_role("link", name="下载")
    expect(link).to_be_visible(timeout=PACKING)
    expect(mine.get_by_role("progressbar")).to_have_count(0)
    return link


def test_my_data_is_mine_to_take_along(site: Site, person: MakePerson, tmp_path: Path) -> None:
    ming, hua = person("导出的人"), person("好奇的人", PHONE)
    offer(site, ming.actor, "旧台灯")
    write(site, ming.actor, hua.actor, SAID)
    for _ in range(PICTURES):
        make_photo(site.database, ming.actor)
    link = export(open_card(ming, EXPORT))

    with ming.page.expect_download() as download:
        link.click()
    assert download.value.suggested_filename == "xianyu-export.zip"
    kept = tmp_path / "export.zip"
    download.value.save_as(kept)

    with zipfile.ZipFile(kept) as zipped:
        assert zipped.testzip() is None
        names = zipped.namelist()
        assert json.loads(zipped.read("account.json"))["username"] == ming.name
        assert [listing["title"] for listing in json.loads(zipped.read("listings.json"))] == ["旧台灯"]
        conversations = [json.loads(zipped.read(name)) for name in names if name.startswith("conversations/")]
    assert [(one["with"], [message["text"] for message in one["messages"]]) for one in conversations] == [
        (hua.name, [SAID])
    ]
    assert sum(name.startswith("pictures/") for name in names) == 1
    address = BASE + str(link.get_attribute("href"))
    assert ming.context.request.get(address).status == 200
    for other in (hua, person("", PHONE)):
        assert other.context.request.get(address).status == 404
    ming.page.goto("about:blank")
    site.restart()
    assert ming.context.request.get(address).status == 200


def fill_in(mine: Locator, password: str, word: str) -> None:
    """Fill in the form that closes the account, and press the button."""
    mine.get_by_label("密码", exact=True).fill(password)
    mine.get_by_role("textbox", name="确认").fill(word)
    mine.get_by_role("button", name=CLOSE).click()


def test_an_account_is_closed_and_kept_after_all(site: Site, person: MakePerson) -> None:
    ming, hua = person("要走的人"), person("在看的人", PHONE)
    watched = hua.go(f"/listing/{offer(site, ming.actor, '带不走的书架')}")
    expect(watched.get_by_role("heading", name="带不走的书架")).to_be_visible()
    expect(watched.get_by_text("已下架")).to_have_count(0)
    mine = open_card(ming, CLOSE)

    fill_in(mine, "wrong password", "注销")
    expect(mine.locator("#closing_password-error")).to_have_text("当前密码不正确")
    expect(mine.locator("#word-error")).to_have_text(f"请输入“{WORD}”四个字")
    # Nothing that was typed is lost.
    expect(mine.get_by_role("textbox", name="确认")).to_have_value("注销")
    fill_in(mine, PASSWORD, "注销")
    expect(mine.locator("#closing_password-error")).to_have_text("")
    expect(mine.locator("#word-error")).to_have_text(f"请输入“{WORD}”四个字")
    fill_in(mine, "wrong password", WORD)
    expect(mine.locator("#word-error")).to_have_text("")
    expect(mine.locator("#closing_password-error")).to_have_text("当前密码不正确")
    expect(watched.get_by_text("已下架")).to_have_count(0)

    fill_in(mine, PASSWORD, WORD)
    expect(mine.get_by_role("status")).to_have_text(re.compile(r"账号将于 (\d+年)?\d+月\d+日 \d\d:\d\d 注销"))
    expect(watched.get_by_text("已下架").first).to_be_visible(timeout=actions.LIVE)
    ming.page.reload()
    expect(mine.get_by_role("status")).to_contain_text("账号将于")
    mine.get_by_role("button", name=KEEP).click()
    expect(mine.get_by_role("button", name=CLOSE)).to_be_visible()
    ming.page.reload()
    expect(mine.get_by_role("button", name=CLOSE)).to_be_visible()
    expect(mine.get_by_role("button", name=KEEP)).to_have_count(0)


@pytest.mark.parametrize(("name", "viewport"), [("phone", PHONE), ("desktop", DESKTOP)])
def test_the_cards_fit_their_screen(site: Site, person: MakePerson, name: str, viewport: ViewportSize) -> None:
    ming = person(f"看卡片_{name}", viewport)
    for _ in range(PICTURES):
        make_photo(site.database, ming.actor)
    leaving = open_card(ming, CLOSE)
    fill_in(leaving, "wrong password", "")
    expect(leaving.locator("#word-error")).not_to_have_text("")
    _look(ming.page, f"my-data-form-{name}")
    export(card(ming.page, EXPORT))
    fill_in(leaving, PASSWORD, WORD)
    expect(leaving.get_by_role("button", name=KEEP)).to_be_visible()
    _look(ming.page, f"my-data-done-{name}")


def _look(page: Page, name: str) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.get_by_role("main").evaluate("main => main.scrollTo(0, main.scrollHeight)")
    actions.save(page, ARTIFACTS, name)
