"""Reviews as others read them: what they come to, in pages, by person and by listing."""

import os
import random
from fractions import Fraction

import pytest
import sqlalchemy as sa
from sqlmodel import col

from tests.factories import make_listing, make_user
from tests.reviewing import completed, completed_at, review, reviewed, stored, traded
from xianyu.adapters.database import Database
from xianyu.models import Review, ReviewStatus
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.orders import OrderFilter
from xianyu.services import contacts, listings, order_lists, review_pages, reviews
from xianyu.services.order_lists import check_filter

EXAMPLES = int(os.environ.get("XIANYU_TEST_EXAMPLES", "4"))


def test_a_page_of_nobody_is_empty(database: Database) -> None:
    seller = make_user(database)
    listing_id = make_listing(database, seller)
    for number in (0, -1, 2**80, seller.user_id):
        assert database.read(review_pages.of_person, None, number).rating.average == ""
    for number in (0, -1, 2**80, listing_id):
        assert database.read(review_pages.of_listing, None, number).page.reviews == []


def test_the_average_and_the_bars_count_what_is_shown(database: Database) -> None:
    seller = make_user(database)
    listing_id = make_listing(database, seller, quantity=9)
    for stars in (5, 5, 4, 2):
        reviewed(database, seller, make_user(database), stars, listing_id)
    buyer = make_user(database)
    review(database, buyer, traded(database, seller, buyer, listing_id), stars=1)
    found = database.read(review_pages.of_person, None, seller.user_id)
    assert (found.rating.count, found.rating.average) == (4, "4.0")
    assert [(bar.stars, bar.count, bar.percent) for bar in found.rating.bars] == [
        (5, 2, 50),
        (4, 1, 25),
        (3, 0, 0),
        (2, 1, 25),
        (1, 0, 0),
    ]
    assert [one.stars for one in found.page.reviews] == [2, 4, 5, 5]
    on_listing = database.read(review_pages.of_listing, None, listing_id)
    assert (on_listing.rating, on_listing.seller) == (found.rating, found.rating)


def test_a_listing_has_what_its_buyers_say_and_its_sellers_whole_rating(database: Database) -> None:
    seller, buyer = make_user(database), make_user(database)
    first, second = make_listing(database, seller), make_listing(database, seller)
    reviewed(database, seller, buyer, 5, first)
    reviewed(database, seller, buyer, 2, second)
    # Somebody who sells has bought, too.
    reviewed(database, buyer, seller, 4)
    found = database.read(review_pages.of_listing, None, first)
    assert [(one.stars, one.role_label) for one in found.page.reviews] == [(5, "买家")]
    assert (found.rating.average, found.seller.average, found.seller.count) == ("5.0", "4.0", 3)
    assert database.read(review_pages.sold_by, [first, second, 0], [seller.user_id]) == [first, second]
    assert database.read(review_pages.sold_by, [first, second], [buyer.user_id]) == []
    database.write(listings.delete, seller, first)
    assert database.read(review_pages.of_listing, None, first).page.reviews == []


def test_pages_follow_each_other_without_gaps(database: Database) -> None:
    seller, buyer = make_user(database), make_user(database)
    listing_id = make_listing(database, seller, quantity=12)
    written = [reviewed(database, seller, buyer, 1 + number % 5, listing_id) for number in range(12)]
    for read, about in ((review_pages.person_page, seller.user_id), (review_pages.listing_page, listing_id)):
        seen: list[int] = []
        after = 0
        while not seen or after:
            found = database.read(read, None, about, after, 5)
            seen += [one.id for one in found.reviews]
            after = found.after
        assert seen == written[::-1]


@pytest.mark.parametrize("who", ["visitor", "buyer", "seller", "stranger"])
def test_only_the_two_find_the_order_and_only_the_subject_an_answer(database: Database, who: str) -> None:
    deal = completed(database)
    review(database, deal.buyer, deal.order_id)
    review(database, deal.seller, deal.order_id)
    viewers: dict[str, Actor | None] = {
        "visitor": None,
        "buyer": deal.buyer,
        "seller": deal.seller,
        "stranger": make_user(database),
    }
    [shown] = database.read(review_pages.of_person, viewers[who], deal.seller.user_id).page.reviews
    assert (shown.order_url != "", shown.can_reply, shown.is_mine) == (
        who in {"buyer", "seller"},
        who == "seller",
        who == "buyer",
    )


