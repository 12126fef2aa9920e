"""Everything that the site knows about one person, as an archive that they can take away."""

import json
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from xianyu import routes
from xianyu.adapters import media, passwords
from xianyu.adapters.database import Database
from xianyu.adapters.message_stores import message_store
from xianyu.models import (
    AuthSession,
    ConversationMember,
    DataExport,
    Draft,
    ExternalIdentity,
    Favorite,
    Listing,
    ListingView,
    ListingWant,
    Notice,
    Photo,
    SavedSearch,
    User,
    Video,
)
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.contacts import Contact
from xianyu.schemas.my_data import ExportView
from xianyu.schemas.times import iso
from xianyu.services import (
    friends,
    names,
    order_exports,
    plaza,
    reports,
    review_exports,
    screening,
    section_exports,
    tags,
)
from xianyu.services.errors import DomainError
from xianyu.services.listing_form import format_price
from xianyu.settings import get_settings

LIFETIME = timedelta(days=7)
# A worker that has been at it for so long has died with its process.
STALE = timedelta(hours=1)
BATCH = 500

Progress = Callable[[int], None]


class ExportNotFound(DomainError):
    """There is no such archive of the actor's, or not any more."""

    def __init__(self) -> None:
        super().__init__("这个导出文件不存在或已过期")


def folder() -> Path:
    """Where finished archives wait to be fetched."""
    return get_settings().data_dir / "exports"


def request(session: Session, actor: Actor) -> ExportView:
    """Have an archive made. One that is under way already is the answer to a second wish."""
    latest = _latest(session, actor.user_id)
    if latest is None or latest.status not in {"waiting", "running"}:
        session.add(DataExport(user_id=actor.user_id))
        session.flush()
    return present(session, actor)


def present(session: Session, actor: Actor) -> ExportView:
    """How the actor's latest export stands."""
    latest = _latest(session, actor.user_id)
    if latest is None or (latest.expires_at is not None and latest.expires_at < utc_now()):
        return ExportView()
    return ExportView(
        status=latest.status,
        progress=latest.progress,
        url=routes.export(latest.name) if latest.status == "ready" else "",
        expires_at=iso(latest.expires_at) if latest.expires_at else "",
    )


def _latest(session: Session, user_id: int) -> DataExport | None:
    return session.exec(
        select(DataExport).where(DataExport.user_id == user_id).order_by(col(DataExport.id).desc()).limit(1)
    ).first()


def archive(session: Session, actor: Actor, name: str) -> Path:
    """The file of a finished export of the actor's own.

    Raises:
        ExportNotFound: in every other case.
    """
    found = session.exec(
        select(DataExport.id).where(
            DataExport.name == name,
            DataExport.user_id == actor.user_id,
            DataExport.status == "ready",
            col(DataExport.expires_at) > utc_now(),
        )
    ).first()
    path = folder() / f"{name}.zip"
    if found is None or not path.is_file():
        raise ExportNotFound
    return path


def take(session: Session) -> tuple[int, int] | None:
    """The id and the owner of an export that nobody works on, now taken; or nothing to do."""
    stale = utc_now() - STALE
    free = sa.or_(
        col(DataExport.status) == "waiting",
        sa.and_(col(DataExport.status) == "running", col(DataExport.created_at) < stale),
    )
    row = session.exec(select(DataExport.id, DataExport.user_id).where(free).order_by(col(DataExport.id))).first()
    if row is None:
        return None
    taken = session.execute(
        sa.update(DataExport)
        .where(col(DataExport.id) == row[0], free)
        .values(status="running", progress=0, created_at=utc_now())
    )
    return (int(row[0] or 0), row[1]) if getattr(taken, "rowcount", 0) == 1 else None


def note(session: Session, export_id: int, /, **values: Any) -> None:
    """Write down how far an export is."""
    session.execute(sa.update(DataExport).where(col(DataExport.id) == export_id).values(**values))


def make(database: Database, export_id: int, user_id: int, tell: Progress) -> None:
    """Make one archive (slow: run it in a worker thread). A failure is noted and raised.

    Args:
        database: Where to read, a little at a time, so that nothing is locked for long.
        export_id: The export that was taken.
        user_id: Whose data.
        tell: Called with the percentage whenever it has grown.
    """
    name = passwords.new_token()
    folder().mkdir(parents=True, exist_ok=True)
    unfinished, finished = folder() / f"{name}.part", folder() / f"{name}.zip"
    # From the start, or the removal of nameless files could take the archive before its row is ready.
    database.write(note, export_id, name=name)
    reached = 0

    def step(percent: int) -> None:
        nonlocal reached
        if percent > reached:
            reached = percent
            database.write(note, export_id, progress=percent)
            tell(percent)

    try:
        _write(database, user_id, unfinished, step)
        unfinished.rename(finished)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        database.write(note, export_id, status="failed")
        raise
    database.write(note, export_id, status="ready", progress=100, expires_at=utc_now() + LIFETIME)
    tell(100)


