"""What the form that changes a listing starts with, and what became of that meanwhile."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from hashlib import blake2b

from sqlmodel import Session, col, select

from xianyu.models import Listing, ListingKind, ListingStatus, Photo, Video
from xianyu.schemas.accounts import Actor
from xianyu.schemas.listings import FormBase, FormStart, PhotoView, VideoView
from xianyu.services import photos, tags, videos
from xianyu.services.ids import is_id
from xianyu.services.listing_errors import ListingNotFound, NotYourListing
from xianyu.services.listing_form import format_price

# What the form calls its fields.
LABELS = {
    "photos": "照片",
    "video": "视频",
    "kind": "类型",
    "title": "标题",
    "description": "描述",
    "price": "价格",
    "quantity": "数量",
    "category": "分类",
    "condition": "成色",
    "tags": "标签",
    "original_price": "原价",
    "is_negotiable": "可议价",
    "place": "自提地点",
}
# Bytes of a mark: two contents of one field share theirs once in four thousand million times.
_MARK = 4
# Characters of all marks and the version together, several times over.
_LONGEST_BASE = 2000


def start(session: Session, actor: Actor, listing_id: int) -> tuple[FormStart, list[PhotoView], VideoView]:
    """What the form of one's own listing starts with.

    Raises:
        ListingNotFound: if it does not exist or is deleted.
        NotYourListing: if it is somebody else's.
    """
    listing = session.get(Listing, listing_id) if is_id(listing_id) else None
    if listing is None or listing.status == ListingStatus.DELETED:
        raise ListingNotFound
    if listing.seller_id != actor.user_id:
        raise ListingNotFound if listing.status == ListingStatus.HELD else NotYourListing
    base = FormBase(listing.version, marks(session, listing))
    view = FormStart(
        kind=listing.kind,
        title=listing.title,
        description=listing.description,
        price=_typed(listing.price_fen),
        is_free=listing.kind == ListingKind.OFFER and listing.price_fen == 0,
        # Of what is sold out there is at least one again, or nobody would change it.
        quantity=str(max(listing.quantity, 1)),
        category=listing.category,
        condition=listing.condition,
        tags=tags.of(session, listing_id),
        original_price=_typed(listing.original_price_fen),
        is_negotiable=listing.is_negotiable,
        place=listing.place,
        base=json.dumps(asdict(base)),
    )
    return view, photos.part_of(session, photos.LISTING, listing_id), videos.part_of(session, listing_id)


def _typed(fen: int | None) -> str:
    return "" if fen is None else format_price(fen).replace(",", "")


def marks(session: Session, listing: Listing) -> dict[str, str]:
    """A short mark of the content of each field, by its name."""
    assert listing.id is not None
    pictures = select(Photo.id).where(Photo.listing_id == listing.id).order_by(col(Photo.position), col(Photo.id))
    contents: dict[str, object] = {
        "photos": list(session.exec(pictures)),
        "video": list(session.exec(select(Video.id).where(Video.listing_id == listing.id))),
        "kind": listing.kind,
        "title": listing.title,
        "description": listing.description,
        "price": listing.price_fen,
        "quantity": listing.quantity,
        "category": listing.category,
        "condition": listing.condition,
        "tags": tags.of(session, listing.id),
        "original_price": listing.original_price_fen,
        "is_negotiable": listing.is_negotiable,
        "place": listing.place,
    }
    return {name: _mark(content) for name, content in contents.items()}


def _mark(content: object) -> str:
    return blake2b(json.dumps(content).encode(), digest_size=_MARK).hexdigest()


def changed_since(session: Session, listing: Listing, base: FormBase) -> Sequence[str]:
    """What the form calls those fields that are not as they were when it began."""
    now = marks(session, listing)
    return [LABELS[name] for name, mark in now.items() if name in base.marks and base.marks[name] != mark]


def read_base(carried: object, version: object = None) -> FormBase:
    """What a form says that it began with, as a browser sent it.

    Args:
        carried: ``FormStart.base``.
        version: A later version that the person was told of and means to save over, as text, or nothing.

    Returns:
        The base; of a form that says nothing sensible one that is older than every listing.
    """
    try:
        found = json.loads(carried) if isinstance(carried, str) and len(carried) < _LONGEST_BASE else {}
    except (ValueError, RecursionError):
        found = {}
    given = found if isinstance(found, dict) else {}
    known = given.get("marks")
    kept = {name: mark for name, mark in known.items() if isinstance(mark, str)} if isinstance(known, dict) else {}
    began = given.get("version")
    if isinstance(version, str) and version.isascii() and version.isdigit() and len(version) < _MARK * 2:
        began = int(version)
    return FormBase(began if isinstance(began, int) else 0, kept)
