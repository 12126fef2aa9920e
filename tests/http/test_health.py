"""What an operator's tools ask: does it live, is it ready, how does it fare."""

import logging
import shutil
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.factories import make_user
from tests.live_site import Site
from tests.programs import free_port
from tests.redis_server import running_redis
from xianyu import routes
from xianyu.adapters import health, mongo
from xianyu.adapters.database import Database
from xianyu.adapters.health import Readiness, get_readiness
from xianyu.adapters.mongo import forget_connection
from xianyu.settings import get_settings

TOKEN = "t" * 40
ALL = {"database": "ok", "messages": "ok", "disk": "ok"}


@pytest.fixture
async def browser(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=site.origin) as browser:
        yield browser


def _set(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    get_settings.cache_clear()
    get_readiness.cache_clear()
    forget_connection()


async def _parts(browser: httpx.AsyncClient) -> tuple[int, dict[str, str]]:
    answer = await browser.get(routes.READY)
    body = answer.json()
    assert set(body) == {"status", "parts"}
    assert body["status"] == ("ok" if answer.status_code == 200 else "missing")
    assert answer.headers["cache-control"] == "no-store"
    return answer.status_code, body["parts"]


async def test_the_process_lives(browser: httpx.AsyncClient) -> None:
    answer = await browser.get(routes.ALIVE)
    assert (answer.status_code, answer.text) == (200, "ok")
    assert (await browser.head(routes.ALIVE)).status_code == 200


async def test_all_parts_are_there_and_asking_leaves_nothing(browser: httpx.AsyncClient) -> None:
    assert await _parts(browser) == (200, ALL)
    assert list(get_settings().media_dir.iterdir()) == []


async def test_a_folder_that_cannot_be_written_is_missing(browser: httpx.AsyncClient) -> None:
    # A file where the folder should be: not even root can write there.
    shutil.rmtree(get_settings().media_dir, ignore_errors=True)
    get_settings().data_dir.mkdir(exist_ok=True)
    get_settings().media_dir.touch()
    assert await _parts(browser) == (503, {**ALL, "disk": "missing"})


async def test_a_full_disk_is_missing(browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "LEAST_FREE", 2**62)
    assert await _parts(browser) == (503, {**ALL, "disk": "missing"})


async def test_a_database_without_tables_is_missing(
    browser: httpx.AsyncClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    monkeypatch.setattr(health, "get_database", lambda: empty)
    assert await _parts(browser) == (503, {**ALL, "database": "missing"})
    empty.engine.dispose()


async def test_servers_that_do_not_answer_are_missing(
    browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    _set(monkeypatch, "XIANYU_MONGODB_URL", f"mongodb://xianyu:secret-word@127.0.0.1:{free_port()}/xianyu")
    _set(monkeypatch, "XIANYU_REDIS_URL", f"redis://:secret-word@127.0.0.1:{free_port()}/0")
    started = time.monotonic()
    answer = await browser.get(routes.READY)
    assert time.monotonic() - started < health.PATIENCE + 2
    assert answer.status_code == 503
    assert answer.json()["parts"] == {**ALL, "messages": "missing", "redis": "missing"}
    assert "secret-word" not in answer.text + caplog.text
    mongo._connected(get_settings().mongodb_url).client.close()


async def test_redis_is_a_part_where_it_is_set(
    browser: httpx.AsyncClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_redis(tmp_path) as url:
        _set(monkeypatch, "XIANYU_REDIS_URL", url)
        assert await _parts(browser) == (200, {**ALL, "redis": "ok"})
    monkeypatch.setattr(get_readiness(), "_fresh_until", 0.0)
    assert await _parts(browser) == (503, {**ALL, "redis": "missing"})
    # The pool of its connections holds sockets of a server that is gone.
    get_readiness().close()


async def test_a_part_that_hangs_costs_one_thread_and_bounded_time(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(health, "PATIENCE", 0.05)
    monkeypatch.setattr(health, "FRESH", 0.0)
    caplog.set_level(logging.INFO)
    release, asked = threading.Event(), []

    def hang() -> None:
        asked.append(threading.get_ident())
        release.wait(20)

    readiness = Readiness({"database": hang, "disk": lambda: None})
    for _ in range(5):
        assert await readiness.check() == {"database": False, "disk": True}
    assert len(asked) == 1
    release.set()
    while not (await readiness.check())["database"]:
        assert len(asked) <= 3
    # A word when it goes and one when it is back, however often somebody asked.
    assert [record.message for record in caplog.records] == [
        "Not ready: database (no answer)",
        "Ready again: database",
    ]
    readiness.close()


async def test_who_asks_often_gets_the_same_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "FRESH", 60.0)
    asked: list[int] = []
    readiness = Readiness({"disk": lambda: asked.append(1)})
    for _ in range(100):
        assert await readiness.check() == {"disk": True}
    assert len(asked) == 1
    readiness.close()


async def test_asking_is_neither_limited_nor_logged(
    browser: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "xianyu")
    for path in (routes.ALIVE, routes.READY):
        for _ in range(100):
            assert (await browser.get(path)).status_code == 200
    assert [record.message for record in caplog.records if record.name.startswith("xianyu")] == []


async def _samples(browser: httpx.AsyncClient) -> dict[str, float]:
    answer = await browser.get(routes.METRICS, headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return {
        ",".join([sample.name, *sample.labels.values()]): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


@pytest.mark.parametrize("shown", ["", "Bearer", f"Bearer {'x' * 40}", f"Basic {TOKEN}", "Bearer \u00e9", TOKEN])
async def test_metrics_are_for_who_knows_the_token(
    browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, shown: str
) -> None:
    headers = {b"Authorization": shown.encode()} if shown else {}
    assert (await browser.get(routes.METRICS, headers=headers)).status_code == 404
    _set(monkeypatch, "XIANYU_METRICS_TOKEN", TOKEN)
    assert (await browser.get(routes.METRICS, headers=headers)).status_code == 404


async def test_without_a_setting_no_token_opens_it(browser: httpx.AsyncClient) -> None:
    for shown in ("Bearer", f"Bearer {TOKEN}"):
        assert (await browser.get(routes.METRICS, headers={"Authorization": shown})).status_code == 404


async def test_metrics_tell_what_happens(
    site: Site, browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    _set(monkeypatch, "XIANYU_METRICS_TOKEN", TOKEN)
    alice, bob = make_user(site.database), make_user(site.database)
    before = await _samples(browser)
    tab = await site.tab_of(alice, routes.conversation(bob.user_id))
    await site.tab_of(bob)
    await tab.call("conversation_state.send", peer_id=bob.user_id, client_id="message-0001", body="在吗")
    await browser.post(routes.PHOTO_UPLOAD)
    after = await _samples(browser)

    def grown(name: str) -> float:
        return after[name] - before.get(name, 0)

    assert after["xianyu_open_tabs"] == 2
    assert after["xianyu_people_online"] == 2
    assert grown("xianyu_messages_stored_total,private") == 1
    assert grown("xianyu_event_handler_duration_seconds_count,conversation_state.send") == 1
    assert 0 < grown("xianyu_event_handler_duration_seconds_sum,conversation_state.send") < 10
    assert grown("xianyu_database_transaction_duration_seconds_count,write") >= 1
    assert grown("xianyu_database_transaction_duration_seconds_count,read") >= 1
    assert grown("xianyu_uploads_total,photo,401") == 1
    assert grown("xianyu_refusals_total,refused,LoginRequired") == 1
    assert "xianyu_relay_connected" not in after
    assert after["process_resident_memory_bytes"] > 1_000_000
