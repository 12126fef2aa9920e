"""The address book."""

import pytest

from tests.concurrency import race
from tests.factories import make_user
from xianyu.adapters.database import Database
from xianyu.schemas.orders import AddressForm
from xianyu.services import address_book
from xianyu.services.errors import InvalidForm
from xianyu.services.order_errors import AddressNotFound
from xianyu.services.order_forms import check_address, check_order

HOME = AddressForm("王小明", "13800000000", "3 号楼 1201 室")
WORK = AddressForm("王小明", "13800000000", "科技园 B 座 5 层")


def test_the_first_is_the_default_until_another_is(database: Database) -> None:
    me = make_user(database)
    home, _ = database.write(address_book.save, me, HOME)
    work, _ = database.write(address_book.save, me, WORK)
    assert [(one.id, one.is_default) for one in database.read(address_book.entries, me)] == [
        (home, True),
        (work, False),
    ]
    database.write(address_book.save, me, AddressForm("王小明", "+8613800000000", "科技园 C 座", True), work)
    [first, second] = database.read(address_book.entries, me)
    assert (first.id, first.address, first.phone, second.is_default) == (work, "科技园 C 座", "+8613800000000", False)
    database.write(address_book.delete, me, work)
    database.write(address_book.delete, me, work)
    assert [(one.id, one.is_default) for one in database.read(address_book.entries, me)] == [(home, True)]
    # There is always a default.
    database.write(address_book.save, me, HOME, home)
    assert database.read(address_book.entries, me)[0].is_default


def test_nobody_elses_is_read_changed_or_deleted(database: Database) -> None:
    me, other = make_user(database), make_user(database)
    mine, _ = database.write(address_book.save, me, HOME)
    for number in (mine, 2**60):
        with pytest.raises(AddressNotFound):
            database.write(address_book.save, other, WORK, number)
    for wrong in (mine, "1", None, -1):
        database.write(address_book.delete, other, wrong)  # type: ignore[arg-type]  # a hostile client's
    assert len(database.read(address_book.entries, me)) == 1
    assert database.read(address_book.entries, other) == []


def test_the_book_has_an_end_and_one_default_however_fast(database: Database) -> None:
    me = make_user(database)
    race(*[lambda: database.write(address_book.save, me, AddressForm("李", "12345", "某某路 100 号", True))] * 4)
    assert [one.is_default for one in database.read(address_book.entries, me)].count(True) == 1
    for _ in range(address_book.MOST - 4):
        database.write(address_book.save, me, WORK)
    with pytest.raises(address_book.TooManyAddresses):
        database.write(address_book.save, me, WORK)


@pytest.mark.parametrize(
    ("fields", "refused"),
    [
        ({}, {"recipient", "phone", "address"}),
        ({"recipient": "王", "phone": "call me", "address": "3 号楼 1201 室"}, {"phone"}),
        ({"recipient": "王" * 31, "phone": "１３８００００００００", "address": "短"}, {"recipient", "address"}),
        ({"recipient": ["王"], "phone": 138, "address": None}, {"recipient", "phone", "address"}),
    ],
)
def test_what_is_no_address(fields: dict[str, object], refused: set[str]) -> None:
    with pytest.raises(InvalidForm) as error:
        check_address(fields)
    assert set(error.value.errors) == refused


def test_a_phone_is_read_as_people_write_it() -> None:
    form = check_address({"recipient": " 王 小明 ", "phone": "+86 138-0000-0000", "address": "3 号楼\n1201 室"})
    assert form == AddressForm("王 小明", "+8613800000000", "3 号楼 1201 室", False)


@pytest.mark.parametrize(
    ("fields", "refused"),
    [
        ({}, {"quantity", "delivery", "form"}),
        ({"quantity": "1", "delivery": "shipping", "client_key": "abcdefgh", "listing_id": 1}, {"address"}),
        ({"quantity": "1", "delivery": "by drone", "client_key": "abcdefgh", "listing_id": True}, {"delivery", "form"}),
        (
            {
                "quantity": "0",
                "delivery": "face_to_face",
                "client_key": "abcdefgh",
                "listing_id": 1,
                "phone": "x",
                "note": "字" * 201,
            },
            {"quantity", "phone", "note"},
        ),
    ],
)
def test_what_is_no_purchase(fields: dict[str, object], refused: set[str]) -> None:
    with pytest.raises(InvalidForm) as error:
        check_order(fields)
    assert set(error.value.errors) == refused


def test_a_purchase_carries_what_belongs_to_its_way_alone() -> None:
    given = {"quantity": "２", "client_key": "abcdefgh", "listing_id": 7, "address_id": 3, "phone": "138 0000 0000"}
    met = check_order(given | {"delivery": "face_to_face", "note": " \n", "seen_fen": 100})
    assert (met.quantity, met.address_id, met.phone, met.note, met.seen_fen) == (2, 0, "13800000000", "", 100)
    sent = check_order(given | {"delivery": "shipping", "seen_fen": "100"})
    assert (sent.address_id, sent.phone, sent.seen_fen) == (3, "", None)
