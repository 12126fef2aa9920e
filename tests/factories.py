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
from xianyu.models import AuthSession, Listing, Photo, Role, User
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.services.accounts import fold_email, fold_username

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
    listing_id = _add(database, Listing(**values))
    make_photo(database, seller, listing_id=listing_id, name=values["cover"])
    return listing_id