def _write(database: Database, user_id: int, path: Path, step: Progress) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
        _add(zipped, "account.json", database.read(_account, user_id))
        _add(zipped, "listings.json", database.read(_listings, user_id))
        _add(zipped, "people.json", database.read(_people, user_id))
        _add(zipped, "public_room.json", list(_said_in_public(database, user_id)))
        _add(zipped, "activities.json", database.read(section_exports.of_person, user_id))
        _add(zipped, "interest.json", database.read(_interest, user_id))
        _add(zipped, "orders.json", database.read(order_exports.of_person, user_id))
        _add(zipped, "reviews.json", database.read(review_exports.of_person, user_id))
        _add(zipped, "reports.json", database.read(reports.of_person, user_id))
        _add(zipped, "screenings.json", database.read(screening.of_person, user_id))
        step(10)
        conversations = database.read(_conversations, user_id)
        for count, (conversation_id, peer) in enumerate(conversations, 1):
            messages = list(_messages(database, conversation_id, user_id))
            _add(zipped, f"conversations/{conversation_id}.json", {"with": peer, "messages": messages})
            step(10 + 40 * count // len(conversations))
        files = database.read(_files, user_id)
        for count, (kind, name) in enumerate(files, 1):
            file = media.file_path(get_settings().media_dir, name)
            if file is not None:
                # They are compressed already.
                zipped.write(file, f"{kind}/{name}", zipfile.ZIP_STORED)
            step(50 + 49 * count // len(files))


def _add(zipped: zipfile.ZipFile, name: str, content: Any) -> None:
    zipped.writestr(name, json.dumps(content, ensure_ascii=False, indent=2))


def _account(session: Session, user_id: int) -> dict[str, Any]:
    user = session.get_one(User, user_id)
    logins = session.exec(select(AuthSession).where(AuthSession.user_id == user_id))
    identities = session.exec(select(ExternalIdentity).where(ExternalIdentity.user_id == user_id))
    return {
        "username": user.username,
        "email": user.email,
        "display_name": user.display_name,
        "bio": user.bio,
        "building": user.building,
        "avatar": user.avatar,
        "joined_at": iso(user.created_at),
        "mail_about_messages": user.mail_about_messages,
        "shows_presence": user.shows_presence,
        "last_seen": iso(user.seen_at) if user.seen_at else None,
        "two_step_login": bool(user.totp_secret),
        "logins": [
            {
                "since": iso(login.created_at),
                "seen": iso(login.seen_at),
                "device": login.user_agent,
                "from": login.address,
            }
            for login in logins
        ],
        "third_party_logins": [
            {"provider": identity.provider, "label": identity.label, "since": iso(identity.created_at)}
            for identity in identities
        ],
    }


def _listings(session: Session, user_id: int) -> list[dict[str, Any]]:
    pictures: dict[int, list[str]] = {}
    for photo in session.exec(
        select(Photo).where(Photo.owner_id == user_id, col(Photo.listing_id).is_not(None)).order_by(col(Photo.position))
    ):
        pictures.setdefault(photo.listing_id or 0, []).append(photo.name)
    own_videos = select(Video.listing_id, Video.name).where(
        Video.owner_id == user_id, col(Video.listing_id).is_not(None)
    )
    videos = dict(session.exec(own_videos).all())
    return [
        {
            "kind": listing.kind,
            "title": listing.title,
            "description": listing.description,
            "price": format_price(listing.price_fen),
            "original_price": format_price(listing.original_price_fen) if listing.original_price_fen else "",
            "negotiable": listing.is_negotiable,
            "quantity": listing.quantity,
            "category": listing.category,
            "condition": listing.condition,
            "tags": tags.of(session, listing.id or 0),
            "place": listing.place,
            "status": listing.status,
            "published_at": iso(listing.published_at),
            "updated_at": iso(listing.updated_at),
            "pictures": pictures.get(listing.id or 0, []),
            "video": videos.get(listing.id, ""),
        }
        for listing in session.exec(select(Listing).where(Listing.seller_id == user_id).order_by(col(Listing.id)))
    ]


def _interest(session: Session, user_id: int) -> dict[str, list[dict[str, Any]]]:
    """What they saved, wanted, looked at, search for, began to write and were told, the first first."""

    def done(table: type[Favorite | ListingWant | ListingView], moment: Any) -> list[dict[str, Any]]:
        rows = session.execute(
            sa.select(col(table.listing_id), col(Listing.title), moment)
            .join(Listing, col(Listing.id) == col(table.listing_id))
            .where(col(table.user_id) == user_id)
            .order_by(moment)
        )
        return [{"listing": listing_id, "title": title, "at": iso(at)} for listing_id, title, at in rows]

    drafts = session.exec(select(Draft).where(Draft.user_id == user_id))
    searches = session.exec(select(SavedSearch).where(SavedSearch.user_id == user_id).order_by(col(SavedSearch.id)))
    told = session.exec(select(Notice).where(Notice.user_id == user_id).order_by(col(Notice.id)))
    return {
        "favorites": done(Favorite, col(Favorite.created_at)),
        "wanted": done(ListingWant, col(ListingWant.created_at)),
        "viewed": done(ListingView, col(ListingView.viewed_at)),
        "drafts": [{"form": json.loads(one.form), "at": iso(one.updated_at)} for one in drafts],
        "saved_searches": [{"name": one.name, "query": one.query, "at": iso(one.created_at)} for one in searches],
        "notices": [
            {"kind": one.kind, "subject": one.subject, "detail": one.detail, "at": iso(one.created_at)} for one in told
        ],
    }


def _conversations(session: Session, user_id: int) -> list[tuple[int, str]]:
    rows = session.execute(
        sa.select(col(ConversationMember.conversation_id), *names.COLUMNS)
        .join(User, col(User.id) == col(ConversationMember.peer_id))
        .where(col(ConversationMember.user_id) == user_id)
        .order_by(col(ConversationMember.conversation_id))
    )
    return [(row.conversation_id, names.called(row).text) for row in rows]


def _messages(database: Database, conversation_id: int, user_id: int) -> Iterator[dict[str, Any]]:
    after = 0
    # What they deleted for themselves is theirs no longer.
    while batch := database.read(
        lambda session, seq: message_store(session).since(conversation_id, seq, BATCH, user_id), after
    ):
        for message in batch:
            yield {
                "from_me": message.sender_id == user_id,
                "sent_at": iso(message.sent_at),
                "kind": "recalled" if message.recalled_at else message.kind,
                "text": message.body,
                "attachment": json.loads(message.attachment) if message.attachment else None,
            }
        after = batch[-1].seq


def _people(session: Session, user_id: int) -> dict[str, Any]:
    def listed(people: list[Contact]) -> list[dict[str, str]]:
        return [{"name": one.name, "username": one.username, "since": one.since} for one in people]

    known = friends.everybody_of(session, user_id)
    return {
        "friends": listed(known.friends),
        "requests_received": listed(known.asking),
        "requests_sent": listed(known.asked),
        "blocked": listed(known.blocked),
        "muted_in_public_room_until": plaza.muted_until(session, user_id),
    }


def _said_in_public(database: Database, user_id: int) -> Iterator[dict[str, Any]]:
    after = 0
    while batch := database.read(lambda session, seq: message_store(session).since(plaza.ROOM, seq, BATCH), after):
        for message in batch:
            if message.sender_id == user_id and not message.recalled_at:
                yield {"sent_at": iso(message.sent_at), "text": message.body}
        after = batch[-1].seq


def _files(session: Session, user_id: int) -> list[tuple[str, str]]:
    """The folder in the archive and the name of each stored file of theirs."""
    pictures = session.exec(select(Photo.name).where(Photo.owner_id == user_id).order_by(col(Photo.id)))
    videos = session.exec(select(Video.name).where(Video.owner_id == user_id).order_by(col(Video.id)))
    return [*(("pictures", name) for name in pictures), *(("videos", name) for name in videos)]


def remove_expired(database: Database) -> int:
    """Delete archives whose time is over, rows first, and files that no row names. Returns how many."""
    now = utc_now()

    def forget(session: Session) -> set[str]:
        session.execute(sa.delete(DataExport).where(col(DataExport.expires_at) < now))
        return set(session.exec(select(DataExport.name)))

    # Before the rows are read: what is finished later has a row that is not known here.
    archives = list(folder().glob("*.zip"))
    known = database.write(forget)
    # What a worker that died left unfinished is nobody's, either.
    abandoned = (now - STALE).timestamp()
    stray = [path for path in archives if path.stem not in known]
    stray += [path for path in folder().glob("*.part") if path.stat().st_mtime < abandoned]
    for path in stray:
        path.unlink(missing_ok=True)
    return len(stray)
