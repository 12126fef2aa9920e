"""The command ``demo``: fill the database, and say how to look at it."""

from xianyu import routes
from xianyu.adapters.database import get_database
from xianyu.adapters.migrations import migrate
from xianyu.demo import content
from xianyu.demo.content import DemoPerson
from xianyu.demo.fill import fill, is_filled
from xianyu.settings import get_settings


def demo() -> None:
    """Migrate, fill the database unless the demo is there, and print whom to log in as."""
    migrate()
    settings, database = get_settings(), get_database()
    if not database.read(is_filled):
        print("Drawing the pictures takes about half a minute.", flush=True)
    added = fill(database, settings.media_dir)
    print(_report(added, settings.public_url))


def _report(added: bool, address: str) -> str:
    what = (
        f"Added {len(content.people())} neighbours and {len(content.listings())} listings."
        if added
        else "The demo is here already; nothing was changed."
    )
    logins = [_login(person) for person in content.logins()]
    lines = [
        what,
        "Log in as one of these (name, password), in two browsers to chat:",
        *logins,
        f"at {address} once the server runs (make run).",
        "The passwords are public: keep the demo off a site that neighbours use.",
    ]
    return "\n".join(lines)


def _login(person: DemoPerson) -> str:
    role = f"  (operator: {routes.ADMIN} is the console)" if person.operator else ""
    return f"  {person.name}  {person.password}{role}"
