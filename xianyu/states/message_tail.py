"""The messages that a conversation or the public room shows, and what becomes of them while it is open."""

from collections.abc import Awaitable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from xianyu.adapters.messages import StoreUnavailable
from xianyu.schemas.messages import Refusal
from xianyu.services.errors import DomainError, LoginRequired
from xianyu.services.message_screening import MessageHeld
from xianyu.states import outage
from xianyu.states.delivery import OpenedState, plain

T = TypeVar("T")

PAGE = 40
# ``tail`` is sent whole with each new message, ``history`` is not: a short tail keeps a message's
# cost near its own size however long the conversation is.
TAIL = 10


class MessageTail(OpenedState, mixin=True):
    """``history`` and ``tail`` together are what is shown, oldest first.

    ``epoch`` is another each time that they are loaded, so that the browser can ask what became of its outbox;
    ``settled`` answers that. ``now`` is the server's clock when the page was loaded. While the store of
    the messages is ``unavailable`` what was shown stays, and the outbox keeps what is sent.
    """

    history: list[Any] = []
    tail: list[Any] = []
    has_older: bool = False
    unavailable: bool = False
    refusal: Refusal = Refusal()
    settled: list[str] = []
    epoch: int = 0
    now: str = ""
    # How many messages a tab that stays open for days keeps.
    _kept: int = 0

    @contextmanager
    def _or_later(self) -> Iterator[None]:
        """Where the store does not answer the page says so and goes on once it does."""
        try:
            yield
        except StoreUnavailable:
            self.unavailable = True
            outage.note()

    async def _outcome(self, client_id: object, work: Awaitable[T]) -> T | None:
        """What came of storing a message, or nothing: then the page says why, or the outbox keeps it for later."""
        with self._or_later():
            try:
                return await work
            except LoginRequired:
                self._refuse(client_id, "登录已失效，请重新登录后再发")
            except DomainError as error:
                self._refuse(client_id, error.message, is_final=isinstance(error, MessageHeld))
        return None

    def _refuse(self, client_id: object, message: str, *, is_final: bool = False) -> None:
        """Say why a message is not sent. What no page made is not sent back: half a character ends the socket."""
        known = client_id if isinstance(client_id, str) and client_id.isascii() else ""
        self.refusal = Refusal(known, message, is_final)

    def _put_above(self, older: Sequence[Any], kept: int) -> None:
        """Somebody scrolled up to a page of older messages, and is not to lose them to a new one."""
        self.has_older = len(older) == PAGE
        self.history = [*older, *plain(self.history)]
        self._kept = kept + len(self.history)

    def _keep(self, history: list[Any], tail: list[Any]) -> None:
        if len(tail) <= TAIL:
            self.tail = tail
            return
        whole = [*history, *tail]
        self.has_older = self.has_older or len(whole) > self._kept
        self.history, self.tail = whole[-self._kept :], []

    def _replace(self, message: Any) -> None:
        """A message is not what it was."""
        for name in ("history", "tail"):
            shown = plain(getattr(self, name))
            if any(one.seq == message.seq for one in shown):
                setattr(self, name, [message if one.seq == message.seq else one for one in shown])
