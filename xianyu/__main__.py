"""Commands: ``python -m xianyu run | dev | migrate | demo``."""

import argparse
import os
import sys
from pathlib import Path

from xianyu.adapters.migrations import migrate
from xianyu.demo.command import demo
from xianyu.settings import get_settings

# Seconds between two heartbeats of a socket, and how long an answer may take: a phone that left the
# house is noticed, and its page says so, within half a minute.
_SOCKET = {"REFLEX_SOCKET_INTERVAL": "10", "REFLEX_SOCKET_TIMEOUT": "15"}


def _environment() -> dict[str, str]:
    """Reflex's own switches: npm and node from this environment, nothing sent anywhere."""
    binaries = str(Path(sys.executable).parent)
    return {
        **os.environ,
        **_SOCKET,
        "PATH": os.pathsep.join((binaries, os.environ.get("PATH", ""))),
        "REFLEX_USE_NPM": "1",
        "REFLEX_TELEMETRY_ENABLED": "false",
    }


def _reflex(*arguments: str) -> None:
    """Become Reflex, so that signals reach it and nothing stands between."""
    program = str(Path(sys.executable).parent / "reflex")
    os.execve(program, [program, *arguments], _environment())  # noqa: S606 - the arguments are this file's own


def _serve(mode: str) -> None:
    migrate()
    settings = get_settings()
    _reflex("run", "--env", mode, "--frontend-port", str(settings.port), "--backend-host", settings.host)


def run() -> None:
    """Migrate, build, and serve the production site."""
    _serve("prod")


def dev() -> None:
    """Migrate, and serve with hot reload; the browser shows a change after a refresh.

    Reflex's "preview" and not its "dev": that one has pages and events on two ports, and the
    program's own routes (pictures, logins) could not be reached from the pages.
    """
    _serve("preview")


def main() -> None:
    """Parse the command line and run one command."""
    commands = {"run": run, "dev": dev, "migrate": migrate, "demo": demo}
    parser = argparse.ArgumentParser(prog="xianyu", description="A second-hand marketplace for one neighbourhood.")
    parser.add_argument("command", choices=commands)
    commands[parser.parse_args().command]()


if __name__ == "__main__":
    main()
