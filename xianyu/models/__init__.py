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
from xianyu.models.interest import Draft, Favorite, ListingView, ListingWant, SavedSearch
from xianyu.models.listings import Condition, Listing, ListingKind, ListingStatus, ListingTag, Photo, Tag, Video
from xianyu.models.messages import HiddenMessage, Message, MessageKind, MessageThread, ReadPosition
from xianyu.models.moderation import (
    AuditEntry,
    CatalogEntry,
    DailyFigure,
    Report,
    ReportStatus,
    ReportTarget,
    Screening,
    ScreeningStatus,
    SensitiveWord,
    WordAction,
)
from xianyu.models.notices import Notice, NoticeKind
from xianyu.models.orders import Address, Delivery, Offer, OfferStatus, Order, OrderEvent, OrderStatus
from xianyu.models.people import Block, FriendRequest, Friendship, PushSubscription, RoomMute
from xianyu.models.reviews import Review, ReviewStatus
from xianyu.models.search import SearchDocument, Section
from xianyu.models.sections import Activity, ActivitySignup, ActivityStatus, Announcement
from xianyu.models.types import Table, UtcDateTime

metadata = Table.metadata

__all__ = [
    "Activity",
    "ActivitySignup",
    "ActivityStatus",
    "Address",
    "Announcement",
    "AuditEntry",
    "AuthSession",
    "Block",
    "CatalogEntry",
    "Condition",
    "Conversation",
    "ConversationMember",
    "DailyFigure",
    "DataExport",
    "Delivery",
    "Draft",
    "ExternalIdentity",
    "ExternalLogin",
    "Favorite",
    "FriendRequest",
    "Friendship",
    "HiddenMessage",
    "Listing",
    "ListingKind",
    "ListingStatus",
    "ListingTag",
    "ListingView",
    "ListingWant",
    "LoginTicket",
    "MailedToken",
    "Message",
    "MessageKind",
    "MessageThread",
    "Notice",
    "NoticeKind",
    "Offer",
    "OfferStatus",
    "Order",
    "OrderEvent",
    "OrderStatus",
    "Photo",
    "PushSubscription",
    "ReadPosition",
    "RecoveryCode",
    "Report",
    "ReportStatus",
    "ReportTarget",
    "Review",
    "ReviewStatus",
    "Role",
    "RoomMute",
    "SavedSearch",
    "Screening",
    "ScreeningStatus",
    "SearchDocument",
    "Section",
    "SensitiveWord",
    "Table",
    "Tag",
    "TokenPurpose",
    "User",
    "UtcDateTime",
    "Video",
    "WordAction",
    "metadata",
]
