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


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A message in a store. ``seq`` counts from 1 within its conversation, without gaps."""

    conversation_id: int
    seq: int
    sender_id: int
    client_id: str
    body: str
    sent_at: datetime


@dataclass(frozen=True)
class MessageView:
    """A bubble. The same for both sides; each compares ``sender_id`` with itself."""

    seq: int
    client_id: str
    sender_id: int
    sender_name: str
    body: str
    sent_at: str
    sender_avatar_url: str = ""


@dataclass(frozen=True)
class ConversationView:
    """A line of the conversation list."""

    peer_id: int
    peer_name: str
    last_body: str
    last_at: str
    unread: int
    url: str
    peer_avatar_url: str = ""


@dataclass(frozen=True)
class Refusal:
    """Why the message with that id was not stored."""

    client_id: str = ""
    message: str = ""


@dataclass(frozen=True)
class OpenedConversation:
    """What the page of a conversation starts with: the newest messages, oldest first."""

    reader_id: int
    peer: PersonView
    about: ListingCard
    messages: list[MessageView]
    has_older: bool
