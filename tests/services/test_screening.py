"""What becomes of a text before it is stored, on every database."""

from functools import partial

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from tests.factories import make_user, make_word
from xianyu.adapters.database import Database
from xianyu.models import ReportTarget, Screening, ScreeningStatus, SensitiveWord, WordAction
from xianyu.schemas.events import ModerationChanged
from xianyu.services import screening, word_list
from xianyu.services.screening import REFUSAL, Refused, Screened


def rows(database: Database) -> list[Screening]:
    def work(session: Session) -> list[Screening]:
        return list(session.exec(select(Screening).order_by(col(Screening.id))))

    return database.read(work)


def test_a_clean_text_is_stored_as_it_is(database: Database) -> None:
    make_word(database, "枪支")
    fields = {"title": "山地车", "description": "九成新"}
    found = database.read(screening.check, make_user(database), ReportTarget.LISTING, fields)
    assert found == Screened(fields)
    assert database.write(screening.note, found, subject_id=1) == []
    assert rows(database) == []


def test_a_masked_word_is_covered_for_readers_and_kept_for_operators(database: Database) -> None:
    make_word(database, "枪支")
    actor = make_user(database)
    fields = {"title": "玩具枪 支", "description": "给孩子的", "tags.0": "玩具"}
    found = database.read(screening.check, actor, ReportTarget.LISTING, fields)
    assert found.fields == {"title": "玩具＊＊＊", "description": "给孩子的", "tags.0": "玩具"}
    assert not found.is_held
    assert database.write(screening.note, found, subject_id=7) == [ModerationChanged()]
    [row] = rows(database)
    assert (row.author_id, row.subject_kind, row.subject_id) == (actor.user_id, "listing", 7)
    assert (row.status, row.action, row.reason, row.words) == (ScreeningStatus.NOTED, "mask", "word", "枪支")
    assert row.text == "标题：玩具枪 支\n描述：给孩子的\n标签：玩具"


def test_a_held_word_is_stored_as_it_is_and_waits(database: Database) -> None:
    make_word(database, "枪支", WordAction.HOLD)
    make_word(database, "傻瓜")
    actor = make_user(database)
    found = database.read(screening.check, actor, ReportTarget.REVIEW, {"text": "枪支，傻瓜"})
    assert (found.fields["text"], found.is_held) == ("枪支，＊＊", True)
    database.write(screening.note, found, subject_id=3)
    [row] = rows(database)
    assert (row.status, row.action, row.words, row.text) == ("waiting", "hold", "枪支、傻瓜", "枪支，傻瓜")


def test_a_refused_word_is_told_beside_its_field_without_naming_it(database: Database) -> None:
    make_word(database, "毒品", WordAction.REFUSE)
    make_word(database, "枪支", WordAction.HOLD)
    fields = {"title": "枪支", "description": "毒 品", "tags.0": "毒品", "tags.1": "好看"}
    with pytest.raises(Refused) as refusal:
        database.read(screening.check, make_user(database), ReportTarget.LISTING, fields)
    assert refusal.value.errors == {"description": REFUSAL, "tags": REFUSAL}
    assert "毒" not in refusal.value.message
    assert database.write(screening.keep, refusal.value.caught) == [ModerationChanged()]
    [row] = rows(database)
    assert (row.status, row.action, row.subject_id) == (ScreeningStatus.NOTED, "refuse", None)


def test_what_cannot_wait_is_refused(database: Database) -> None:
    make_word(database, "枪支", WordAction.HOLD)
    fields = {"display_name": "好人", "bio": "收枪支"}
    check = partial(screening.check, actor=make_user(database), kind=screening.PROFILE, can_hold=False)
    with pytest.raises(Refused) as refusal:
        database.read(check, fields=fields)
    assert refusal.value.errors == {"bio": REFUSAL}
    with pytest.raises(Refused) as refusal:
        database.read(check, fields={"display_name": "办证加微信", "bio": "电话 13800138000"})
    assert refusal.value.errors == {"display_name": REFUSAL}


