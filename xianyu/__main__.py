"""Commands: ``python -m xianyu run | dev | migrate | demo``."""

import argparse
import os
import sys
from pathlib import Path

from xianyu.adapters.migrations import migrate
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


def run() -> None:
    """Migrate, build, and serve the production site."""
    migrate()
    settings = get_settings()
    _reflex("run", "--env", "prod", "--frontend-port", str(settings.port), "--backend-host", settings.host)


def dev() -> None:
    """Migrate, and serve with hot reload: pages on the port, events on the next."""
    migrate()
    port = get_settings().port
    _reflex("run", "--env", "dev", "--frontend-port", str(port), "--backend-port", str(port + 1))


def main() -> None:
    """Parse the command line and run one command."""
    commands = {"run": run, "dev": dev, "migrate": migrate}
    parser = argparse.ArgumentParser(prog="xianyu", description="A second-hand marketplace for one neighbourhood.")
    parser.add_argument("command", choices=commands)
    commands[parser.parse_args().command]()


if __name__ == "__main__":
    main()
