"""The tables, one module a noun. Importing this package registers every one of them."""

from xianyu.models.accounts import AuthSession, LoginTicket, Role, User
from xianyu.models.conversations import Conversation, ConversationMember
from xianyu.models.listings import Listing, ListingStatus, Photo
from xianyu.models.messages import Message, MessageThread, ReadPosition
from xianyu.models.types import Table, UtcDateTime

metadata = Table.metadata

__all__ = [
    "AuthSession",
    "Conversation",
    "ConversationMember",
    "Listing",
    "ListingStatus",
    "LoginTicket",
    "Message",
    "MessageThread",
    "Photo",
    "ReadPosition",
    "Role",
    "Table",
    "User",
    "UtcDateTime",
    "metadata",
]
