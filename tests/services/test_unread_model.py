"""Unread counts, provably: whatever people do in whatever order, each count is what a simple model says."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlmodel import Session

from tests.factories import make_listing, make_photo, make_user
from tests.unread_model import Said, UnreadModel, effort
from xianyu.adapters.database import Database
from xianyu.adapters.message_stores import message_store
from xianyu.adapters.mongo import forget_connection, get_mongo_database
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.services import (
    contacts,
    conversation_list,
    friends,
    interest,
    message_changes,
    messages,
    notices,
)
from xianyu.services.contacts import NotContactable
from xianyu.services.friends import RequestGone
from xianyu.services.message_changes import ConversationNotFound, RecallTooLate
from xianyu.settings import get_settings

PEOPLE = 3
# Two of them: who acts, and towards whom.
PAIRS = st.permutations(range(PEOPLE)).map(lambda people: people[:2])
# Each of them has something to read at first, so that whatever is done first has something to go wrong.
EVERYBODY = [[one, (one + 1) % PEOPLE] for one in range(PEOPLE) for _ in range(2)]
# Numbers of messages, counted from the newest: 0 is that one, and some name none at all.
BACK = st.integers(-2, 6)
# The same, of one person's own.
OWN = st.integers(0, 3)


class Services(RuleBasedStateMachine):
    """People who do things, through the services alone."""

    def __init__(self, database: Database, patch: pytest.MonkeyPatch) -> None:
        super().__init__()
        self.database = database
        self.patch = patch
        self.model = UnreadModel()
        self.people: list[Actor] = []
        self.listings: list[int] = []
        self.sent = 0

    @initialize()
    def move_in(self) -> None:
        self.people = [make_user(self.database) for _ in range(PEOPLE)]
        self.listings = [make_listing(self.database, one) for one in self.people]
        for pair in EVERYBODY:
            self.say(pair, "text")

    def teardown(self) -> None:
        self.database.engine.dispose()

    def refused(self, one: int, other: int, deed: Callable[[], object]) -> bool:
        """Whether a block is in the way; if so, that the deed is refused."""
        if self.model.may_contact(one, other):
            return False
        with pytest.raises(NotContactable):
            deed()
        return True

    def later(self, service: Callable[..., Any], *args: Any) -> Callable[[], Any]:
        """A write that is yet to be made."""
        return lambda: self.database.write(service, *args)

    def own(self, one: int, other: int, back: int) -> Said | None:
        """What the first said so many messages ago, if they said so much."""
        said = [message for message in self.model.between(one, other) if message.sender == one]
        return said[-1 - back] if back < len(said) else None

    def seq(self, one: int, other: int, back: int) -> int:
        return len(self.model.between(one, other)) - back

    @rule(pair=PAIRS, kind=st.sampled_from(["text", "text", "photo", "listing"]), seen=st.booleans())
    def send(self, pair: list[int], kind: str, seen: bool) -> None:
        self.say(pair, kind, seen)

    def say(self, pair: list[int], kind: str, seen: bool = False) -> None:
        one, other = pair
        self.sent += 1
        client_id = f"client-{self.sent:06}"
        actor, peer_id = self.people[one], self.people[other].user_id
        if kind == "photo":
            photo_id = make_photo(self.database, actor)
            deed = self.later(messages.send_photo, actor, peer_id, client_id, photo_id, seen)
        elif kind == "listing":
            listing_id = self.listings[one]
            deed = self.later(messages.send_listing, actor, peer_id, client_id, listing_id, seen)
        else:
            deed = self.later(messages.send, actor, peer_id, client_id, "在吗", seen)
        if not self.refused(one, other, deed):
            event = deed()
            expected = self.model.send(one, other, client_id, seen=seen, is_photo=kind == "photo")
            assert event.message.seq == expected.seq

    @rule(pair=PAIRS, back=OWN)
    def repeat(self, pair: list[int], back: int) -> None:
        """The sender's browser never heard that the message was stored."""
        one, other = pair
        message = self.own(one, other, back)
        if message is None or message.is_photo:
            return
        actor, peer = self.people[one], self.people[other]
        deed = self.later(messages.send, actor, peer.user_id, message.client_id, "在吗")
        if not self.refused(one, other, deed):
            assert deed().message.seq == message.seq

    @rule(pair=PAIRS, back=BACK)
    def read(self, pair: list[int], back: int) -> None:
        one, other = pair
        seq = self.seq(one, other, back)
        event = self.database.write(messages.read, self.people[one], self.people[other].user_id, seq)
        if self.model.count(one, other) and seq >= min(self.model.unread[one, other]):
            assert event is not None
        self.model.read(one, other, seq)

    @rule(pair=PAIRS, back=OWN, late=st.booleans())
    def recall(self, pair: list[int], back: int, late: bool) -> None:
        one, other = pair
        message = self.own(one, other, back)
        if message is None:
            return
        actor, peer_id = self.people[one], self.people[other].user_id
        with self.patch.context() as clock:
            if late:
                clock.setattr(message_changes, "utc_now", lambda: utc_now() + timedelta(minutes=2))
            if late and not message.is_recalled:
                with pytest.raises(RecallTooLate):
                    self.database.write(message_changes.recall, actor, peer_id, message.seq)
                return
            self.database.write(message_changes.recall, actor, peer_id, message.seq)
        self.model.recall(message, other)

    @rule(pair=PAIRS, backs=st.lists(BACK, max_size=4))
    def delete_some(self, pair: list[int], backs: list[int]) -> None:
        one, other = pair
        seqs = [self.seq(one, other, back) for back in backs]
        deed = self.later(message_changes.delete_for_me, self.people[one], self.people[other].user_id, seqs)
        if frozenset(pair) not in self.model.opened:
            with pytest.raises(ConversationNotFound):
                deed()
            return
        deed()
        self.model.hide(one, other, set(seqs))

    @rule(pair=PAIRS)
    def delete_all(self, pair: list[int]) -> None:
        one, other = pair
        deed = self.later(message_changes.clear, self.people[one], self.people[other].user_id)
        if frozenset(pair) not in self.model.opened:
            with pytest.raises(ConversationNotFound):
                deed()
            return
        deed()
        self.model.clear(one, other)

    @rule(pair=PAIRS, pin=st.booleans(), on=st.booleans())
    def mark(self, pair: list[int], pin: bool, on: bool) -> None:
        """置顶 and 免打扰 change no count."""
        one, other = pair
        if frozenset(pair) in self.model.opened:
            change = message_changes.set_pinned if pin else message_changes.set_muted
            self.database.write(change, self.people[one], self.people[other].user_id, on)

    @rule(pair=PAIRS)
    def want(self, pair: list[int]) -> None:
        one, other = pair
        deed = self.later(interest.want, self.people[one], self.listings[other])
        if not self.refused(one, other, deed):
            deed()
            self.model.want(one, other)

    @rule(pair=PAIRS)
    def ask(self, pair: list[int]) -> None:
        one, other = pair
        deed = self.later(friends.ask, self.people[one], self.people[other].user_id)
        if not self.refused(one, other, deed):
            deed()
            self.model.ask(one, other)

    @rule(pair=PAIRS)
    def accept(self, pair: list[int]) -> None:
        one, other = pair
        deed = self.later(friends.accept, self.people[one], self.people[other].user_id)
        if self.refused(one, other, deed):
            return
        if frozenset(pair) not in self.model.friends and (other, one) not in self.model.asked:
            with pytest.raises(RequestGone):
                deed()
            return
        deed()
        if frozenset(pair) not in self.model.friends:
            self.model.befriend(one, other)

    @rule(pair=PAIRS)
    def unfriend(self, pair: list[int]) -> None:
        one, other = pair
        self.database.write(friends.unfriend, self.people[one], self.people[other].user_id)
        self.model.unfriend(one, other)

    # With more than one at a time most of what follows would only be refused.
    @precondition(lambda self: not self.model.blocked)
    @rule(pair=PAIRS)
    def block(self, pair: list[int]) -> None:
        one, other = pair
        self.database.write(contacts.block, self.people[one], self.people[other].user_id)
        self.model.block(one, other)

    @precondition(lambda self: self.model.blocked)
    @rule()
    def unblock(self) -> None:
        [(one, other)] = self.model.blocked
        self.database.write(contacts.unblock, self.people[one], self.people[other].user_id)
        self.model.blocked.discard((one, other))

    @rule(one=st.integers(0, PEOPLE - 1), everything=st.booleans())
    def read_notices(self, one: int, everything: bool) -> None:
        actor = self.people[one]
        if everything:
            self.database.write(notices.mark_all_read, actor)
        else:
            shown = self.database.read(notices.page, actor).notices
            if shown:
                self.database.write(notices.mark_read, actor, shown[0].id, shown[-1].id)
        self.model.notices[one] = 0

    @rule()
    def restart(self) -> None:
        """A worker knows nothing but what is stored."""
        self.teardown()
        self.database = Database(get_settings().resolved_database_url)
        if get_settings().mongodb_url:
            get_mongo_database().client.close()
            forget_connection()

    @invariant()
    def counts_are_right(self) -> None:
        if self.people:
            self.database.read(self.compare)

    def compare(self, session: Session) -> None:
        of_all = message_store(session).unread_of([one.user_id for one in self.people])
        for number, actor in enumerate(self.people):
            peers = {peer: other.user_id for peer, other in enumerate(self.people) if peer != number}
            expected = {user_id: self.model.count(number, peer) for peer, user_id in peers.items()}
            expected = {user_id: count for user_id, count in expected.items() if count}
            assert conversation_list.unread_by_user(session, actor.user_id) == expected
            assert conversation_list.unread_total(session, actor) == self.model.messages(number)
            assert sum(of_all.get(actor.user_id, {}).values()) == self.model.messages(number)
            lines = {line.peer_id: line.unread for line in conversation_list.conversations(session, actor)}
            listed = {peers[peer]: self.model.count(number, peer) for peer in self.model.listed[number]}
            assert lines == listed
            assert notices.unread(session, actor.user_id) == self.model.notices[number]


def test_every_count_is_what_the_model_says(messaging_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """On each database, and with the messages in MongoDB, where each step costs more."""
    examples = 12 if get_settings().mongodb_url else 30

    class Here(Services):
        def __init__(self) -> None:
            super().__init__(messaging_database, monkeypatch)

    run_state_machine_as_test(Here, settings=effort(examples, 40))
