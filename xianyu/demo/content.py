"""What the demo consists of, read from the data files beside this one."""

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).resolve().parent


@dataclass(frozen=True)
class DemoPerson:
    """A neighbour who joined some days ago. With a password they can be logged in as."""

    name: str
    joined: int
    password: str = ""
    operator: bool = False


@dataclass(frozen=True)
class DemoListing:
    """Something on offer, or wanted, since ``age`` days. Everything is as the form takes it, prices in yuan.

    What is wanted may be without photos and so without a ``thing`` to draw.
    """

    seller: str
    title: str
    description: str
    price: str
    category: str
    age: float
    thing: str = ""
    colour: str = ""
    accent: str = ""
    photos: int = 0
    quantity: int = 1
    status: str = "active"
    kind: str = "offer"
    condition: str = ""
    tags: tuple[str, ...] = ()
    original_price: str = ""
    is_negotiable: bool = False
    place: str = ""


@dataclass(frozen=True)
class DemoConversation:
    """A talk about a listing. ``lines`` are pairs of the speaker's name and the text, oldest first."""

    buyer: str
    seller: str
    listing: str
    hours: float
    unread: int
    lines: tuple[tuple[str, str], ...]


def _rows(file: str, name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = tomllib.loads((_FOLDER / file).read_text(encoding="utf-8"))[name]
    return rows


@lru_cache(maxsize=1)
def people() -> list[DemoPerson]:
    """Every neighbour of the demo."""
    return [DemoPerson(**row) for row in _rows("people.toml", "person")]


def logins() -> list[DemoPerson]:
    """Those neighbours whose password is told."""
    return [person for person in people() if person.password]


@lru_cache(maxsize=1)
def listings() -> list[DemoListing]:
    """Everything that they offer."""
    return [DemoListing(**row) for row in _rows("listings.toml", "listing")]


@lru_cache(maxsize=1)
def conversations() -> list[DemoConversation]:
    """Everything that they talk about."""
    sellers = {listing.title: listing.seller for listing in listings()}
    return [_conversation(row, sellers[row["listing"]]) for row in _rows("conversations.toml", "conversation")]


def _conversation(row: dict[str, Any], seller: str) -> DemoConversation:
    names = {"buyer": row["buyer"], "seller": seller}
    lines = tuple((names[role], text) for line in row["lines"] for role, text in line.items())
    return DemoConversation(row["buyer"], seller, row["listing"], row["hours"], row["unread"], lines)
