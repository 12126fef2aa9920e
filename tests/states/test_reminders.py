"""A round of reminders in the running site: who is mailed, and that an open tab is as good as being there."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
import sqlalchemy as sa
from sqlmodel import Session

from tests.factories import PASSWORD, login_token, make_user
from tests.live_site import Site, until
from tests.mailbox import Mailbox, free_port, serving
from xianyu import routes
from xianyu.adapters.live import bus
from xianyu.models import AuthSession, User
from xianyu.models.types import utc_now
from xianyu.services import messages
from xianyu.settings import get_settings
from xianyu.states.reminders import remind

LATER = timedelta(hours=1)


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    """A server that the site sends through."""
    mailbox, port = Mailbox(), free_port()
    monkeypatch.setenv("XIANYU_SMTP_URL", f"smtp://127.0.0.1:{port}")
    get_settings.cache_clear()
    with serving(mailbox, port):
        yield mailbox


def _long_gone(session: Session) -> None:
    session.execute(sa.update(AuthSession).values(seen_at=utc_now() - LATER))


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
