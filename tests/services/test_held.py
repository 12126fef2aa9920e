"""What is held back, and what becomes of it once an operator decided, on every database."""

from dataclasses import replace
from functools import partial

import pytest
from sqlmodel import Session, col, select

from tests.concurrency import race
from tests.factories import make_photo, make_user, make_word
from tests.reviewing import completed
from xianyu.adapters.database import Database
from xianyu.models import AuditEntry, Listing, Notice, Review, Role, Screening, WordAction
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import ListingChanged, ListingPublished, ModerationChanged, NoticeAdded
from xianyu.schemas.listings import ListingForm
from xianyu.schemas.search import SearchQuery
from xianyu.services import (
    broadcasts,
    held,
    held_pages,
    listing_pages,
    listing_screening,
    listings,
    messages,
    reviews,
    saved_searches,
    search,
)
from xianyu.services.accounts import OperatorsOnly
from xianyu.services.errors import InvalidForm
from xianyu.services.held import DecidedAlready, HeldNotFound, NoteTooLong
from xianyu.services.listing_errors import IllegalChange, ListingNotFound
from xianyu.services.review_forms import check_review
from xianyu.services.screening import REFUSAL, Refused

FORM = ListingForm("玩具枪支模型", "九成新，自提", 20_000, 1, "sports", (), kind="wanted", tags=("模型",))


@pytest.fixture
def operator(database: Database) -> Actor:
    make_word(database, "枪支", WordAction.HOLD)
    make_word(database, "傻瓜")
    make_word(database, "毒品", WordAction.REFUSE)
    return make_user(database, role=Role.OPERATOR)


def publish(database: Database, seller: Actor, **changes: object) -> int:
    return database.write(listings.publish, seller, replace(FORM, **changes)).listing_id  # type: ignore[arg-type]


def status(database: Database, listing_id: int) -> str:
    return database.read(lambda session: session.get_one(Listing, listing_id)).status


def waiting(database: Database, operator: Actor) -> list[int]:
    return [entry.id for entry in database.read(held_pages.page, operator).entries]


def told(database: Database, person: Actor) -> list[tuple[str, str, str]]:
    def work(session: Session) -> list[tuple[str, str, str]]:
        rows = session.exec(select(Notice).where(Notice.user_id == person.user_id).order_by(col(Notice.id)))
        return [(row.kind, row.subject, row.detail) for row in rows]

    return database.read(work)


def log(database: Database) -> list[tuple[str, str]]:
    def work(session: Session) -> list[tuple[str, str]]:
        return [(row.action, row.detail) for row in session.exec(select(AuditEntry).order_by(col(AuditEntry.id)))]

    return database.read(work)


def test_a_held_listing_is_there_for_its_seller_alone(database: Database, operator: Actor) -> None:
    seller, other = make_user(database), make_user(database)
    published = database.write(listings.publish, seller, FORM)
    listing_id = published.listing_id
    assert published.events == (ModerationChanged(),)
    shown = database.read(listing_pages.detail, seller, listing_id)
    assert (shown.status, shown.held) == ("held", listing_screening.WAITS)
    for stranger in (None, other, operator):
        with pytest.raises(ListingNotFound):
            database.read(listing_pages.with_photos, stranger, listing_id)
        assert database.read(listing_pages.cards, stranger, [listing_id]) == []
        assert database.read(listing_pages.by_seller, stranger, seller.user_id, ("held", "active")).cards == []
        with pytest.raises(ListingNotFound):
            database.read(listings.take_down, stranger or other, listing_id)
    assert database.read(listing_pages.feed, other).cards == []
    assert database.read(search.count, other, SearchQuery(words="枪支"))[0] == 0
    assert database.read(broadcasts.latest, other) == []
    with pytest.raises(ListingNotFound):
        database.write(messages.want, other, listing_id)
    # Its seller finds it among what is taken down.
    [card] = database.read(listing_pages.mine, seller, "taken_down").cards
    assert (card.id, card.status) == (listing_id, "held")
    assert database.read(listing_pages.counts_by_status, seller) == {"active": 0, "sold_out": 0, "taken_down": 1}
    for change in (listings.relist, listings.take_down, listings.mark_sold_out, listings.bump):
        with pytest.raises(IllegalChange, match="审核"):
            database.write(change, seller, listing_id)


