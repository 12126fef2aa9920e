"""What the neighbours of the demo said in the public room."""

import tomllib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlmodel import Session

from xianyu.adapters.message_stores import message_store
from xianyu.schemas.accounts import Actor
from xianyu.schemas.messages import MessageDraft
from xianyu.services.plaza import ROOM

_SOURCE = Path(__file__).resolve().parent / "plaza.toml"


def lines() -> list[dict[str, Any]]:
    """Who said what how many days ago, the oldest first."""
    rows: list[dict[str, Any]] = tomllib.loads(_SOURCE.read_text(encoding="utf-8"))["line"]
    return sorted(rows, key=lambda row: -float(row["age"]))


def add(session: Session, actors: dict[str, Actor], now: datetime) -> None:
    """Put all of it into the room. It goes straight into the store, since the service speaks only in the present."""
    store = message_store(session)
    store.open(ROOM, ())
    for number, row in enumerate(lines(), start=1):
        sent_at = now - timedelta(days=row["age"])
        store.append(MessageDraft(ROOM, actors[row["who"]].user_id, f"demo-plaza-{number:04d}", row["text"], sent_at))
