"""The demo: a compound that is complete, and that comes into being once."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

import pytest
import sqlalchemy as sa
from PIL import Image
from sqlmodel import Session, col, select

from xianyu.adapters.database import Database
from xianyu.adapters.media import photo_path, thumb_name
from xianyu.adapters.migrations import migrate
from xianyu.demo import content, fill, orders, sections
from xianyu.demo import plaza as demo_plaza
from xianyu.demo.command import demo
from xianyu.demo.pictures import photos as pictures
from xianyu.demo.pictures.things import THINGS
from xianyu.models import (
    ActivitySignup,
    Delivery,
    Listing,
    ListingStatus,
    Order,
    OrderEvent,
    OrderStatus,
    Photo,
    Report,
    ReportStatus,
    Review,
    ReviewStatus,
    Role,
    User,
    metadata,
)
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.orders import OrderFilter
from xianyu.services import (
    accounts,
    activity_pages,
    announcements,
    conversation_list,
    listing_pages,
    messages,
    order_lists,
    overview,
    plaza,
    review_pages,
)
from xianyu.services.categories import categories
from xianyu.settings import Settings

T = TypeVar("T")

# Whom one can log in as to buy, sell and chat; who speaks for the compound has a login, too.
NEIGHBOURS = [person for person in content.logins() if not person.operator]


@pytest.fixture(scope="module", autouse=True)
def small_pictures() -> Iterator[None]:
    """The same drawings on less canvas, in a fraction of the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pictures, "SIDE", 96)
        yield


@pytest.fixture(scope="module")
def media_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def filled(media_dir: Path) -> Iterator[Database]:
    """The demo on SQLite, made once for the tests that only look at it."""
    url = f"sqlite:///{media_dir / 'demo.db'}"
    migrate(url)
    database = Database(url)
    assert fill.fill(database, media_dir) is True
    yield database
    database.engine.dispose()


def _everything(session: Session) -> dict[str, list[tuple[object, ...]]]:
    return {
        table.name: sorted((tuple(row) for row in session.execute(sa.select(table))), key=repr)
        for table in metadata.sorted_tables
    }


def _all(database: Database, model: type[T]) -> list[T]:
    return database.read(lambda session: list(session.exec(select(model))))


def test_the_demo_is_a_whole_compound(filled: Database) -> None:
    people, offers = _all(filled, User), _all(filled, Listing)
    assert len(people) == len(content.people()) >= 12
    # And one that waits for an operator.
    assert len(offers) - 1 == len(content.listings()) >= 60
    per_category = Counter(offer.category_group for offer in offers)
    assert set(per_category) == {category.slug for category in categories()}
    assert min(per_category.values()) >= 4
    assert {offer.status for offer in offers} == {"active", "sold_out", "taken_down", "held"}
    assert {offer.seller_id for offer in offers} == {person.id for person in people}


def test_it_happened_over_the_last_three_weeks(filled: Database) -> None:
    ages = [(utc_now() - offer.published_at).total_seconds() / 86_400 for offer in _all(filled, Listing)]
    assert 0 < min(ages) < 1
    assert 14 < max(ages) < 22
    assert len({round(age) for age in ages}) > 15
    newest_first = filled.read(listing_pages.feed, None).cards
    assert [card.published_at for card in newest_first] == sorted(
        (card.published_at for card in newest_first), reverse=True
    )


def test_every_section_has_something_of_each_kind(filled: Database) -> None:
    shown = filled.read(activity_pages.feed, None).cards
    assert len(shown) == len(sections.invitations()) >= 5
    assert {card.phase for card in shown} == {"open", "full", "past"}
    assert {bool(card.cover_url) for card in shown} == {True, False}
    assert all(card.signup_count == len(_guests(filled, card.id)) > 0 for card in shown)
    told = filled.read(announcements.feed, None).cards
    assert [card.is_pinned for card in told] == [True, False, False]
    operators = {person.username for person in _all(filled, User) if person.role == "operator"}
    assert operators == {person.name for person in content.people() if person.operator}


def test_orders_stand_wherever_an_order_can(filled: Database) -> None:
    made, now = _all(filled, Order), utc_now()
    assert len(made) == len(orders.purchases())
    assert {order.status for order in made} == set(OrderStatus)
    assert {order.delivery for order in made} == set(Delivery)
    for order in made:
        steps = [event for event in _all(filled, OrderEvent) if event.order_id == order.id]
        assert order.created_at == steps[0].created_at < now
        assert order.updated_at == steps[-1].created_at < now
        assert order.deadline_at is None or order.deadline_at > now
    for person in NEIGHBOURS:
        assert filled.read(order_lists.waiting, _id(filled, person.name)) > 0


