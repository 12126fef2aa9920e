"""Forms that publish or change something, and their fields, which any client may have made up."""

import json
from collections.abc import Awaitable
from typing import Any, TypeVar

import reflex as rx

from xianyu.services.errors import DomainError, InvalidForm, LoginRequired
from xianyu.services.limits import TooManyRequests

T = TypeVar("T")
Refusals = tuple[type[DomainError], ...]

# Characters; nine ids and their brackets need far fewer.
LONGEST_PHOTOS = 2000


def text(form: dict[str, Any], name: str) -> str:
    """A field's text, or an empty string for anything that is none."""
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def photo_ids(form: dict[str, Any]) -> object:
    """The ids in the photo picker's field, or something that a form's check refuses.

    Raises:
        InvalidForm: if photos are still on their way.
    """
    field = text(form, "photos")
    try:
        chosen = json.loads(field) if field and len(field) < LONGEST_PHOTOS else {}
    except (ValueError, RecursionError):
        return None
    if not isinstance(chosen, dict):
        return None
    if chosen.get("pending"):
        raise InvalidForm({"photos": "照片还在上传，请稍等片刻再发布"})
    return chosen.get("ids")


def number(form: dict[str, Any], name: str) -> int:
    """A hidden field's number, or 0 for anything that is none."""
    value = text(form, name)
    return int(value) if value.isascii() and value.isdigit() and len(value) < len(str(2**53)) else 0


def showing(name: object) -> str:
    """What a page calls one showing of its form, fit to be sent back to it."""
    # Halves of characters, which any client may send, could not be sent.
    return name[:40].encode(errors="ignore").decode() if isinstance(name, str) else ""


class FormState(rx.State, mixin=True):
    """What was refused in a form. The fields keep their own text.

    The page names each showing of its form, and the form is there once its showing is ``opened``. A
    socket that comes back shows nothing anew, and so nothing that was typed is lost with it.
    """

    opened: str = ""
    errors: dict[str, str] = {}
    busy: bool = False
    # Why there is nothing to fill in.
    missing: str = ""

    def _start(self) -> None:
        """The form was sent: the button waits."""
        self.errors, self.busy = {}, True

    async def _outcome(self, work: Awaitable[T], *, beside: Refusals = (), gone: Refusals = ()) -> T | None:
        """What came of a form that was sent, or nothing where it was refused: then the page says why.

        Args:
            work: Checks the form and hands it to its service.
            beside: What is told beside the button when it is raised, as is that something was done too often.
            gone: What is told in the form's place.
        """
        told: Refusals = (TooManyRequests, *beside)
        try:
            return await work
        except LoginRequired:
            raise
        except InvalidForm as error:
            self._refuse(error.errors)
        except told as error:
            self.errors = {"form": error.message}
        except gone as error:
            self.missing = error.message
        finally:
            self.busy = False
        return None

    def _refuse(self, errors: dict[str, str]) -> None:
        self.errors = errors
