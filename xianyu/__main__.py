"""Commands: ``python -m xianyu run | build | serve | dev | migrate | backup | restore …``; ``--help`` lists them."""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable
from getpass import getpass
from pathlib import Path

from xianyu.adapters import logs, message_stores, migrations
from xianyu.adapters.archives import BadArchive, Manifest
from xianyu.adapters.database import get_database
from xianyu.adapters.messages import StoreUnavailable
from xianyu.adapters.push_keys import make_keys
from xianyu.demo.command import demo
from xianyu.services import backups, message_moves, operators, restores, search_index
from xianyu.services.accounts import Registration, check_registration
from xianyu.services.errors import InvalidForm
from xianyu.settings import get_settings

_ROOT = Path(__file__).resolve().parents[1]
# Characters of a progress bar.
BAR = 40
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


def _program(name: str) -> str:
    return str(Path(sys.executable).parent / name)


def _reflex(*arguments: str) -> None:
    """Become Reflex, so that signals reach it and nothing stands between."""
    program = _program("reflex")
    os.execve(program, [program, *arguments], _environment())  # noqa: S606 - the arguments are this file's own


def _serve(mode: str) -> None:
    migrate()
    settings = get_settings()
    _reflex("run", "--env", mode, "--frontend-port", str(settings.port), "--backend-host", settings.host)


def run() -> None:
    """Migrate, build, and serve the production site."""
    _serve("prod")


def build() -> None:
    """Build the pages and start nothing, for a server that is to start with ``serve``."""
    os.chdir(_ROOT)
    options = ("export", "--env", "prod", "--frontend-only", "--no-zip")
    done = subprocess.run([_program("reflex"), *options], env=_environment(), check=False)  # noqa: S603 - this file's own
    if done.returncode:
        sys.exit(done.returncode)
    _stamp().write_text(json.dumps(_in_the_pages()), encoding="utf-8")


def serve() -> None:
    """Migrate, and serve the pages that ``build`` has made: no Node, and a start within seconds."""
    try:
        built = json.loads(_stamp().read_text(encoding="utf-8"))
    except FileNotFoundError:
        sys.exit("There are no built pages; run build first.")
    different = [f"XIANYU_{name.upper()}" for name, value in _in_the_pages().items() if built.get(name) != value]
    if different:
        sys.exit(f"The pages were built with another {' and '.join(different)}; run build again.")
    migrate()
    settings = get_settings()
    os.chdir(_ROOT)
    # What Reflex does once it has built the pages.
    given = {"REFLEX_ENV_MODE": "prod", "__REFLEX_SKIP_COMPILE": "true", "__REFLEX_MOUNT_FRONTEND_COMPILED_APP": "true"}
    options = ("--interface", "asgi", "--factory", "--workers", "1", "--log-level", "warning")
    address = ("--host", settings.host, "--port", str(settings.port))
    program = _program("granian")
    os.execve(program, [program, *options, *address, "xianyu.xianyu:app"], {**_environment(), **given})  # noqa: S606 - the same


def _in_the_pages() -> dict[str, str | int]:
    """The settings that are written into the pages as they are built."""
    settings = get_settings()
    return {name: getattr(settings, name) for name in ("site_name", "public_url", "port", "room_pause")}


def _stamp() -> Path:
    return _ROOT / os.environ.get("REFLEX_WEB_WORKDIR", ".web") / "xianyu-build.json"


def dev() -> None:
    """Migrate, and serve with hot reload; the browser shows a change after a refresh.

    Reflex's "preview" and not its "dev": that one has pages and events on two ports, and the
    program's own routes (pictures, logins) could not be reached from the pages.
    """
    _serve("preview")


def _check_finished() -> None:
    try:
        restores.check_finished(get_settings())
    except restores.RestoreRefused as error:
        sys.exit(str(error))


def migrate() -> None:
    """Bring the database to the newest schema; one that is older than the search index gets it filled."""
    _check_finished()
    migrations.migrate()
    if get_database().read(search_index.is_missing):
        reindex()


def reindex() -> None:
    """Bring the search index into step with everything that can be found. The site may run meanwhile."""

    def report(done: int, every: int) -> None:
        print(f"\rSearch index: {done:,} of {every:,}", end="", flush=True)

    found = search_index.rebuild(get_database(), report)
    print(f"\rSearch index: {found:,} things can be found.")


