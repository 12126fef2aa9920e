"""Reviews: who may write one, when both are shown, the one answer, and what happens at the same moment."""

from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from tests.concurrency import race
from tests.factories import make_photo, make_user
from tests.reviewing import completed, completed_at, review, stored, told
from tests.trade import trade
from xianyu.adapters.database import Database
from xianyu.models import Notice, Photo, Review, ReviewStatus, User
from xianyu.models.types import utc_now
from xianyu.schemas.events import LiveEvent, ReviewsChanged
from xianyu.schemas.reviews import ReviewForm
from xianyu.services import contacts, notices, order_deadlines, photos, review_pages, reviews
from xianyu.services.errors import InvalidForm
from xianyu.services.order_errors import OrderNotFound
from xianyu.services.review_errors import (
    AlreadyReplied,
    AlreadyReviewed,
    NotReviewable,
    OtherLeft,
    ReviewNotFound,
    ReviewTimeOver,
)
from xianyu.services.review_forms import check_reply, check_review
from xianyu.settings import get_settings

DAY = timedelta(days=1)
SECRET = "说好的九成新其实有划痕"


def after(database: Database, passed: timedelta) -> list[list[LiveEvent]]:
    return [events for events in order_deadlines.run(database, utc_now() + passed) if events]


def statuses(database: Database, order_id: int) -> list[str]:
    statement = select(Review.status).where(Review.order_id == order_id).order_by(col(Review.id))
    return list(database.read(lambda session: session.exec(statement).all()))


def set_status(database: Database, review_id: int, status: ReviewStatus) -> None:
    changed = sa.update(Review).where(col(Review.id) == review_id).values(status=status)
    database.write(lambda session: session.execute(changed))


def test_the_first_is_sealed_and_the_second_opens_both(database: Database) -> None:
    deal = completed(database)
    first = database.write(reviews.write, deal.buyer, deal.order_id, ReviewForm(4, SECRET))
    assert ReviewsChanged(deal.order_id, deal.buyer.user_id, deal.seller.user_id, is_public=False) in first.events
    assert told(database, deal.seller.user_id) == ["review_written"]
    [notice] = database.read(notices.page, deal.seller).notices[:1]
    assert (notice.actor_name, notice.lead, notice.url) == (
        deal.buyer.name,
        "评价了订单",
        f"/orders/{deal.order_id}",
    )
    seen = database.read(review_pages.of_order, deal.seller, deal.order_id)
    assert (seen.can_write, seen.reviews) == (True, [])
    assert "对方已经评价了你" in seen.note
    mine = database.read(review_pages.of_order, deal.buyer, deal.order_id)
    assert [(one.text, one.label) for one in mine.reviews] == [(SECRET, "未公开")]
    assert database.read(review_pages.of_person, None, deal.seller.user_id).page.reviews == []
    assert SECRET not in repr((seen, notice))

    second = database.write(reviews.write, deal.seller, deal.order_id, ReviewForm(5))
    assert ReviewsChanged(deal.order_id, deal.buyer.user_id, deal.seller.user_id, is_public=True) in second.events
    assert statuses(database, deal.order_id) == ["shown", "shown"]
    assert told(database, deal.buyer.user_id) == ["reviews_opened"]
    assert told(database, deal.seller.user_id) == ["review_written"]
    for person in (deal.buyer, deal.seller):
        seen = database.read(review_pages.of_order, person, deal.order_id)
        assert [(one.stars, one.label) for one in seen.reviews] == [(4, ""), (5, "")]
    assert [one.text for one in database.read(review_pages.of_person, None, deal.seller.user_id).page.reviews] == [
        SECRET
    ]


def test_without_the_others_it_is_shown_when_the_time_is_over_and_once(database: Database) -> None:
    deal = completed(database)
    review(database, deal.buyer, deal.order_id)
    assert after(database, 29 * DAY) == []
    [events] = after(database, 30 * DAY)
    assert ReviewsChanged(deal.order_id, deal.buyer.user_id, deal.seller.user_id, is_public=True) in events
    assert after(database, 31 * DAY) == []
    assert statuses(database, deal.order_id) == ["shown"]
    assert told(database, deal.buyer.user_id) == ["reviews_opened"]
    assert told(database, deal.seller.user_id) == ["review_written", "reviews_opened"]


def test_two_workers_open_what_is_due_once(database: Database) -> None:
    deals = [completed(database) for _ in range(3)]
    for deal in deals:
        review(database, deal.seller, deal.order_id)
    results = race(*[lambda: after(database, 30 * DAY)] * 3)
    rounds = [one for one in results if not isinstance(one, Exception)]
    assert len(rounds) == 3, results
    opened = [event for each in rounds for events in each for event in events if isinstance(event, ReviewsChanged)]
    assert sorted(event.order_id for event in opened) == sorted(deal.order_id for deal in deals)
    for deal in deals:
        assert told(database, deal.seller.user_id) == ["reviews_opened"]


