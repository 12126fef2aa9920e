"""What everybody's unread counts must be, in plain Python: the services and the site are compared with this."""

import os
from collections import defaultdict
from dataclasses import dataclass

from hypothesis import HealthCheck, Phase, settings

# A long search for what is wrong: XIANYU_TEST_EXAMPLES=500 pytest tests -k unread_model
EXAMPLES = "XIANYU_TEST_EXAMPLES"


def effort(examples: int, steps: int) -> settings:
    """How much is played: the same each time, unless the environment asks for so many examples by chance."""
    wanted = int(os.environ.get(EXAMPLES, "0"))
    return settings(
        max_examples=wanted or examples,
        stateful_step_count=steps,
        derandomize=not wanted,
        deadline=None,
        database=None,
        # Making a failure short takes longer than all the rest.
        phases=[Phase.generate, Phase.shrink] if wanted else [Phase.generate],
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )


@dataclass
class Said:
    """A message as both sides know it."""

    seq: int
    sender: int
    client_id: str
    is_photo: bool = False
    is_recalled: bool = False


class UnreadModel:
    """People, by small numbers, and what each has not read of whom.

    Where a rule could be otherwise it is as neighbours know it from WeChat:

    - Who writes in a conversation has read all that was there before.
    - A message that was taken back is unread no longer: there is nothing to read. The line that stands
      in its place does not count.
    - Nor does one that the reader deleted, one by one or with the whole conversation.
    - Blocking refuses what would come; what came counts until it is read.
    - A muted conversation counts like any other; it only makes no noise.
    - A repeat of a message changes nothing, above all it brings no deleted conversation back.
    - Deleting a friend deletes one's own copy, and the other's counts stay as they are.
    """

    def __init__(self) -> None:
        self.said: defaultdict[frozenset[int], list[Said]] = defaultdict(list)
        self.unread: defaultdict[tuple[int, int], set[int]] = defaultdict(set)
        # Whom each person's list of conversations has a line of.
        self.listed: defaultdict[int, set[int]] = defaultdict(set)
        self.cleared: defaultdict[tuple[int, int], int] = defaultdict(int)
        self.notices: defaultdict[int, int] = defaultdict(int)
        self.friends: set[frozenset[int]] = set()
        self.asked: set[tuple[int, int]] = set()
        self.blocked: set[tuple[int, int]] = set()
        self.wanted: set[tuple[int, int]] = set()
        self.opened: set[frozenset[int]] = set()

    def between(self, one: int, other: int) -> list[Said]:
        """What two people said to each other."""
        return self.said[frozenset({one, other})]

    def may_contact(self, one: int, other: int) -> bool:
        """Whether neither blocked the other."""
        return not {(one, other), (other, one)} & self.blocked

    def count(self, reader: int, peer: int) -> int:
        """How much the reader has not read of the peer."""
        return len(self.unread[reader, peer])

    def messages(self, reader: int) -> int:
        """How much the reader has not read of anybody."""
        return sum(len(seqs) for (one, _), seqs in self.unread.items() if one == reader)

    def total(self, reader: int) -> int:
        """The count on 消息: messages and notices."""
        return self.messages(reader) + self.notices[reader]

    def send(self, sender: int, recipient: int, client_id: str, *, seen: bool = False, is_photo: bool = False) -> Said:
        """A new message."""
        self.opened.add(frozenset({sender, recipient}))
        talk = self.between(sender, recipient)
        message = Said(len(talk) + 1, sender, client_id, is_photo)
        talk.append(message)
        self.unread[sender, recipient].clear()
        self.unread[recipient, sender].add(message.seq)
        for one, other in ((sender, recipient), (recipient, sender)):
            self.listed[one].add(other)
        if seen:
            self.read(recipient, sender, message.seq)
        return message

    def read(self, reader: int, peer: int, seq: int) -> None:
        """The reader has read up to there."""
        self.unread[reader, peer] = {one for one in self.unread[reader, peer] if one > seq}

    def see(self, reader: int, peer: int) -> None:
        """The reader has the end of the conversation before their eyes."""
        self.unread[reader, peer].clear()

    def recall(self, message: Said, recipient: int) -> None:
        """The sender took the message back."""
        message.is_recalled = True
        self.unread[recipient, message.sender].discard(message.seq)

    def hide(self, reader: int, peer: int, seqs: set[int]) -> None:
        """The reader deleted single messages."""
        self.unread[reader, peer] -= seqs

    def clear(self, reader: int, peer: int) -> None:
        """The reader deleted the conversation."""
        self.unread[reader, peer].clear()
        self.listed[reader].discard(peer)
        self.cleared[reader, peer] = len(self.between(reader, peer))

    def want(self, buyer: int, seller: int) -> None:
        """The buyer pressed 想要; the seller hears of it once."""
        self.opened.add(frozenset({buyer, seller}))
        self.listed[buyer].add(seller)
        if (buyer, seller) not in self.wanted:
            self.wanted.add((buyer, seller))
            self.notices[seller] += 1

    def ask(self, one: int, other: int) -> None:
        """加好友: a request, or the answer to one."""
        if frozenset({one, other}) in self.friends or (one, other) in self.asked:
            return
        if (other, one) in self.asked:
            self.befriend(one, other)
        else:
            self.asked.add((one, other))
            self.notices[other] += 1

    def befriend(self, one: int, other: int) -> None:
        """The first agreed to what the second had asked."""
        self.asked -= {(one, other), (other, one)}
        self.friends.add(frozenset({one, other}))
        self.notices[other] += 1

    def unfriend(self, one: int, other: int) -> None:
        """The first deleted the second, if they were friends."""
        if frozenset({one, other}) not in self.friends:
            return
        self.friends.discard(frozenset({one, other}))
        if frozenset({one, other}) in self.opened:
            self.clear(one, other)

    def block(self, one: int, other: int) -> None:
        """The first blocked the second."""
        self.asked -= {(one, other), (other, one)}
        self.friends.discard(frozenset({one, other}))
        self.blocked.add((one, other))
