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
from xianyu.adapters.messages import message_store
from xianyu.models import (
    AuthSession,
    ConversationMember,
    DataExport,
    ExternalIdentity,
    Listing,
    Photo,
    User,
)
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.my_data import ExportView
from xianyu.schemas.times import iso
from xianyu.services import names
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
        step(10)
        conversations = database.read(_conversations, user_id)
        for count, (conversation_id, peer) in enumerate(conversations, 1):
            messages = list(_messages(database, conversation_id, user_id))
            _add(zipped, f"conversations/{conversation_id}.json", {"with": peer, "messages": messages})
            step(10 + 40 * count // len(conversations))
        pictures = database.read(_pictures, user_id)
        for count, name in enumerate(pictures, 1):
            picture = media.photo_path(get_settings().media_dir, name)
            if picture is not None and picture.is_file():
                # Pictures are compressed already.
                zipped.write(picture, f"pictures/{name}", zipfile.ZIP_STORED)
            step(50 + 49 * count // len(pictures))


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
    return [
        {
            "title": listing.title,
            "description": listing.description,
            "price": format_price(listing.price_fen),
            "quantity": listing.quantity,
            "category": listing.category,
            "status": listing.status,
            "published_at": iso(listing.published_at),
            "updated_at": iso(listing.updated_at),
            "pictures": pictures.get(listing.id or 0, []),
        }
        for listing in session.exec(select(Listing).where(Listing.seller_id == user_id).order_by(col(Listing.id)))
    ]


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
    while batch := database.read(lambda session, seq: message_store(session).since(conversation_id, seq, BATCH), after):
        for message in batch:
            yield {"from_me": message.sender_id == user_id, "sent_at": iso(message.sent_at), "text": message.body}
        after = batch[-1].seq


def _pictures(session: Session, user_id: int) -> list[str]:
    return list(session.exec(select(Photo.name).where(Photo.owner_id == user_id).order_by(col(Photo.id))))


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