def test_both_at_the_same_moment_are_both_shown(database: Database) -> None:
    for _ in range(5):
        deal = completed(database)
        results = race(
            *(partial(review, database, person, deal.order_id) for person in (deal.buyer, deal.seller)),
        )
        assert not [one for one in results if isinstance(one, Exception)], results
        assert statuses(database, deal.order_id) == ["shown", "shown"]
        heard = sorted((told(database, deal.buyer.user_id), told(database, deal.seller.user_id)))
        # Whoever came first hears that they are open, the other that one came in.
        assert heard == [["review_written"], ["reviews_opened"]]


def test_the_same_person_twice_at_the_same_moment_is_one(database: Database) -> None:
    deal = completed(database)
    results = race(*[partial(review, database, deal.buyer, deal.order_id)] * 4)
    assert [type(one) for one in results].count(AlreadyReviewed) == 3, results
    assert statuses(database, deal.order_id) == ["sealed"]
    assert told(database, deal.seller.user_id) == ["review_written"]


def test_the_clock_and_the_other_at_once_show_both(database: Database) -> None:
    for _ in range(3):
        deal = completed(database)
        review(database, deal.buyer, deal.order_id)
        results = race(partial(review, database, deal.seller, deal.order_id), lambda: after(database, 30 * DAY))
        assert not [one for one in results if isinstance(one, Exception)], results
        assert statuses(database, deal.order_id) == ["shown", "shown"]
        # Of one's own that the clock opened, and of the other's that came after it; or of both in one.
        assert told(database, deal.buyer.user_id) in (["reviews_opened"], ["reviews_opened"] * 2)


def test_only_the_two_write_and_read(database: Database) -> None:
    deal, stranger = completed(database), make_user(database)
    for order_id in (deal.order_id, 0, -1, 2**80):
        with pytest.raises(OrderNotFound):
            review(database, stranger, order_id)
        with pytest.raises(OrderNotFound):
            database.read(review_pages.of_order, stranger, order_id)
    assert statuses(database, deal.order_id) == []


def test_an_order_that_is_not_completed_has_no_reviews(database: Database) -> None:
    deal = trade(database)
    with pytest.raises(NotReviewable):
        review(database, deal.buyer, deal.order_id)
    assert database.read(review_pages.of_order, deal.buyer, deal.order_id).order_id == 0


