"""The connection to MongoDB, and what becomes of it while the server is away."""

from collections.abc import Callable
from functools import lru_cache, wraps
from time import monotonic
from typing import Any, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

import pymongo
from pymongo.database import Database
from pymongo.errors import ConnectionFailure, PyMongoError

from xianyu.adapters.messages import StoreUnavailable
from xianyu.settings import get_settings

P = ParamSpec("P")
T = TypeVar("T")
Document = dict[str, Any]

# Milliseconds that one answer may take before the store counts as down.
PATIENCE_MS = 3000
# Seconds that a server which did not answer is left alone.
REST = 5.0

# When each server that did not answer may be asked again, by the monotonic clock. Until then nobody
# waits for it in vain, least of all in a transaction that holds up everything else.
_resting: WeakKeyDictionary[pymongo.MongoClient[Document], float] = WeakKeyDictionary()


@lru_cache(maxsize=1)
def get_mongo_database() -> Database[Document]:
    """The database of the settings, with its indexes. One client serves all threads."""
    database = _connected(get_settings().mongodb_url)
    make_indexes(database)
    return database


# Apart from the above, whose failures are not kept: a client has threads of its own.
@lru_cache(maxsize=1)
def _connected(url: str) -> Database[Document]:
    return connect(url)


def forget_connection() -> None:
    """Connect anew at the next use: the settings are others."""
    get_mongo_database.cache_clear()
    _connected.cache_clear()


def is_answering() -> bool:
    """Whether the server of the settings answers right now. Asked while it rests, it ends or prolongs that."""
    client = _connected(get_settings().mongodb_url).client
    try:
        client.admin.command("ping")
    except PyMongoError:
        _resting[client] = monotonic() + REST
        return False
    _resting.pop(client, None)
    return True


def connect(url: str) -> Database[Document]:
    """A database by its URL, by default called ``xianyu``. Nothing is asked of it yet."""
    client: pymongo.MongoClient[Document] = pymongo.MongoClient(
        url,
        serverSelectionTimeoutMS=PATIENCE_MS,
        connectTimeoutMS=PATIENCE_MS,
        socketTimeoutMS=2 * PATIENCE_MS,
        # A message is acknowledged once it would survive the server's crash.
        journal=True,
    )
    return client.get_default_database("xianyu")


def guarded(work: Callable[P, T]) -> Callable[P, T]:
    """Turn the driver's errors into the one that the program knows. The first argument has a ``client``."""

    @wraps(work)
    def watched(*args: P.args, **kwargs: P.kwargs) -> T:
        subject: Any = args[0]
        client = subject.client
        if monotonic() < _resting.get(client, 0):
            raise StoreUnavailable("it did not answer a moment ago")
        try:
            return work(*args, **kwargs)
        except PyMongoError as error:
            if isinstance(error, ConnectionFailure):
                _resting[client] = monotonic() + REST
            raise StoreUnavailable(str(error)) from error

    return watched


@guarded
def make_indexes(database: Database[Document]) -> None:
    """Make the indexes that are missing. May be repeated.

    Raises:
        StoreUnavailable: if the server does not answer.
    """
    messages = database["messages"]
    messages.create_index([("conversation_id", 1), ("seq", 1)], unique=True)
    messages.create_index([("conversation_id", 1), ("sender_id", 1), ("client_id", 1)], unique=True)
    # The figures of the operators' console.
    messages.create_index([("sent_at", 1)])
    # The few messages that count for nobody, or not for some: they are looked up with every count.
    messages.create_index(
        [("conversation_id", 1), ("recalled_at", 1)], partialFilterExpression={"recalled_at": {"$gt": 0}}
    )
    messages.create_index(
        [("hidden_for", 1), ("conversation_id", 1)], partialFilterExpression={"hidden_for": {"$exists": True}}
    )
    database["positions"].create_index([("conversation_id", 1), ("reader_id", 1)], unique=True)
    database["positions"].create_index([("reader_id", 1)])


@guarded
def delete_messages(database: Database[Document]) -> None:
    """Forget every message, position and conversation."""
    for name in ("messages", "positions", "threads"):
        database[name].delete_many({})
