"""Friends, requests, blocks and the public room, as services and the interface exchange them."""

from dataclasses import dataclass, field
from enum import StrEnum

from xianyu.schemas.messages import MessageView


class Friendship(StrEnum):
    """How far two people are with being friends, as one of them sees it."""

    NONE = ""
    ASKED = "asked"
    IS_ASKED = "is_asked"
    FRIENDS = "friends"


@dataclass(frozen=True)
class Standing:
    """How the reader stands with ``person_id``; 0 is nobody, and so is whoever cannot be a friend.

    ``is_blocked`` is what the reader did, ``refuses`` what the other did, which is told as neutrally
    as possible.
    """

    person_id: int = 0
    friendship: str = Friendship.NONE.value
    is_blocked: bool = False
    refuses: bool = False


@dataclass(frozen=True)
class Contact:
    """Somebody in one of the lists. ``since`` is when they came into it."""

    id: int
    name: str
    username: str
    avatar_url: str
    since: str
    url: str
    chat_url: str


@dataclass(frozen=True)
class Contacts:
    """Everybody whom a person knows or does not want to know.

    ``asking`` wait for an answer, ``asked`` have not given theirs yet.
    """

    friends: list[Contact]
    asking: list[Contact]
    asked: list[Contact]
    blocked: list[Contact]


@dataclass(frozen=True)
class RoomMessage(MessageView):
    """A bubble of the public room. ``mentions`` are the names in it that are somebody's, as they stand there."""

    sender_username: str = ""
    mentions: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class RoomPerson:
    """Somebody who has the room open."""

    id: int
    name: str
    avatar_url: str
    url: str


@dataclass(frozen=True)
class OpenedRoom:
    """What the page of the public room starts with, for one reader; a visitor has ``reader_id`` 0.

    ``blocked`` are those whose messages the reader does not want to see, ``muted_until`` is empty
    for whoever may write. While the store of the messages is not ``is_available`` there are none.
    """

    reader_id: int
    messages: list[RoomMessage]
    has_older: bool
    blocked: list[int]
    muted_until: str = ""
    is_operator: bool = False
    is_available: bool = True
    now: str = ""
