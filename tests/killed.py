"""A process that plays an order from its beginning to its end and is killed on the way."""

import os
import signal
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from xianyu.adapters.database import Database
from xianyu.models import AuthSession
from xianyu.schemas.accounts import Actor
from xianyu.schemas.orders import OrderForm
from xianyu.services import accounts, orders

# Each step, by whom, and where the order stands after it.
STORY: tuple[tuple[str, str, dict[str, object], str], ...] = (
    ("seller", "reprice", {"price": "99"}, "pending"),
    ("seller", "confirm", {}, "confirmed"),
    ("seller", "hand_over", {}, "handed_over"),
    ("buyer", "receive", {}, "completed"),
)


def _actor(session: Session, user_id: int) -> Actor:
    number = session.execute(sa.select(col(AuthSession.id)).where(col(AuthSession.user_id) == user_id)).scalar_one()
    return accounts.require(session, accounts.actor_of_session(session, number))


def play(url: str, people: dict[str, int], form: OrderForm, fatal: int, started: Any) -> None:
    """Play the story in this process, which ends itself at the ``fatal``-th thing that it has the database do.

    Args:
        url: The database.
        people: The numbers of ``seller`` and ``buyer``.
        form: What is ordered.
        fatal: Counted over all statements and commits; 0 leaves the end to whoever started this.
        started: An event, set as the first step begins.
    """
    database = Database(url)
    actors = {name: database.read(_actor, number) for name, number in people.items()}
    done = 0

    def count(*_args: Any) -> None:
        nonlocal done
        done += 1
        if done == fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    sa.event.listen(database.engine, "before_cursor_execute", count)
    sa.event.listen(database.engine, "commit", count)
    started.set()
    order_id = database.write(orders.place, actors["buyer"], form).order_id
    for name, action, fields, _ in STORY:
        database.write(partial(orders.act, action=action, fields=fields), actors[name], order_id)
