"""Links that stop mails: what they do, what a look at them does not, and that nobody can make one."""

import json
import logging
from collections.abc import AsyncIterator

import httpx
import pytest
import sqlalchemy as sa

from tests.factories import make_user
from tests.live_site import Site
from xianyu import routes
from xianyu.adapters import security_log, signatures
from xianyu.models import User
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.services import unsubscribing
from xianyu.settings import get_settings


@pytest.fixture
async def browser(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=site.origin) as client:
        yield client


@pytest.fixture
def person(site: Site) -> Actor:
    return make_user(site.database)


def wants_mail(site: Site, person: Actor) -> bool:
    return site.database.read(lambda session: session.get_one(User, person.user_id).mail_about_messages)


def logged(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str, int]]:
    lines = [json.loads(record.message) for record in caplog.records if record.name == security_log.LOGGER]
    return [(line["event"], line["outcome"], line.get("user_id", 0)) for line in lines]


async def test_a_look_asks_and_a_press_does_it(
    site: Site, person: Actor, browser: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, security_log.LOGGER)
    address = routes.unsubscribe(unsubscribing.token(person.user_id))
    for method in ("GET", "HEAD", "GET"):
        assert (await browser.request(method, address)).status_code == 200
    page = await browser.get(address)
    assert wants_mail(site, person)
    assert "不再收这样的邮件？" in page.text
    assert '<form method="post">' in page.text
    assert page.headers["cache-control"] == "no-store"
    assert "form-action 'self'" in page.headers["content-security-policy"]
    assert logged(caplog) == []
    assert "已退订" in (await browser.post(address)).text
    assert not wants_mail(site, person)
    assert logged(caplog) == [("mail_unsubscribed", "success", person.user_id)]


async def test_only_the_named_person_and_preference(site: Site, person: Actor, browser: httpx.AsyncClient) -> None:
    other = make_user(site.database)
    before = site.database.read(lambda session: session.get_one(User, person.user_id).shows_presence)
    await browser.post(routes.unsubscribe(unsubscribing.token(person.user_id)))
    assert wants_mail(site, other)
    assert site.database.read(lambda session: session.get_one(User, person.user_id).shows_presence) is before


async def test_nobody_can_make_a_link(
    site: Site, person: Actor, browser: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    other = make_user(site.database)
    good = unsubscribing.token(other.user_id)
    signature = good.rpartition(".")[2]
    mine = f"{person.user_id}.messages"
    forged = [
        "",
        "x",
        mine,
        f"{mine}.",
        f"{mine}.{signature}",
        f"{mine}.{signatures.sign('something else', mine)}",
        f"{person.user_id}.presence.{signatures.sign('unsubscribing', f'{person.user_id}.presence')}",
        f"0{person.user_id}.messages.{unsubscribing.token(person.user_id).rpartition('.')[2]}",
        f"{unsubscribing.token(person.user_id)}\n",
        f"{2**80}.messages.{signature}",
        "１.messages." + signature,
        unsubscribing.token(person.user_id + 1000),
    ]
    for token in forged:
        for method in ("GET", "POST"):
            caplog.clear()
            with caplog.at_level(logging.INFO, security_log.LOGGER):
                answer = await browser.request(method, routes.unsubscribe(token))
            assert answer.status_code == 404, token
            assert "这个退订链接无效" in answer.text
            assert logged(caplog) == [("mail_unsubscribed", "refused", 0)]
            assert signature not in caplog.text
    assert wants_mail(site, person)


async def test_another_key_ends_old_links(
    site: Site, person: Actor, browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = routes.unsubscribe(unsubscribing.token(person.user_id))
    monkeypatch.setenv("XIANYU_SECRET_KEY", "k" * 32)
    get_settings.cache_clear()
    assert (await browser.post(address)).status_code == 404
    assert wants_mail(site, person)


async def test_who_has_left_has_nothing_to_unsubscribe(site: Site, person: Actor, browser: httpx.AsyncClient) -> None:
    address = routes.unsubscribe(unsubscribing.token(person.user_id))
    site.database.write(
        lambda session: session.execute(
            sa.update(User).where(sa.column("id") == person.user_id).values(closed_at=utc_now())
        )
    )
    assert (await browser.get(address)).status_code == 404
