"""A signal to end, and what is finished before the server hears of it."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests import promises
from tests.programs import await_answer, free_port
from xianyu.adapters.ending import before_the_end

PATIENCE = 20
SIGNALS = (signal.SIGTERM, signal.SIGINT)


@pytest.fixture
async def heard() -> "asyncio.Queue[int]":
    """What the server has heard, as Granian listens: by the loop's own handlers."""
    loop, heard = asyncio.get_running_loop(), asyncio.Queue[int]()
    for number in SIGNALS:
        loop.add_signal_handler(number, heard.put_nowait, int(number))
    return heard


@pytest.fixture(autouse=True)
def own_signals() -> Iterator[None]:
    """Whatever a test does about them, the next one finds them as they were."""
    before = {number: signal.getsignal(number) for number in SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


async def next_of(heard: "asyncio.Queue[int]") -> int:
    async with asyncio.timeout(PATIENCE):
        return await heard.get()


@pytest.mark.parametrize("number", SIGNALS)
async def test_the_server_hears_of_it_after_everything_is_done(
    number: signal.Signals, heard: "asyncio.Queue[int]"
) -> None:
    done: list[str] = []
    may_go_on = asyncio.Event()

    async def first() -> None:
        await may_go_on.wait()
        done.append("first")

    async def second() -> None:
        done.append("second")

    async with before_the_end(first, second):
        os.kill(os.getpid(), number)
        # The second signal, which the server's own parent sends, is not a reason to stop waiting.
        os.kill(os.getpid(), signal.SIGTERM)
        asyncio.get_running_loop().call_later(0, may_go_on.set)
        assert await next_of(heard) == number
        assert done == ["first", "second"]
        assert heard.empty()
        os.kill(os.getpid(), signal.SIGTERM)
        assert await next_of(heard) == signal.SIGTERM
        assert done == ["first", "second"]
    os.kill(os.getpid(), signal.SIGINT)
    assert await next_of(heard) == signal.SIGINT


async def test_what_fails_holds_up_nothing(heard: "asyncio.Queue[int]", caplog: pytest.LogCaptureFixture) -> None:
    done: list[str] = []

    async def fail() -> None:
        raise ValueError("no such thing")

    async def go_on() -> None:
        done.append("went on")

    async with before_the_end(fail, go_on):
        os.kill(os.getpid(), signal.SIGTERM)
        await next_of(heard)
    assert done == ["went on"]
    assert "no such thing" in caplog.text


async def test_without_a_server_signals_are_left_alone() -> None:
    before = [signal.getsignal(number) for number in SIGNALS]
    async with before_the_end():
        assert [signal.getsignal(number) for number in SIGNALS] == before


def test_granian_breaks_down_and_everything_is_kept(tmp_path: Path) -> None:
    """The worker ends without a word as its connections are closed; what was promised had been done by then."""
    port, kept = free_port(), tmp_path / "kept"
    granian = Path(sys.executable).parent / "granian"
    options = ("--interface", "asgi", "--workers", "1", "--host", "127.0.0.1", "--port", str(port))
    server = subprocess.Popen(
        [granian, *options, "tests.promises:app"],
        env={**os.environ, promises.KEPT: str(kept)},
        cwd=Path(__file__).parents[2],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        await_answer(server, lambda: _answers(port))
        assert not kept.exists()
        # Everything that belongs to it, as a terminal and systemd end it.
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(PATIENCE)
    finally:
        if server.poll() is None:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()
    assert int(kept.read_text(encoding="utf-8")) >= 1


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/", timeout=1).status_code == httpx.codes.NO_CONTENT
    except httpx.HTTPError:
        return False
