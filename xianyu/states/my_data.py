"""My data: taking it along, and leaving."""

import asyncio
import logging
from typing import Any

import reflex as rx

from xianyu.adapters import security_log
from xianyu.adapters.database import get_database, in_thread
from xianyu.adapters.live import bus
from xianyu.adapters.passwords import hashing
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import LiveEvent, Reconnected
from xianyu.schemas.my_data import ClosingView, ExportView
from xianyu.services import accounts, closing, exports, limits, proof
from xianyu.services.errors import DomainError, InvalidForm
from xianyu.states.actor import client_address, read_as_member, tab_token, write_as_member
from xianyu.states.delivery import Refresher, announce, tab_state

logger = logging.getLogger(__name__)

# How often the workers look for something to do, in seconds.
POLL = 2
ERASE_INTERVAL = 600


class MyDataState(rx.State):
    """The export of my data, and the closing of my account."""

    export: ExportView = ExportView()
    closing: ClosingView = ClosingView()
    errors: dict[str, str] = {}
    busy: bool = False

    @rx.event
    async def load(self) -> None:
        """The page was opened, or its socket came back."""
        bus.show(tab_token(self), TOPIC)
        self.errors, self.busy = {}, False
        self.export = await read_as_member(self, exports.present)
        self.closing = await read_as_member(self, closing.present)

    @rx.event
    async def request_export(self) -> None:
        """导出我的数据."""
        self.errors = {}
        actor = await read_as_member(self, accounts.require)
        try:
            await limits.spending(limits.EXPORT, str(actor.user_id), address=client_address(self))
            self.export = await write_as_member(self, exports.request)
        except DomainError as error:
            self.errors = {"export": error.message}

    @rx.event
    async def close_account(self, form: dict[str, Any]) -> None:
        """注销账号: asks for the password and a word, and begins the week."""
        password, word = (form.get(name) for name in ("closing_password", "word"))
        if not isinstance(password, str) or not isinstance(word, str):
            return
        actor = await read_as_member(self, accounts.require)
        try:
            await limits.spending(limits.CONFIRM, str(actor.user_id), address=client_address(self))
            stored = await read_as_member(self, proof.demand)
            await hashing(lambda: closing.check(stored, password, word))
        except InvalidForm as error:
            self.errors = error.errors
            self._note(actor, "refused")
            return
        except proof.LoginTooOld as error:
            self.errors = {error.field: error.message}
            return
        except limits.TooManyRequests as error:
            # An account without a password has no other field to show it at.
            self.errors = {"word": error.message}
            return
        events = await write_as_member(self, closing.ask)
        self.errors, self.closing = {}, await read_as_member(self, closing.present)
        self._note(actor, "success")
        await announce(*events)

    def _note(self, actor: Actor, outcome: str) -> None:
        security_log.record(
            "closing", outcome, user_id=actor.user_id, session_id=actor.session_id, address=client_address(self)
        )

    @rx.event
    async def keep_account(self) -> None:
        """撤销注销."""
        await write_as_member(self, closing.change_mind)
        self.closing = await read_as_member(self, closing.present)


TOPIC = "my-data"


async def _show_export(user_id: int) -> None:
    for tab in bus.tabs(user_id=user_id, topic=TOPIC):
        # A login that ended meanwhile sees nothing more.
        actor = await get_database().reading(accounts.actor_of_session, tab.session_id)
        if actor is None:
            continue
        view = await get_database().reading(exports.present, actor)
        leaving = await get_database().reading(closing.present, actor)
        async with tab_state(tab, MyDataState) as page:
            page.export, page.closing = view, leaving


_progress = Refresher(_show_export)


async def on_event(event: LiveEvent) -> None:
    """The archive may have been made by another worker that could not be heard."""
    if isinstance(event, Reconnected):
        for user_id in {tab.user_id for tab in bus.tabs(topic=TOPIC)}:
            _progress.request(user_id)


async def make_exports() -> None:
    """Lifespan task: make the archives that people asked for, one at a time."""
    loop = asyncio.get_running_loop()
    while True:
        job = await get_database().writing(exports.take)
        if job is None:
            await asyncio.sleep(POLL)
            continue
        export_id, user_id = job

        def tell(_percent: int, user_id: int = user_id) -> None:
            loop.call_soon_threadsafe(_progress.request, user_id)

        try:
            await in_thread(lambda: exports.make(get_database(), export_id, user_id, tell))  # noqa: B023 - awaited here
        except Exception:
            logger.exception("An export failed")
            _progress.request(user_id)


async def erase_accounts() -> None:
    """Lifespan task: erase accounts whose week is over, and archives whose time is."""
    while True:
        for user_id in await get_database().reading(closing.due):
            await bus.publish(await get_database().writing(closing.erase, user_id))
        await in_thread(lambda: exports.remove_expired(get_database()))
        await asyncio.sleep(ERASE_INTERVAL)
