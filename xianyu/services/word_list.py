"""The operators' list of sensitive words, in memory and ready to search with.

It stands on the way of every message, so the database is asked at most once in a while whether it is another.
Whoever changes the list says so on the live bus, and then each worker asks at once; ``CHECK_EVERY`` bounds what
a lost word of that can cost.
"""

import time
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlmodel import Session, col

from xianyu.models import SensitiveWord, WordAction
from xianyu.schemas.events import LiveEvent, ModerationChanged, Reconnected
from xianyu.services.word_matching import Matcher

# Seconds.
CHECK_EVERY = 1.0
_EDITION = sa.select(sa.func.count(), sa.func.max(col(SensitiveWord.id)), sa.func.max(col(SensitiveWord.updated_at)))
_WORDS = sa.select(col(SensitiveWord.word), col(SensitiveWord.action))


@dataclass
class _Known:
    """A list as it was read. ``edition`` is another for every other list."""

    edition: tuple[object, ...]
    matcher: Matcher
    checked_at: float


# By the connection pool, which the engines of reading and of writing share.
_known: WeakKeyDictionary[sa.Pool, _Known] = WeakKeyDictionary()


def matcher(session: Session) -> Matcher:
    """What finds the words that are on the list."""
    connection = session.connection()
    bind = connection.engine.pool
    known = _known.get(bind)
    now = time.monotonic()
    if known is not None and now - known.checked_at < CHECK_EVERY:
        return known.matcher
    edition = tuple(connection.execute(_EDITION).one())
    if known is None or known.edition != edition:
        words = connection.execute(_WORDS).all()
        known = _known[bind] = _Known(edition, Matcher((word, WordAction(action)) for word, action in words), now)
    else:
        known.checked_at = now
    return known.matcher


def expire() -> None:
    """Have the list read anew the next time that it is needed."""
    for known in list(_known.values()):
        known.checked_at = float("-inf")


async def on_event(event: LiveEvent) -> None:
    """An operator changed the list, here or on another worker, or what happened meanwhile is unknown."""
    if isinstance(event, ModerationChanged | Reconnected):
        expire()
