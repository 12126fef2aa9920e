"""Messages to devices, from a person's tab to a real push service: who is told, when, and only once."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from functools import partial

import httpx
import pytest
from sqlmodel import Session, col, select

from tests.factories import login_token, make_user
from tests.live_site import Site, Tab, running_site, until
from tests.push_endpoint import Device, Pushed, PushEndpoint, push_endpoint, settings
from xianyu import routes
from xianyu.adapters.cookies import session_cookie_name
from xianyu.adapters.database import Database
from xianyu.adapters.live import bus
from xianyu.adapters.push_keys import make_keys
from xianyu.models import NoticeKind, PushSubscription
from xianyu.schemas.accounts import Actor
from xianyu.schemas.push import PushKeys
from xianyu.services import contacts, message_changes, messages, notices, push
from xianyu.settings import get_settings
from xianyu.states import push as pushes
from xianyu.states.delivery import announce


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[PushEndpoint]:
    """A push service, and a site that knows its keys and waits for nothing long."""
    keys = make_keys()
    for name, value in settings(keys).items():
        monkeypatch.setenv(f"XIANYU_{name.upper()}", str(value))
    for name, seconds in (("GRACE", 0.05), ("FIRST_PAUSE", 0.1), ("REST", 0.3)):
        monkeypatch.setattr(pushes, name, seconds)
    with push_endpoint(keys) as endpoint:
        yield endpoint


@pytest.fixture
async def site(endpoint: PushEndpoint, sqlite_database: Database) -> AsyncIterator[Site]:
    """The site, after the settings were made."""
    get_settings.cache_clear()
    async with running_site(sqlite_database) as site:
        await until(lambda: pushes._dispatcher is not None)
        yield site


@pytest.fixture
def reader(site: Site) -> Actor:
    return make_user(site.database, "小红")


@pytest.fixture
def sender(site: Site) -> Actor:
    return make_user(site.database, "阿明")


def device_of(site: Site, endpoint: PushEndpoint, actor: Actor) -> Device:
    device = endpoint.device()
    site.database.write(push.subscribe, actor, device.keys)
    return device


async def opened(site: Site, sender: Actor, reader: Actor) -> Tab:
    return await site.tab_of(sender, routes.conversation(reader.user_id))


async def write(tab: Tab, reader: Actor, number: int = 1) -> None:
    await tab.call(
        "conversation_state.send", peer_id=reader.user_id, client_id=f"client-{number:04}", body="钥匙在门垫下"
    )


async def arrived(endpoint: PushEndpoint, number: int) -> list[Pushed]:
    return await asyncio.to_thread(endpoint.wait, number)


async def nothing_more(site: Site, endpoint: PushEndpoint) -> None:
    """A marker goes the same way; before it everything else has been sent."""
    before = len(endpoint.asked)
    marker, other = make_user(site.database), make_user(site.database)
    device = device_of(site, endpoint, marker)
    site.database.write(messages.send, other, marker.user_id, "client-0000", "x")
    assert pushes._dispatcher is not None
    pushes._dispatcher.put(pushes.Job(marker.user_id, other.user_id))
    await asyncio.to_thread(endpoint.wait_asked, before + 1)
    assert endpoint.asked[before:] == [device.path]


def stored(site: Site) -> list[str]:
    def work(session: Session) -> list[str]:
        return list(session.exec(select(PushSubscription.endpoint).order_by(col(PushSubscription.id))))

    return site.database.read(work)


async def test_two_people(site: Site, endpoint: PushEndpoint, reader: Actor, sender: Actor) -> None:
    """One subscribes in the settings and closes the page; the other writes."""
    device = endpoint.device()
    page = await site.tab_of(reader, routes.SETTINGS)
    assert page["settings_push_state"]["key"] == get_settings().push_public_key
    assert page["settings_push_state"]["endpoint"] == ""
    await page.call("settings_push_state.subscribe", **_said(device.keys))
    assert page["settings_push_state"]["endpoint"] == device.keys.endpoint
    await page.close()
    await until(lambda: not bus.tabs(user_id=reader.user_id))
    theirs = await opened(site, sender, reader)
    await write(theirs, reader)
    [pushed] = await arrived(endpoint, 1)
    assert pushed.path == device.path
    assert pushed.says == {
        "title": get_settings().site_name,
        "body": "阿明 发来一条消息",
        "tag": f"conversation-{sender.user_id}",
        "url": routes.conversation(sender.user_id),
    }
    # The same message once more, as a browser sends it that heard no answer.
    await write(theirs, reader)
    await nothing_more(site, endpoint)


def _said(keys: PushKeys) -> dict[str, str]:
    return {"endpoint": keys.endpoint, "p256dh": keys.p256dh, "auth": keys.auth}


async def test_who_looks_at_a_page_is_told_there(
    site: Site, endpoint: PushEndpoint, reader: Actor, sender: Actor
) -> None:
    device_of(site, endpoint, reader)
    tab = await site.tab_of(reader, routes.HOME)
    await tab.call("shell_state.note_front", in_front=True)
    theirs = await opened(site, sender, reader)
    await write(theirs, reader, 1)
    await nothing_more(site, endpoint)
    # A tab at the back is no page that somebody looks at.
    before = len(endpoint.pushed)
    await tab.call("shell_state.note_front", in_front=False)
    await write(theirs, reader, 2)
    assert (await arrived(endpoint, before + 1))[-1].says["body"] == "阿明 发来 2 条消息"
    await tab.call("shell_state.note_front", in_front=True)
    await write(theirs, reader, 3)
    await nothing_more(site, endpoint)


async def test_each_device_hears_and_of_many_messages_once(
    site: Site, endpoint: PushEndpoint, reader: Actor, sender: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pushes, "GRACE", 1.0)
    device = device_of(site, endpoint, reader)
    theirs = await opened(site, sender, reader)
    for number in range(5):
        await write(theirs, reader, number)
    [pushed] = await arrived(endpoint, 1)
    assert (pushed.path, pushed.says["body"]) == (device.path, "阿明 发来 5 条消息")


async def test_muted_blocked_and_read_conversations_are_silent(
    site: Site, endpoint: PushEndpoint, reader: Actor, sender: Actor
) -> None:
    device_of(site, endpoint, reader)
    theirs = await opened(site, sender, reader)
    await write(theirs, reader, 1)
    await arrived(endpoint, 1)
    site.database.write(message_changes.set_muted, reader, sender.user_id, True)
    await write(theirs, reader, 2)
    await nothing_more(site, endpoint)
    site.database.write(message_changes.set_muted, reader, sender.user_id, False)
    site.database.write(contacts.block, reader, sender.user_id)
    await write(theirs, reader, 3)
    await nothing_more(site, endpoint)


async def test_notices_are_pushed_too(site: Site, endpoint: PushEndpoint, reader: Actor) -> None:
    device_of(site, endpoint, reader)
    told = site.database.write(
        partial(notices.add, user_ids=[reader.user_id], kind=NoticeKind.SEARCH_MATCHED, subject="台灯")
    )
    await announce(*told)
    [pushed] = await arrived(endpoint, 1)
    assert (pushed.says["body"], pushed.says["url"]) == ("你有新的互动", "/messages?box=notices")


@pytest.mark.parametrize("status", [404, 410])
async def test_a_device_that_is_gone_is_forgotten(
    status: int, site: Site, endpoint: PushEndpoint, reader: Actor, sender: Actor
) -> None:
    device = device_of(site, endpoint, reader)
    endpoint.answer(device, status)
    await write(await opened(site, sender, reader), reader)
    await asyncio.to_thread(endpoint.wait_asked, 1)
    await until(lambda: stored(site) == [])


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_it_is_tried_again(status: int, site: Site, endpoint: PushEndpoint, reader: Actor, sender: Actor) -> None:
    device = device_of(site, endpoint, reader)
    endpoint.answer(device, status)
    endpoint.answer(device, status)
    await write(await opened(site, sender, reader), reader)
    [pushed] = await arrived(endpoint, 1)
    assert pushed.says["body"] == "阿明 发来一条消息"
    assert endpoint.asked == [device.path] * 3
    assert stored(site) == [device.keys.endpoint]


async def test_it_is_given_up_in_the_end_and_later_works_again(
    site: Site, endpoint: PushEndpoint, reader: Actor, sender: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pushes, "FIRST_PAUSE", 0.01)
    device = device_of(site, endpoint, reader)
    for _ in range(pushes.ATTEMPTS):
        endpoint.answer(device, 500)
    theirs = await opened(site, sender, reader)
    await write(theirs, reader, 1)
    await asyncio.to_thread(endpoint.wait_asked, pushes.ATTEMPTS)
    # What comes while the device is left alone is told after that, from another as well.
    other = make_user(site.database, "阿强")
    await write(theirs, reader, 2)
    await write(await opened(site, other, reader), reader, 3)
    pushed = await arrived(endpoint, 2)
    assert {one.says["body"] for one in pushed} == {"阿明 发来 2 条消息", "阿强 发来一条消息"}
    assert len(endpoint.asked) == pushes.ATTEMPTS + 2


async def test_what_was_read_meanwhile_is_not_tried_again(
    site: Site, endpoint: PushEndpoint, reader: Actor, sender: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pushes, "FIRST_PAUSE", 0.5)
    endpoint.answer(device_of(site, endpoint, reader), 503)
    await write(await opened(site, sender, reader), reader)
    await asyncio.to_thread(endpoint.wait_asked, 1)
    site.database.write(messages.read, reader, sender.user_id, 1)
    assert pushes._dispatcher is not None
    await until(lambda: not pushes._dispatcher._resting)  # type: ignore[union-attr]  # as above
    await nothing_more(site, endpoint)


async def test_a_slow_push_service_holds_up_nobody(
    site: Site, endpoint: PushEndpoint, reader: Actor, sender: Actor
) -> None:
    slow, quick = device_of(site, endpoint, reader), make_user(site.database, "快人")
    endpoint.answer(slow, 201, after=60)
    theirs = await opened(site, sender, reader)
    await write(theirs, reader, 1)
    await asyncio.to_thread(endpoint.wait_asked, 1)
    device = device_of(site, endpoint, quick)
    await write(await opened(site, sender, quick), quick, 2)
    assert (await arrived(endpoint, 1))[0].path == device.path


async def test_logging_out_ends_it(site: Site, endpoint: PushEndpoint, reader: Actor, sender: Actor) -> None:
    device_of(site, endpoint, reader)
    cookie = login_token(site.database, reader)
    async with httpx.AsyncClient(base_url=site.origin, cookies={session_cookie_name(): cookie}) as browser:
        await browser.post(routes.LOGOUT)
    assert stored(site) == []
    await write(await opened(site, sender, reader), reader)
    await nothing_more(site, endpoint)


async def test_only_the_worker_where_it_happened_tells(
    site: Site, endpoint: PushEndpoint, reader: Actor, sender: Actor
) -> None:
    device_of(site, endpoint, reader)
    event = site.database.write(messages.send, sender, reader.user_id, "client-0001", "x")
    await bus.receive([event])
    await nothing_more(site, endpoint)
    before = len(endpoint.asked)
    await bus.publish([event])
    await asyncio.to_thread(endpoint.wait_asked, before + 1)


async def test_a_full_queue_drops_and_says_so(
    site: Site, endpoint: PushEndpoint, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(pushes, "CAPACITY", 2)
    dispatcher = pushes.Dispatcher(pushes._dispatcher._service)  # type: ignore[union-attr]  # the fixture made one
    with caplog.at_level(logging.ERROR, pushes.__name__):
        for number in (1, 2, 2, 3):
            dispatcher.put(pushes.Job(number, 1))
    assert [record.message for record in caplog.records] == ["Too many pushes wait; one was dropped"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"endpoint": "https://[::1]/x"},
        {"endpoint": "file:///etc/passwd"},
        {"endpoint": None},
        {"p256dh": "x"},
        {"auth": {"a": 1}},
    ],
)
async def test_what_is_no_subscription_is_refused_beside_the_switch(
    wrong: dict[str, object], site: Site, endpoint: PushEndpoint, reader: Actor
) -> None:
    page = await site.tab_of(reader, routes.SETTINGS)
    await page.call("settings_push_state.subscribe", **{**_said(endpoint.device().keys), **wrong})
    assert page["settings_push_state"]["error"] == "浏览器给的推送地址不能用，换一个浏览器试试"
    assert page["settings_push_state"]["endpoint"] == ""
    assert stored(site) == []
    await page.call("settings_push_state.subscribe", **_said(endpoint.device().keys))
    assert page["settings_push_state"]["error"] == ""
    assert len(stored(site)) == 1
    await page.call("settings_push_state.unsubscribe")
    assert stored(site) == []
