"""A site with something of everything to back up, and what must come back of it."""

import secrets
from functools import partial
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import Session, col

from tests.factories import make_listing, make_user
from tests.stored import Rows, everything
from xianyu.adapters import encryption, media, tables
from xianyu.adapters.archives import Manifest
from xianyu.adapters.database import Database
from xianyu.models import User, metadata
from xianyu.schemas.accounts import Actor
from xianyu.services import accounts, messages, plaza, restores
from xianyu.settings import Settings, get_settings

# Tables whose rows are not kept, or not in the same form.
OWN_FORM = set(tables.LEFT_OUT)


def quiet(_step: str, _done: int, _every: int) -> None:
    """Nobody watches."""


def talk(database: Database, one: Actor, other: Actor, *texts: str) -> None:
    for text in texts:
        work = partial(messages.send, peer_id=other.user_id, client_id=f"client-{secrets.token_hex(8)}", body=text)
        database.write(lambda session, work=work: work(session, one))  # type: ignore[misc]  # no lambda is generic


def fill(database: Database, settings: Settings) -> list[Actor]:
    """Two who talked about a listing that has a picture, and one whose number is the last that was given out."""
    seller, buyer, gone = make_user(database, "卖家"), make_user(database, "买家"), make_user(database)
    listing = make_listing(database, seller, title="山地车 😀", cover=f"{'a' * 32}.webp")
    for name in (f"{'a' * 32}.webp", f"{'a' * 32}_t.webp", f"{'b' * 32}.mp4"):
        path = media.locate(settings.media_dir, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode() * 100)
    (settings.media_dir / "aa" / "half.tmp").write_bytes(b"half")
    database.write(messages.want, buyer, listing)
    talk(database, buyer, seller, "还在吗？", "多少钱", "好\n的 😀")
    talk(database, seller, buyer, "在")
    database.write(plaza.post, seller, "client-room-1", "大家好")
    # Two tables whose rows are good for minutes.
    database.write(accounts.issue_ticket, buyer.user_id)
    encryption.encrypt("a secret of two steps")

    def forget(session: Session) -> None:
        session.execute(sa.delete(metadata.tables["auth_session"]).where(sa.column("user_id") == gone.user_id))
        session.execute(sa.delete(User).where(col(User.id) == gone.user_id))

    database.write(forget)
    return [seller, buyer, gone]


def kept(database: Database) -> Rows:
    """Everything that must come back as it was."""
    return {name: rows for name, rows in everything(database).items() if name not in OWN_FORM}


def said_in(database: Database, actor: Actor, peer: Actor) -> list[tuple[int, str]]:
    found = database.read(messages.history, actor, peer.user_id)
    return [(message.sender_id, message.body) for message in found]


def restore(database: Database, path: Path, *, replace: bool = False) -> Manifest:
    return restores.restore(database, get_settings(), path, quiet, replace=replace)
