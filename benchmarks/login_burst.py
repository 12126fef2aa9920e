"""Many people log in at once: whether each gets in, and what that does to those who are in already.

``python -m benchmarks.login_burst [--quick] [--json]``

Each login goes the whole way: the form's event over a socket, bcrypt, the ticket, the cookie from
the HTTP route. Meanwhile two neighbours write to each other, each message stored before it arrives;
the reference is the same before the crowd came.

The limits of one address are raised here by ``XIANYU_RATE_ALLOWANCE`` (see ``benchmarks/servers.py``),
since a whole compound logs in from one machine; the limits of an account are those of production.
"""

import asyncio
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import httpx
from sqlmodel import Session

from benchmarks.databases import DATABASE_URL, bench_folder, empty_database, url_of, use_settings
from benchmarks.people import Person, make_pair, make_person
from benchmarks.report import Figure, output_options, percentile, print_figures
from benchmarks.servers import Server, serving
from benchmarks.tabs import Page, SiteTab, new_client_id
from tests.programs import free_port
from xianyu import routes
from xianyu.adapters import passwords
from xianyu.adapters.cookies import session_cookie_name
from xianyu.adapters.database import Database
from xianyu.models import User
from xianyu.services import accounts
from xianyu.states.entrance import LoginState

PASSWORD = "两棵枣树 and a bicycle"
# Seconds after which a login counts as failed: the last in the queue waits for everyone's hash.
PATIENCE = 300
# Seconds between two messages of those who are in already.
PACE = 0.05


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    people: int = 200
    quiet_messages: int = 100
    lookups: int = 2000


QUICK = Size(people=4, quiet_messages=3, lookups=50)


class LoginTab(Page):
    """A tab on the login page.

    Args:
        origin: Scheme, host and port.
        username: Who will log in.
    """

    _STATE = LoginState.get_full_name()

    def __init__(self, origin: str, username: str) -> None:
        super().__init__(origin, routes.LOGIN)
        self._username = username
        self._answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def _take(self, update: dict[str, Any]) -> None:
        changes = (update.get("delta") or {}).get(self._STATE, {})
        self.is_open.set()
        if self._answer.done():
            return
        if ticket := changes.get("ticket_rx_state_"):
            self._answer.set_result(ticket)
        elif errors := changes.get("errors_rx_state_"):
            self._answer.set_exception(RuntimeError(str(errors)))

    async def log_in(self, client: httpx.AsyncClient) -> float:
        """Fill in the form and fetch the cookie. Seconds until it was there; raises ``RuntimeError`` without one."""
        start = perf_counter()
        form = {"login": self._username, "password": PASSWORD}
        await self._emit(f"{self._STATE}.submit", {"form": form})
        async with asyncio.timeout(PATIENCE):
            ticket = await self._answer
        answer = await client.post(f"{self._origin}{routes.SESSION}", data={"ticket": ticket})
        if not answer.cookies.get(session_cookie_name()):
            raise RuntimeError(f"no cookie: {answer.status_code}")
        return perf_counter() - start


def make_people(database: Database, number: int) -> list[Person]:
    """Neighbours with one and the same password, whose hash is as costly as in production."""
    people = [make_person(database) for _ in range(number)]
    hashed = passwords.hash_password(PASSWORD)

    def give_password(session: Session) -> None:
        for person in people:
            session.get_one(User, person.actor.user_id).password_hash = hashed

    database.write(give_password)
    return people


class Talk:
    """Two neighbours who are in already and write to each other."""

    def __init__(self, sender: SiteTab, receiver: SiteTab) -> None:
        self._sender = sender
        self._receiver = receiver

    async def one_message(self) -> float:
        """Milliseconds from sending to arrival at the other tab."""
        client_id = new_client_id()
        start = perf_counter()
        await self._sender.send(client_id)
        return (await self._receiver.inbox.wait_for(client_id) - start) * 1000

    async def during(self, work: asyncio.Task[list[float | BaseException]]) -> list[float]:
        """The delays of messages that are sent until the work is done."""
        delays = []
        while not work.done():
            delays.append(await self.one_message())
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(work), PACE)
        return delays

    async def quiet(self, number: int) -> list[float]:
        """The delays of a number of messages."""
        delays = []
        for _ in range(number):
            delays.append(await self.one_message())
            await asyncio.sleep(PACE)
        return delays


async def burst(site: Server, database: Database, size: Size) -> list[Figure]:
    """Everyone presses the button at the same moment."""
    people = await asyncio.to_thread(make_people, database, size.people)
    one, other = make_pair(database)
    talk = Talk(
        await SiteTab(site.origin, one.cookie, other.actor.user_id).open(),
        await SiteTab(site.origin, other.cookie, one.actor.user_id).open(),
    )
    tabs = [await LoginTab(site.origin, person.actor.username).open() for person in people]
    before = await talk.quiet(size.quiet_messages)
    async with httpx.AsyncClient(timeout=PATIENCE) as client:
        crowd = asyncio.gather(*(tab.log_in(client) for tab in tabs), return_exceptions=True)
        delays = await talk.during(asyncio.ensure_future(crowd))
        outcomes = await crowd
    await asyncio.gather(*(tab.close() for tab in tabs))
    return [*_outcomes(outcomes), *_delays(delays, before)]


def _outcomes(outcomes: Sequence[float | BaseException]) -> list[Figure]:
    times = [one for one in outcomes if isinstance(one, float)]
    failures = [one for one in outcomes if isinstance(one, BaseException)]
    for failure in failures[:3]:
        print(f"failed: {failure!r}")
    return [
        Figure(f"logins at once: {len(outcomes)}, of these failed", len(failures), "logins", target="0"),
        Figure("the last of them is in after", max(times, default=0), "s"),
        Figure("logins a second", len(times) / max(times, default=1), "logins/s"),
    ]


def _delays(delays: Sequence[float], before: Sequence[float]) -> list[Figure]:
    return [
        Figure("a message of others meanwhile, the slowest", max(delays), "ms", max(before), "≤ 120 ms"),
        Figure("a message of others meanwhile, p50", percentile(delays, 50), "ms", percentile(before, 50)),
        Figure("a message of others meanwhile, p99", percentile(delays, 99), "ms", percentile(before, 99)),
    ]


def lookups(database: Database, size: Size) -> list[Figure]:
    """Whose cookie it is, as each event asks, among all the logins there are."""
    cookies = [make_person(database).cookie for _ in range(size.people)]
    times = []
    for number in range(size.lookups):
        start = perf_counter()
        actor = database.read(accounts.resolve_actor, cookies[number % len(cookies)])
        times.append((perf_counter() - start) * 1000)
        assert actor is not None
    return [
        Figure("looking up a session, p50", percentile(times, 50), "ms"),
        Figure("looking up a session, p99", percentile(times, 99), "ms", target="≤ 1 ms"),
    ]


def run(size: Size) -> list[Figure]:
    """Start the site on an empty database and measure."""
    with bench_folder() as folder, empty_database(os.environ.get(DATABASE_URL, "")) as database:
        use_settings(XIANYU_DATA_DIR=folder, XIANYU_DATABASE_URL=url_of(database))
        with serving("benchmarks.site", free_port(), Path(folder)) as site:
            figures = asyncio.run(burst(site, database, size))
        return [*figures, *lookups(database, size)]


def main() -> None:
    """Measure and print."""
    options = output_options(__doc__).parse_args()
    print_figures(run(QUICK if options.quick else Size()), "before", options.json)


if __name__ == "__main__":
    main()
