"""The production site that the browser tests visit: built once, started, stopped and killed by them."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import Session

from tests.backends import unavailable
from xianyu.adapters.database import Database
from xianyu.models import metadata
from xianyu.settings import Settings

ROOT = Path(__file__).parents[2]
# Reflex writes the port into the build, so it cannot be any free one.
PORT = int(os.environ.get("XIANYU_TEST_PORT", "3199"))
# By number: for "localhost" alone the socket library does not listen to the browser's going offline.
BASE = f"http://127.0.0.1:{PORT}"
ARTIFACTS = ROOT / "test-artifacts"
# A build of its own beside the developer's `.web`; kept between runs for its node_modules.
WEB_DIR = ".web-test"
# The first start in a fresh clone installs the packages of the interface.
START_TIMEOUT = 300  # seconds
STOP_TIMEOUT = 20
POLL = 0.05
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")


def find_chromium() -> str:
    """The browser's path; the test is skipped, or fails where nothing may be wanting, without one."""
    found = next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)
    return found or unavailable(f"none of {', '.join(CHROMIUM_NAMES)} is on the PATH")


def _environment(data_dir: Path) -> dict[str, str]:
    """Every setting by name, so that neither the developer's environment nor a ``.env`` gets in."""
    settings = {name: field.default for name, field in Settings.model_fields.items()}
    settings |= {"data_dir": data_dir, "host": "127.0.0.1", "port": PORT, "public_url": BASE}
    # All the people of the tests come from one address.
    settings |= {"rate_allowance": 1000}
    # And all of them are new.
    settings |= {"newcomer_listings": 0, "newcomer_contacts": 0}
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("XIANYU_", "REFLEX_"))}
    return {
        **inherited,
        **{_variable(name): _as_text(value) for name, value in settings.items()},
        "REFLEX_WEB_WORKDIR": WEB_DIR,
        "PYTHONUNBUFFERED": "1",
    }


def _variable(setting: str) -> str:
    return f"XIANYU_{setting.upper()}"


def _as_text(value: object) -> str:
    return json.dumps(value) if isinstance(value, tuple) else str(value)


class Site:
    """A running site with data of its own.

    Args:
        folder: Where its data and its log go.
    """

    def __init__(self, folder: Path) -> None:
        self.data_dir = folder / "data"
        self.log = ARTIFACTS / "server.log"
        self.database = Database(f"sqlite:///{self.data_dir / 'xianyu.db'}")
        self._environment = _environment(self.data_dir)
        self._process: subprocess.Popen[bytes] | None = None
        ARTIFACTS.mkdir(exist_ok=True)
        self.log.unlink(missing_ok=True)

    def start(self) -> None:
        """Start the server and wait until it answers."""
        if _is_answering():
            raise RuntimeError(f"something else answers at {BASE}; set XIANYU_TEST_PORT to a free port")
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "xianyu", "run"],
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        _wait(_is_answering, START_TIMEOUT, self._explain)

    def stop(self) -> None:
        """Ask the server to end, as an operator does, and wait until the port is free."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End the server and all its children in the middle of whatever they do."""
        self._end(signal.SIGKILL)

    def restart(self, **settings: object) -> None:
        """Stop and start, with other settings if there are any; they stay until the next restart.

        With ``expiry`` Reflex forgets the state of a tab that nobody touched for so many seconds.
        """
        self.stop()
        self._environment = _environment(self.data_dir)
        expiry = settings.pop("expiry", 0)
        if expiry:
            self._environment["REFLEX_REDIS_TOKEN_EXPIRATION"] = str(expiry)
        self._environment |= {_variable(name): _as_text(value) for name, value in settings.items()}
        self.start()

    def freeze(self) -> None:
        """Let the server go on accepting bytes, but do nothing with them, until it is killed."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGSTOP)

    def empty(self) -> None:
        """Make sure that it runs, and knows nobody and nothing."""
        if self._process is None:
            self.start()
        self.database.write(_delete_all_rows)

    def close(self) -> None:
        """The end of the tests: nothing stays behind."""
        if self._process is not None:
            self.kill()
        self.database.engine.dispose()

    def _end(self, kind: signal.Signals) -> None:
        assert self._process is not None
        group = self._process.pid
        os.killpg(group, kind)
        try:
            self._process.wait(STOP_TIMEOUT)
        finally:
            # A child that outlives its parent would keep the port.
            _kill_group(group)
            self._process = None
        _wait(lambda: not _is_answering(), STOP_TIMEOUT, self._explain)

    def _explain(self) -> str:
        if self._process is not None and self._process.poll() is not None:
            return f"the server ended with {self._process.returncode}"
        return ""

    def log_tail(self, lines: int = 40) -> str:
        """The last words of the server."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])


def _delete_all_rows(session: Session) -> None:
    for table in reversed(metadata.sorted_tables):
        session.execute(sa.delete(table))


def _kill_group(group: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def _is_answering() -> bool:
    try:
        with urllib.request.urlopen(BASE, timeout=2) as response:
            return bool(response.status == 200)
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def _wait(condition: Callable[[], bool], seconds: float, has_ended: Callable[[], str]) -> None:
    """Poll until the condition holds. Raises ``RuntimeError`` if it cannot any more."""
    deadline = time.monotonic() + seconds
    while not condition():
        reason = has_ended() or ("" if time.monotonic() < deadline else f"nothing happened for {seconds} seconds")
        if reason:
            raise RuntimeError(f"{reason}; see {ARTIFACTS / 'server.log'}")
        time.sleep(POLL)
