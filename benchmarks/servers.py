"""Starts the two servers that are measured, each as a process of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.programs import await_answer, listens

ROOT = Path(__file__).resolve().parents[1]
# Seconds until a server that does not answer, or does not stop, counts as broken.
PATIENCE = 60
# The site without its pages: nothing is compiled, and no folder of the working copy is touched.
_WITHOUT_PAGES = {"REFLEX_ENV_MODE": "prod", "__REFLEX_SKIP_COMPILE": "true", "REFLEX_TELEMETRY_ENABLED": "false"}


# Every person of a benchmark comes from one address and writes faster than people can. What guards
# passwords is not raised by this.
_WITHOUT_LIMITS = {
    "XIANYU_RATE_ALLOWANCE": "1000",
    "XIANYU_ROOM_PAUSE": "0",
    "XIANYU_NEWCOMER_LISTINGS": "0",
    "XIANYU_NEWCOMER_CONTACTS": "0",
}


@dataclass(frozen=True)
class Server:
    """A running server: where it answers, and the process that was started."""

    origin: str
    process: subprocess.Popen[bytes]

    def worker_memory(self) -> int:
        """Resident memory of the worker, in bytes. The process that was started only watches over it."""
        return sum(_resident(pid) for pid in _children(self.process.pid))

    def worker_seconds(self) -> float:
        """Processor time that the worker has used, in seconds; unlike a clock it does not see who else is busy."""
        return sum(_processor_seconds(pid) for pid in _children(self.process.pid))


def _processor_seconds(pid: int) -> float:
    # proc(5): user and system time are the 14th and 15th field, counted from 1; the 2nd may hold blanks.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def serving(module: str, port: int, folder: Path) -> Iterator[Server]:
    """Run ``python -m module port`` for the time of the block. Its output goes to a log in ``folder``."""
    log = folder / f"{module}-{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", module, str(port)],
            cwd=ROOT,
            env={**os.environ, **_WITHOUT_PAGES, **_WITHOUT_LIMITS, "REFLEX_WEB_WORKDIR": str(folder / f"web-{port}")},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        _await_answer(process, port, log)
        yield Server(f"http://localhost:{port}", process)
    finally:
        _stop(process)


def _await_answer(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    try:
        await_answer(process, lambda: listens(port), PATIENCE)
    except RuntimeError as error:
        raise RuntimeError(f"the server did not start:\n{log.read_text()[-2000:]}") from error


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ask it to stop, and end the whole group if it will not: no worker may outlive the measurement."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