def test_reviews_go_both_ways_and_some_wait_for_the_others(filled: Database) -> None:
    written, now = _all(filled, Review), utc_now()
    assert len(written) == sum(len(one.reviews) for one in orders.purchases()) >= 12
    assert {review.status for review in written} == {ReviewStatus.SHOWN, ReviewStatus.SEALED}
    assert {review.author_role for review in written} == {"buyer", "seller"}
    assert len({review.stars for review in written}) >= 3
    assert any(review.reply for review in written)
    completed = {order.id: order.updated_at for order in _all(filled, Order) if order.status == OrderStatus.COMPLETED}
    for review in written:
        assert completed[review.order_id] < review.created_at < now < review.opens_at
        assert review.replied_at is None or review.created_at < review.replied_at < now
    for person in NEIGHBOURS:
        assert filled.read(review_pages.of_person, None, _id(filled, person.name)).rating.count > 0
    # Whoever logs in finds something to review.
    waits = [filled.read(order_lists.page, _actor(filled, one.name), OrderFilter()) for one in NEIGHBOURS]
    assert any(card.is_to_review for page in waits for card in page.orders)


def _actor(database: Database, name: str) -> Actor:
    return Actor(user_id=_id(database, name), username=name, role="member", session_id=0)


def _id(database: Database, name: str) -> int:
    return next(person.id or 0 for person in _all(database, User) if person.username == name)


def _guests(database: Database, activity_id: int) -> list[ActivitySignup]:
    return [signup for signup in _all(database, ActivitySignup) if signup.activity_id == activity_id]


def test_the_figures_of_the_operators_look_alive(filled: Database) -> None:
    [operator] = [person for person in content.logins() if person.operator]
    user_id = accounts.check_password(filled.read(accounts.find_credentials, operator.name), operator.password)
    actor = Actor(user_id=user_id, username=operator.name, role="operator", session_id=0)
    shown = filled.read(overview.view, actor, 30)
    days = {name: [row.cells[place] for row in shown.rows] for place, name in enumerate(overview.COLUMNS)}
    lively = {name: sum(cell not in {"0", "—"} for cell in cells) for name, cells in days.items()}
    assert lively["新用户"] >= 4
    assert lively["新宝贝"] >= 12
    assert lively["消息"] >= 15
    assert lively["新订单"] >= 8
    assert lively["订单完成率"] >= 6
    assert lively["卖家响应时间"] >= 6
    assert len(filled.read(plaza.history, None, limit=100)) == len(demo_plaza.lines())


def test_nothing_was_said_or_ordered_before_its_people_came(filled: Database) -> None:
    joined = {person.name: person.joined for person in content.people()}
    ages = {offer.title: offer.age for offer in content.listings()}
    assert [row for row in demo_plaza.lines() if row["age"] >= joined[row["who"]]] == []
    for order in orders.purchases():
        assert order.hours / 24 < min(joined[order.buyer], ages[order.listing]), order.listing


def test_numbers_rise_with_time(filled: Database) -> None:
    offers = sorted(_all(filled, Listing), key=lambda offer: offer.published_at)
    assert [offer.id for offer in offers] == sorted(offer.id or 0 for offer in offers)


def test_every_picture_is_on_disk_and_decodes(filled: Database, media_dir: Path) -> None:
    rows = _all(filled, Photo)
    drawn = sum(one.photos for one in content.listings()) + sum(one.photos for one in sections.invitations())
    assert len(rows) == drawn
    covers = {row.listing_id for row in rows if row.position == 0 and row.activity_id is None}
    assert covers == {offer.id for offer in _all(filled, Listing) if offer.cover}
    for name in [name for row in rows for name in (row.name, thumb_name(row.name))]:
        path = photo_path(media_dir, name)
        assert path is not None
        with Image.open(path) as image:
            image.load()
            assert image.format == "WEBP"


