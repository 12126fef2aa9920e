"""Reviews where a person leaves or takes their data along."""

import json
import zipfile
from datetime import timedelta

from sqlmodel import Session

from tests.factories import make_photo
from tests.reviewing import completed, review, stored
from xianyu.adapters.database import Database
from xianyu.models import Photo, User
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.reviews import ReviewForm
from xianyu.services import closing, exports, names, order_deadlines, photos, review_pages, reviews

SECRET = "说好的九成新其实有划痕"


def archive(database: Database, actor: Actor) -> dict[str, list[dict[str, object]]]:
    """The reviews in an archive that is made now."""
    database.write(exports.request, actor)
    job = database.write(exports.take)
    assert job is not None
    exports.make(database, *job, lambda _percent: None)
    name = database.read(exports.present, actor).url.rpartition("/")[2]
    with zipfile.ZipFile(database.read(exports.archive, actor, name)) as zipped:
        found: dict[str, list[dict[str, object]]] = json.loads(zipped.read("reviews.json"))
    return found


def leave(database: Database, actor: Actor) -> None:
    """Close an account and let its week pass."""

    def age(session: Session) -> None:
        session.get_one(User, actor.user_id).closing_at = utc_now() - timedelta(seconds=1)

    database.write(closing.ask, actor)
    database.write(age)
    database.write(closing.erase, actor.user_id)


def test_an_archive_holds_what_one_wrote_and_what_one_may_read(database: Database) -> None:
    deal = completed(database)
    photo_id = make_photo(database, deal.buyer)
    database.write(reviews.write, deal.buyer, deal.order_id, ReviewForm(2, SECRET, (photo_id,)))
    [mine] = archive(database, deal.buyer)["written"]
    photo = database.read(Session.get_one, Photo, photo_id)
    assert (mine["stars"], mine["text"], mine["status"], mine["pictures"]) == (2, SECRET, "sealed", [photo.name])
    assert archive(database, deal.seller) == {"written": [], "received": []}
    review(database, deal.seller, deal.order_id)
    found = archive(database, deal.seller)
    assert [one["text"] for one in found["received"]] == [SECRET]
    assert [one["as"] for one in found["written"]] == ["seller"]


def test_what_somebody_wrote_stays_without_name_and_pictures(database: Database) -> None:
    deal = completed(database)
    photo_id = make_photo(database, deal.buyer)
    written = database.write(reviews.write, deal.buyer, deal.order_id, ReviewForm(4, "不错", (photo_id,)))
    other = review(database, deal.seller, deal.order_id)
    database.write(reviews.reply, deal.seller, written.review_id, "谢谢")
    leave(database, deal.buyer)
    [shown] = database.read(review_pages.of_person, None, deal.seller.user_id).page.reviews
    assert (shown.text, shown.author_name, shown.author_url) == ("不错", names.CLOSED, "")
    assert (shown.photos, shown.reply) == ([], "谢谢")
    yesterday = utc_now() - timedelta(days=1)
    assert photo_id in {number for number, _ in database.read(photos.expired_orphans, yesterday)}
    # Of who left, nothing is to be read.
    assert stored(database, other).text
    assert database.read(review_pages.of_person, None, deal.buyer.user_id).rating.count == 0


def test_what_waited_for_somebody_who_left_is_shown_when_the_time_is_over(database: Database) -> None:
    deal = completed(database)
    review_id = review(database, deal.buyer, deal.order_id)
    leave(database, deal.buyer)
    assert len([events for events in order_deadlines.run(database, utc_now() + timedelta(days=31)) if events]) == 1
    assert stored(database, review_id).status == "shown"
    assert database.read(review_pages.of_person, None, deal.seller.user_id).rating.count == 1