def move_messages(options: argparse.Namespace) -> None:
    """Bring all messages to MongoDB or back, while the site is stopped; run again, it goes on where it was."""
    if not get_settings().mongodb_url:
        sys.exit("XIANYU_MONGODB_URL does not say where MongoDB is.")
    _check_finished()
    migrations.migrate()
    stores = {"database": message_stores.in_database(get_database()), "mongodb": message_stores.in_mongodb()}
    target = stores.pop(options.to)
    [source] = stores.values()
    every = message_moves.count_threads(source)
    messages = 0
    for done, moved in enumerate(message_moves.move(source, target), start=1):
        messages += moved.messages
        bar = "#" * (BAR * done // every)
        print(f"\r[{bar:<{BAR}}] {done:,} of {every:,} conversations", end="", flush=True)
    print(f"\r{messages:,} messages in {every:,} conversations are in the {options.to}, each conversation verified.")


def backup(options: argparse.Namespace) -> None:
    """Write rows, messages and files of the whole site to one archive, and verify it. The site may run meanwhile."""
    _check_finished()
    try:
        made = backups.make(get_database(), get_settings(), options.to, _progress)
    except (backups.BackupRefused, BadArchive, StoreUnavailable, OSError) as error:
        sys.exit(f"\nNo backup was made. {error}")
    print(f"\n{_summary(made)} are in the backup, verified.")


def restore(options: argparse.Namespace) -> None:
    """Put a backup in place, while the site is stopped; every part of it is verified first."""
    if not options.archive.is_file():
        sys.exit(f"There is no file {options.archive}.")
    database, settings = get_database(), get_settings()
    try:
        manifest = restores.restore(database, settings, options.archive, _progress, replace=options.replace)
    except BadArchive as error:
        sys.exit(f"\nNothing was touched: {options.archive} cannot be restored, {error}.")
    except restores.RestoreRefused as error:
        sys.exit(f"\nNothing was touched. {error}")
    except (restores.RestoreFailed, StoreUnavailable, OSError) as error:
        sys.exit(f"\nThe restore failed; run it again with --replace. {error}")
    print(f"\n{_summary(manifest)} are restored, each compared with the backup of {manifest.made_at}.")
    if options.end_logins:
        print(f"{database.write(restores.end_logins)} logins were ended.")
    if restores.key_is_another(manifest):
        print("XIANYU_SECRET_KEY is not the one of the backup: its two-step logins cannot be read.", file=sys.stderr)


def _summary(manifest: Manifest) -> str:
    rows = sum(table["rows"] or 0 for table in manifest.tables.values())
    return f"{rows:,} rows, {manifest.messages:,} messages and {manifest.files:,} files"


def _progress(step: str, done: int, every: int) -> None:
    # A line for each hundredth is enough for a terminal and for a log.
    if every and (done == every or done * 100 // every > (done - 1) * 100 // every):
        bar = "#" * (BAR * done // every)
        end = "\n" if done == every else ""
        print(f"\r[{bar:<{BAR}}] {step}: {done:,} of {every:,}", end=end, flush=True)


def make_push_keys(options: argparse.Namespace) -> None:
    """Print the settings of Web Push, with new keys. Browsers that subscribed with former ones must do so again."""
    keys = make_keys()
    print(f"XIANYU_PUSH_PUBLIC_KEY={keys.public}")
    print(f"XIANYU_PUSH_PRIVATE_KEY={keys.private}")
    print(f"XIANYU_PUSH_CONTACT={options.contact}")


def create_operator(options: argparse.Namespace) -> None:
    """Make somebody an operator, with an account of their own if there is none."""
    logs.set_up(get_settings().log_level)
    migrate()
    database = get_database()
    username = options.username or input("Username: ")
    if database.write(operators.promote, username):
        print(f"{username} is an operator.")
        return
    print(f"Nobody is called {username} yet; an account is made.")
    try:
        database.write(operators.create, _registration(username, options))
    except InvalidForm as error:
        sys.exit("\n".join(error.errors.values()))
    print(f"{username} is an operator and can log in.")


def _registration(username: str, options: argparse.Namespace) -> Registration:
    email = options.email or input("E-mail: ")
    if options.password_stdin:
        password = confirmation = sys.stdin.readline().rstrip("\r\n")
    else:
        password, confirmation = getpass("Password: "), getpass("Once more: ")
    return check_registration(username, email, password, confirmation)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="xianyu", description="A second-hand marketplace for one neighbourhood.")
    commands = parser.add_subparsers(required=True, metavar="command")
    for command in (run, build, serve, dev, migrate, reindex, demo):
        summary = (command.__doc__ or "").partition("\n")[0]
        commands.add_parser(command.__name__, help=summary).set_defaults(command=_ignoring_options(command))
    operator = commands.add_parser("create-operator", help=(create_operator.__doc__ or ""))
    operator.add_argument("--username", help="who; asked for if it is not given")
    operator.add_argument("--email", help="the address of a new account; asked for if it is not given")
    operator.add_argument("--password-stdin", action="store_true", help="read a new account's password from stdin")
    operator.set_defaults(command=create_operator)
    mover = commands.add_parser("move-messages", help=(move_messages.__doc__ or ""))
    mover.add_argument("--to", choices=["database", "mongodb"], required=True, help="where they are to be")
    mover.set_defaults(command=move_messages)
    keeper = commands.add_parser("backup", help=(backup.__doc__ or ""))
    keeper.add_argument("to", type=Path, metavar="DIRECTORY_OR_FILE", help="a folder, or a file that does not exist")
    keeper.set_defaults(command=backup)
    restorer = commands.add_parser("restore", help=(restore.__doc__ or ""))
    restorer.add_argument("archive", type=Path, metavar="FILE", help="what backup has written")
    restorer.add_argument("--replace", action="store_true", help="lose the rows, messages and files that are there")
    restorer.add_argument("--end-logins", action="store_true", help="log everybody out, as after a stolen password")
    restorer.set_defaults(command=restore)
    pusher = commands.add_parser("make-push-keys", help=(make_push_keys.__doc__ or ""))
    pusher.add_argument(
        "--contact",
        default="mailto:you@example.org",
        help="whom a push service may write to: mailto:you@example.org, or an https address",
    )
    pusher.set_defaults(command=make_push_keys)
    return parser


def _ignoring_options(command: Callable[[], None]) -> Callable[[argparse.Namespace], None]:
    return lambda _options: command()


def main() -> None:
    """Parse the command line and run one command."""
    options = _parser().parse_args()
    options.command(options)


if __name__ == "__main__":
    main()
