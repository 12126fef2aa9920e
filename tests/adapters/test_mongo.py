"""The connection to MongoDB while the server comes and goes."""

from time import monotonic

import pytest

from tests.mongodb import running_mongodb
from tests.programs import free_port
from xianyu.adapters import message_stores, mongo
from xianyu.adapters.messages import StoreUnavailable
from xianyu.adapters.mongo_messages import MongoMessageStore
from xianyu.settings import get_settings


def test_a_server_that_was_away_is_left_alone_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits in vain for what did not answer a moment ago, and a look that succeeds ends that."""
    port = free_port()
    monkeypatch.setattr(mongo, "REST", 60.0)
    monkeypatch.setenv("XIANYU_MONGODB_URL", f"mongodb://127.0.0.1:{port}/xianyu")
    get_settings.cache_clear()
    with pytest.raises(StoreUnavailable):
        mongo.get_mongo_database()
    with running_mongodb(port=port):
        with pytest.raises(StoreUnavailable, match="a moment ago"):
            mongo.get_mongo_database()
        assert message_stores.is_available()
        store = MongoMessageStore(mongo.get_mongo_database())
        store.open(1, (2, 3))
    started = monotonic()
    for _ in range(20):
        with pytest.raises(StoreUnavailable):
            store.unread(2)
    # The first one waits.
    assert monotonic() - started < 3 * mongo.PATIENCE_MS / 1000
    assert not message_stores.is_available()
    mongo.get_mongo_database().client.close()