def test_an_advertisement_waits_also_when_its_parts_stand_in_two_fields(database: Database) -> None:
    fields = {"title": "专业办证", "description": "微信 banzheng88"}
    found = database.read(screening.check, make_user(database), ReportTarget.LISTING, fields)
    assert found.is_held
    assert found.caught is not None
    assert (found.caught.reason, found.caught.words) == ("contact", "办证")


def test_a_flood_waits_whatever_it_says(database: Database) -> None:
    check = partial(screening.check, actor=make_user(database), kind=ReportTarget.LISTING)
    found = database.read(check, fields={"title": "山地车"}, is_flood=True)
    assert found.is_held
    assert found.caught is not None
    assert (found.caught.reason, found.caught.words) == ("flood", "")


def test_what_operators_let_through_is_not_held_a_second_time(database: Database) -> None:
    make_word(database, "枪支", WordAction.HOLD)
    make_word(database, "傻瓜")
    check = partial(screening.check, actor=make_user(database), kind=ReportTarget.LISTING, subject_id=5)
    first = database.read(check, fields={"title": "枪支 傻瓜"})
    database.write(screening.note, first, subject_id=5)
    approve = sa.update(Screening).values(status=ScreeningStatus.APPROVED)
    database.write(partial(Session.execute, statement=approve))

    again = database.read(check, fields={"title": first.fields["title"]})
    assert not again.is_held
    assert database.write(screening.note, again, subject_id=5) == []
    assert database.read(check, fields={"title": "枪支 又来"}).is_held
    other = partial(screening.check, actor=make_user(database), kind=ReportTarget.LISTING, subject_id=6)
    assert database.read(other, fields={"title": "枪支 ＊＊"}).is_held


def test_a_thing_waits_once(database: Database) -> None:
    make_word(database, "枪支", WordAction.HOLD)
    check = partial(screening.check, actor=make_user(database), kind=ReportTarget.LISTING)
    for text in ("枪支一", "枪支二"):
        database.write(screening.note, database.read(check, fields={"title": text}), subject_id=5)
    assert [(row.text, row.status) for row in rows(database)] == [("枪支一", "noted"), ("枪支二", "waiting")]


def test_the_list_is_read_anew_once_it_is_another(sqlite_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    make_word(sqlite_database, "枪支")
    check = partial(screening.check, actor=make_user(sqlite_database), kind=ReportTarget.REVIEW)
    assert sqlite_database.read(check, fields={"text": "枪支毒品"}).fields["text"] == "＊＊毒品"

    # As another process does: nobody here is told.
    def elsewhere(session: Session) -> None:
        session.execute(sa.delete(SensitiveWord))
        session.add(SensitiveWord(word="毒品", word_key="毒品"))

    sqlite_database.write(elsewhere)
    monkeypatch.setattr(word_list, "CHECK_EVERY", 3600)
    assert sqlite_database.read(check, fields={"text": "枪支毒品"}).fields["text"] == "＊＊毒品"
    word_list.expire()
    assert sqlite_database.read(check, fields={"text": "枪支毒品"}).fields["text"] == "枪支＊＊"
    sqlite_database.write(elsewhere)
    monkeypatch.setattr(word_list, "CHECK_EVERY", 0)
    assert sqlite_database.read(check, fields={"text": "毒品"}).fields["text"] == "＊＊"


async def test_news_of_the_list_has_it_read_anew(sqlite_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_list, "CHECK_EVERY", 3600)
    check = partial(screening.check, actor=make_user(sqlite_database), kind=ReportTarget.REVIEW)
    assert sqlite_database.read(check, fields={"text": "枪支"}).fields["text"] == "枪支"
    row = SensitiveWord(word="枪支", word_key="枪支")
    sqlite_database.write(lambda session: session.add(SensitiveWord(**row.model_dump())))
    assert sqlite_database.read(check, fields={"text": "枪支"}).fields["text"] == "枪支"
    await word_list.on_event(ModerationChanged())
    assert sqlite_database.read(check, fields={"text": "枪支"}).fields["text"] == "＊＊"
