"""Messages that reach a device while no page is open: the switch, the way there, and what the worker shows."""

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.actions import expect_message, open_chat, send, wait_until
from tests.e2e.conftest import MakePerson
from tests.e2e.people import PHONE
from tests.e2e.site import ARTIFACTS, BASE, Site
from tests.push_endpoint import Device, PushEndpoint, push_endpoint, settings
from xianyu import routes
from xianyu.adapters.push_keys import make_keys

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]
LIVE = 10_000


@pytest.fixture(scope="module")
def pushing(built_site: Site) -> Iterator[PushEndpoint]:
    """A site with keys, and a push service on this machine."""
    keys = make_keys()
    with push_endpoint(keys) as endpoint:
        built_site.restart(**settings(keys))
        yield endpoint
        built_site.restart()


def switch(page: Page) -> Locator:
    return page.get_by_role("switch", name="在这台设备上推送")


# No push service of the world can be reached from here, so the browser is given a subscription at one
# on this machine. Everything before and after that is its own.
SUBSCRIPTION = """
(() => {
  const given = %s;
  let present = null;
  const make = (key) => ({
    endpoint: given.endpoint,
    options: { applicationServerKey: key?.buffer ?? null },
    toJSON: () => given,
    unsubscribe: async () => { present = null; return true; },
  });
  PushManager.prototype.getSubscription = async () => present;
  PushManager.prototype.subscribe = async (options) => {
    if (Notification.permission !== "granted") throw new DOMException("no", "NotAllowedError");
    if (!options.userVisibleOnly || options.applicationServerKey.length !== 65) throw new DOMException("no");
    return (present = make(options.applicationServerKey));
  };
})();
"""


def given(device: Device) -> str:
    keys = {"p256dh": device.keys.p256dh, "auth": device.keys.auth}
    return SUBSCRIPTION % json.dumps({"endpoint": device.keys.endpoint, "keys": keys})


def test_without_keys_the_switch_says_so(person: MakePerson) -> None:
    page = person("小明", viewport=PHONE).go(routes.SETTINGS)
    expect(switch(page)).to_be_disabled()
    expect(page.get_by_text("本站还没有开启推送，需要管理员先设置。")).to_be_visible()


def test_a_browser_that_refuses_says_so(pushing: PushEndpoint, person: MakePerson) -> None:
    # Chromium refuses whatever is not among those that are granted.
    page = person("小明", permissions=["clipboard-read"]).go(routes.SETTINGS)
    expect(switch(page)).to_be_disabled()
    expect(page.get_by_text("浏览器不允许本站发通知")).to_be_visible()


def test_a_push_service_that_cannot_be_reached_is_told(pushing: PushEndpoint, person: MakePerson) -> None:
    reader = person("小明", permissions=["notifications"])
    # What the tests' browsers are; it answers as one that may not subscribe.
    reader.faults.allow("Push API in incognito mode")
    page = reader.go(routes.SETTINGS)
    expect(switch(page)).to_be_enabled()
    switch(page).click()
    expect(page.get_by_text(re.compile("浏览器连不上它的推送服务|浏览器不允许本站发通知"))).to_be_visible(
        timeout=30_000
    )
    expect(switch(page)).not_to_be_checked()
    # The worker is there all the same, for the whole site.
    scope = page.evaluate("navigator.serviceWorker.getRegistration('/').then((found) => found.scope)")
    assert scope == f"{BASE}/"


def test_a_message_reaches_a_device_whose_pages_are_closed(pushing: PushEndpoint, person: MakePerson) -> None:
    reader = person("小红", viewport=PHONE, permissions=["notifications"])
    sender = person("小明")
    device = pushing.device()
    reader.context.add_init_script(given(device))
    page = reader.go(routes.SETTINGS)
    switch(page).click()
    expect(switch(page)).to_be_checked()
    page.get_by_role("heading", name="通知").scroll_into_view_if_needed()
    page.screenshot(path=ARTIFACTS / "push-phone.png")

    # With a page in front nothing is pushed.
    open_chat(sender.page, reader.id)
    send(sender.page, "看得见我吗")
    expect_message(sender.page, "看得见我吗")
    page.goto("about:blank")
    sender.page.wait_for_timeout(500)
    send(sender.page, "你在吗，钥匙在门垫下")
    [pushed] = pushing.wait(1)
    assert pushed.path == device.path
    assert pushed.says["body"] == f"{sender.name} 发来 2 条消息"
    assert "钥匙" not in json.dumps(pushed.says, ensure_ascii=False)
    assert pushed.says["url"] == routes.conversation(sender.id)

    # The worker shows it. Playwright's own devtools hand it over, as a push service would.
    page.goto(BASE + routes.HOME)
    deliver(page, json.dumps(pushed.says, ensure_ascii=False))
    wait_until(page, notifications("length === 1"))
    shown = page.evaluate(notifications("map(({ title, body, tag, data }) => ({ title, body, tag, data }))"))
    assert shown == [
        {
            "title": "邻里闲鱼",
            "body": pushed.says["body"],
            "tag": f"conversation-{sender.id}",
            "data": {"url": f"{BASE}/messages/{sender.id}"},
        }
    ]
    # Another of the same conversation takes its place, and what makes no sense shows something all the same.
    deliver(page, json.dumps({**pushed.says, "url": "https://evil.example/x"}))
    deliver(page, "not json")
    wait_until(page, notifications("length === 2"))
    urls = page.evaluate(notifications("map((one) => one.data.url)"))
    assert set(urls) == {f"{BASE}/messages"}


def notifications(rest: str) -> str:
    return f"navigator.serviceWorker.ready.then((it) => it.getNotifications()).then((all) => all.{rest})"


def deliver(page: Page, text: str) -> None:
    """Have the browser hand a push to the worker."""
    devtools = page.context.new_cdp_session(page)
    found: list[str] = []
    devtools.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: found.extend(one["registrationId"] for one in event["registrations"]),
    )
    devtools.send("ServiceWorker.enable")
    page.wait_for_timeout(200)
    assert found
    devtools.send("ServiceWorker.deliverPushMessage", {"origin": BASE, "registrationId": found[-1], "data": text})
    devtools.detach()


def test_turning_it_off_and_logging_out_end_it(pushing: PushEndpoint, person: MakePerson, site: Site) -> None:
    reader = person("小红", permissions=["notifications"])
    reader.context.add_init_script(given(pushing.device()))
    page = reader.go(routes.SETTINGS)
    switch(page).click()
    expect(switch(page)).to_be_checked()
    switch(page).click()
    expect(switch(page)).not_to_be_checked()
    assert subscriptions(site) == 0
    switch(page).click()
    expect(switch(page)).to_be_checked()
    assert subscriptions(site) == 1
    page.goto(BASE + routes.ME)
    page.get_by_role("button", name="退出登录").click()
    expect(page).to_have_url(f"{BASE}/")
    assert subscriptions(site) == 0


def subscriptions(site: Site) -> int:
    from sqlmodel import select

    from xianyu.models import PushSubscription

    return len(site.database.read(lambda session: session.exec(select(PushSubscription)).all()))
