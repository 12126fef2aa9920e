"""举报: the dialog that tells the operators of something, the same wherever it is opened."""

from typing import Any

import reflex as rx

from xianyu.schemas.reports import Reported, Subject
from xianyu.services import limits, reports
from xianyu.services.errors import DomainError, InvalidForm, LoginRequired
from xianyu.services.report_targets import NothingToReport
from xianyu.states.actor import client_address, member_id, read_as_member, write_as_member
from xianyu.states.contacts import ContactState
from xianyu.states.delivery import announce
from xianyu.states.forms import photo_ids, text


class ReportState(rx.State):
    """What the dialog is about, and how it went. ``number`` tells one opening from the next."""

    subject: Subject = Subject()
    is_open: bool = False
    number: int = 0
    errors: dict[str, str] = {}
    busy: bool = False
    # It was sent, and the dialog thanks for it.
    done: bool = False

    @rx.event
    async def ask(self, kind: str, ref: int, seq: int) -> None:
        """举报 was pressed. A visitor is sent to log in, and back."""
        self.errors, self.busy, self.done, self.is_open = {}, False, False, False
        self.subject = await read_as_member(self, reports.subject, kind, ref, seq)
        self.is_open, self.number = True, self.number + 1

    @rx.event
    def close(self) -> None:
        """The dialog was closed, whichever way."""
        self.is_open, self.busy = False, False

    @rx.event
    async def submit(self, form: dict[str, Any]):  # noqa: ANN201 - an event generator
        """The dialog was sent."""
        self.errors, self.busy = {}, True
        yield
        try:
            made = await self._report(form)
        except InvalidForm as error:
            self.errors = error.errors
            return
        except LoginRequired:
            raise
        except DomainError as error:
            self.errors = {"form": error.message}
            return
        finally:
            self.busy = False
        self.done = True
        await announce(*made.events)

    async def _report(self, form: dict[str, Any]) -> Reported:
        about = self.subject
        fields = {name: text(form, name) for name in ("reason", "text")}
        checked = reports.check(fields, (about.kind, about.ref, about.seq), photo_ids(form))
        if not about.kind:
            # Nobody opened the dialog.
            await read_as_member(self, reports.subject, "", 0, 0)
            raise NothingToReport
        await limits.spending(limits.REPORT, str(await member_id(self)), address=client_address(self))
        return await write_as_member(self, reports.report, checked)

    @rx.event
    def block(self) -> list[rx.event.EventSpec] | None:
        """拉黑, which the dialog offers afterwards."""
        accused = self.subject.accused_id
        if not accused:
            return None
        return [
            ReportState.close,
            ContactState.block(accused),  # type: ignore[operator]  # Reflex makes an event of it on the class
        ]
