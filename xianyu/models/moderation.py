"""What keeps order: reports, sensitive words, what was held back, and what operators did."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field

from xianyu.models.append_only import append_only
from xianyu.models.types import BigId, Table, UtcDateTime, table_args, utc_now


class ReportTarget(StrEnum):
    """What can be reported."""

    LISTING = "listing"
    PERSON = "person"
    REVIEW = "review"
    # Between two people.
    MESSAGE = "message"
    # In the public room.
    ROOM_MESSAGE = "room_message"
    ACTIVITY = "activity"


class ReportStatus(StrEnum):
    """Whether a report waits, and what operators decided."""

    OPEN = "open"
    UPHELD = "upheld"
    DISMISSED = "dismissed"


class Report(Table, table=True):
    """Somebody told the operators of something. ``snapshot`` is what it said then, whatever becomes of it."""

    __tablename__ = "report"
    __table_args__ = table_args(
        # Of what is settled ``open_slot`` is empty: one person has one open report about one thing.
        sa.UniqueConstraint(
            "reporter_id", "target_kind", "target_id", "target_seq", "open_slot", name="uq_report_open"
        ),
        # The queue, by status, oldest or newest first; and all about one person.
        sa.Index("ix_report_queue", "status", "id"),
        sa.Index("ix_report_accused_id", "accused_id", "id"),
        numbered=True,
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    # Empty once the reporter's account is erased.
    reporter_id: int | None = Field(
        default=None, sa_column=sa.Column(BigId, sa.ForeignKey("user_account.id", ondelete="SET NULL"), nullable=True)
    )
    # Who made what was reported.
    accused_id: int = Field(sa_column=sa.Column(BigId, sa.ForeignKey("user_account.id"), nullable=False))
    target_kind: str = Field(max_length=16)
    # The number of what was reported; of a message, its conversation's.
    target_id: int = Field(sa_type=BigId)
    target_seq: int = Field(default=0, sa_type=sa.Integer)
    reason: str = Field(max_length=16)
    text: str = Field(default="", sa_type=sa.Text)
    snapshot: str = Field(default="", sa_type=sa.Text)
    status: str = Field(default=ReportStatus.OPEN, max_length=16)
    open_slot: int | None = Field(default=1, sa_type=sa.Integer)
    # What the reporter is told beside the decision.
    answer: str = Field(default="", max_length=200)
    decided_by: int | None = Field(
        default=None, sa_column=sa.Column(BigId, sa.ForeignKey("user_account.id"), nullable=True)
    )
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class WordAction(StrEnum):
    """What becomes of a text with a sensitive word, from mild to strict."""

    MASK = "mask"
    HOLD = "hold"
    REFUSE = "refuse"


class SensitiveWord(Table, table=True):
    """A word of the operators' list. ``word_key`` is its folded form, under which it is found."""

    __tablename__ = "sensitive_word"
    __table_args__ = table_args(numbered=True)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    word: str = Field(max_length=40)
    word_key: str = Field(max_length=80, unique=True)
    action: str = Field(default=WordAction.MASK, max_length=8)
    updated_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class ScreeningStatus(StrEnum):
    """Whether what a rule caught waits for an operator."""

    # Masked or refused on the spot; there is nothing to decide.
    NOTED = "noted"
    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"


class Screening(Table, table=True):
    """A text that a rule caught, as it was typed, for operators alone."""

    __tablename__ = "screening"
    __table_args__ = table_args(
        sa.Index("ix_screening_queue", "status", "id"),
        sa.Index("ix_screening_author_id", "author_id", "id"),
        sa.Index("ix_screening_subject", "subject_kind", "subject_id"),
        numbered=True,
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    author_id: int = Field(
        sa_column=sa.Column(BigId, sa.ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False)
    )
    # What it is or would have become: a ``ReportTarget`` or "profile".
    subject_kind: str = Field(max_length=16)
    # Its number, where it has one; of a message, nothing.
    subject_id: int | None = Field(default=None, sa_type=BigId)
    action: str = Field(max_length=8)
    # Which rule: "word", "contact" or "flood".
    reason: str = Field(max_length=16)
    # The words that were found, for people to read.
    words: str = Field(default="", max_length=200)
    text: str = Field(sa_type=sa.Text)
    # JSON: what is needed to send a message once it is approved.
    payload: str = Field(default="", max_length=500)
    status: str = Field(default=ScreeningStatus.NOTED, max_length=16)
    decided_by: int | None = Field(
        default=None, sa_column=sa.Column(BigId, sa.ForeignKey("user_account.id"), nullable=True)
    )
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class AuditEntry(Table, table=True):
    """Something that an operator did. Rows are added and never changed."""

    __tablename__ = "audit_entry"
    __table_args__ = table_args(
        sa.Index("ix_audit_entry_action", "action", "id"),
        sa.Index("ix_audit_entry_operator_id", "operator_id", "id"),
        sa.Index("ix_audit_entry_created_at", "created_at"),
        numbered=True,
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    # Nobody where it was done on the server's command line.
    operator_id: int | None = Field(
        default=None, sa_column=sa.Column(BigId, sa.ForeignKey("user_account.id"), nullable=True)
    )
    action: str = Field(max_length=32)
    target_kind: str = Field(default="", max_length=16)
    target_id: int | None = Field(default=None, sa_type=BigId)
    # What it was done to, as that was called then, and what there is to add.
    target_name: str = Field(default="", max_length=80)
    detail: str = Field(default="", sa_type=sa.Text)
    address: str = Field(default="", max_length=45)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


append_only(AuditEntry)


class CatalogEntry(Table, table=True):
    """What operators changed about a section or a category, or a category that they added."""

    __tablename__ = "catalog_entry"
    __table_args__ = table_args()

    # "section" or "category".
    kind: str = Field(max_length=16, primary_key=True)
    slug: str = Field(max_length=32, primary_key=True)
    # The group of a category that was added; empty otherwise.
    parent: str = Field(default="", max_length=32)
    # Empty where the name is that of the data file.
    name: str = Field(default="", max_length=20)
    is_hidden: bool = Field(default=False)
    # Its place among its like; empty where that is the data file's.
    position: int | None = Field(default=None, sa_type=sa.Integer)


class DailyFigure(Table, table=True):
    """A number of one day that is over, in the compound's time zone, so that it is counted once."""

    __tablename__ = "daily_figure"
    __table_args__ = table_args()

    # As ISO 8601 writes it, "2026-03-01".
    day: str = Field(max_length=10, primary_key=True)
    name: str = Field(max_length=32, primary_key=True)
    # A count; of a response time, seconds.
    value: int = Field(sa_type=sa.BigInteger)
