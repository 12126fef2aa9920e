"""Sensitive words in reviews: masked for readers, held for an operator, refused, and what becomes of answers."""

import pytest
from sqlmodel import Session, col, select

from tests.factories import make_word
from tests.reviewing import completed, review, stored, told
from xianyu.adapters.database import Database
from xianyu.models import ReviewStatus, Screening, WordAction
from xianyu.schemas.events import ModerationChanged
from xianyu.schemas.reviews import ReviewForm
from xianyu.services import review_pages, reviews
from xianyu.services.screening import Refused


def kept(database: Database) -> list[tuple[str, int | None, str, str]]:
    """What operators read."""

    def work(session: Session) -> list[tuple[str, int | None, str, str]]:
        rows = session.exec(select(Screening).order_by(col(Screening.id)))
        return [(row.subject_kind, row.subject_id, row.status, row.text) for row in rows]

    return database.read(work)


def test_a_word_is_masked_for_readers_and_kept_for_operators(database: Database) -> None:
    make_word(database, "骗子")
    deal = completed(database)
    written = database.write(reviews.write, deal.buyer, deal.order_id, ReviewForm(1, "这人是骗子，别买"))
    assert ModerationChanged() in written.events
    review(database, deal.seller, deal.order_id)
    [shown] = database.read(review_pages.of_person, None, deal.seller.user_id).page.reviews
    assert shown.text == "这人是＊＊，别买"
    assert kept(database) == [("review", written.review_id, "noted", "这人是骗子，别买")]


def test_what_is_held_tells_nobody_before_an_operator_decided(database: Database) -> None:
    make_word(database, "毒品", WordAction.HOLD)
    deal = completed(database)
    written = database.write(reviews.write, deal.buyer, deal.order_id, ReviewForm(1, "卖家在卖毒品"))
    assert stored(database, written.review_id).status == ReviewStatus.HELD
    assert told(database, deal.seller.user_id) == []
    assert "对方已经评价了你" not in database.read(review_pages.of_order, deal.seller, deal.order_id).note
    assert kept(database) == [("review", written.review_id, "waiting", "卖家在卖毒品")]
    database.write(reviews.let_through, written.review_id)
    assert told(database, deal.seller.user_id) == ["review_written"]


def test_what_is_refused_is_told_beside_its_field(database: Database) -> None:
    make_word(database, "枪支", WordAction.REFUSE)
    deal = completed(database)
    with pytest.raises(Refused) as error:
        review(database, deal.buyer, deal.order_id, text="送枪支")
    assert set(error.value.errors) == {"text"}
    # Nothing is used up by it.
    assert database.read(review_pages.of_order, deal.buyer, deal.order_id).can_write


def test_an_answer_is_masked_and_never_waits(database: Database) -> None:
    make_word(database, "骗子")
    make_word(database, "毒品", WordAction.HOLD)
    deal = completed(database)
    review_id = review(database, deal.buyer, deal.order_id)
    review(database, deal.seller, deal.order_id)
    with pytest.raises(Refused) as error:
        database.write(reviews.reply, deal.seller, review_id, "毒品")
    assert set(error.value.errors) == {"reply"}
    database.write(reviews.reply, deal.seller, review_id, "你才是骗子")
    assert stored(database, review_id).reply == "你才是＊＊"
    assert kept(database) == [("review", review_id, "noted", "你才是骗子")]
