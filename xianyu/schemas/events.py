"""What happened, for open tabs to hear of. Services return these; the live bus carries them."""

from dataclasses import dataclass

from xianyu.schemas.messages import MessageView


@dataclass(frozen=True)
class MessageSent:
    """A message was stored. A repeat of the same message is told again, which changes nothing."""

    conversation_id: int
    sender_id: int
    recipient_id: int
    message: MessageView


@dataclass(frozen=True)
class ConversationRead:
    """A reader's position moved: all of their tabs show other counts now."""

    conversation_id: int
    reader_id: int


@dataclass(frozen=True)
class ListingPublished:
    """There is something new at the top of the feed."""

    listing_id: int
    seller_id: int
    category: str


@dataclass(frozen=True)
class ListingChanged:
    """A listing's status, quantity or text is not what open pages show."""

    listing_id: int


@dataclass(frozen=True)
class SessionEnded:
    """A login is over: the tabs that lived on it must let go."""

    user_id: int
    session_id: int


@dataclass(frozen=True)
class ProfileChanged:
    """A person's name or picture is not what their open tabs show."""

    user_id: int


LiveEvent = MessageSent | ConversationRead | ListingPublished | ListingChanged | SessionEnded | ProfileChanged
