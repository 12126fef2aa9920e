"""What operators did: everything is written down in words, nothing is changed, and it can be read and kept."""

import ast
import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from tests.factories import make_announcement, make_user
from xianyu import routes
from xianyu.adapters.database import Database
from xianyu.models import AuditEntry, Role
from xianyu.models.append_only import AppendOnly
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.console import LogEntry, LogFilter
from xianyu.schemas.sections import AnnouncementForm
from xianyu.services import (
    accounts,
    announcements,
    local_time,
    operator_log,
    operator_log_pages,
    operator_log_words,
    operators,
    plaza,
)
from xianyu.services.accounts import OperatorsOnly

SERVICES = Path(operator_log.__file__).parent


@pytest.fixture
def operator(database: Database) -> Actor:
    return make_user(database, "物业", role=Role.OPERATOR)


def entries(database: Database, actor: Actor, **wanted: str) -> list[LogEntry]:
    return database.read(operator_log_pages.page, actor, LogFilter(**wanted)).entries


def told(database: Database, actor: Actor, **wanted: str) -> list[tuple[str, str, str]]:
    """Who did what to what, oldest first."""
    found = entries(database, actor, **wanted)
    return [(one.operator_name, one.sentence, one.target_name) for one in reversed(found)]


def test_what_operators_do_with_announcements_is_written_down(database: Database, operator: Actor) -> None:
    form = AnnouncementForm("停水通知", "周三上午")
    announcement_id = database.write(announcements.publish, operator, form).announcement_id
    database.write(announcements.edit, operator, announcement_id, AnnouncementForm("停电通知", "周三"), 1)
    database.write(announcements.pin, operator, announcement_id, pinned=True)
    database.write(announcements.pin, operator, announcement_id, pinned=False)
    database.write(announcements.delete, operator, announcement_id)
    assert told(database, operator) == [
        ("物业", "发布了公告", "停水通知"),
        ("物业", "修改了公告", "停电通知"),
        ("物业", "置顶了公告", "停电通知"),
        ("物业", "取消了公告的置顶", "停电通知"),
        ("物业", "删除了公告", "停电通知"),
    ]
    assert {one.target_url for one in entries(database, operator)} == {routes.announcement(announcement_id)}


def test_what_operators_do_in_the_room_is_written_down(database: Database, operator: Actor) -> None:
    loud = make_user(database, "大嗓门")
    sent = database.write(plaza.post, loud, "client-0001", "加我微信")
    for _ in range(2):
        database.write(plaza.retract, operator, sent.message.seq)
    database.write(plaza.mute, operator, loud.user_id, 60)
    database.write(plaza.mute, operator, loud.user_id, 0)
    # What was deleted already was deleted once.
    assert told(database, operator) == [
        ("物业", "删除了公共聊天室的消息", "大嗓门"),
        ("物业", "在公共聊天室禁言", "大嗓门"),
        ("物业", "解除了公共聊天室的禁言", "大嗓门"),
    ]
    assert [one.detail for one in reversed(entries(database, operator))] == ["加我微信", "60 分钟", ""]


def test_operators_that_the_command_line_makes_are_written_down(database: Database, operator: Actor) -> None:
    make_user(database, "小明")
    assert database.write(operators.promote, "小明")
    password = "正确的密码 horse"
    form = accounts.check_registration("新管理员", "new@example.com", password, password)
    database.write(operators.create, form)
    assert told(database, operator) == [
        ("服务器命令行", "设为管理员", "小明"),
        ("服务器命令行", "新建了管理员账号", "新管理员"),
    ]


def test_what_was_refused_is_not_written_down(database: Database, operator: Actor) -> None:
    member = make_user(database)
    with pytest.raises(OperatorsOnly):
        database.write(announcements.delete, member, make_announcement(database, operator))
    assert entries(database, operator) == []


def _three(database: Database, operator: Actor) -> Actor:
    """Two acts of one operator and one of another, each a day apart, the oldest first."""
    other = make_user(database, "业委会", role=Role.OPERATOR)
    acts = ((operator, "announcement.pin", "停水", ""), (operator, "room.mute", "大嗓门", "60 分钟"))
    for actor, action, name, detail in (*acts, (other, "announcement.pin", "100%停电", "")):
        database.write(operator_log.record, actor, action, target_name=name, detail=detail)
    with database.engine.begin() as connection:
        # A day is of the compound's calendar. Rows are only moved to other days past the ORM.
        table = AuditEntry.__table__  # type: ignore[attr-defined]  # SQLModel adds it
        ids = connection.execute(sa.select(table.c.id).order_by(table.c.id)).scalars().all()
        noon = local_time.midnight(utc_now()) + timedelta(hours=12)
        for age, entry_id in zip((2, 1, 0), ids, strict=True):
            moment = noon - timedelta(days=age)
            connection.execute(table.update().where(table.c.id == entry_id).values(created_at=moment))
    return other


