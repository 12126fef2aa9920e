"""How long each event's handler takes, for the operator's metrics."""

import asyncio
import time
from functools import partial

import reflex as rx
from reflex.state import BaseState, StateUpdate
from reflex_base.event import Event

from xianyu.adapters import metrics


class HandlerDurations(rx.Middleware):
    """Takes the time of each handler, from its state being ready to its end, with all that it sent.

    The framework runs every event in a task of its own and looks the handler up before this is
    called, so that a name that somebody made up never gets here.
    """

    async def preprocess(self, app: rx.App, state: BaseState, event: Event) -> StateUpdate | None:  # noqa: ARG002 - the framework's own signature
        """Note the start, and have the end noted."""
        task = asyncio.current_task()
        if task is not None:
            task.add_done_callback(partial(_note, _short(event.name), time.perf_counter()))
        return None


def _note(name: str, started: float, _task: asyncio.Task[None]) -> None:
    metrics.HANDLERS.labels(name).observe(time.perf_counter() - started)


def _short(name: str) -> str:
    """``reflex___state____state.xianyu___states___feed____feed_state.load`` is ``feed_state.load``."""
    return name.rpartition("____")[2]
