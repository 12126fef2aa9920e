"""Limits, and the security log, as they are met at the running site."""

import json
import logging
import uuid
from typing import Any

import httpx
import pytest

from tests.factories import PASSWORD, login_token, make_listing, make_photo, make_user
from tests.live_site import Site, Tab, until
from xianyu import routes
from xianyu.adapters import logs, security_log
from xianyu.adapters.cookies import browser_cookie_name, session_cookie_name
from xianyu.services import limits

SECRET = "绝密：钥匙在门垫下"
WRONG = "a wrong password 绝密"


@pytest.fixture(autouse=True)
def everything(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)


def lines(caplog: pytest.LogCaptureFixture, event: str) -> list[dict[str, Any]]:
    found = [json.loads(record.getMessage()) for record in caplog.records if record.name == security_log.LOGGER]
    return [line for line in found if line["event"] == event]


async def log_in(tab: Tab, name: str, password: str = PASSWORD) -> str:
    """Fill in the form. What it says, or an empty string where it let one in."""
    await tab.call("login_state.submit", form={"login": name, "password": password})
    return str(next(iter(tab["login_state"]["errors"].values()), ""))


async def redeem(site: Site, tab: Tab, **headers: str) -> httpx.Response:
    """What the page does with its ticket."""
    async with httpx.AsyncClient(base_url=site.origin) as client:
        return await client.post(routes.SESSION, data={"ticket": tab["login_state"]["ticket"]}, headers=headers)


async def test_wrong_passwords_wait_and_a_known_browser_does_not(site: Site) -> None:
    make_user(site.database, "林小满")
    tab = await site.tab(routes.LOGIN)
    assert await log_in(tab, "林小满") == ""
    known = (await redeem(site, tab)).cookies[browser_cookie_name()]

    stranger = await site.tab(routes.LOGIN)
    said = [await log_in(stranger, "林小满", WRONG) for _ in range(6)]
    assert said[:5] == ["用户名或密码不正确"] * 5
    assert said[5].startswith("操作太频繁，请 ")
    assert await log_in(stranger, "林小满") == said[5], "the right password waits like any other"

    # The same address, but the browser has been here before.
    own = Tab(site.origin, f"x; {browser_cookie_name()}={known}")
    await own.open(routes.LOGIN)
    assert await log_in(own, "林小满") == ""
    await own.close()


