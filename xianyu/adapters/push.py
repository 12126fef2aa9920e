"""Web Push on the wire: one message, encrypted for one browser and handed to that browser's push service.

The address of that service comes from the browser, so from anybody: nothing but public addresses is
ever spoken to, no answer is read beyond its head, and no redirect is followed.

The libraries behind this take most of a second to import, so only a site that pushes imports this module.
"""

import hashlib
import json
import logging
import socket
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from functools import partial
from http import HTTPStatus
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import ResolveResult
from aiohttp.resolver import ThreadedResolver
from py_vapid import Vapid02
from pywebpush import WebPusher

from xianyu.adapters import addresses
from xianyu.adapters.database import in_thread
from xianyu.adapters.push_keys import encode
from xianyu.schemas.push import PushKeys, PushMessage
from xianyu.settings import Settings

logger = logging.getLogger(__name__)

# Seconds that a push service may take for everything, from its name's look-up to its answer's head.
TIMEOUT = 10.0
# Connections at a time, to all push services together.
CONNECTIONS = 32
# Seconds for which a push service keeps a message for a device that is switched off.
KEPT = 24 * 3600
# Seconds for which a signature is good, at most a day (RFC 8292, 2), and after which a new one is made.
SIGNED_FOR = 12 * 3600
SIGNED_ANEW = 6 * 3600
# Signatures kept, one for each push service that browsers named.
MOST_SIGNED = 100
# The longest that a push service may ask us to wait, in seconds.
LONGEST_WAIT = 900.0

_TOO_MANY = HTTPStatus.TOO_MANY_REQUESTS
_GONE = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}


class Outcome(StrEnum):
    """What became of a push."""

    DELIVERED = "delivered"
    GONE = "gone"
    LATER = "later"
    REFUSED = "refused"


@dataclass(frozen=True)
class Answer:
    """A push service's answer. ``wait`` is how many seconds it asks to be left alone, or 0."""

    outcome: Outcome
    wait: float = 0.0


class _PublicOnly(ThreadedResolver):
    """Looks names up and keeps only addresses of the internet, so that no name leads into the server's own network.

    What it finds is what is connected to: a name that says something else the next time gains nothing.
    """

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = [one for one in await super().resolve(host, port, family) if addresses.is_public(one["host"])]
        if not found:
            raise OSError(f"{host} has no public address")
        return found


class PushService:
    """Hands messages to push services. To be closed at the end; made while an event loop runs.

    Args:
        settings: With the server's keys.
    """

    def __init__(self, settings: Settings) -> None:
        self._signer = Vapid02.from_string(settings.push_private_key.get_secret_value())
        self._contact = settings.push_contact
        self._signed: dict[str, tuple[float, str]] = {}
        resolver = ThreadedResolver() if settings.push_allow_local else _PublicOnly()
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=CONNECTIONS, resolver=resolver),
            timeout=aiohttp.ClientTimeout(total=TIMEOUT),
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def close(self) -> None:
        """Let go of all connections."""
        await self._session.close()

    async def send(self, keys: PushKeys, message: PushMessage) -> Answer:
        """Hand a message over. Whatever goes wrong is an answer, too."""
        try:
            headers, body = await in_thread(partial(self._seal, keys, message))
        except Exception:
            # The keys were checked when they came; what cannot be encrypted for now can never be.
            logger.exception("A push could not be encrypted")
            return Answer(Outcome.GONE)
        try:
            async with self._session.post(keys.endpoint, data=body, headers=headers, allow_redirects=False) as answer:
                return _read(answer.status, answer.headers.get("Retry-After", ""))
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            logger.info("A push service did not answer: %s", type(error).__name__)
            return Answer(Outcome.LATER)

    def _seal(self, keys: PushKeys, message: PushMessage) -> tuple[dict[str, str], bytes]:
        """The request's headers and its encrypted body."""
        info = {"endpoint": keys.endpoint, "keys": {"p256dh": keys.p256dh, "auth": keys.auth}}
        text = json.dumps(asdict(message), ensure_ascii=False)
        body = bytes(WebPusher(info).encode(text.encode())["body"])
        headers = {
            "Authorization": self._authorization(keys.endpoint),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(KEPT),
            # A device that was off gets the last one of a tag alone (RFC 8030, 5.4).
            "Topic": encode(hashlib.sha256(message.tag.encode()).digest())[:32],
            "Urgency": "high",
        }
        return headers, body

    def _authorization(self, endpoint: str) -> str:
        parts = urlsplit(endpoint)
        audience, now = f"{parts.scheme}://{parts.netloc}", time.time()
        made, signed = self._signed.get(audience, (0.0, ""))
        if now - made > SIGNED_ANEW:
            claims = {"sub": self._contact, "aud": audience, "exp": int(now) + SIGNED_FOR}
            signed = str(self._signer.sign(claims)["Authorization"])
            if len(self._signed) >= MOST_SIGNED:
                self._signed.clear()
            self._signed[audience] = (now, signed)
        return signed


def _read(status: int, retry_after: str) -> Answer:
    if status in _GONE:
        return Answer(Outcome.GONE)
    if status == _TOO_MANY or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Answer(Outcome.LATER, min(_seconds(retry_after), LONGEST_WAIT))
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return Answer(Outcome.DELIVERED)
    logger.warning("A push service refused a message with %d", status)
    return Answer(Outcome.REFUSED)


def _seconds(retry_after: str) -> float:
    """What ``Retry-After`` asks for: seconds or a date (RFC 9110, 10.2.3); 0 where it makes no sense."""
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after[:9])
    try:
        moment = parsedate_to_datetime(retry_after)
    except ValueError:
        return 0.0
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
