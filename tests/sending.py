"""Mail on its way out: what tests send, and how they wait for what becomes of it."""

import asyncio
import logging

import pytest

from tests.mailbox import PATIENCE, Mailbox, Received
from xianyu.adapters import mail as outgoing
from xianyu.adapters.mail import Mail, Outbox

LETTER = Mail("alice@example.com", "重置你的密码", "你好：\n请打开链接。\n", "<p>你好：<b>请打开链接。</b></p>\n")


async def received(mailbox: Mailbox, number: int = 1) -> list[Received]:
    """The mails, once there are so many."""
    return await asyncio.to_thread(mailbox.wait, number)


class _Watcher(logging.Handler):
    """Wakes up whoever waits for a line of the log."""

    def __init__(self) -> None:
        super().__init__()
        self.woken = asyncio.Event()

    def emit(self, _record: logging.LogRecord) -> None:
        self.woken.set()


async def logged(caplog: pytest.LogCaptureFixture, text: str) -> str:
    """The first line with the text, once there is one."""
    watcher, logger = _Watcher(), logging.getLogger(outgoing.__name__)
    logger.addHandler(watcher)
    try:
        async with asyncio.timeout(PATIENCE):
            while not (lines := [one.getMessage() for one in caplog.records if text in one.getMessage()]):
                await watcher.woken.wait()
                watcher.woken.clear()
    finally:
        logger.removeHandler(watcher)
    return lines[0]


async def send_one(mailbox: Mailbox, letter: Mail = LETTER) -> Received:
    """Deliver one mail and say how it arrived."""
    outbox = Outbox()
    async with outbox.delivering():
        outbox.put(letter)
        return (await received(mailbox))[0]
