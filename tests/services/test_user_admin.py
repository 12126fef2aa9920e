"""People as operators see them: found, filtered, paged, one with all there is to know."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import col

from tests.factories import make_listing, make_user
from tests.services.test_reports import PERSON, report
from tests.trade import buy
from xianyu.adapters.database import Database
from xianyu.models import Role, User
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.reports import Decision
from xianyu.schemas.user_admin import BanForm
from xianyu.services import bans, report_decisions, user_admin
from xianyu.services.accounts import OperatorsOnly, PersonNotFound


@pytest.fixture
def operator(database: Database) -> Actor:
    return make_user(database, "管理员", role=Role.OPERATOR)


def put(database: Database, actor: Actor, **values: object) -> None:
    statement = sa.update(User).where(col(User.id) == actor.user_id).values(**values)
    database.write(lambda session: session.execute(statement))


def found(database: Database, operator: Actor, words: str = "", which: str = "all") -> set[int]:
    return {line.id for line in database.read(user_admin.search, operator, words, which).lines}


def test_people_are_found_by_what_they_are_called_and_by_number(database: Database, operator: Actor) -> None:
    one = make_user(database, "ZhangSan", email="zhang@example.com")
    other = make_user(database, "李四", email="li_si@example.com")
    put(database, other, display_name="快乐的老李")
    for words in ("zhangs", "ＺＨＡＮＧ", "ZHANG@", " zhang ", str(one.user_id)):
        assert one.user_id in found(database, operator, words)
    for words in ("四", "快乐", "li_si"):
        assert found(database, operator, words) == {other.user_id}
    for words in ("%", "' OR 1=1 --", "\x00", "没有这个人", "9" * 30):
        assert found(database, operator, words) == set()
    assert found(database, operator) == {operator.user_id, one.user_id, other.user_id}


def test_people_are_filtered(database: Database, operator: Actor) -> None:
    bad, old, left = (make_user(database) for _ in range(3))
    put(database, old, created_at=utc_now() - timedelta(days=30))
    put(database, left, closed_at=utc_now())
    database.write(bans.ban, operator, bad.user_id, BanForm(7, "诈骗"))
    assert found(database, operator, which="banned") == {bad.user_id}
    assert found(database, operator, which="operators") == {operator.user_id}
    assert found(database, operator, which="new") == {operator.user_id, bad.user_id}
    assert len(found(database, operator)) == 4
    [line] = database.read(user_admin.search, operator, "", "banned").lines
    assert line.ban.startswith("停用至 ")


def test_people_are_paged_the_newest_first(database: Database, operator: Actor) -> None:
    ids = [operator.user_id, *(make_user(database).user_id for _ in range(5))]
    seen: list[int] = []
    after, has_more = 0, True
    while has_more:
        page = database.read(user_admin.search, operator, "", "all", after, 2)
        seen += [line.id for line in page.lines]
        after, has_more = page.last_id, page.has_more
    assert seen == ids[::-1]


def test_a_person_is_shown_with_what_is_theirs(database: Database, operator: Actor) -> None:
    seller, buyer = make_user(database), make_user(database)
    listing_id = make_listing(database, seller, title="旧书", quantity=2)
    make_listing(database, seller, status="deleted")
    buy(database, buyer, listing_id)
    report_id = report(database, buyer, PERSON, seller.user_id)
    database.write(report_decisions.decide, operator, report_id, Decision(is_upheld=True, answer="已核实"))
    detail = database.read(user_admin.detail, operator, seller.user_id)
    assert (detail.line.listings, detail.line.orders, detail.line.upheld) == (1, 1, 1)
    assert (detail.logins, detail.reported, detail.is_me) == (1, 0, False)
    assert detail.line.seen_at != ""
    assert [(one.said, one.url) for one in detail.listings] == [("已删除", ""), ("在售", f"/listing/{listing_id}")]
    assert [(one.title, one.said) for one in detail.reports] == [("邻居 · 诈骗", "成立")]
    assert database.read(user_admin.detail, operator, buyer.user_id).reported == 1
    assert database.read(user_admin.detail, operator, operator.user_id).is_me


def test_nobody_else_sees_any_of_it(database: Database, operator: Actor) -> None:
    member = make_user(database)
    with pytest.raises(OperatorsOnly):
        database.read(user_admin.search, member)
    with pytest.raises(OperatorsOnly):
        database.read(user_admin.detail, member, member.user_id)
    for nobody in (0, -1, 10**30, None, "1", 999_999):
        with pytest.raises(PersonNotFound):
            database.read(user_admin.detail, operator, nobody)  # type: ignore[arg-type]  # as a client may send it
