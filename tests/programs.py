"""Servers that a test run starts as programs of their own, and the ports that they listen on."""

import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

# Seconds until a program that does not answer, or does not stop, counts as broken.
PATIENCE = 30
PAUSE = 0.02


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        return int(holder.getsockname()[1])


def listens(port: int) -> bool:
    """Whether somebody does."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def await_answer(process: subprocess.Popen[bytes], answers: Callable[[], bool], patience: float = PATIENCE) -> None:
    """Wait until a program that was started answers.

    Raises:
        RuntimeError: if it ended instead, or the time is over.
    """
    deadline = time.monotonic() + patience
    while process.poll() is None and time.monotonic() < deadline:
        if answers():
            return
        time.sleep(PAUSE)
    raise RuntimeError(f"the program does not answer: {process.args!r}")


@contextmanager
def running(command: Sequence[str], answers: Callable[[], bool]) -> Iterator[None]:
    """Run a program, from when it answers to the end of the block."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        await_answer(process, answers)
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE)
