from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from tests.factories import PASSWORD, login_token, make_listing, make_photo, make_user
from xianyu.adapters.database import Database
from xianyu.models import AuthSession, Listing, ListingStatus, Photo, User
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import ListingChanged, SessionEnded
from xianyu.services import accounts, closing, conversations, exports, listing_pages, messages, names, password_change
from xianyu.services.errors import InvalidForm


def let_the_week_pass(database: Database, actor: Actor) -> None:
    def age(session: Session) -> None:
        session.get_one(User, actor.user_id).closing_at = utc_now() - timedelta(seconds=1)

    database.write(age)


@pytest.mark.parametrize(
    ("password", "word", "fields"),
    [
        (PASSWORD, closing.WORD, set()),
        ("not it", closing.WORD, {"closing_password"}),
        (PASSWORD, "注销", {"word"}),
        ("", "", {"closing_password", "word"}),
    ],
)
def test_closing_asks_for_the_password_and_the_word(
    sqlite_database: Database, password: str, word: str, fields: set[str]
) -> None:
    me = make_user(sqlite_database)
    stored = sqlite_database.read(password_change.stored_hash, me)
    try:
        closing.check(stored, password, word)
        refused: set[str] = set()
    except InvalidForm as error:
        refused = set(error.errors)
    assert refused == fields


def test_the_week_begins_with_listings_taken_down_and_other_browsers_out(database: Database) -> None:
    me = make_user(database)
    offered, sold = make_listing(database, me), make_listing(database, me, status=ListingStatus.SOLD_OUT)
    other = AuthSession(token_hash="f" * 64, user_id=me.user_id, expires_at=utc_now() + timedelta(days=1))

    def add(session: Session) -> int:
        session.add(other)
        session.flush()
        return int(other.id or 0)

    other_id = database.write(add)
    events = database.write(closing.ask, me)
    assert set(events) == {SessionEnded(me.user_id, other_id), ListingChanged(offered)}
    assert database.read(listing_pages.counts_by_status, me) == {"active": 0, "taken_down": 1, "sold_out": 1}
    assert database.read(closing.present, me).closing_at != ""
    assert database.read(closing.due) == []
    assert sold


def test_one_may_change_ones_mind(database: Database) -> None:
    me = make_user(database)
    database.write(closing.ask, me)
    database.write(closing.change_mind, me)
    assert database.read(closing.present, me).closing_at == ""
    let_the_week_pass(database, me)
    database.write(closing.change_mind, me)
    assert database.write(closing.erase, me.user_id) == []
    assert database.read(accounts.person, me.user_id).username == me.username


def test_a_second_wish_does_not_prolong_the_week(sqlite_database: Database) -> None:
    me = make_user(sqlite_database)
    sqlite_database.write(closing.ask, me)
    first = sqlite_database.read(closing.present, me).closing_at
    sqlite_database.write(closing.ask, me)
    assert sqlite_database.read(closing.present, me).closing_at == first


def test_erasing_leaves_nothing_but_what_others_hold(database: Database) -> None:
    me, peer = make_user(database, "要走的人", email="leaving@example.com"), make_user(database)
    listing_id = make_listing(database, me, title="我的旧书")
    photo_id = make_photo(database, me, listing_id=listing_id)
    database.write(messages.want, peer, listing_id)
    database.write(messages.send, me, peer.user_id, "client-001", "我要搬走了")
    database.write(exports.request, me)
    token = login_token(database, me)
    database.write(closing.ask, me)
    let_the_week_pass(database, me)
    assert database.read(closing.due) == [me.user_id]

    events = database.write(closing.erase, me.user_id)
    assert any(isinstance(event, SessionEnded) for event in events)
    assert ListingChanged(listing_id) in events
    assert database.read(closing.due) == []
    assert database.write(closing.erase, me.user_id) == []

    def look(session: Session) -> tuple[User, Listing, Photo]:
        return session.get_one(User, me.user_id), session.get_one(Listing, listing_id), session.get_one(Photo, photo_id)

    user, listing, photo = database.read(look)
    assert "要走的人" not in repr(user)
    assert "leaving" not in repr(user)
    assert (user.password_hash, listing.title, listing.description, listing.status) == ("", "", "", "deleted")
    assert (photo.listing_id, photo.created_at < utc_now() - timedelta(days=2)) == (None, True)
    assert database.read(accounts.resolve_actor, token) is None
    assert database.read(accounts.find_credentials, "要走的人") is None

    opened = database.read(conversations.open_with, peer, me.user_id, 10)
    assert [message.body for message in opened.messages] == ["我要搬走了"]
    assert opened.messages[0].sender_name == names.CLOSED
    assert (opened.peer.name, opened.peer.username) == (names.CLOSED, "")
    assert opened.about.id == 0


def test_the_name_is_free_again(database: Database) -> None:
    me = make_user(database, "空出来的名字", email="free@example.com")
    database.write(closing.ask, me)
    let_the_week_pass(database, me)
    database.write(closing.erase, me.user_id)
    make_user(database, "空出来的名字", email="free@example.com")
    taken = database.read(lambda session: session.exec(select(User).where(col(User.username) == "空出来的名字")).all())
    assert len(taken) == 1
