"""Free tags: counted as they are used, and suggested by how they are written or sound, on every database."""

import pytest
from sqlmodel import Session, col, select

from tests.concurrency import race
from tests.factories import make_listing, make_user
from xianyu.adapters.database import Database
from xianyu.models import Tag
from xianyu.services import listings, tags


def uses(database: Database) -> dict[str, int]:
    def work(session: Session) -> dict[str, int]:
        return {row.name: row.uses for row in session.exec(select(Tag).order_by(col(Tag.name_key)))}

    return {name: count for name, count in database.read(work).items() if count}


def tagged(database: Database, *names: str) -> int:
    listing_id = make_listing(database, make_user(database))
    database.write(tags.put, listing_id, names)
    return listing_id


def test_tags_keep_their_order_and_spelling_and_are_counted(database: Database) -> None:
    first = tagged(database, "宜家", "IKEA", "搬家急出")
    tagged(database, "ｉｋｅａ")
    assert database.read(tags.of, first) == ["宜家", "IKEA", "搬家急出"]
    assert uses(database) == {"宜家": 1, "IKEA": 2, "搬家急出": 1}

    database.write(tags.put, first, ("搬家急出", "书架"))
    assert database.read(tags.of, first) == ["搬家急出", "书架"]
    assert uses(database) == {"IKEA": 1, "搬家急出": 1, "书架": 1}
    database.write(tags.put, first, ())
    assert database.read(tags.of, first) == []
    assert uses(database) == {"IKEA": 1}


def test_a_deleted_listing_counts_no_longer_however_often_it_is_deleted(database: Database) -> None:
    seller = make_user(database)
    listing_id = make_listing(database, seller)
    database.write(tags.put, listing_id, ("宜家",))
    for _ in range(2):
        database.write(listings.delete, seller, listing_id)
    assert uses(database) == {}


def test_the_same_new_tag_at_the_same_moment_is_counted_twice(database: Database) -> None:
    ids = [make_listing(database, make_user(database)) for _ in range(2)]
    assert race(*(lambda each=each: database.write(tags.put, each, ("甲", "乙")) for each in ids)) == [None, None]
    assert uses(database) == {"甲": 2, "乙": 2}


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("自行", ["自行车"]),
        ("zixing", ["自行车"]),
        ("zi xing'c", ["自行车"]),
        ("zxc", ["自行车"]),
        ("ZXC", ["自行车"]),
        ("z", ["自行车", "专业书"]),
        ("ip", ["iPhone"]),
        ("ＩＰＨ", ["iPhone"]),
        ("行车", []),
        ("", []),
        ("  ", []),
        ("%", []),
        ("_", []),
        ("\\", []),
        ("' OR 1=1 --", []),
        ("\x00", []),
        ("x" * 10_000, []),
    ],
)
def test_suggestions_begin_with_or_sound_like_what_is_typed(database: Database, typed: str, found: list[str]) -> None:
    tagged(database, "自行车", "专业书", "iPhone")
    tagged(database, "自行车")
    assert database.read(tags.suggest, None, typed) == found


def test_what_nobody_uses_any_more_is_not_suggested_and_few_are(database: Database) -> None:
    database.write(tags.put, tagged(database, "自行车"), ())
    assert database.read(tags.suggest, None, "自") == []
    for number in range(10):
        tagged(database, f"书{number}")
    assert len(database.read(tags.suggest, None, "书")) == tags.SUGGESTIONS
