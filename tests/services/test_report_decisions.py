"""The operators' queue, what they decide, and that of two at once one decides."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from sqlmodel import Session, col, select

from tests.concurrency import race
from tests.factories import make_listing, make_photo, make_user
from tests.services.test_reports import LISTING, MESSAGE, PERSON, REVIEW, ROOM, make_review, report, row
from xianyu.adapters.database import Database
from xianyu.models import AuditEntry, Listing, Notice, ReportStatus, Review, ReviewStatus, Role, User
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import ListingChanged, ModerationChanged, NoticeAdded, RoomMessageChanged, SessionEnded
from xianyu.schemas.messages import RETRACTED
from xianyu.schemas.reports import Decision, ReportLine, Wanted
from xianyu.services import accounts, console, contacts, messages, notices, plaza, report_decisions, report_queue
from xianyu.services.accounts import OperatorsOnly
from xianyu.services.bans import NotBannable
from xianyu.services.errors import InvalidForm
from xianyu.services.report_decisions import AlreadySettled, ReportNotFound

UPHELD = Decision(is_upheld=True, answer="已经核实，谢谢你")
DISMISSED = Decision(is_upheld=False, answer="没有发现问题")


@pytest.fixture
def operator(database: Database) -> Actor:
    return make_user(database, role=Role.OPERATOR)


def queue(database: Database, operator: Actor, **wanted: object) -> list[ReportLine]:
    return database.read(report_queue.page, operator, Wanted(**wanted)).lines  # type: ignore[arg-type]  # as named


def told(database: Database, actor: Actor) -> list[tuple[str, str, str]]:
    """What somebody is told, newest first: the sentence, what there is to add, and where it leads."""
    page = database.read(notices.page, actor)
    return [(f"{one.lead}{one.subject}{one.tail}", one.detail, one.url) for one in page.notices]


def log(database: Database) -> list[AuditEntry]:
    return database.read(lambda session: list(session.exec(select(AuditEntry).order_by(col(AuditEntry.id)))))


@pytest.mark.parametrize(
    ("form", "fields"),
    [
        ({"outcome": "upheld", "answer": "已处理"}, set()),
        ({"outcome": "dismissed", "answer": "没有问题", "term": "99"}, set()),
        ({"outcome": "upheld", "answer": "已处理", "term": "7", "ban_reason": "诈骗"}, set()),
        ({"outcome": "upheld", "answer": "已处理", "term": "7"}, {"ban_reason"}),
        ({"outcome": "upheld", "answer": "已处理", "term": "99", "ban_reason": "诈骗"}, {"term"}),
        ({"outcome": "open", "answer": "已处理"}, {"outcome"}),
        ({"outcome": "upheld", "answer": ""}, {"answer"}),
        ({"outcome": "upheld", "answer": "长" * 101}, {"answer"}),
        ({"outcome": ["upheld"], "answer": 1}, {"outcome", "answer"}),
        ({}, {"outcome", "answer"}),
    ],
)
def test_a_decision_wants_an_outcome_and_an_answer(form: dict[str, object], fields: set[str]) -> None:
    try:
        report_decisions.check_decision(form)
        refused: set[str] = set()
    except InvalidForm as error:
        refused = set(error.errors)
    assert refused == fields


def test_what_is_dismissed_does_nothing_else(database: Database) -> None:
    form = {"outcome": "dismissed", "answer": "没有问题", "removes": "on", "term": "7", "ban_reason": "诈骗"}
    assert report_decisions.check_decision(form) == Decision(is_upheld=False, answer="没有问题")


def test_the_queue_shows_what_there_is_to_know(
    database: Database, operator: Actor, alice: Actor, bob: Actor, carol: Actor
) -> None:
    listing_id = make_listing(database, bob, title="假手机")
    evidence = make_photo(database, alice)
    earlier = report(database, carol, PERSON, bob.user_id)
    database.write(report_decisions.decide, operator, earlier, UPHELD)
    report_id = report(database, alice, LISTING, listing_id, 0, evidence)
    [line] = queue(database, operator)
    assert (line.id, line.kind_name, line.reason, line.text) == (report_id, "宝贝", "诈骗", "收了钱不发货")
    assert (line.reporter_name, line.accused_name, line.upheld) == ("小艾", "老王", 1)
    # The listing's own picture belongs to the snapshot.
    assert [photo.id for photo in line.photos] == [evidence]
    assert (line.snapshot.title, len(line.snapshot.images)) == ("假手机", 1)
    assert (line.url, line.removal, line.can_ban) == (f"/listing/{listing_id}", "下架这件宝贝", True)
    [decided] = queue(database, operator, decided=True)
    assert (decided.id, decided.status, decided.answer) == (earlier, "upheld", UPHELD.answer)
    assert decided.decided_by == operator.name
    assert [line.id for line in queue(database, operator, about=alice.user_id)] == []
    assert [line.id for line in queue(database, operator, about=bob.user_id)] == [report_id]


def test_the_queue_pages_in_both_orders(database: Database, operator: Actor, bob: Actor) -> None:
    ids = [report(database, make_user(database), PERSON, bob.user_id) for _ in range(5)]
    for newest_first, wanted in ((False, ids), (True, ids[::-1])):
        found: list[int] = []
        after = 0
        while True:
            page = database.read(report_queue.page, operator, Wanted(newest_first=newest_first), after, 2)
            found += [line.id for line in page.lines]
            after = page.last_id
            if not page.has_more:
                break
        assert found == wanted


def test_nobody_but_operators_sees_or_decides(database: Database, alice: Actor, bob: Actor) -> None:
    report_id = report(database, alice, PERSON, bob.user_id)
    for actor in (alice, bob):
        for attempt in (
            partial(report_queue.page, wanted=Wanted()),
            partial(report_queue.context, report_id=report_id),
            partial(report_decisions.decide, report_id=report_id, decision=UPHELD),
        ):
            with pytest.raises(OperatorsOnly):
                database.write(attempt, actor)
    assert row(database, report_id).status == ReportStatus.OPEN


def test_the_reporter_hears_of_either_decision_and_the_accused_of_neither(
    database: Database, operator: Actor, alice: Actor, bob: Actor
) -> None:
    listing_id = make_listing(database, bob, title="假手机")
    first = report(database, alice, LISTING, listing_id)
    events = database.write(report_decisions.decide, operator, first, DISMISSED)
    assert events == [NoticeAdded(alice.user_id), ModerationChanged()]
    second = report(database, alice, PERSON, bob.user_id)
    database.write(report_decisions.decide, operator, second, UPHELD)
    assert told(database, alice) == [
        ("你举报的邻居“老王”已核实，举报成立", UPHELD.answer, "/messages"),
        ("你举报的宝贝“假手机”经核实不成立", DISMISSED.answer, f"/listing/{listing_id}"),
    ]
    assert told(database, bob) == []
    assert [entry.action for entry in log(database)] == ["report.dismiss", "report.uphold"]
    assert database.read(console.waiting).reports == 0


def test_one_step_decides_takes_down_and_bans(database: Database, operator: Actor, alice: Actor, bob: Actor) -> None:
    listing_id, other = make_listing(database, bob, title="假手机"), make_listing(database, bob)
    report_id = report(database, alice, LISTING, listing_id)
    decision = replace(UPHELD, removes=True, ban_days=7, ban_reason="卖假货")
    events = database.write(report_decisions.decide, operator, report_id, decision)
    wanted = {
        NoticeAdded(alice.user_id),
        NoticeAdded(bob.user_id),
        ListingChanged(listing_id),
        ListingChanged(other),
        SessionEnded(bob.user_id, bob.session_id),
        ModerationChanged(),
    }
    assert set(events) == wanted

    def statuses(session: object) -> list[str]:
        return [session.get_one(Listing, one).status for one in (listing_id, other)]  # type: ignore[attr-defined]

    # What was taken down is not among what comes back with the end of the ban.
    assert database.read(statuses) == ["taken_down", "suspended"]
    assert told(database, bob) == [("你的宝贝假手机因违规被管理员下架了", UPHELD.answer, f"/listing/{listing_id}")]
    user = database.read(lambda session: session.get_one(User, bob.user_id))
    assert user.banned_until is not None
    assert user.banned_until > utc_now() + timedelta(days=6)
    assert [entry.action for entry in log(database)] == ["report.uphold", "listing.take_down", "user.ban"]


def test_messages_of_the_room_and_reviews_are_removed(
    database: Database, operator: Actor, alice: Actor, bob: Actor
) -> None:
    said = database.write(plaza.post, bob, "client-0001", "加我微信")
    review_id, author, _ = make_review(database, ReviewStatus.SHOWN)
    removing = replace(UPHELD, removes=True)
    events = database.write(
        report_decisions.decide, operator, report(database, alice, ROOM, 0, said.message.seq), removing
    )
    [changed] = [event for event in events if isinstance(event, RoomMessageChanged)]
    assert (changed.message.kind, changed.message.body) == (RETRACTED, "")
    database.write(report_decisions.decide, operator, report(database, alice, REVIEW, review_id), removing)
    assert database.read(lambda session: session.get_one(Review, review_id).status) == ReviewStatus.REMOVED
    assert len(told(database, author)) == 1


def test_what_is_gone_already_is_decided_all_the_same(
    database: Database, operator: Actor, alice: Actor, bob: Actor
) -> None:
    listing_id = make_listing(database, bob)
    report_id = report(database, alice, LISTING, listing_id)

    def delete(session: object) -> None:
        session.get_one(Listing, listing_id).status = "deleted"  # type: ignore[attr-defined]

    database.write(delete)
    events = database.write(report_decisions.decide, operator, report_id, replace(UPHELD, removes=True))
    assert events == [NoticeAdded(alice.user_id), ModerationChanged()]


def test_an_operator_who_is_to_be_banned_stops_all_of_it(database: Database, operator: Actor, alice: Actor) -> None:
    report_id = report(database, alice, PERSON, operator.user_id)
    with pytest.raises(NotBannable):
        database.write(report_decisions.decide, operator, report_id, replace(UPHELD, ban_days=1, ban_reason="滥用权力"))
    assert row(database, report_id).status == ReportStatus.OPEN
    assert told(database, alice) == []
    assert log(database) == []


def test_the_second_operator_is_told_who_settled_it(
    database: Database, operator: Actor, alice: Actor, bob: Actor
) -> None:
    second = make_user(database, "管理员小周", role=Role.OPERATOR)
    report_id = report(database, alice, PERSON, bob.user_id)
    database.write(report_decisions.decide, second, report_id, DISMISSED)
    with pytest.raises(AlreadySettled, match="管理员小周 处理：驳回"):
        database.write(report_decisions.decide, operator, report_id, replace(UPHELD, ban_days=1, ban_reason="辱骂邻居"))
    for nothing in (0, -1, 10**30, None, "1", 999_999):
        with pytest.raises(ReportNotFound):
            database.write(report_decisions.decide, operator, nothing, UPHELD)  # type: ignore[arg-type]  # as a client may send it


def test_of_two_operators_at_the_same_moment_one_decides(database: Database, alice: Actor) -> None:
    """Nothing of what the other one chose is done, and the reporter is told once."""
    one, other = (make_user(database, role=Role.OPERATOR) for _ in range(2))
    for _ in range(5):
        bad = make_user(database)
        report_id = report(database, alice, PERSON, bad.user_id)
        outcomes = race(
            partial(
                database.write, report_decisions.decide, one, report_id, replace(UPHELD, ban_days=1, ban_reason="诈骗")
            ),
            partial(database.write, report_decisions.decide, other, report_id, DISMISSED),
        )
        assert sum(isinstance(outcome, AlreadySettled) for outcome in outcomes) == 1
        stored = row(database, report_id)
        user = database.read(Session.get_one, User, bad.user_id)
        assert isinstance(user, User)
        is_banned = user.banned_until is not None
        assert (stored.status == "upheld") == (stored.decided_by == one.user_id) == is_banned
    kinds = select(Notice.kind).where(Notice.user_id == alice.user_id)
    assert len(database.read(lambda session: session.exec(kinds).all())) == 5


def test_operators_read_around_a_message_and_that_is_written_down(
    database: Database, operator: Actor, alice: Actor, bob: Actor
) -> None:
    sent = [
        database.write(
            messages.send,
            bob if number % 2 else alice,
            (alice if number % 2 else bob).user_id,
            f"client-{number:04}",
            f"第 {number} 句",
        )
        for number in range(16)
    ]
    report_id = report(database, alice, MESSAGE, bob.user_id, sent[7].message.seq)
    lines = database.write(report_queue.context, operator, report_id)
    assert [line.body for line in lines] == [f"第 {number} 句" for number in range(2, 13)]
    assert [line.body for line in lines if line.is_it] == ["第 7 句"]
    assert {line.name for line in lines} == {"小艾", "老王"}
    [entry] = log(database)
    assert (entry.action, entry.target_id, entry.operator_id) == ("report.read_context", report_id, operator.user_id)
    # Nothing else of anybody's conversations is to be had this way.
    other = report(database, alice, PERSON, bob.user_id)
    for nothing in (other, 0, 10**30, None, 999_999):
        with pytest.raises(ReportNotFound):
            database.write(report_queue.context, operator, nothing)  # type: ignore[arg-type]  # as a client may send it


def test_a_report_of_somebody_who_was_blocked_is_decided_like_any_other(
    database: Database, operator: Actor, alice: Actor, bob: Actor
) -> None:
    database.write(contacts.block, bob, alice.user_id)
    report_id = report(database, alice, PERSON, bob.user_id)
    database.write(report_decisions.decide, operator, report_id, UPHELD)
    assert len(told(database, alice)) == 1
    assert database.read(accounts.person, bob.user_id).name == "老王"