def test_an_approved_listing_is_published_as_any_other(database: Database, operator: Actor) -> None:
    seller, waits = make_user(database), make_user(database)
    database.write(saved_searches.save, waits, "", SearchQuery(words="模型"))
    listing_id = publish(database, seller)
    before = database.read(lambda session: session.get_one(Listing, listing_id)).published_at
    [entry] = database.read(held_pages.page, operator).entries
    assert "".join(part.text for part in entry.parts if part.is_marked) == "枪支"
    assert (entry.kind, entry.reason, entry.author_name) == ("宝贝", "敏感词", seller.username)
    assert told(database, waits) == []

    events = database.write(held.approve, operator, entry.id)
    assert events == [
        ListingPublished(listing_id, seller.user_id, "sports"),
        ListingChanged(listing_id),
        NoticeAdded(waits.user_id),
        NoticeAdded(seller.user_id),
        ModerationChanged(),
    ]
    assert database.read(lambda session: session.get_one(Listing, listing_id)).published_at > before
    assert [card.title for card in database.read(listing_pages.feed, waits).cards] == [FORM.title]
    assert database.read(search.count, waits, SearchQuery(words="枪支"))[0] == 1
    assert told(database, seller) == [("held_approved", FORM.title, "")]
    assert waiting(database, operator) == []
    [decided] = database.read(held_pages.page, operator, held_pages.DECIDED).entries
    assert (decided.outcome, decided.decided_by) == ("已通过", operator.username)
    assert log(database) == [("held.approve", "")]
    # What was let through as it stands is not held again by another change of it.
    database.write(listings.edit, seller, listing_id, replace(FORM, price_fen=1))
    assert status(database, listing_id) == "active"
    database.write(listings.edit, seller, listing_id, replace(FORM, title="真枪支"))
    assert status(database, listing_id) == "held"


def test_a_rejected_listing_is_told_with_the_note_and_can_be_submitted_again(
    database: Database, operator: Actor
) -> None:
    seller = make_user(database)
    listing_id = publish(database, seller)
    [key] = waiting(database, operator)
    assert database.write(held.reject, operator, key, " 请换个 标题 ") == [
        ListingChanged(listing_id),
        NoticeAdded(seller.user_id),
        ModerationChanged(),
    ]
    assert told(database, seller) == [("held_rejected", FORM.title, "请换个 标题")]
    assert log(database) == [("held.reject", "请换个 标题")]
    shown = database.read(listing_pages.detail, seller, listing_id)
    assert (shown.status, "请换个 标题" in shown.held) == (listing_screening.REJECTED, True)
    [card] = database.read(listing_pages.mine, seller, "taken_down").cards
    assert card.status == listing_screening.REJECTED
    [decided] = database.read(held_pages.page, operator, held_pages.DECIDED).entries
    assert (decided.outcome, decided.note) == ("已驳回", "请换个 标题")

    database.write(listings.edit, seller, listing_id, replace(FORM, title="又一个枪支"))
    assert (status(database, listing_id), len(waiting(database, operator))) == ("held", 1)
    events = database.write(listings.edit, seller, listing_id, replace(FORM, title="玩具模型"))
    assert ListingPublished(listing_id, seller.user_id, "sports") in events
    assert (status(database, listing_id), waiting(database, operator)) == ("active", [])


def test_an_edit_may_hold_what_was_on_offer_or_taken_down(database: Database, operator: Actor) -> None:
    seller = make_user(database)
    clean = replace(FORM, title="玩具模型")
    shown, hidden = publish(database, seller, title="玩具模型"), publish(database, seller, title="玩具模型")
    database.write(listings.take_down, seller, hidden)
    published_at = database.read(lambda session: session.get_one(Listing, shown)).published_at
    for listing_id in (shown, hidden):
        database.write(listings.edit, seller, listing_id, FORM)
        assert status(database, listing_id) == "held"
    for key in waiting(database, operator):
        events = database.write(held.approve, operator, key)
        assert not any(isinstance(event, ListingPublished) for event in events)
    assert (status(database, shown), status(database, hidden)) == ("active", "taken_down")
    assert database.read(lambda session: session.get_one(Listing, shown)).published_at == published_at
    # A word that came later is found as it is put up again.
    database.write(listings.edit, seller, hidden, clean)
    make_word(database, "模型", WordAction.HOLD)
    database.write(listings.relist, seller, hidden)
    assert status(database, hidden) == "held"
    [key] = waiting(database, operator)
    database.write(held.approve, operator, key)
    assert status(database, hidden) == "active"


def test_a_masked_listing_is_stored_so_and_is_edited_as_before(database: Database, operator: Actor) -> None:
    seller = make_user(database)
    form = replace(FORM, title="傻 瓜相机", description="傻瓜也会用", tags=("傻瓜机", "相机"), place="傻瓜楼")
    listing_id = database.write(listings.publish, seller, form).listing_id
    shown = database.read(listing_pages.detail, seller, listing_id)
    assert (shown.title, shown.description, shown.place) == ("＊＊＊相机", "＊＊也会用", "＊＊楼")
    assert ([tag.name for tag in shown.tags], shown.status) == (["相机"], "active")
    edited = replace(form, title=shown.title, description=shown.description, place=shown.place, tags=("相机",))
    database.write(listings.edit, seller, listing_id, replace(edited, price_fen=5))
    assert database.read(listing_pages.detail, None, listing_id).title == "＊＊＊相机"
    [noted] = database.read(held_pages.page, operator, held_pages.NOTED).entries
    assert (noted.outcome, noted.words) == ("已遮盖", "傻瓜")
    assert "傻 瓜相机" in "".join(part.text for part in noted.parts)


