"""What people tell about themselves, and where it is shown."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import col

from tests.factories import login_token, make_listing, make_user
from xianyu.adapters.database import Database
from xianyu.models import User
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor, PersonView, ProfileForm
from xianyu.schemas.events import ProfileChanged
from xianyu.services import accounts, conversation_list, conversations, listing_pages, messages, photos, profiles
from xianyu.services.cleanup import clean_orphans
from xianyu.services.errors import InvalidForm, LoginRequired
from xianyu.services.names import CLOSED

FORM = ProfileForm(display_name="王阿姨", bio="种花，也修自行车。\n周末在家。", building="3 号楼")
AVATAR = f"{'a' * 32}.webp"


def save(database: Database, actor: Actor, form: ProfileForm = FORM) -> Actor:
    """Save a profile, and return the same login as the next event sees it."""
    database.write(profiles.save, actor, form)
    found = database.read(accounts.resolve_actor, login_token(database, actor))
    assert found is not None
    return found


def close(database: Database, actor: Actor) -> None:
    closed = sa.update(User).where(col(User.id) == actor.user_id).values(closed_at=utc_now())
    database.write(lambda session: session.execute(closed))


def test_a_profile_is_kept_and_shown(database: Database) -> None:
    actor = make_user(database, "wang")
    assert database.write(profiles.save, actor, FORM) == ProfileChanged(actor.user_id)
    own = database.read(profiles.own, actor)
    assert (own.username, own.display_name, own.bio, own.building) == ("wang", "王阿姨", FORM.bio, "3 号楼")
    person = database.read(accounts.person, actor.user_id)
    assert (person.name, person.username, person.bio, person.building) == ("王阿姨", "wang", FORM.bio, "3 号楼")


def test_without_a_display_name_the_username_is_shown(database: Database) -> None:
    actor = make_user(database, "wang")
    assert database.read(accounts.person, actor.user_id).name == "wang"
    save(database, actor)
    save(database, actor, ProfileForm("", "", ""))
    assert database.read(accounts.person, actor.user_id).name == "wang"


def test_the_display_name_and_picture_are_shown_wherever_the_person_is(database: Database) -> None:
    seller, buyer = make_user(database, "seller"), make_user(database, "buyer")
    listing_id = make_listing(database, seller)
    database.write(profiles.set_avatar, seller, AVATAR)
    seller = save(database, seller)
    url = f"/media/{AVATAR}"
    sent = database.write(messages.send, seller, buyer.user_id, "client-0001", "在的")

    card = database.read(listing_pages.feed, None).cards[0]
    detail = database.read(listing_pages.detail, None, listing_id)
    line = database.read(conversation_list.conversations, buyer)[0]
    opened = database.read(conversations.open_with, buyer, seller.user_id, 10)
    caught_up = database.read(messages.since, buyer, seller.user_id, 0)

    assert (seller.name, seller.avatar_url) == ("王阿姨", url)
    assert (card.seller_name, card.seller_avatar_url) == ("王阿姨", url)
    assert (detail.seller_name, detail.seller_avatar_url) == ("王阿姨", url)
    assert (line.peer_name, line.peer_avatar_url) == ("王阿姨", url)
    assert (opened.peer.name, opened.peer.avatar_url) == ("王阿姨", url)
    assert {(one.sender_name, one.sender_avatar_url) for one in (sent.message, *opened.messages, *caught_up)} == {
        ("王阿姨", url)
    }


def test_of_a_closed_account_nothing_is_shown_but_that_it_is_closed(database: Database) -> None:
    gone, other = make_user(database, "gone"), make_user(database, "other")
    listing_id = make_listing(database, gone)
    database.write(profiles.set_avatar, gone, AVATAR)
    gone = save(database, gone)
    database.write(messages.send, gone, other.user_id, "client-0001", "再见")
    close(database, gone)

    assert database.read(accounts.person, gone.user_id) == PersonView(id=gone.user_id, name=CLOSED)
    detail = database.read(listing_pages.detail, None, listing_id)
    line = database.read(conversation_list.conversations, other)[0]
    message = database.read(messages.history, other, gone.user_id)[0]
    assert (detail.seller_name, detail.seller_avatar_url) == (CLOSED, "")
    assert (line.peer_name, line.peer_avatar_url) == (CLOSED, "")
    assert (message.sender_name, message.sender_avatar_url, message.body) == (CLOSED, "", "再见")
    with pytest.raises(LoginRequired):
        database.read(profiles.own, gone)


def test_the_form_is_cleaned_up() -> None:
    form = profiles.check_profile("  王\u200b  阿姨 ", " 一\r\n二 ", " 3\n号楼 ")
    assert form == ProfileForm("王 阿姨", "一\n二", "3 号楼")
    assert profiles.check_profile(None, ["x"], 7) == ProfileForm("", "", "")


@pytest.mark.parametrize(
    ("name", "bio", "building", "refused"),
    [
        ("名" * 21, "", "", {"display_name"}),
        ("名" * 20, "介" * 200, "楼" * 40, set()),
        ("", "介" * 201, "", {"bio"}),
        ("", "", "楼" * 41, {"building"}),
        ("a\x07b", "a\x00", "\ud800", {"display_name", "bio", "building"}),
        ("\u200d\ufe0f", "", "", {"display_name"}),
        (CLOSED, "", "", {"display_name"}),
    ],
)
def test_what_is_too_long_or_cannot_be_read_is_refused(name: str, bio: str, building: str, refused: set[str]) -> None:
    if not refused:
        assert profiles.check_profile(name, bio, building) == ProfileForm(name, bio, building)
        return
    with pytest.raises(InvalidForm) as error:
        profiles.check_profile(name, bio, building)
    assert set(error.value.errors) == refused


def test_every_length_fits_the_columns(database: Database) -> None:
    actor = make_user(database)
    form = profiles.check_profile("𠮷" * 20, "👍" * 200, "𠮷" * 40)
    save(database, actor, form)
    assert database.read(profiles.own, actor).bio == "👍" * 200


def test_a_new_avatar_tells_which_one_it_replaced(database: Database) -> None:
    actor, other = make_user(database), make_user(database)
    assert database.write(profiles.set_avatar, actor, AVATAR) == (ProfileChanged(actor.user_id), "")
    assert database.write(profiles.set_avatar, actor, "") == (ProfileChanged(actor.user_id), AVATAR)
    assert database.read(profiles.own, actor).avatar_url == ""
    assert database.read(profiles.own, other).avatar_url == ""


def test_cleaning_keeps_avatars(database: Database, tmp_path: Path) -> None:
    actor = make_user(database)
    make_listing(database, actor)
    database.write(profiles.set_avatar, actor, AVATAR)
    folder = tmp_path / "aa"
    folder.mkdir()
    stray = f"aa{'b' * 30}.webp"
    for name in (AVATAR, stray):
        (folder / name).write_bytes(b"picture")
    far = utc_now().replace(year=utc_now().year + 1)

    clean_orphans(database, tmp_path, far)

    assert [path.name for path in folder.iterdir()] == [AVATAR]
    assert database.read(photos.known_names, {AVATAR, stray, ""}) == {AVATAR}


def test_mails_about_messages_can_be_declined(database: Database) -> None:
    actor, other = make_user(database), make_user(database)
    assert database.read(profiles.own, actor).wants_mail is True
    database.write(profiles.set_wants_mail, actor, False)
    assert database.read(profiles.own, actor).wants_mail is False
    assert database.read(profiles.own, other).wants_mail is True
    for nonsense in (None, "yes", 1):
        database.write(profiles.set_wants_mail, actor, nonsense)  # type: ignore[arg-type]  # what a socket may carry
        assert database.read(profiles.own, actor).wants_mail is False
