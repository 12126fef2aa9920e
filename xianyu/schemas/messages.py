"""Messages and conversations as stores, services and the interface exchange them."""

from dataclasses import dataclass
from datetime import datetime


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


@dataclass(frozen=True)
class ConversationView:
    """A line of the conversation list."""

    peer_id: int
    peer_name: str
    last_body: str
    last_at: str
    unread: int
    url: str