def test_a_refused_listing_changes_nothing(database: Database, operator: Actor) -> None:
    seller = make_user(database)
    photo = make_photo(database, seller)
    with pytest.raises(Refused) as refusal:
        publish(database, seller, description="卖毒品的不要来", photo_ids=(photo,))
    assert refusal.value.errors == {"description": REFUSAL}
    listing_id = publish(database, seller, title="玩具模型")
    with pytest.raises(InvalidForm):
        database.write(listings.edit, seller, listing_id, replace(FORM, title="毒 品"))
    assert database.read(listing_pages.detail, None, listing_id).title == "玩具模型"
    make_word(database, "玩具模型", WordAction.REFUSE)
    database.write(listings.take_down, seller, listing_id)
    with pytest.raises(Refused):
        database.write(listings.relist, seller, listing_id)
    assert status(database, listing_id) == "taken_down"


def test_a_deleted_listing_waits_no_longer(database: Database, operator: Actor) -> None:
    seller = make_user(database)
    listing_id = publish(database, seller)
    [key] = waiting(database, operator)
    assert ModerationChanged() in database.write(listings.delete, seller, listing_id)
    assert waiting(database, operator) == []
    with pytest.raises(DecidedAlready):
        database.write(held.approve, operator, key)
    assert status(database, listing_id) == "deleted"


def test_of_two_operators_the_second_is_told_that_it_is_settled(database: Database, operator: Actor) -> None:
    seller, second = make_user(database), make_user(database, role=Role.OPERATOR)
    listing_id = publish(database, seller)
    [key] = waiting(database, operator)
    results = race(
        partial(database.write, held.approve, operator, key), partial(database.write, held.reject, second, key, "不行")
    )
    assert sum(isinstance(result, DecidedAlready) for result in results) == 1
    assert len(told(database, seller)) == len(log(database)) == 1
    approved = told(database, seller)[0][0] == "held_approved"
    assert status(database, listing_id) == ("active" if approved else "held")


def test_only_operators_decide_and_look(database: Database, operator: Actor) -> None:
    seller = make_user(database)
    publish(database, seller)
    [key] = waiting(database, operator)
    for work in (
        partial(database.write, held.approve, seller, key),
        partial(database.write, held.reject, seller, key),
    ):
        with pytest.raises(OperatorsOnly):
            work()
    with pytest.raises(OperatorsOnly):
        database.read(held_pages.page, seller)
    for missing in (0, 2**60, "1", True):
        with pytest.raises(HeldNotFound):
            database.write(held.approve, operator, missing)  # type: ignore[arg-type]  # as a client may send it
    for note in ("长" * 101, "a\x00b"):
        with pytest.raises(NoteTooLong):
            database.write(held.reject, operator, key, note)
    assert waiting(database, operator) == [key]


def test_the_queue_is_read_by_pages(database: Database, operator: Actor) -> None:
    seller = make_user(database)
    for number in range(3):
        publish(database, seller, title=f"枪支 {number}")
    first = database.read(held_pages.page, operator, held_pages.WAITING, 0, 2)
    rest = database.read(held_pages.page, operator, held_pages.WAITING, first.after, 2)
    assert [len(first.entries), len(rest.entries), rest.after] == [2, 1, 0]
    ids = [entry.id for entry in (*first.entries, *rest.entries)]
    assert ids == sorted(ids)
    assert database.read(held_pages.page, operator, "nonsense").entries == []


def test_rows_of_a_listing_tell_what_waits(database: Database, operator: Actor) -> None:
    seller = make_user(database)
    listing_id = publish(database, seller)
    database.write(listings.edit, seller, listing_id, replace(FORM, title="枪支模型二"))

    def rows(session: Session) -> list[tuple[str, str]]:
        return [
            (row.status, row.text.split("\n")[0]) for row in session.exec(select(Screening).order_by(col(Screening.id)))
        ]

    assert database.read(rows) == [("noted", "标题：玩具枪支模型"), ("waiting", "标题：枪支模型二")]


@pytest.mark.parametrize("verdict", ["approve", "reject"])
def test_a_held_review_counts_or_is_taken_away(database: Database, operator: Actor, verdict: str) -> None:
    deal = completed(database)
    form = check_review({"stars": "5", "text": "和枪支一样准时"})
    database.write(reviews.write, deal.buyer, deal.order_id, form)
    assert database.read(lambda session: session.exec(select(Review.status)).one()) == "held"
    [key] = waiting(database, operator)
    if verdict == "approve":
        database.write(held.approve, operator, key)
    else:
        database.write(held.reject, operator, key, "请文明用语")
    status, kind = ("sealed", "review_approved") if verdict == "approve" else ("removed", "review_rejected")
    assert database.read(lambda session: session.exec(select(Review.status)).one()) == status
    assert [(one[0], one[2]) for one in told(database, deal.buyer)][-1] == (
        kind,
        "" if verdict == "approve" else "请文明用语",
    )
