"""Reporting: what may be reported and by whom, what is kept of it, and what becomes of it when somebody leaves."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from tests.concurrency import race
from tests.factories import make_activity, make_listing, make_photo
from tests.trade import trade
from xianyu.adapters.database import Database
from xianyu.models import Listing, Photo, Report, ReportTarget, Review, ReviewStatus, User
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import ModerationChanged
from xianyu.schemas.listings import ListingForm
from xianyu.schemas.reports import ReportForm
from xianyu.services import (
    closing,
    contacts,
    listing_form,
    listings,
    message_changes,
    messages,
    photos,
    plaza,
    report_targets,
    reports,
)
from xianyu.services.errors import InvalidForm
from xianyu.services.listing_errors import IllegalChange
from xianyu.services.report_targets import NothingToReport, OwnThing
from xianyu.services.reports import AlreadyReported

LISTING, PERSON, REVIEW = ReportTarget.LISTING.value, ReportTarget.PERSON.value, ReportTarget.REVIEW.value
MESSAGE, ROOM = ReportTarget.MESSAGE.value, ReportTarget.ROOM_MESSAGE.value
ACTIVITY = ReportTarget.ACTIVITY.value


# What a client may send in a number's place.
NOTHING: tuple[Any, ...] = (None, True, -1, 0, 1.5, 10**30, "1", [], {})


def form(kind: str, ref: int, seq: int = 0, *photo_ids: int) -> ReportForm:
    return ReportForm(kind, ref, seq, "fraud", "收了钱不发货", photo_ids)


def edited_form(photo_id: int) -> ListingForm:
    """A listing as its seller would have it afterwards."""
    typed = {"title": "好东西", "description": "改过的描述", "price": "5", "quantity": "1", "category": "sports"}
    return listing_form.check_listing({**typed, "photo_ids": [photo_id]})


def report(database: Database, actor: Actor, kind: str, ref: int, seq: int = 0, *photo_ids: int) -> int:
    reported = database.write(reports.report, actor, form(kind, ref, seq, *photo_ids))
    assert reported.events == (ModerationChanged(),)
    return reported.report_id


def row(database: Database, report_id: int) -> Report:
    return database.read(lambda session: session.get_one(Report, report_id))


def make_review(database: Database, status: ReviewStatus) -> tuple[int, Actor, Actor]:
    """A review, who wrote it, and of whom."""
    deal = trade(database)

    def add(session: Session) -> int:
        review = Review(
            order_id=deal.order_id,
            listing_id=deal.listing_id,
            author_id=deal.buyer.user_id,
            subject_id=deal.seller.user_id,
            author_role="buyer",
            stars=1,
            text="骂人的话",
            status=status,
            opens_at=utc_now(),
        )
        session.add(review)
        session.flush()
        return int(review.id or 0)

    return database.write(add), deal.buyer, deal.seller


@pytest.mark.parametrize(
    ("typed", "photo_ids", "fields"),
    [
        ({"reason": "fraud"}, None, set()),
        ({"reason": "spam", "text": "天天发"}, [1, 2, 3], set()),
        ({"reason": "other", "text": "说不清楚"}, [], set()),
        ({"reason": "other", "text": " "}, [], {"text"}),
        ({"reason": "fraud", "text": "长" * 501}, [], {"text"}),
        ({"reason": "fraud", "text": "坏\x00"}, [], {"text"}),
        ({"reason": "because"}, [], {"reason"}),
        ({"reason": ["fraud"]}, [], {"reason"}),
        ({}, [], {"reason"}),
        ({"reason": "fraud"}, [1, 2, 3, 4], {"photos"}),
        ({"reason": "fraud"}, [1, 1], {"photos"}),
        ({"reason": "fraud"}, ["1"], {"photos"}),
    ],
)
def test_a_report_wants_a_reason_and_a_word_of_why_where_that_is_none_of_those(
    typed: dict[str, object], photo_ids: object, fields: set[str]
) -> None:
    try:
        reports.check(typed, (LISTING, 1, 0), photo_ids)
        refused: set[str] = set()
    except InvalidForm as error:
        refused = set(error.errors)
    assert refused == fields


def test_a_listing_is_kept_as_it_was(database: Database, alice: Actor, bob: Actor) -> None:
    listing_id = make_listing(database, bob, title="全新手机", description="假的", price_fen=100)
    report_id = report(database, alice, LISTING, listing_id)
    [cover] = database.read(photos.part_of, photos.LISTING, listing_id)
    edited = edited_form(make_photo(database, bob))
    database.write(listings.edit, bob, listing_id, edited)
    stored = row(database, report_id)
    assert (stored.accused_id, stored.reporter_id, stored.status) == (bob.user_id, alice.user_id, "open")
    snapshot = report_targets.read_snapshot(stored.snapshot)
    assert (snapshot.title, snapshot.text, snapshot.images) == ("全新手机", "¥1.00\n假的", [cover.thumb_url])
    # Its picture is part of nothing else any more and stays.
    late = utc_now() + timedelta(days=2)
    assert database.read(photos.expired_orphans, late) == []


def test_each_kind_is_reported_and_says_what_it_said(database: Database, alice: Actor, bob: Actor) -> None:
    sent = database.write(messages.send, bob, alice.user_id, "client-0001", "滚开")
    said = database.write(plaza.post, bob, "client-0002", "加我微信")
    review_id, author, _ = make_review(database, ReviewStatus.SHOWN)
    activity_id = make_activity(database, bob, title="假活动", text="骗人的")
    cases = [
        (PERSON, bob.user_id, 0, bob, bob.user_id, "老王"),
        (MESSAGE, bob.user_id, sent.message.seq, bob, sent.conversation_id, "滚开"),
        (ROOM, 0, said.message.seq, bob, plaza.ROOM, "加我微信"),
        (REVIEW, review_id, 0, author, review_id, "骂人的话"),
        (ACTIVITY, activity_id, 0, bob, activity_id, "骗人的"),
    ]
    for kind, ref, seq, accused, target_id, words in cases:
        stored = row(database, report(database, alice, kind, ref, seq))
        assert (stored.target_kind, stored.target_id, stored.target_seq) == (kind, target_id, seq)
        assert stored.accused_id == accused.user_id
        assert words in stored.snapshot


def test_nobody_reports_what_they_may_not_see(database: Database, alice: Actor, bob: Actor, carol: Actor) -> None:
    sent = database.write(messages.send, bob, alice.user_id, "client-0001", "滚开")
    seq = sent.message.seq
    sealed, _, _ = make_review(database, ReviewStatus.SEALED)
    deleted = make_listing(database, bob, status="deleted")
    held = make_listing(database, bob, status="held")
    taken_back = database.write(plaza.post, bob, "client-0002", "加我微信").message.seq
    database.write(plaza.recall, bob, taken_back)
    hidden = [
        # Not a member of the conversation, from either side.
        (carol, MESSAGE, alice.user_id, seq),
        (carol, MESSAGE, bob.user_id, seq),
        (alice, MESSAGE, bob.user_id, seq + 1),
        (alice, MESSAGE, 999_999, seq),
        (alice, REVIEW, sealed, 0),
        (alice, LISTING, deleted, 0),
        (alice, LISTING, held, 0),
        (alice, ROOM, 0, taken_back),
        (alice, PERSON, 999_999, 0),
        (alice, "order", 1, 0),
        (alice, "", 1, 0),
    ]
    for actor, kind, ref, number in hidden:
        with pytest.raises(NothingToReport):
            report(database, actor, kind, ref, number)
    for kind in ReportTarget:
        for nothing in NOTHING:
            with pytest.raises(NothingToReport):
                database.write(reports.report, alice, form(kind.value, nothing, nothing))
    # What was deleted for oneself is no longer there.
    database.write(message_changes.delete_for_me, alice, bob.user_id, [seq])
    with pytest.raises(NothingToReport):
        report(database, alice, MESSAGE, bob.user_id, seq)


def test_nobody_reports_their_own(database: Database, alice: Actor, bob: Actor) -> None:
    sent = database.write(messages.send, alice, bob.user_id, "client-0001", "在吗")
    said = database.write(plaza.post, alice, "client-0002", "大家好")
    review_id, author, _ = make_review(database, ReviewStatus.SHOWN)
    own = [
        (alice, LISTING, make_listing(database, alice), 0),
        (alice, PERSON, alice.user_id, 0),
        (alice, MESSAGE, bob.user_id, sent.message.seq),
        (alice, ROOM, 0, said.message.seq),
        (alice, ACTIVITY, make_activity(database, alice), 0),
        (author, REVIEW, review_id, 0),
    ]
    for actor, kind, ref, seq in own:
        with pytest.raises(OwnThing):
            report(database, actor, kind, ref, seq)


def test_a_repeat_says_so_until_it_is_decided(database: Database, alice: Actor, bob: Actor, carol: Actor) -> None:
    listing_id = make_listing(database, bob)
    first = report(database, alice, LISTING, listing_id)
    with pytest.raises(AlreadyReported):
        report(database, alice, LISTING, listing_id)
    with pytest.raises(AlreadyReported):
        database.read(reports.subject, alice, LISTING, listing_id, 0)
    report(database, carol, LISTING, listing_id)
    settled = sa.update(Report).where(col(Report.id) == first).values(status="dismissed", open_slot=None)
    database.write(lambda session: session.execute(settled))
    assert report(database, alice, LISTING, listing_id) > first


def test_of_two_tabs_at_once_one_reports(database: Database, alice: Actor, bob: Actor) -> None:
    listing_id = make_listing(database, bob)
    outcomes = race(*[partial(database.write, reports.report, alice, form(LISTING, listing_id))] * 2)
    assert sorted(type(one).__name__ for one in outcomes) == ["AlreadyReported", "Reported"]


def test_a_block_keeps_nobody_from_reporting(database: Database, alice: Actor, bob: Actor) -> None:
    sent = database.write(messages.send, bob, alice.user_id, "client-0001", "滚开")
    database.write(contacts.block, bob, alice.user_id)
    database.write(contacts.block, alice, bob.user_id)
    assert database.read(reports.subject, alice, PERSON, bob.user_id, 0).is_blocked
    report(database, alice, MESSAGE, bob.user_id, sent.message.seq)
    report(database, alice, PERSON, bob.user_id)


def test_evidence_is_the_reporters_own_and_part_of_nothing_else(database: Database, alice: Actor, bob: Actor) -> None:
    listing_id = make_listing(database, bob)
    foreign, used = make_photo(database, bob), make_photo(database, alice, listing_id=make_listing(database, alice))
    for photo_id in (foreign, used, 999_999):
        with pytest.raises(InvalidForm):
            report(database, alice, LISTING, listing_id, 0, photo_id)
    mine = make_photo(database, alice)
    report_id = report(database, alice, LISTING, listing_id, 0, mine)
    assert database.read(lambda session: session.get_one(Photo, mine).report_id) == report_id
    # It is used: no cleaning takes it, and it becomes part of nothing else.
    assert database.read(photos.expired_orphans, utc_now() + timedelta(days=2)) == [
        (foreign, database.read(lambda session: session.get_one(Photo, foreign).name))
    ]
    with pytest.raises(InvalidForm):
        report(database, alice, PERSON, bob.user_id, 0, mine)


def test_a_photo_that_was_sent_stays_when_it_is_taken_back(database: Database, alice: Actor, bob: Actor) -> None:
    photo_id = make_photo(database, bob)
    sent = database.write(messages.send_photo, bob, alice.user_id, "client-0001", photo_id)
    report_id = report(database, alice, MESSAGE, bob.user_id, sent.message.seq)
    database.write(message_changes.recall, bob, alice.user_id, sent.message.seq)
    assert database.read(photos.expired_orphans, utc_now()) == []
    assert len(report_targets.read_snapshot(row(database, report_id).snapshot).images) == 1


def test_an_archive_holds_what_one_reported(database: Database, alice: Actor, bob: Actor) -> None:
    mine = make_photo(database, alice)
    report(database, alice, LISTING, make_listing(database, bob, title="假手机"), 0, mine)
    report(database, bob, PERSON, alice.user_id)
    [kept] = database.read(reports.of_person, alice.user_id)
    assert (kept["kind"], kept["about"], kept["reason"], kept["text"]) == ("宝贝", "假手机", "诈骗", "收了钱不发货")
    assert len(kept["pictures"]) == 1


def leave(database: Database, actor: Actor) -> None:
    """The week of somebody who closes their account is over."""

    def work(session: Session) -> None:
        session.get_one(User, actor.user_id).closing_at = utc_now() - timedelta(seconds=1)

    database.write(work)
    assert ModerationChanged() in database.write(closing.erase, actor.user_id)


def test_who_leaves_is_taken_out_of_their_reports(database: Database, alice: Actor, bob: Actor) -> None:
    mine = make_photo(database, alice)
    report_id = report(database, alice, LISTING, make_listing(database, bob), 0, mine)
    leave(database, alice)
    stored = row(database, report_id)
    assert (stored.reporter_id, stored.text, stored.status) == (None, "", "open")
    gone = [photo_id for photo_id, _ in database.read(photos.expired_orphans, utc_now())]
    assert gone == [mine]


def test_what_was_said_by_somebody_who_left_is_gone(database: Database, alice: Actor, bob: Actor) -> None:
    listing_id = make_listing(database, bob)
    report_id = report(database, alice, LISTING, listing_id)
    leave(database, bob)
    stored = row(database, report_id)
    assert (stored.snapshot, stored.status, stored.open_slot) == ("", "dismissed", None)
    names = select(Photo.id).where(Photo.owner_id == bob.user_id)
    left = database.read(lambda session: set(session.exec(names)))
    assert {photo_id for photo_id, _ in database.read(photos.expired_orphans, utc_now())} == left


def test_what_operators_upheld_is_not_put_up_again(database: Database, alice: Actor, bob: Actor) -> None:
    listing_id = make_listing(database, bob, status="taken_down")
    report_id = report(database, alice, LISTING, listing_id)
    database.write(listings.relist, bob, listing_id)
    database.write(listings.take_down, bob, listing_id)
    upheld = sa.update(Report).where(col(Report.id) == report_id).values(status="upheld", open_slot=None)
    database.write(lambda session: session.execute(upheld))
    with pytest.raises(IllegalChange):
        database.write(listings.relist, bob, listing_id)
    # Nor by way of having sold it.
    database.write(listings.mark_sold_out, bob, listing_id)
    again = edited_form(make_photo(database, bob))
    database.write(listings.edit, bob, listing_id, again)
    assert database.read(lambda session: session.get_one(Listing, listing_id).status) == "taken_down"
