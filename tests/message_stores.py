"""Message stores to test with, each told through a function that runs work with it and keeps what it did."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from xianyu.adapters.message_stores import in_database
from xianyu.adapters.messages import InStore, MessageStore
from xianyu.adapters.mongo import connect, make_indexes
from xianyu.adapters.mongo_messages import MongoMessageStore

T = TypeVar("T")


sql = in_database


@contextmanager
def mongo(server: str) -> Iterator[InStore]:
    """An empty store on that server, in a database of its own that is dropped at the end."""
    database = connect(server.removesuffix("xianyu") + f"test_{secrets.token_hex(6)}")
    make_indexes(database)
    store = MongoMessageStore(database)

    def run(work: Callable[[MessageStore], T]) -> T:
        return work(store)

    yield run
    database.client.drop_database(database.name)
    database.client.close()
