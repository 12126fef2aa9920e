"""What happened, for open tabs to hear of. Services return these; the live bus carries them."""

from dataclasses import dataclass

from xianyu.schemas.contacts import RoomMessage
from xianyu.schemas.messages import MessageView


@dataclass(frozen=True)
class MessageSent:
    """A message was stored. A repeat of the same message is told again, which changes nothing.

    ``is_read`` is whether the recipient had it before their eyes as it came, ``is_repeat`` whether it
    was stored before.
    """

    conversation_id: int
    sender_id: int
    recipient_id: int
    message: MessageView
    is_read: bool = False
    is_repeat: bool = False


@dataclass(frozen=True)
class ConversationRead:
    """A reader's position moved to ``seq``: their tabs show other counts, the other's that it was read."""

    conversation_id: int
    reader_id: int
    peer_id: int = 0
    seq: int = 0


@dataclass(frozen=True)
class MessageRecalled:
    """A sender took a message back: it has its number still and nothing to show, on both sides."""

    conversation_id: int
    sender_id: int
    recipient_id: int
    message: MessageView


@dataclass(frozen=True)
class CardChanged:
    """What a card in a conversation shows is not what it showed: an order or an offer went on."""

    conversation_id: int
    sender_id: int
    recipient_id: int
    message: MessageView


@dataclass(frozen=True)
class MessagesHidden:
    """Somebody deleted single messages for themselves."""

    conversation_id: int
    reader_id: int
    peer_id: int
    seqs: tuple[int, ...]


@dataclass(frozen=True)
class ConversationCleared:
    """Somebody deleted all messages up to ``seq`` for themselves."""

    conversation_id: int
    reader_id: int
    peer_id: int
    seq: int


@dataclass(frozen=True)
class ConversationMarked:
    """Somebody pinned or muted a conversation, or no longer."""

    conversation_id: int
    user_id: int
    peer_id: int
    is_pinned: bool
    is_muted: bool


@dataclass(frozen=True)
class TypingStarted:
    """Somebody is writing to somebody. It is stored nowhere and over after some seconds."""

    sender_id: int
    recipient_id: int


@dataclass(frozen=True)
class PresenceChanged:
    """A person came online or went, or, ``by_choice``, let others see that or no longer."""

    user_id: int
    by_choice: bool = False


@dataclass(frozen=True)
class FriendshipChanged:
    """Two people asked each other, became friends, or are so no longer."""

    user_id: int
    other_id: int


@dataclass(frozen=True)
class BlockChanged:
    """Somebody blocked somebody else, or no longer."""

    blocker_id: int
    blocked_id: int
    is_blocked: bool


@dataclass(frozen=True)
class RoomMessageSent:
    """A message was stored in the public room. A repeat is told again. ``mentioned`` were told of it."""

    message: RoomMessage
    mentioned: tuple[int, ...] = ()


@dataclass(frozen=True)
class RoomMessageChanged:
    """A message of the public room was taken back by its sender or deleted by an operator."""

    message: RoomMessage


@dataclass(frozen=True)
class RoomMuteChanged:
    """Somebody may not write in the public room until then, or may again where that is empty."""

    user_id: int
    until: str


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
class ListingErased:
    """A listing was deleted for good: there is no row any more that says whose it was."""

    listing_id: int
    seller_id: int


@dataclass(frozen=True)
class OrderChanged:
    """An order was made, or is not what open pages show. It concerns its two people alone."""

    order_id: int
    buyer_id: int
    seller_id: int


@dataclass(frozen=True)
class OfferChanged:
    """An offer was made or answered, or is over. It concerns its two people alone."""

    offer_id: int
    listing_id: int
    buyer_id: int
    seller_id: int


@dataclass(frozen=True)
class ReviewsChanged:
    """The reviews of an order are not what its two people see, and if ``is_public``, not what anybody sees."""

    order_id: int
    buyer_id: int
    seller_id: int
    is_public: bool


@dataclass(frozen=True)
class AddressesChanged:
    """A person's address book is not what their open tabs show."""

    user_id: int


@dataclass(frozen=True)
class SessionEnded:
    """A login is over: the tabs that lived on it must let go."""

    user_id: int
    session_id: int


@dataclass(frozen=True)
class ProfileChanged:
    """A person's name or picture is not what their open tabs show."""

    user_id: int


@dataclass(frozen=True)
class Reconnected:
    """This worker may have missed what others told: open tabs read everything anew."""


@dataclass(frozen=True)
class ActivityPublished:
    """Neighbours are invited to something new."""

    activity_id: int
    organizer_id: int


@dataclass(frozen=True)
class ActivityChanged:
    """An activity's text, status, or who comes to it is not what open pages show."""

    activity_id: int


@dataclass(frozen=True)
class AnnouncementPublished:
    """An operator has told everybody something new."""

    announcement_id: int


@dataclass(frozen=True)
class AnnouncementChanged:
    """An announcement was edited, pinned, unpinned or deleted."""

    announcement_id: int


@dataclass(frozen=True)
class ListingCounted:
    """How many want, saved or saw a listing is not what open pages show. Nothing else of it changed."""

    listing_id: int


@dataclass(frozen=True)
class FavoritesChanged:
    """What a person saved is not what their open tabs show."""

    user_id: int


@dataclass(frozen=True)
class NoticeAdded:
    """There is something new in a person's box 互动."""

    user_id: int


@dataclass(frozen=True)
class NoticesRead:
    """A person saw notices: all of their tabs show another count now.

    With ``everything`` they said so themselves (全部已读), and what is marked as new is so no longer.
    """

    user_id: int
    everything: bool = False


@dataclass(frozen=True)
class BroadcastsSeen:
    """A person saw the box 广播: all of their tabs show another count now."""

    user_id: int


@dataclass(frozen=True)
class ModerationChanged:
    """What waits for the operators is not what their consoles show."""


@dataclass(frozen=True)
class CatalogChanged:
    """Sections or categories are not what open pages show, nor what the workers keep of them."""


LiveEvent = (
    MessageSent
    | ConversationRead
    | ActivityChanged
    | AddressesChanged
    | ActivityPublished
    | AnnouncementChanged
    | AnnouncementPublished
    | BlockChanged
    | BroadcastsSeen
    | CardChanged
    | CatalogChanged
    | ConversationCleared
    | ConversationMarked
    | FavoritesChanged
    | FriendshipChanged
    | ListingChanged
    | ListingCounted
    | ListingErased
    | ListingPublished
    | MessageRecalled
    | MessagesHidden
    | ModerationChanged
    | NoticeAdded
    | NoticesRead
    | OfferChanged
    | OrderChanged
    | PresenceChanged
    | ProfileChanged
    | Reconnected
    | ReviewsChanged
    | RoomMessageChanged
    | RoomMessageSent
    | RoomMuteChanged
    | SessionEnded
    | TypingStarted
)


@dataclass(frozen=True)
class Ordered:
    """An order's number, whether it was made just now, and everything that happened with it."""

    order_id: int
    is_new: bool
    events: tuple[LiveEvent, ...] = ()


@dataclass(frozen=True)
class Offered:
    """An offer's number and everything that happened with it."""

    offer_id: int
    events: tuple[LiveEvent, ...] = ()


@dataclass(frozen=True)
class Published:
    """A listing's number once it is on offer, and everything that happened with it."""

    listing_id: int
    events: tuple[LiveEvent, ...]
