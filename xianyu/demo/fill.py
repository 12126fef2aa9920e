"""Fills a database with the demo, all of it or nothing."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import Session, col

from xianyu.adapters.database import Database
from xianyu.adapters.media import StoredPhoto, delete_photo, store_photo
from xianyu.adapters.message_stores import message_store
from xianyu.demo import content, moderation, orders, plaza, reports, sections
from xianyu.demo.content import DemoConversation, DemoListing, DemoPerson
from xianyu.demo.pictures.photos import photo
from xianyu.demo.sections import DemoActivity
from xianyu.models import ConversationMember, Listing, ListingStatus, Notice, Role, Section, User
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.messages import MessageDraft
from xianyu.services import accounts, interest, listing_form, listings, messages, photos, search_index
from xianyu.services.accounts import Registration
from xianyu.services.errors import InvalidForm

# Pictures and password hashes leave the interpreter's lock for most of their time.
_THREADS = 4
_BETWEEN_LINES = timedelta(minutes=4)
# Of eleven people so many look at a thing, and so many of them save it.
_LOOKING = 6
_SAVING = 2
_UNSEEN = 8

Pictures = dict[str, list[StoredPhoto]]
Actors = dict[str, Actor]


def fill(database: Database, media_dir: Path) -> bool:
    """Add the demo to a migrated database, unless it is there already.

    Returns:
        Whether anything was added.
    """
    if database.read(is_filled):
        return False
    with ThreadPoolExecutor(_THREADS) as pool:
        registrations = list(pool.map(_registration, content.people()))
        drawn: list[DemoListing | DemoActivity] = [*content.listings(), *sections.invitations()]
        pictures = dict(pool.map(lambda thing: _draw(thing, media_dir), drawn))
    try:
        database.write(_fill, registrations, pictures, utc_now())
    except BaseException as error:
        _remove(pictures, media_dir)
        # Somebody else filled it while the pictures were drawn.
        if isinstance(error, InvalidForm) and database.read(is_filled):
            return False
        raise
    return True


def is_filled(session: Session) -> bool:
    """Whether anybody of the demo has an account."""
    keys = [accounts.fold_username(person.name) for person in content.people()]
    return session.execute(sa.select(col(User.id)).where(col(User.username_key).in_(keys))).first() is not None


def _registration(person: DemoPerson) -> Registration:
    password = person.password or secrets.token_urlsafe(24)
    number = content.people().index(person) + 1
    return accounts.check_registration(person.name, f"neighbour{number}@example.com", password, password)


def _draw(thing: DemoListing | DemoActivity, media_dir: Path) -> tuple[str, list[StoredPhoto]]:
    files = (photo(thing.thing, thing.colour, thing.accent, thing.title, number) for number in range(thing.photos))
    return thing.title, [store_photo(data, media_dir) for data in files]


def _remove(pictures: Pictures, media_dir: Path) -> None:
    for stored in (one for several in pictures.values() for one in several):
        delete_photo(media_dir, stored.name)


def _fill(session: Session, registrations: list[Registration], pictures: Pictures, now: datetime) -> None:
    actors = {one.username: _register(session, one) for one in registrations}
    _appoint(session, [actors[person.name] for person in content.people() if person.operator])
    # The oldest first, so that numbers rise with time as they do in life.
    offers = sorted(content.listings(), key=lambda listing: -listing.age)
    ids = {offer.title: _publish(session, actors[offer.seller], offer, pictures[offer.title]) for offer in offers}
    for talk in content.conversations():
        _talk(session, actors, ids[talk.listing], talk, now)
    plaza.add(session, actors, now)
    sections.add(session, actors, pictures, now)
    orders.add(session, actors, ids, now)
    reports.add(session, actors, ids, now)
    moderation.add(session, actors[content.people()[-1].name])
    _look_around(session, list(actors.values()), list(ids.values()), now)
    _move_into_the_past(session, actors, ids, now)


def _register(session: Session, registration: Registration) -> Actor:
    user_id = accounts.register(session, registration)
    return Actor(user_id=user_id, username=registration.username, role=Role.MEMBER, session_id=0)


def _appoint(session: Session, operators: list[Actor]) -> None:
    ids = [operator.user_id for operator in operators]
    session.execute(sa.update(User).where(col(User.id).in_(ids)).values(role=Role.OPERATOR))


def _publish(session: Session, seller: Actor, offer: DemoListing, pictures: list[StoredPhoto]) -> int:
    photo_ids = [photos.add_photo(session, seller, stored).id for stored in pictures]
    form = listing_form.check_listing(
        {
            "kind": offer.kind,
            "title": offer.title,
            "description": offer.description,
            "price": offer.price,
            "quantity": str(offer.quantity),
            "category": offer.category,
            "condition": offer.condition,
            "tags": list(offer.tags),
            "original_price": offer.original_price,
            "is_negotiable": offer.is_negotiable,
            "place": offer.place,
            "photo_ids": photo_ids,
        }
    )
    listing_id = listings.publish(session, seller, form).listing_id
    if offer.status == ListingStatus.SOLD_OUT:
        listings.mark_sold_out(session, seller, listing_id)
    elif offer.status == ListingStatus.TAKEN_DOWN:
        listings.take_down(session, seller, listing_id)
    return listing_id


def _talk(session: Session, actors: Actors, listing_id: int, talk: DemoConversation, now: datetime) -> None:
    """One conversation. Its lines go straight into the store, since the service sends only in the present."""
    buyer, seller = actors[talk.buyer], actors[talk.seller]
    interest.want(session, buyer, listing_id)
    conversation_id = messages.conversation_with(session, buyer, seller.user_id)
    ended = now - timedelta(hours=talk.hours)
    store = message_store(session)
    for index, (speaker, text) in enumerate(talk.lines):
        sent_at = ended - _BETWEEN_LINES * (len(talk.lines) - 1 - index)
        client_id = f"demo-{conversation_id}-{index + 1:04d}"
        store.append(MessageDraft(conversation_id, actors[speaker].user_id, client_id, text, sent_at))
    for reader, peer in ((buyer, seller), (seller, buyer)):
        unread = talk.unread if talk.lines[-1][0] == peer.username else 0
        messages.read(session, reader, peer.user_id, len(talk.lines) - unread)
    session.execute(
        sa.update(ConversationMember)
        .where(col(ConversationMember.conversation_id) == conversation_id)
        .values(active_at=ended)
    )


def _look_around(session: Session, actors: list[Actor], listing_ids: list[int], now: datetime) -> None:
    """Everybody looks at some things and saves some of them; what their sellers are told of it lies back some hours."""
    for number, listing_id in enumerate(listing_ids):
        for person, actor in enumerate(actors):
            mine = session.get_one(Listing, listing_id).seller_id == actor.user_id
            turn = (3 * number + 5 * person) % 11
            if turn < _LOOKING:
                interest.look(session, actor, listing_id, is_counted=False)
            if turn < _SAVING and not mine:
                interest.favorite(session, actor, listing_id)
    told = session.execute(sa.select(col(Notice.id)).order_by(col(Notice.id).desc())).scalars().all()
    ages = {notice_id: now - timedelta(hours=3 * age + 1) for age, notice_id in enumerate(told)}
    # All but the last ones were seen.
    session.execute(
        sa.update(Notice).values(
            created_at=sa.case(ages, value=col(Notice.id)), is_read=col(Notice.id).not_in(told[:_UNSEEN])
        )
    )


def _move_into_the_past(session: Session, actors: Actors, ids: dict[str, int], now: datetime) -> None:
    published = {ids[offer.title]: now - timedelta(days=offer.age) for offer in content.listings()}
    moment = sa.case(published, value=col(Listing.id))
    session.execute(
        sa.update(Listing)
        .where(col(Listing.id).in_(published))
        .values(published_at=moment, updated_at=moment, created_at=moment)
    )
    search_index.refresh_all(session, Section.TRADE, list(published))
    joined = {actors[person.name].user_id: now - timedelta(days=person.joined) for person in content.people()}
    session.execute(
        sa.update(User).where(col(User.id).in_(joined)).values(created_at=sa.case(joined, value=col(User.id)))
    )
