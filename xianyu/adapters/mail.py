"""Outgoing mail: an outbox that is written to at once and emptied in the background.

What waits is kept in memory. A server that is told to end sends it first (see ``ending``); when it is killed, or no
mail server answers until then, whoever was promised a mail asks for another.
"""

import asyncio
import ipaddress
import logging
import re
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UniqueUnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import localtime, make_msgid, parseaddr
from urllib.parse import urlsplit

from email_validator import validate_email

from xianyu.adapters import metrics, smtp
from xianyu.settings import get_settings

logger = logging.getLogger(__name__)

# Seconds between two tries, each twice the one before, up to the longest. Together they last about as
# long as the links in the mails are good for.
FIRST_PAUSE = 2.0
LONGEST_PAUSE = 300.0
ATTEMPTS = 12
# How many mails wait at most: a server that is down for hours must not fill the memory.
CAPACITY = 1000
# Connections to the mail server at a time.
CONNECTIONS = 4
# Seconds that the end of the program waits for what is still to go out.
DRAIN = 4.0

# Controls, separators of lines, and halves of characters.
_BREAKING = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True)
class Mail:
    """A mail to one person, as text and as HTML that say the same.

    ``unsubscribe`` is the address that switches such mails off with one POST, empty for those that nobody can.

    Raises:
        ValueError: if a value that becomes a header would become several.
    """

    to: str
    subject: str
    text: str
    html: str
    unsubscribe: str = ""

    def __post_init__(self) -> None:
        """Refuse line breaks where a header comes of it."""
        if any(_BREAKING.search(value) for value in (self.to, self.subject, self.unsubscribe)):
            raise ValueError("a header holds one line")


class _WholeLine(BaseHeader):
    """A header that stays one line: the library would break a long address into encoded words, which no link is."""

    max_count = 1
    parse = staticmethod(UniqueUnstructuredHeader.parse)

    def fold(self, *, policy: Policy) -> str:
        """The line; mail carries up to 998 characters (RFC 5322, 2.1.1)."""
        return f"{self.name}: {self}{policy.linesep}"


_REGISTRY = HeaderRegistry()
_REGISTRY.map_to_type("list-unsubscribe", _WholeLine)
_POLICY = SMTP.clone(header_factory=_REGISTRY)


def public_host() -> str:
    """The public URL's host as mail writes it: numbers in brackets (RFC 5321, 4.1.3)."""
    host = urlsplit(get_settings().public_url).hostname or "localhost"
    try:
        number = ipaddress.ip_address(host)
    except ValueError:
        return host.encode("idna").decode()
    return f"[{host}]" if number.version == 4 else f"[IPv6:{host}]"  # noqa: PLR2004 - the protocol's version


def _sender() -> Address:
    settings = get_settings()
    name, address = parseaddr(settings.mail_from or f"xianyu@{public_host()}")
    return Address(display_name=name or settings.site_name, addr_spec=address)


def _recipient(address: str) -> Address:
    """The address with its domain in ASCII, which every server understands."""
    valid = validate_email(address, check_deliverability=False)
    return Address(username=valid.local_part, domain=valid.ascii_domain)