async def test_a_crowd_of_messages_waits_in_the_browser(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MESSAGE", limits.Rule("message", "2/minute"))
    one, other = make_user(site.database), make_user(site.database)
    tab = await site.tab_of(one, routes.conversation(other.user_id))
    ids = [str(uuid.uuid4()) for _ in range(3)]
    for client_id in ids:
        await tab.call("conversation_state.send", peer_id=other.user_id, client_id=client_id, body="在吗")
    refusal = tab["conversation_state"]["refusal"]
    assert refusal["client_id"] == ids[2]
    assert refusal["message"].startswith("操作太频繁，请 ")
    shown = [*tab["conversation_state"]["history"], *tab["conversation_state"]["tail"]]
    assert [message["client_id"] for message in shown] == ids[:2]


async def test_uploads_are_told_when_to_come_again(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "UPLOAD", limits.Rule("upload", "1/minute"))
    cookies = {session_cookie_name(): login_token(site.database, make_user(site.database))}
    async with httpx.AsyncClient(base_url=site.origin, cookies=cookies) as client:
        first = await client.post(routes.PHOTO_UPLOAD, content=b"no picture")
        second = await client.post(routes.PHOTO_UPLOAD, content=b"no picture")
    assert (first.status_code, second.status_code) == (415, 429)
    assert 1 <= int(second.headers["retry-after"]) <= 60
    assert second.json()["error"].startswith("操作太频繁，请 ")


async def test_publishing_too_often_is_said_in_the_form(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PUBLISH", limits.Rule("publish", "1/minute", "form"))
    actor = make_user(site.database)
    tab = await site.tab_of(actor, routes.SELL)
    await limits.spending(limits.PUBLISH, str(actor.user_id))
    photo = make_photo(site.database, actor)
    form = {
        "title": "山地车",
        "description": "九成新，自提，刹车灵敏",
        "price": "1",
        "quantity": "1",
        "category": "sports",
    }
    await tab.call("sell_state.publish", form=form | {"photos": json.dumps({"ids": [photo]})})
    assert tab["sell_state"]["errors"]["form"].startswith("操作太频繁，请 ")


async def test_registrations_from_one_address_are_bounded(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "REGISTER", limits.Rule("register", "1/minute", "form"))
    tab = await site.tab(routes.REGISTER)
    form = {"username": "林小满", "email": "lin@example.com", "password": PASSWORD, "confirmation": "x"}
    await tab.call("register_state.submit", form=form)
    assert "confirmation" in tab["register_state"]["errors"]
    await tab.call("register_state.submit", form=form)
    assert tab["register_state"]["errors"]["form"].startswith("操作太频繁，请 ")


async def test_logins_and_refusals_are_logged_and_nothing_that_was_typed(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    seller = make_user(site.database, "卖家")
    lin = make_user(site.database, "林小满")
    listing_id = make_listing(site.database, seller)
    tab = await site.tab(routes.LOGIN)
    await log_in(tab, "林小满", WRONG)
    await log_in(tab, WRONG, WRONG)
    await log_in(tab, "林小满")
    token = (await redeem(site, tab)).cookies[session_cookie_name()]
    again = await redeem(site, tab)

    mine = await site.tab(routes.listing(listing_id), token)
    await mine.call("listing_state.delete")
    await mine.call("conversation_state.send", peer_id=seller.user_id, client_id=str(uuid.uuid4()), body=SECRET)
    await mine.call("conversation_state.send", peer_id=10**9, client_id=str(uuid.uuid4()), body=SECRET)
    # What no page sends fails inside, and the traceback must not tell either.
    await mine.call("conversation_state.send", peer_id=SECRET, client_id=SECRET, body={"text": SECRET})
    await mine.call("conversation_state.send", peer_id={SECRET: SECRET}, client_id=[SECRET], body=[SECRET])
    await mine.call("conversation_state.send", wrong=SECRET)
    await mine.call("login_state.submit", form=PASSWORD)
    await mine.call("login_state.submit", form={"login": [PASSWORD], "password": {PASSWORD: 1}})
    visitor = await site.tab(routes.listing(listing_id))
    await visitor.call("listing_state.delete")
    async with httpx.AsyncClient(base_url=site.origin, cookies={session_cookie_name(): token}) as client:
        await client.post(routes.LOGOUT)
        await client.post(routes.LOGOUT, headers={"Origin": "https://evil.example"})

    logins = [(line["outcome"], line.get("user_id"), line.get("reason")) for line in lines(caplog, "login")]
    assert logins == [
        ("failure", lin.user_id, "password"),
        ("failure", None, "password"),
        ("success", lin.user_id, None),
        ("refused", None, "ticket"),
    ]
    assert [line["factors"] for line in lines(caplog, "login") if line["outcome"] == "success"] == ["password"]
    assert again.headers["location"] == routes.LOGIN
    assert [line["user_id"] for line in lines(caplog, "logout")] == [lin.user_id]
    assert lines(caplog, "session_ended")[-1]["user_id"] == lin.user_id
    refused = [(line["reason"], line.get("user_id"), line.get("tried")) for line in lines(caplog, "refused")]
    assert ("NotYourListing", lin.user_id, "delete") in refused
    assert ("LoginRequired", None, "delete") in refused
    assert ("ForeignOrigin", None, None) in refused
    assert all(line["address"] in {"127.0.0.1", "::1"} for line in lines(caplog, "refused"))
    # The test's own client logs what it sends, below the level that the program lets other libraries have.
    own = [one for one in caplog.records if one.name.startswith("xianyu") or one.levelno >= logging.WARNING]
    whole = "\n".join(logging.Formatter().format(record) for record in own)
    for secret in (PASSWORD, WRONG, SECRET, token, "钥匙"):
        assert secret not in whole
        assert json.dumps(secret)[1:-1] not in whole


async def test_an_event_that_nobody_handles_puts_no_cookie_into_the_log(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    from xianyu.xianyu import app

    logs.set_up("WARNING")
    try:
        cookie = login_token(site.database, make_user(site.database))
        tab = await site.tab(cookie=cookie)
        await tab.emit_unknown("no_such_state.no_such_handler")
        await until(lambda: "An event could not be processed" in caplog.text)
    finally:
        logging.getLogger(logs.QUOTES_EVENTS).filters.clear()
        # Reflex never settles it, and what is under way is waited for at the end.
        app.event_processor._futures.clear()
    assert cookie not in caplog.text
