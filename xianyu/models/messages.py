"""The tables of the SQL message store. Nothing outside that store touches them."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field

from xianyu.models.types import BigId, Table, UtcDateTime, table_args, utc_now


class MessageKind(StrEnum):
    """What a message is. All but text have an attachment that says which."""

    TEXT = "text"
    PHOTO = "photo"
    LISTING = "listing"
    ORDER = "order"
    OFFER = "offer"


class MessageThread(Table, table=True):
    """The counter of one conversation: ``last_seq`` is the number of its newest message, or 0."""

    __tablename__ = "message_thread"
    __table_args__ = table_args()

    conversation_id: int = Field(sa_column=sa.Column(BigId, primary_key=True, autoincrement=False))
    last_seq: int = Field(default=0, sa_type=sa.Integer)


class Message(Table, table=True):
    """A message. ``client_id`` is made by the sender's browser: the same one is the same message."""

    __tablename__ = "message"
    __table_args__ = table_args(
        sa.UniqueConstraint("conversation_id", "sender_id", "client_id"),
        # How many were sent on a day, in the operators' console.
        sa.Index("ix_message_sent_at", "sent_at"),
    )

    conversation_id: int = Field(sa_column=sa.Column(BigId, primary_key=True, autoincrement=False))
    seq: int = Field(sa_column=sa.Column(sa.Integer, primary_key=True, autoincrement=False))
    sender_id: int = Field(sa_type=BigId)
    client_id: str = Field(max_length=36)
    body: str = Field(sa_type=sa.Text)
    kind: str = Field(default=MessageKind.TEXT, max_length=16)
    # JSON: a picture's name and size, or the id of what a card shows.
    attachment: str = Field(default="", max_length=500)
    sent_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    # Whose sender took it back keeps its number and loses its text.
    recalled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ReadPosition(Table, table=True):
    """How far one member has read: every message up to ``seq``; up to ``cleared_seq`` they deleted all."""

    __tablename__ = "read_position"
    __table_args__ = table_args(sa.Index("ix_read_position_reader_id", "reader_id"))

    conversation_id: int = Field(sa_column=sa.Column(BigId, primary_key=True, autoincrement=False))
    reader_id: int = Field(sa_column=sa.Column(BigId, primary_key=True, autoincrement=False))
    seq: int = Field(default=0, sa_type=sa.Integer)
    cleared_seq: int = Field(default=0, sa_type=sa.Integer)


# Stands for every reader of a message of which nothing is left, since it was taken back.
FOR_ALL = 0


class HiddenMessage(Table, table=True):
    """A message that one member deleted for themselves; or, ``FOR_ALL``, one that nobody has to read any more."""

    __tablename__ = "hidden_message"
    __table_args__ = table_args()

    conversation_id: int = Field(sa_column=sa.Column(BigId, primary_key=True, autoincrement=False))
    reader_id: int = Field(sa_column=sa.Column(BigId, primary_key=True, autoincrement=False))
    seq: int = Field(sa_column=sa.Column(sa.Integer, primary_key=True, autoincrement=False))