def _in_ascii(url: str) -> str:
    """An address of this site as a header carries it."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.encode("idna").decode()).geturl()


def to_message(mail: Mail) -> EmailMessage:
    """The mail as it travels. A second try carries the same Message-ID, so it can be told for a repeat."""
    message = EmailMessage(policy=_POLICY)
    message["From"] = _sender()
    message["To"] = _recipient(mail.to)
    message["Subject"] = mail.subject
    message["Date"] = localtime()
    message["Message-ID"] = make_msgid(domain=public_host())
    # No holiday notice is to answer it (RFC 3834, 5).
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message["Content-Language"] = "zh-CN"
    if mail.unsubscribe:
        # Mail programs that heed them show a button of their own (RFC 8058); they want https for that.
        message["List-Unsubscribe"] = f"<{_in_ascii(mail.unsubscribe)}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(mail.text, cte="base64")
    message.add_alternative(mail.html, subtype="html", cte="base64")
    return message


class Outbox:
    """Takes mails from any thread and delivers them while ``delivering`` is entered."""

    def __init__(self) -> None:
        self._waiting: deque[Mail] = deque()
        self._under_way: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closing = asyncio.Event()
        self._connections = asyncio.Semaphore(CONNECTIONS)

    def put(self, mail: Mail) -> None:
        """Have a mail delivered. Returns at once."""
        if len(self._waiting) + len(self._under_way) >= CAPACITY:
            metrics.MAIL_FAILED.inc()
            logger.error("The outbox is full; a mail was dropped")
            return
        self._waiting.append(mail)
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._start_waiting)

    def _start_waiting(self) -> None:
        while self._waiting:
            task = asyncio.create_task(self._deliver(self._waiting.popleft()), name="mail")
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    @asynccontextmanager
    async def delivering(self) -> AsyncIterator[None]:
        """Deliver until the end of the block, and then for ``DRAIN`` seconds more what is left."""
        self._closing, self._connections = asyncio.Event(), asyncio.Semaphore(CONNECTIONS)
        self._loop = asyncio.get_running_loop()
        self._start_waiting()
        try:
            yield
        finally:
            self._loop = None
            await self._drain()

    async def settle(self) -> None:
        """Try at once whatever waits, and see it out for ``DRAIN`` seconds at most. From now on nothing is put off."""
        self._start_waiting()
        self._closing.set()
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=DRAIN)

    async def _drain(self) -> None:
        await self.settle()
        late = self._under_way.copy()
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late)
            metrics.MAIL_FAILED.inc(len(late))
            logger.error("%d mails were not delivered before the end", len(late))

    async def _deliver(self, mail: Mail) -> None:
        try:
            await self._attempt(to_message(mail))
        except Exception:
            metrics.MAIL_FAILED.inc()
            logger.exception("A mail could not be made or sent")

    async def _attempt(self, message: EmailMessage) -> None:
        name = message["Message-ID"]
        if not get_settings().smtp_url:
            _do_without(message)
            return
        for number, pause in enumerate(_pauses(), start=1):
            closing = self._closing.is_set()
            error = await self._try_once(message)
            if error is None:
                metrics.MAIL_SENT.inc()
                logger.info("Mail %s was delivered", name)
                return
            if smtp.is_final(error) or closing or number == ATTEMPTS:
                metrics.MAIL_FAILED.inc()
                logger.error("Mail %s was given up after %d tries: %r", name, number, error)
                return
            logger.warning("Mail %s will be tried again in %d seconds: %r", name, pause, error)
            await self._rest(pause)

    async def _try_once(self, message: EmailMessage) -> Exception | None:
        try:
            async with self._connections:
                await smtp.send(smtp.parse_smtp_url(get_settings().smtp_url), message, public_host())
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller decides what follows
            return error
        return None

    async def _rest(self, seconds: float) -> None:
        """Wait, but not beyond the moment when the program wants to end."""
        try:
            async with asyncio.timeout(seconds):
                await self._closing.wait()
        except TimeoutError:
            return


def _pauses() -> Iterator[float]:
    for number in range(ATTEMPTS):
        yield min(FIRST_PAUSE * 2**number, LONGEST_PAUSE)


def _do_without(message: EmailMessage) -> None:
    """What becomes of a mail where no server is set.

    In production nobody may find the links' tokens among the lines of the log.
    """
    if get_settings().secure_cookies:
        logger.error("Mail %s was not sent: no mail server is set (XIANYU_SMTP_URL)", message["Message-ID"])
    else:
        _print(message)


def _print(message: EmailMessage) -> None:
    """Show a mail where no server takes it: the console is what a developer has."""
    body = message.get_body(("plain",))
    assert body is not None, "every mail has a text"
    text = body.get_content().replace("\r\n", "\n")
    shown = f"\n--- 邮件 ---\n收件人：{message['To']}\n主题：{message['Subject']}\n\n{text}--- 邮件结束 ---\n"
    print(shown, flush=True)  # noqa: T201 - the console is meant


outbox = Outbox()


@asynccontextmanager
async def deliver() -> AsyncIterator[None]:
    """Deliver what is put into the outbox for as long as the program runs."""
    if not get_settings().smtp_url:
        instead = "dropped" if get_settings().secure_cookies else "printed here, with the links in them,"
        logger.warning("XIANYU_SMTP_URL is not set: mails are %s instead of sent", instead)
    async with outbox.delivering():
        yield
