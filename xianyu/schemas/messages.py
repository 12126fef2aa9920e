"""Messages and conversations as stores, services and the interface exchange them."""

from dataclasses import dataclass
from datetime import datetime

from xianyu.schemas.accounts import PersonView
from xianyu.schemas.listings import ListingCard


@dataclass(frozen=True, slots=True)
class MessageDraft:
    """A message on its way into a store."""

    conversation_id: int
    sender_id: int
    client_id: str
    body: str
    sent_at: datetime
    kind: str = "text"
    attachment: str = ""


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A message in a store. ``seq`` counts from 1 within its conversation, without gaps.

    One that its sender took back, or an operator deleted, has no text and no attachment any more, but
    its number.
    """

    conversation_id: int
    seq: int
    sender_id: int
    client_id: str
    body: str
    sent_at: datetime
    kind: str = "text"
    attachment: str = ""
    recalled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StoredThread:
    """A conversation in a store without its messages, to be moved to another one.

    ``positions`` has for each reader how far they have read and up to where they deleted everything;
    ``hidden`` the numbers of the single messages that they deleted for themselves.
    """

    conversation_id: int
    last_seq: int
    positions: dict[int, tuple[int, int]]
    hidden: dict[int, list[int]]


@dataclass(frozen=True)
class AttachmentView:
    """What a message shows besides text: a picture with its size, or a card of a listing or an order.

    ``url`` is where it leads, empty where that is gone; ``status`` and ``price`` belong to cards. Those
    of orders and offers have a number, ``quantity``, the status in words, and of an open offer who may
    answer it.
    """

    url: str = ""
    image_url: str = ""
    width: int = 0
    height: int = 0
    title: str = ""
    price: str = ""
    status: str = ""
    ref_id: int = 0
    quantity: int = 0
    label: str = ""
    awaits_id: int = 0


@dataclass(frozen=True)
class MessageView:
    """A bubble. The same for both sides; each compares ``sender_id`` with itself.

    ``kind`` is a ``MessageKind`` or ``RECALLED``, and then there is nothing else to show.
    """

    seq: int
    client_id: str
    sender_id: int
    sender_name: str
    body: str
    sent_at: str
    sender_avatar_url: str = ""
    kind: str = "text"
    attachment: AttachmentView | None = None


RECALLED = "recalled"
# A message that an operator deleted: a kind of its own, in the store as on the page.
RETRACTED = "retracted"


@dataclass(frozen=True)
class ConversationView:
    """A line of the conversation list.

    ``shows_presence`` is whether the two let each other see whether they are online.
    """

    peer_id: int
    peer_name: str
    last_body: str
    last_at: str
    unread: int
    url: str
    peer_avatar_url: str = ""
    is_pinned: bool = False
    is_muted: bool = False
    shows_presence: bool = False


@dataclass(frozen=True)
class FoundMessage:
    """A message that a search found, with whom it was exchanged and where it stands."""

    key: str
    peer_name: str
    peer_avatar_url: str
    body: str
    sent_at: str
    is_mine: bool
    url: str


@dataclass(frozen=True)
class PresenceView:
    """Whether a person is there, as another may see it. Where it is not ``shown`` the rest says nothing.

    ``last_seen_at`` is empty where nobody knows.
    """

    shown: bool = False
    is_online: bool = False
    last_seen_at: str = ""


@dataclass(frozen=True)
class Refusal:
    """Why the message with that id was not stored. If it ``is_final`` nothing changes by sending it again."""

    client_id: str = ""
    message: str = ""
    is_final: bool = False


@dataclass(frozen=True)
class OpenedConversation:
    """What the page of a conversation starts with: the newest messages, oldest first.

    Opened at an older message it is those around that one, and ``has_newer`` tells of later ones.
    ``read_by_peer`` is the number up to which the other has read. While the store of the messages
    is not ``is_available`` there are none here. ``now`` is the server's clock.
    """

    reader_id: int
    peer: PersonView
    about: ListingCard
    messages: list[MessageView]
    has_older: bool
    has_newer: bool = False
    read_by_peer: int = 0
    is_pinned: bool = False
    is_muted: bool = False
    presence: PresenceView = PresenceView()
    is_available: bool = True
    now: str = ""
