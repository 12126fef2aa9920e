"""The tables, one module a noun. Importing this package registers every one of them."""

from xianyu.models.accounts import (
    AuthSession,
    DataExport,
    ExternalIdentity,
    ExternalLogin,
    LoginTicket,
    MailedToken,
    RecoveryCode,
    Role,
    TokenPurpose,
    User,
)
from xianyu.models.conversations import Conversation, ConversationMember
from xianyu.models.listings import Listing, ListingStatus, Photo
from xianyu.models.messages import Message, MessageThread, ReadPosition
from xianyu.models.types import Table, UtcDateTime

metadata = Table.metadata

__all__ = [
    "AuthSession",
    "Conversation",
    "ConversationMember",
    "DataExport",
    "ExternalIdentity",
    "ExternalLogin",
    "Listing",
    "ListingStatus",
    "LoginTicket",
    "MailedToken",
    "Message",
    "MessageThread",
    "Photo",
    "ReadPosition",
    "RecoveryCode",
    "Role",
    "Table",
    "TokenPurpose",
    "User",
    "UtcDateTime",
    "metadata",
]