@pytest.mark.parametrize("person", NEIGHBOURS, ids=lambda person: person.name)
def test_both_logins_open_and_have_unread_messages(filled: Database, person: content.DemoPerson) -> None:
    credentials = filled.read(accounts.find_credentials, person.name)
    user_id = accounts.check_password(credentials, person.password)
    actor = Actor(user_id=user_id, username=person.name, role="member", session_id=0)
    assert filled.read(conversation_list.unread_total, actor) > 0
    talks = filled.read(conversation_list.conversations, actor)
    assert len(talks) >= 4
    assert {talk.unread > 0 for talk in talks} == {True, False}
    assert [talk.last_at for talk in talks] == sorted((talk.last_at for talk in talks), reverse=True)
    assert all(filled.read(messages.about, actor, talk.peer_id) for talk in talks)


def test_nobody_else_has_a_password_that_is_told(filled: Database) -> None:
    told = {person.password for person in content.logins()}
    others = [person.name for person in content.people() if not person.password]
    for name in others:
        credentials = filled.read(accounts.find_credentials, name)
        for password in told:
            with pytest.raises(accounts.WrongCredentials):
                accounts.check_password(credentials, password)


def test_a_second_time_changes_nothing(filled: Database, media_dir: Path) -> None:
    before = filled.read(_everything)
    files = sorted(media_dir.rglob("*.webp"))
    assert fill.fill(filled, media_dir) is False
    assert filled.read(_everything) == before
    assert sorted(media_dir.rglob("*.webp")) == files


def test_two_at_once_make_one(sqlite_database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    # Both have looked before either writes.
    gate = threading.Barrier(2, timeout=60)
    look: Callable[[Session], bool] = fill.is_filled

    def look_together(session: Session) -> bool:
        found = look(session)
        if not found:
            gate.wait()
        return found

    monkeypatch.setattr(fill, "is_filled", look_together)
    outcomes: list[bool] = []
    work = partial(fill.fill, sqlite_database, settings.media_dir)
    threads = [threading.Thread(target=lambda: outcomes.append(work())) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [False, True]
    assert len(_all(sqlite_database, Listing)) == len(content.listings()) + 1
    assert len(list(settings.media_dir.rglob("*.webp"))) == 2 * len(_all(sqlite_database, Photo))


def test_a_failure_leaves_nothing(
    sqlite_database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object) -> None:
        raise RuntimeError("the power went out")

    monkeypatch.setattr(fill, "_move_into_the_past", fail)
    with pytest.raises(RuntimeError):
        fill.fill(sqlite_database, settings.media_dir)
    assert _all(sqlite_database, User) == []
    assert list(settings.media_dir.rglob("*.webp")) == []


def test_the_command_tells_whom_to_log_in_as(sqlite_database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    demo()
    first = capsys.readouterr().out
    demo()
    second = capsys.readouterr().out
    for output in (first, second):
        assert "http://localhost:3000" in output
        for person in content.logins():
            assert f"{person.name}  {person.password}" in output
        assert "老王_3号楼  linli-demo  (operator: /admin is the console)" in output
    assert "nothing was changed" in second
    assert "nothing was changed" not in first


def test_one_report_waits_and_one_was_decided(filled: Database) -> None:
    rows = filled.read(lambda session: session.exec(select(Report).order_by(col(Report.id))).all())
    assert [row.status for row in rows] == [ReportStatus.UPHELD, ReportStatus.OPEN]
    assert all(row.created_at < utc_now() - timedelta(hours=1) for row in rows)
    decider = filled.read(lambda session: session.get_one(User, rows[0].decided_by))
    assert decider.role == Role.OPERATOR


def test_it_fills_every_kind_of_database(database: Database, settings: Settings) -> None:
    assert fill.fill(database, settings.media_dir) is True
    page = database.read(listing_pages.feed, None)
    assert len(page.cards) == listing_pages.PAGE_SIZE
    active = sa.select(sa.func.count()).where(col(Listing.status) == ListingStatus.ACTIVE)
    expected = sum(offer.status == "active" for offer in content.listings())
    assert database.read(lambda session: session.execute(active).scalar_one()) == expected


def test_drawings_are_repeatable_and_differ() -> None:
    covers = {thing: pictures.photo(thing, "teal", "coral", "seed", 0) for thing in THINGS}
    assert len(set(covers.values())) == len(THINGS)
    assert pictures.photo("lamp", "teal", "coral", "seed", 0) == covers["lamp"]
    assert len({pictures.photo("lamp", "teal", "coral", "seed", number) for number in range(4)}) == 4
