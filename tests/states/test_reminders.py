"""A round of reminders in the running site: who is mailed, and that an open tab is as good as being there."""

import asyncio
from datetime import timedelta
from html import escape

import httpx
import sqlalchemy as sa
from sqlmodel import Session

from tests.factories import PASSWORD, login_token, make_user
from tests.live_site import Site, until
from tests.mailbox import Mailbox
from xianyu import routes
from xianyu.adapters.live import bus
from xianyu.models import AuthSession, User
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.services import messages
from xianyu.settings import get_settings
from xianyu.states.reminders import remind

LATER = timedelta(hours=1)


def _long_gone(session: Session) -> None:
    session.execute(sa.update(AuthSession).values(seen_at=utc_now() - LATER))


def wants_mail(site: Site, person: Actor) -> bool:
    return site.database.read(lambda session: session.get_one(User, person.user_id).mail_about_messages)


async def test_only_who_has_no_tab_open_is_mailed_and_only_once(site: Site, mailbox: Mailbox) -> None:
    sender = make_user(site.database)
    gone, here = (make_user(site.database, email=f"{name}@example.com") for name in ("gone", "here"))
    tab = await site.tab(routes.HOME, login_token(site.database, here))
    site.database.write(_long_gone)
    for number, person in enumerate((gone, here)):
        site.database.write(messages.send, sender, person.user_id, f"client-{number}", "还在吗？")
    now = utc_now() + LATER
    await remind(now)
    await remind(now)
    assert site.database.read(lambda session: session.get_one(User, here.user_id).reminded_at) is None
    await tab.close()
    await until(lambda: not bus.tabs(user_id=here.user_id))
    await remind(now)
    mails = await asyncio.to_thread(mailbox.wait, 2)
    assert sorted(mail.recipients[0] for mail in mails) == ["gone@example.com", "here@example.com"]
    assert mails[0].link() == f"{get_settings().public_url}{routes.MESSAGES}"


async def test_one_press_in_the_mail_ends_them(site: Site, mailbox: Mailbox) -> None:
    """As a mail program does it: without a login, by the address in the mail's head."""
    person, other = (make_user(site.database, email=f"{name}@example.com") for name in ("tired", "other"))
    sender = make_user(site.database)
    for number, one in enumerate((person, other)):
        site.database.write(messages.send, sender, one.user_id, f"client-{number}", "还在吗？")
    await remind(utc_now() + LATER)
    [mail] = await asyncio.to_thread(mailbox.wait, 1, "tired@example.com")
    assert mail.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    header = mail.message["List-Unsubscribe"]
    assert header.startswith(f"<{get_settings().public_url}{routes.UNSUBSCRIBE}?token=")
    address = header[1:-1]
    assert f"退订，不用登录：{address}" in mail.part("plain")
    assert escape(address) in mail.part("html")
    async with httpx.AsyncClient() as program:
        url = site.origin + address.removeprefix(get_settings().public_url)
        looked = await program.get(url)
        assert (looked.status_code, wants_mail(site, person)) == (200, True)
        for _ in range(2):
            done = await program.post(url, data={"List-Unsubscribe": "One-Click"})
            assert (done.status_code, done.history, "已退订" in done.text) == (200, [], True)
            assert (wants_mail(site, person), wants_mail(site, other)) == (False, True)
    tab = await site.tab_of(person, routes.SETTINGS)
    assert tab["settings_profile_state"]["profile"]["wants_mail"] is False
    await tab.call("settings_profile_state.choose_mail", wants_mail=True)
    assert wants_mail(site, person)


async def test_a_login_ends_an_absence(site: Site) -> None:
    person, other = make_user(site.database, "林小满"), make_user(site.database)
    noted = utc_now() + LATER
    site.database.write(lambda session: session.execute(sa.update(User).values(reminded_at=noted)))
    tab = await site.tab(routes.LOGIN)
    await tab.call("login_state.submit", form={"login": "林小满", "password": PASSWORD})
    async with httpx.AsyncClient(base_url=site.origin) as client:
        await client.post(routes.SESSION, data={"ticket": tab["login_state"]["ticket"]})
    assert site.database.read(lambda session: session.get_one(User, person.user_id).reminded_at) is None
    assert site.database.read(lambda session: session.get_one(User, other.user_id).reminded_at) == noted
