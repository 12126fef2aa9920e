"""Unread counts, provably: whatever people do in whatever tabs, every open tab shows what a simple model says."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule, run_state_machine_as_test

from tests.factories import make_photo
from tests.unread_model import Said, effort
from tests.unread_windows import ANY, PAIRS, PEOPLE, Street, Windows
from xianyu.adapters.database import Database
from xianyu.adapters.rate_limits import get_rate_limits
from xianyu.models.types import utc_now
from xianyu.services import message_changes
from xianyu.settings import get_settings
from xianyu.states import delivery

OWN = st.integers(0, 3)
BACK = st.integers(-2, 6)


class Neighbours(Windows):
    """What people do from their windows."""

    def own(self, one: int, other: int, back: int) -> Said | None:
        """What the first said so many messages ago, if they said so much."""
        said = [message for message in self.model.between(one, other) if message.sender == one]
        return said[-1 - back] if back < len(said) else None

    @rule(pair=PAIRS, number=ANY, kind=st.sampled_from(["text", "text", "photo", "listing"]))
    def send(self, pair: list[int], number: int, kind: str) -> None:
        one, other = pair
        self.sent += 1
        client_id = f"client-{self.sent:06}"
        ref = make_photo(self.street.database, self.people[one]) if kind == "photo" else self.listings[one]

        async def say() -> None:
            if self.model.may_contact(one, other):
                self.model.send(one, other, client_id, is_photo=kind == "photo")
            await self.call(
                *(one, number, "conversation_state.send"),
                peer_id=self.people[other].user_id,
                client_id=client_id,
                body="在吗",
                kind=kind,
                ref=ref,
            )
            self.look_all()

        self.step(say())

    @rule(pair=PAIRS, number=ANY, back=OWN)
    def repeat(self, pair: list[int], number: int, back: int) -> None:
        one, other = pair
        message = self.own(one, other, back)
        if message is not None and not message.is_photo:
            values = {"peer_id": self.people[other].user_id, "client_id": message.client_id, "body": "在吗"}
            self.step(self.call(one, number, "conversation_state.send", **values))

    @rule(pair=PAIRS, number=ANY, back=OWN, late=st.booleans())
    def recall(self, pair: list[int], number: int, back: int, late: bool) -> None:
        one, other = pair
        message = self.own(one, other, back)
        if message is None:
            return
        with self.patch.context() as clock:
            if late:
                clock.setattr(message_changes, "utc_now", lambda: utc_now() + timedelta(minutes=2))
            else:
                self.model.recall(message, other)
            values = {"peer_id": self.people[other].user_id, "seq": message.seq}
            self.step(self.call(one, number, "message_actions_state.recall", **values))

    @rule(pair=PAIRS, number=ANY, backs=st.lists(BACK, max_size=4))
    def delete_some(self, pair: list[int], number: int, backs: list[int]) -> None:
        one, other = pair
        seqs = [len(self.model.between(one, other)) - back for back in backs]
        self.model.hide(one, other, set(seqs))
        values = {"peer_id": self.people[other].user_id, "seqs": seqs}
        self.step(self.call(one, number, "message_actions_state.delete", **values))

    @rule(pair=PAIRS, number=ANY)
    def delete_all(self, pair: list[int], number: int) -> None:
        one, other = pair
        if frozenset(pair) in self.model.opened:
            self.model.clear(one, other)
        self.step(self.call(one, number, "message_actions_state.clear", peer_id=self.people[other].user_id))

    @rule(pair=PAIRS, number=ANY, pin=st.booleans(), on=st.booleans())
    def mark(self, pair: list[int], number: int, pin: bool, on: bool) -> None:
        one, other = pair
        name, value = ("set_pinned", "is_pinned") if pin else ("set_muted", "is_muted")
        values = {"peer_id": self.people[other].user_id, value: on}
        self.step(self.call(one, number, f"message_actions_state.{name}", **values))

    def between(self, pair: list[int], number: int, name: str) -> None:
        one, other = pair
        self.look_all()

        async def do() -> None:
            await self.call(one, number, f"contact_state.{name}", person_id=self.people[other].user_id)
            self.look_all()

        self.step(do())

    @rule(pair=PAIRS, number=ANY)
    def ask(self, pair: list[int], number: int) -> None:
        if self.model.may_contact(*pair):
            self.model.ask(*pair)
        self.between(pair, number, "ask")

    @rule(pair=PAIRS, number=ANY)
    def accept(self, pair: list[int], number: int) -> None:
        one, other = pair
        if (other, one) in self.model.asked:
            self.model.befriend(one, other)
        self.between(pair, number, "accept")

    @rule(pair=PAIRS, number=ANY)
    def unfriend(self, pair: list[int], number: int) -> None:
        self.model.unfriend(*pair)
        self.between(pair, number, "unfriend")

    # With more than one at a time most of what follows would only be refused.
    @precondition(lambda self: not self.model.blocked)
    @rule(pair=PAIRS, number=ANY)
    def block(self, pair: list[int], number: int) -> None:
        self.model.block(*pair)
        self.between(pair, number, "block")

    @precondition(lambda self: self.model.blocked)
    @rule(number=ANY)
    def unblock(self, number: int) -> None:
        [pair] = self.model.blocked
        self.model.blocked.clear()
        self.between(list(pair), number, "unblock")

    @rule(one=st.integers(0, PEOPLE - 1), number=ANY)
    def read_all_notices(self, one: int, number: int) -> None:
        self.model.notices[one] = 0
        self.step(self.call(one, number, "box_state.read_all"))


@pytest.fixture
def street(messaging_database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Street]:
    """The site on that database. Nobody writes too often for it, and it rests less between two readings."""
    monkeypatch.setenv("XIANYU_RATE_ALLOWANCE", "1000")
    get_settings.cache_clear()
    get_rate_limits.cache_clear()
    monkeypatch.setattr(delivery, "REFRESH_PAUSE", (0.01, 0.05))
    with asyncio.Runner() as runner:
        street = Street(runner, messaging_database)
        yield street
        street.stop()


@pytest.mark.parametrize("messaging_database", ["sqlite", "mongodb"], indirect=True)
def test_every_tab_shows_what_the_model_says(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    class Here(Neighbours):
        def __init__(self) -> None:
            super().__init__(street, monkeypatch)

    run_state_machine_as_test(Here, settings=effort(12, 25))