def test_the_log_is_narrowed_by_everything_at_once(database: Database, operator: Actor) -> None:
    other = _three(database, operator)

    def names(**wanted: str) -> list[str]:
        return [one.target_name for one in entries(database, operator, **wanted)]

    today = local_time.day_of(utc_now())
    yesterday, before = (str(today - timedelta(days=days)) for days in (1, 2))
    assert names() == ["100%停电", "大嗓门", "停水"]
    assert names(operator=str(other.user_id)) == ["100%停电"]
    assert names(operator="0") == []
    assert names(action="announcement.pin") == ["100%停电", "停水"]
    assert names(words="0%停") == ["100%停电"]
    assert names(words="60") == ["大嗓门"]
    assert names(since=yesterday) == ["100%停电", "大嗓门"]
    assert names(until=yesterday) == ["大嗓门", "停水"]
    assert names(since=before, until=before, operator=str(operator.user_id), action="announcement.pin") == ["停水"]
    choices = database.read(operator_log_pages.operators, operator)
    assert [one.label for one in choices] == ["物业", "业委会", "服务器命令行"]


def test_what_makes_no_sense_does_not_narrow() -> None:
    nonsense = {"operator": "x", "action": "user.nonsense", "words": "\x00", "since": "2026-02-30", "until": "never"}
    assert operator_log_pages.check_filter(nonsense) == LogFilter()
    assert operator_log_pages.check_filter({"operator": "9" * 40, "words": ["a"], "since": None}) == LogFilter()


def test_it_is_paged_without_gaps(database: Database, operator: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operator_log_pages, "PAGE_SIZE", 3)
    for number in range(7):
        database.write(operator_log.record, operator, "room.mute", target_name=str(number))
    seen: list[str] = []
    after = -1
    while after:
        page = database.read(operator_log_pages.page, operator, LogFilter(), after)
        seen += [one.target_name for one in page.entries]
        after = page.after
    assert seen == ["6", "5", "4", "3", "2", "1", "0"]


def test_the_table_to_keep_has_no_formulas(database: Database, operator: Actor) -> None:
    database.write(
        operator_log.record, operator, "room.mute", target_name="=HYPERLINK(1)", detail="+1", address="1.2.3.4"
    )
    text = database.read(operator_log_pages.table, operator, LogFilter())
    [row] = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    assert (row["对象"], row["说明"]) == ("'=HYPERLINK(1)", "'+1")
    assert (row["管理员"], row["操作"], row["地址"]) == ("物业", "在公共聊天室禁言", "1.2.3.4")


@pytest.mark.parametrize("read", [operator_log_pages.page, operator_log_pages.table])
def test_it_is_for_operators_alone(database: Database, read: object) -> None:
    with pytest.raises(OperatorsOnly):
        database.read(read, make_user(database), LogFilter())  # type: ignore[arg-type]  # one of two readers


def test_rows_are_neither_changed_nor_removed(database: Database, operator: Actor) -> None:
    database.write(operator_log.record, operator, "room.mute", target_name="大嗓门")

    def edit(session: Session) -> None:
        session.exec(select(AuditEntry)).one().detail = "什么也没发生"

    def remove(session: Session) -> None:
        session.delete(session.exec(select(AuditEntry)).one())

    def edit_all(session: Session) -> None:
        session.execute(sa.update(AuditEntry).values(detail=""))

    def remove_all(session: Session) -> None:
        session.execute(sa.delete(AuditEntry).where(col(AuditEntry.id) > 0))

    for attempt in (edit, remove, edit_all, remove_all):
        with pytest.raises(AppendOnly):
            database.write(attempt)
    [entry] = entries(database, operator)
    assert (entry.target_name, entry.detail) == ("大嗓门", "")


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def changes_of_the_log(tree: ast.AST) -> list[int]:
    """The lines that update or delete entries of the log, or reach for their table past the ORM."""
    by_statement = [
        call.lineno
        for call in _calls(tree)
        if _name(call.func) in {"update", "delete"} and any(_name(arg) == "AuditEntry" for arg in call.args)
    ]
    by_table = [
        node.lineno for node in ast.walk(tree) if isinstance(node, ast.Constant) and node.value == "audit_entry"
    ]
    return by_statement + by_table


def recorded_actions(tree: ast.AST) -> set[str]:
    """The actions that a source names: whatever looks like one where the log is written."""
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}
    if "operator_log" not in imported:
        return set()
    constants = {str(node.value) for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    return {text for text in constants if re.fullmatch(r"[a-z]+\.[a-z_]+", text)}


def _sources() -> dict[str, ast.AST]:
    root = SERVICES.parent
    files = sorted(root.rglob("*.py"))
    return {str(path.relative_to(root)): ast.parse(path.read_text(encoding="utf-8")) for path in files}


def test_no_code_changes_the_log() -> None:
    found = {path: lines for path, tree in _sources().items() if (lines := changes_of_the_log(tree))}
    # Where the table gets its name.
    assert found.keys() == {"models/moderation.py"}
    assert len(found["models/moderation.py"]) == 1
    bad = "session.execute(sa.delete(AuditEntry)); sa.update(models.AuditEntry); metadata.tables['audit_entry']"
    assert len(changes_of_the_log(ast.parse(bad))) == 3


def test_every_act_that_is_recorded_has_words() -> None:
    actions = set().union(*(recorded_actions(tree) for tree in _sources().values()))
    assert {"announcement.publish", "announcement.unpin", "room.mute", "operator.create"} <= actions
    assert actions - operator_log_words.SENTENCES.keys() == set()
    assert operator_log_words.sentence("user.levitate") == "其他操作（user.levitate）"
