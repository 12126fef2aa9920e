"""Rows to test with. Each factory commits, and each row has a value of its own where one must be unique."""

import secrets
from datetime import timedelta
from functools import lru_cache, partial
from itertools import count
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col

from xianyu.adapters import passwords
from xianyu.adapters.database import Database
from xianyu.models import (
    Activity,
    Announcement,
    AuthSession,
    Listing,
    Photo,
    Role,
    Section,
    SensitiveWord,
    User,
    Video,
    WordAction,
)
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.services import search_index, word_list
from xianyu.services.accounts import fold_email, fold_username
from xianyu.services.categories import group_of
from xianyu.services.word_folding import fold

PASSWORD = "正确的密码 horse"

_number = count(1)


@lru_cache(maxsize=32)
def _hash(password: str) -> str:
    return passwords.hash_password(password)


def _add(database: Database, row: SQLModel) -> int:
    """Store the row and return the id that it got."""

    def work(session: Session) -> int:
        # A copy, since a repeated write needs a row that no other session knows.
        stored = type(row)(**row.model_dump())
        session.add(stored)
        session.flush()
        return int(stored.id)  # type: ignore[attr-defined]  # every table that comes here is numbered

    return database.write(work)


def make_user(
    database: Database,
    username: str = "",
    password: str = PASSWORD,
    role: Role = Role.MEMBER,
    email: str = "",
) -> Actor:
    """A person who is logged in."""
    username = username or f"邻居{next(_number)}"
    email = email or f"u{secrets.token_hex(8)}@example.com"
    user_id = _add(
        database,
        User(
            username=username,
            username_key=fold_username(username),
            email=email,
            email_key=fold_email(email),
            password_hash=_hash(password),
            role=role,
        ),
    )
    session_id = _add(
        database,
        AuthSession(
            token_hash=passwords.token_hash(passwords.new_token()),
            user_id=user_id,
            expires_at=utc_now() + timedelta(days=30),
        ),
    )
    return Actor(user_id=user_id, username=username, role=role, session_id=session_id, name=username)


def login_token(database: Database, actor: Actor) -> str:
    """A session cookie's value that resolves to ``actor``; an earlier one for the same actor does no longer."""
    token = passwords.new_token()
    statement = (
        sa.update(AuthSession)
        .where(col(AuthSession.id) == actor.session_id)
        .values(token_hash=passwords.token_hash(token))
    )
    database.write(partial(Session.execute, statement=statement))
    return token


def make_photo(database: Database, owner: Actor, **overrides: Any) -> int:
    """A picture's row, not yet part of a listing; there is no file behind it."""
    values: dict[str, Any] = {
        "owner_id": owner.user_id,
        "name": f"{secrets.token_hex(16)}.webp",
        "width": 1200,
        "height": 900,
    }
    return _add(database, Photo(**(values | overrides)))


def make_video(database: Database, owner: Actor, **overrides: Any) -> int:
    """A video's row, not yet part of a listing; there is no file behind it."""
    values: dict[str, Any] = {
        "owner_id": owner.user_id,
        "name": f"{secrets.token_hex(16)}.mp4",
        "width": 640,
        "height": 360,
        "duration_ms": 12_000,
    }
    return _add(database, Video(**(values | overrides)))


def make_listing(database: Database, seller: Actor, **overrides: Any) -> int:
    """An active listing with one picture, which is its cover."""
    cover = f"{secrets.token_hex(16)}.webp"
    values: dict[str, Any] = {
        "seller_id": seller.user_id,
        "title": f"山地车 {next(_number)}",
        "description": "九成新，自提",
        "price_fen": 20_000,
        "quantity": 1,
        "category": "sports",
        "cover": cover,
    } | overrides
    values.setdefault("category_group", group_of(values["category"]))
    listing_id = _add(database, Listing(**values))
    make_photo(database, seller, listing_id=listing_id, name=values["cover"])
    database.write(search_index.refresh, Section.TRADE, listing_id)
    return listing_id


def make_activity(database: Database, organizer: Actor, **overrides: Any) -> int:
    """An open activity in two days' time, with room for ten."""
    starts = utc_now() + timedelta(days=2)
    values: dict[str, Any] = {
        "organizer_id": organizer.user_id,
        "title": f"羽毛球 {next(_number)}",
        "text": "自带球拍，一起打两小时",
        "place": "社区体育馆",
        "starts_at": starts,
        "ends_at": starts + timedelta(hours=2),
        "capacity": 10,
    }
    activity_id = _add(database, Activity(**(values | overrides)))
    database.write(search_index.refresh, Section.ACTIVITY, activity_id)
    return activity_id


def make_announcement(database: Database, author: Actor, **overrides: Any) -> int:
    """An announcement that is not pinned."""
    values: dict[str, Any] = {
        "author_id": author.user_id,
        "title": f"停水通知 {next(_number)}",
        "text": "周三上午九点到十一点检修水管，请提前储水。",
    }
    announcement_id = _add(database, Announcement(**(values | overrides)))
    database.write(search_index.refresh, Section.ANNOUNCEMENT, announcement_id)
    return announcement_id


def make_word(database: Database, word: str, action: WordAction = WordAction.MASK) -> int:
    """A word on the operators' list, in force at once."""
    word_id = _add(database, SensitiveWord(word=word, word_key=fold(word), action=action))
    word_list.expire()
    return word_id
