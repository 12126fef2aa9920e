"""The choice of the message store."""

from collections.abc import Callable
from typing import TypeVar

from sqlmodel import Session

from xianyu.adapters.database import Database
from xianyu.adapters.messages import InStore, MessageStore
from xianyu.adapters.mongo import get_mongo_database, is_answering
from xianyu.adapters.mongo_messages import MongoMessageStore
from xianyu.adapters.sql_messages import SqlMessageStore
from xianyu.settings import get_settings

T = TypeVar("T")


def message_store(session: Session) -> MessageStore:
    """The message store to use together with ``session``. The one place that chooses it."""
    if get_settings().mongodb_url:
        return MongoMessageStore(get_mongo_database())
    return SqlMessageStore(session)


def is_available() -> bool:
    """Whether the store can be reached. The one in the relational database is part of that."""
    return not get_settings().mongodb_url or is_answering()


def in_database(database: Database) -> InStore:
    """The store in that database, whatever the settings choose, each work in a transaction of its own."""

    def run(work: Callable[[MessageStore], T]) -> T:
        def in_session(session: Session) -> T:
            return work(SqlMessageStore(session))

        return database.write(in_session)

    return run


def in_session(session: Session) -> InStore:
    """The store in the relational database, within a transaction that is somebody else's."""

    def run(work: Callable[[MessageStore], T]) -> T:
        return work(SqlMessageStore(session))

    return run


def chosen(database: Database) -> InStore:
    """The store that the settings choose, each work in a transaction of its own."""
    return in_mongodb() if get_settings().mongodb_url else in_database(database)


def in_mongodb() -> InStore:
    """The store in the MongoDB of the settings."""

    def run(work: Callable[[MessageStore], T]) -> T:
        return work(MongoMessageStore(get_mongo_database()))

    return run