def test_once_and_within_the_days_that_the_operator_set(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XIANYU_REVIEW_DAYS", "7")
    get_settings.cache_clear()
    deal, late = completed(database), completed(database)
    review_id = review(database, deal.buyer, deal.order_id)
    assert timedelta(days=6, hours=23) < stored(database, review_id).opens_at - utc_now() <= 7 * DAY
    with pytest.raises(AlreadyReviewed):
        review(database, deal.buyer, deal.order_id)
    completed_at(database, late.order_id, utc_now() - 7 * DAY)
    with pytest.raises(ReviewTimeOver):
        review(database, late.buyer, late.order_id)
    seen = database.read(review_pages.of_order, late.buyer, late.order_id)
    assert (seen.can_write, seen.until) == (False, "")
    assert "时间已经过了" in seen.note


def test_blocked_people_may_review_and_answer(database: Database) -> None:
    deal = completed(database)
    database.write(contacts.block, deal.seller, deal.buyer.user_id)
    review_id = review(database, deal.buyer, deal.order_id)
    review(database, deal.seller, deal.order_id)
    database.write(reviews.reply, deal.seller, review_id, "谢谢")
    assert stored(database, review_id).reply == "谢谢"


def test_nobody_reviews_who_has_left(database: Database) -> None:
    deal = completed(database)
    left = sa.update(User).where(col(User.id) == deal.seller.user_id).values(closed_at=utc_now())
    database.write(lambda session: session.execute(left))
    with pytest.raises(OtherLeft):
        review(database, deal.buyer, deal.order_id)
    assert not database.read(review_pages.of_order, deal.buyer, deal.order_id).can_write


def test_the_subject_of_a_shown_review_answers_once(database: Database) -> None:
    deal = completed(database)
    review_id = review(database, deal.buyer, deal.order_id)
    with pytest.raises(ReviewNotFound):
        database.write(reviews.reply, deal.seller, review_id, "还没公开")
    review(database, deal.seller, deal.order_id)
    for person, number in ((deal.buyer, review_id), (make_user(database), review_id), (deal.seller, 2**80)):
        with pytest.raises(ReviewNotFound):
            database.write(reviews.reply, person, number, "不是我的")
    results = race(*[partial(database.write, reviews.reply, deal.seller, review_id, "谢谢夸奖")] * 3)
    assert [type(one) for one in results].count(AlreadyReplied) == 2, results
    [shown] = database.read(review_pages.of_person, deal.seller, deal.seller.user_id).page.reviews
    assert (shown.reply, shown.can_reply, shown.subject_name) == ("谢谢夸奖", False, deal.seller.name)
    assert told(database, deal.buyer.user_id) == ["reviews_opened", "review_replied"]


def test_photos_become_part_of_it_and_outlive_the_cleaning(database: Database) -> None:
    deal = completed(database)
    ids = [make_photo(database, deal.buyer) for _ in range(3)]
    form = ReviewForm(5, "", tuple(reversed(ids)))
    database.write(reviews.write, deal.buyer, deal.order_id, form)
    [mine] = database.read(review_pages.of_order, deal.buyer, deal.order_id).reviews
    assert [photo.id for photo in mine.photos] == list(reversed(ids))
    tomorrow = utc_now() + DAY
    assert {number for number, _ in database.read(photos.expired_orphans, tomorrow)}.isdisjoint(ids)
    assert database.write(photos.forget, ids) == set()


def test_a_photo_of_somebody_else_leaves_nothing_behind(database: Database) -> None:
    deal = completed(database)
    photo_id = make_photo(database, deal.seller)
    with pytest.raises(InvalidForm):
        database.write(reviews.write, deal.buyer, deal.order_id, ReviewForm(5, "", (photo_id,)))
    assert statuses(database, deal.order_id) == []
    assert database.read(Session.get_one, Photo, photo_id).review_id is None


def test_one_that_is_held_back_counts_once_it_is_let_through(database: Database) -> None:
    deal = completed(database)
    held = review(database, deal.buyer, deal.order_id)
    set_status(database, held, ReviewStatus.HELD)
    review(database, deal.seller, deal.order_id)
    assert statuses(database, deal.order_id) == ["held", "sealed"]
    assert [one.label for one in database.read(review_pages.of_order, deal.buyer, deal.order_id).reviews] == ["待审核"]
    database.write(reviews.let_through, held)
    assert statuses(database, deal.order_id) == ["shown", "shown"]
    with pytest.raises(ReviewNotFound):
        database.write(reviews.let_through, held)


def test_one_that_is_taken_away_holds_up_no_other(database: Database) -> None:
    deal = completed(database)
    bad = review(database, deal.buyer, deal.order_id, text=SECRET)
    set_status(database, bad, ReviewStatus.HELD)
    review(database, deal.seller, deal.order_id)
    database.write(reviews.remove, bad)
    assert statuses(database, deal.order_id) == ["removed", "shown"]
    assert database.read(review_pages.of_person, None, deal.seller.user_id).rating.count == 0
    seen = database.read(review_pages.of_order, deal.seller, deal.order_id)
    assert SECRET not in repr(seen)
    assert "已被管理员移除" in database.read(review_pages.of_order, deal.buyer, deal.order_id).note


def test_what_is_let_through_after_the_time_is_shown_at_once(database: Database) -> None:
    deal = completed(database)
    held = review(database, deal.buyer, deal.order_id)
    late = sa.update(Review).where(col(Review.id) == held).values(status=ReviewStatus.HELD, opens_at=utc_now())
    database.write(lambda session: session.execute(late))
    assert after(database, DAY) == []
    database.write(reviews.let_through, held)
    assert stored(database, held).status == ReviewStatus.SHOWN


@pytest.mark.parametrize(
    ("fields", "refused"),
    [
        ({}, {"stars"}),
        ({"stars": "0", "text": "x" * 501}, {"stars", "text"}),
        ({"stars": 5}, {"stars"}),
        ({"stars": "6", "photo_ids": [1, 2, 3, 4]}, {"stars", "photos"}),
        ({"stars": "5", "photo_ids": [1, 1]}, {"photos"}),
        ({"stars": "5", "photo_ids": ["1"]}, {"photos"}),
        ({"stars": "5", "text": "坏\x00字"}, {"text"}),
        ({"stars": [], "text": {}, "photo_ids": 7}, {"stars"}),
    ],
)
def test_what_is_typed_is_refused_beside_its_field(fields: dict[str, object], refused: set[str]) -> None:
    with pytest.raises(InvalidForm) as error:
        check_review(fields)
    assert set(error.value.errors) == refused


def test_what_is_typed_is_taken_as_it_is_meant() -> None:
    assert check_review({"stars": "3", "text": "  还行\r\n吧 "}) == ReviewForm(3, "还行\n吧")
    assert check_review({"stars": "1", "text": "　", "photo_ids": [7, 8]}) == ReviewForm(1, "", (7, 8))
    assert check_reply(" 谢谢 ") == "谢谢"
    for text in ("", " ", "长" * 301, None, 5):
        with pytest.raises(InvalidForm) as error:
            check_reply(text)
        assert set(error.value.errors) == {"reply"}


def test_every_notice_about_reviews_leads_to_the_order(database: Database) -> None:
    deal = completed(database)
    review(database, deal.buyer, deal.order_id)
    review_id = review(database, deal.seller, deal.order_id)
    database.write(reviews.reply, deal.buyer, review_id, "合作愉快")
    statement = select(Notice.order_id).where(col(Notice.kind).contains("review"))
    assert set(database.read(lambda session: session.exec(statement).all())) == {deal.order_id}