def test_what_a_blocked_person_wrote_is_read_like_any_other(database: Database) -> None:
    deal = completed(database)
    review(database, deal.buyer, deal.order_id)
    review(database, deal.seller, deal.order_id)
    database.write(contacts.block, deal.seller, deal.buyer.user_id)
    assert database.read(review_pages.of_person, deal.seller, deal.seller.user_id).rating.count == 1


def test_lists_of_orders_say_what_is_to_be_reviewed(database: Database) -> None:
    deal = completed(database)
    bought, sold = check_filter({}), check_filter({"side": "sold"})

    def hints(person: Actor, side: OrderFilter) -> list[bool]:
        return [card.is_to_review for card in database.read(order_lists.page, person, side).orders]

    assert (hints(deal.buyer, bought), hints(deal.seller, sold)) == ([True], [True])
    review(database, deal.buyer, deal.order_id)
    assert (hints(deal.buyer, bought), hints(deal.seller, sold)) == ([False], [True])
    completed_at(database, deal.order_id, utc_now().replace(year=2020))
    assert hints(deal.seller, sold) == [False]


class Model:
    """What was done to the reviews of one seller, and what of them everybody may see."""

    def __init__(self, database: Database, chance: random.Random) -> None:
        self.database, self.chance = database, chance
        self.seller, self.buyers = make_user(database), [make_user(database) for _ in range(3)]
        self.listing_id = make_listing(database, self.seller, quantity=20)
        self.stars: dict[int, int] = {}
        self.sealed: list[int] = []
        self.shown: list[int] = []

    def write(self) -> None:
        """A buyer says something, and the seller says nothing yet."""
        buyer, stars = self.chance.choice(self.buyers), self.chance.randint(1, 5)
        order_id = traded(self.database, self.seller, buyer, self.listing_id)
        number = review(self.database, buyer, order_id, stars)
        self.stars[number] = stars
        self.sealed.append(number)

    def answer(self) -> None:
        """The seller reviews, too."""
        if self.sealed:
            number = self.sealed.pop()
            review(self.database, self.seller, stored(self.database, number).order_id)
            self.shown.append(number)

    def wait(self) -> None:
        """The time of one is over."""
        if self.sealed:
            number = self.sealed.pop()
            row = stored(self.database, number)
            self.database.write(reviews.open_due, row.order_id, row.opens_at)
            self.shown.append(number)

    def hold(self) -> None:
        """An operator looks at one and lets it through."""
        if self.sealed:
            held = sa.update(Review).where(col(Review.id) == self.sealed[-1]).values(status=ReviewStatus.HELD)
            self.database.write(lambda session: session.execute(held))
            self.check()
            self.database.write(reviews.let_through, self.sealed[-1])

    def remove(self) -> None:
        """An operator takes one away."""
        if self.shown:
            number = self.chance.choice(self.shown)
            self.database.write(reviews.remove, number)
            self.shown.remove(number)

    def check(self) -> None:
        """The numbers on both pages are those of what is shown."""
        stars = [self.stars[number] for number in self.shown]
        person = self.database.read(review_pages.of_person, None, self.seller.user_id, 100)
        listing = self.database.read(review_pages.of_listing, None, self.listing_id, 100)
        assert person.rating == listing.rating == listing.seller
        assert person.rating.count == len(stars)
        assert [one.id for one in person.page.reviews] == sorted(self.shown, reverse=True)
        counts = {bar.stars: bar.count for bar in person.rating.bars if bar.count}
        assert counts == {number: stars.count(number) for number in set(stars)}
        if stars:
            assert abs(Fraction(person.rating.average) - Fraction(sum(stars), len(stars))) <= Fraction(1, 20)
        else:
            assert person.rating.average == ""


@pytest.mark.parametrize("seed", range(EXAMPLES))
def test_numbers_are_those_of_a_model_whatever_happens(database: Database, seed: int) -> None:
    model = Model(database, random.Random(seed))
    for _ in range(16):
        model.chance.choice([model.write, model.write, model.answer, model.wait, model.hold, model.remove])()
        model.check()
