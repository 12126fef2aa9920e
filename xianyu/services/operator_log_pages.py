"""What operators did, as operators read it: pages of the latest first, and a table to keep."""

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from xianyu import routes
from xianyu.models import AuditEntry, User
from xianyu.schemas.accounts import Actor
from xianyu.schemas.console import Choice, LogEntry, LogFilter, LogPage
from xianyu.schemas.times import iso
from xianyu.services import csv_tables, local_time, names
from xianyu.services.accounts import require_operator
from xianyu.services.ids import is_id
from xianyu.services.operator_log_words import SENTENCES, sentence
from xianyu.services.text import clean_line, has_control_characters

PAGE_SIZE = 50
# Characters of what is looked for.
LONGEST_WORDS = 60
# What is called by no person's name.
COMMAND_LINE = Choice("0", "服务器命令行")
_LONGEST_NUMBER = 15
_HEADER = ("编号", "时间", "管理员", "操作", "对象", "说明", "地址", "操作代码")


def check_filter(fields: Mapping[str, object]) -> LogFilter:
    """What a page's address or an event asks for. What makes no sense does not narrow."""

    def text(name: str) -> str:
        value = fields.get(name)
        return value[: 10 * LONGEST_WORDS] if isinstance(value, str) else ""

    operator, words = text("operator"), text("words")
    is_number = operator.isascii() and operator.isdigit() and len(operator) <= _LONGEST_NUMBER
    return LogFilter(
        operator=str(int(operator)) if is_number else "",
        action=text("action") if text("action") in SENTENCES else "",
        words="" if has_control_characters(words) else clean_line(words)[:LONGEST_WORDS],
        since=local_time.typed_day(fields.get("since")),
        until=local_time.typed_day(fields.get("until")),
    )


def page(session: Session, actor: Actor, wanted: LogFilter, after: int = 0) -> LogPage:
    """What operators did: the latest, or what came before the entry of that number.

    Raises:
        OperatorsOnly: if the actor is none, and as ``require_operator`` does.
    """
    require_operator(session, actor)
    statement = _select(wanted)
    if is_id(after):
        statement = statement.where(col(AuditEntry.id) < after)
    # One more than is shown tells whether there are more.
    rows = session.execute(statement.limit(PAGE_SIZE + 1)).all()
    shown = rows[:PAGE_SIZE]
    return LogPage([_entry(row) for row in shown], shown[-1].id if len(rows) > PAGE_SIZE else 0)


def operators(session: Session, actor: Actor) -> list[Choice]:
    """Who has ever done anything that the log knows of. Raises as ``page`` does."""
    require_operator(session, actor)
    known = sa.select(col(AuditEntry.operator_id)).distinct().where(col(AuditEntry.operator_id).is_not(None))
    people = sa.select(col(User.id), *names.COLUMNS).where(col(User.id).in_(known)).order_by(col(User.id))
    rows = session.execute(people)
    return [*(Choice(str(row.id), names.called(row).text) for row in rows), COMMAND_LINE]


def table(session: Session, actor: Actor, wanted: LogFilter) -> str:
    """The same as CSV, at most ``csv_tables.MOST_ROWS`` rows, the latest first. Raises as ``page`` does."""
    require_operator(session, actor)
    return csv_tables.table(_HEADER, _rows(session, wanted))


def _rows(session: Session, wanted: LogFilter) -> Iterator[list[str]]:
    for row in session.execute(_select(wanted).limit(csv_tables.MOST_ROWS)):
        entry = _entry(row)
        yield [
            str(entry.id),
            local_time.for_input(row.created_at).replace("T", " "),
            entry.operator_name,
            entry.sentence,
            entry.target_name,
            entry.detail,
            entry.address,
            row.action,
        ]


def _select(wanted: LogFilter) -> sa.Select[*tuple[Any, ...]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if wanted.operator == COMMAND_LINE.value:
        conditions.append(col(AuditEntry.operator_id).is_(None))
    elif wanted.operator:
        conditions.append(col(AuditEntry.operator_id) == int(wanted.operator))
    if wanted.action:
        conditions.append(col(AuditEntry.action) == wanted.action)
    if wanted.words:
        conditions.append(
            sa.or_(
                *(
                    sa.func.lower(column).contains(wanted.words.lower(), autoescape=True)
                    for column in (col(AuditEntry.target_name), col(AuditEntry.detail))
                )
            )
        )
    since, until = local_time.first_of(wanted.since), local_time.first_of(wanted.until, days=1)
    if since is not None:
        conditions.append(col(AuditEntry.created_at) >= since)
    if until is not None:
        conditions.append(col(AuditEntry.created_at) < until)
    statement: sa.Select[*tuple[Any, ...]] = (
        sa.select(
            col(AuditEntry.id),
            col(AuditEntry.operator_id),
            col(AuditEntry.action),
            col(AuditEntry.target_kind),
            col(AuditEntry.target_id),
            col(AuditEntry.target_name),
            col(AuditEntry.detail),
            col(AuditEntry.address),
            col(AuditEntry.created_at),
            *names.COLUMNS,
        )
        .outerjoin(User, col(User.id) == col(AuditEntry.operator_id))
        .where(*conditions)
        .order_by(col(AuditEntry.id).desc())
    )
    return statement


def _entry(row: sa.Row[Any]) -> LogEntry:
    return LogEntry(
        id=row.id,
        at=iso(row.created_at),
        operator_name=names.called(row).text if row.operator_id is not None else COMMAND_LINE.label,
        sentence=sentence(row.action),
        target_name=row.target_name,
        target_url=_url(row.target_kind, row.target_id),
        detail=row.detail,
        address=row.address,
    )


def _url(kind: str, target_id: int | None) -> str:
    """Where operators see what was acted on; of a listing, whatever became of it, its line in the console."""
    if target_id is None:
        return ""
    if kind == "listing":
        return routes.admin_listings({"words": f"#{target_id}"})
    if kind == "announcement":
        return routes.announcement(target_id)
    return routes.user(target_id) if kind == "user" else ""
