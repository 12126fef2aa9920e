"""The link in a mail about missed messages, opened by somebody who is not logged in."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.audit import findings
from tests.e2e.conftest import MakePerson
from tests.e2e.people import PHONE
from tests.e2e.site import ARTIFACTS, BASE, Site
from xianyu import routes
from xianyu.schemas.accounts import Actor
from xianyu.services import reminders
from xianyu.services.reminders import Reminder
from xianyu.settings import get_settings

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]
SWITCH = "有没看到的消息时，发邮件提醒我"


@pytest.fixture
def own_key(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is signed here is signed with the running site's key."""
    monkeypatch.setenv("XIANYU_DATA_DIR", str(site.data_dir))
    monkeypatch.setenv("XIANYU_PUBLIC_URL", BASE)
    get_settings.cache_clear()


def link_to(person: Actor) -> str:
    """As it stands in the mail that they get."""
    mail = reminders.mail(Reminder(person.user_id, person.username, "somebody@example.com", 3, 2))
    assert mail.unsubscribe in mail.text
    return mail.unsubscribe


def test_one_press_stops_the_mails_and_the_settings_bring_them_back(own_key: None, person: MakePerson) -> None:
    reader, anybody = person("小红"), person("", PHONE)
    settings = reader.go(routes.SETTINGS)
    expect(settings.get_by_role("switch", name=SWITCH)).to_be_checked()
    page = anybody.page
    page.goto(link_to(reader.actor))
    expect(page.get_by_role("heading", name="不再收这样的邮件？")).to_be_visible()
    expect(page).to_have_title("退订邮件 · 邻里闲鱼")
    assert findings(page) == []
    page.screenshot(path=ARTIFACTS / "unsubscribe-phone.png")
    # Looking at it changed nothing.
    settings.reload()
    expect(settings.get_by_role("switch", name=SWITCH)).to_be_checked()
    page.get_by_role("button", name="退订").press("Enter")
    expect(page.get_by_role("heading", name="已退订")).to_be_visible()
    assert findings(page) == []
    page.screenshot(path=ARTIFACTS / "unsubscribed-phone.png")
    page.reload()
    expect(page.get_by_role("heading", name="已退订")).to_be_visible()
    settings.reload()
    expect(settings.get_by_role("switch", name=SWITCH)).not_to_be_checked()
    settings.get_by_role("switch", name=SWITCH).click()
    settings.reload()
    expect(settings.get_by_role("switch", name=SWITCH)).to_be_checked()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_wrong_link_says_so(scheme: str, own_key: None, person: MakePerson) -> None:
    reader, anybody = person("小红"), person("", PHONE, color_scheme=scheme)
    anybody.faults.allow("404")
    page = anybody.page
    page.goto(link_to(reader.actor)[:-1])
    expect(page.get_by_role("heading", name="这个退订链接无效")).to_be_visible()
    assert findings(page) == []
    page.get_by_role("link", name="打开设置").click()
    page.wait_for_url(re.compile(r"/login\?next=%2Fme%2Fsettings"))
