"""The mail server that ``XIANYU_SMTP_URL`` names, and how one message is handed to it."""

import ipaddress
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from functools import lru_cache
from urllib.parse import parse_qs, unquote, urlsplit

import aiosmtplib

# Seconds for each step of the conversation with the server.
TIMEOUT = 30
# Replies of 500 and above are final (RFC 5321, 4.2.1).
_FINAL = 500
# Submission, and submission over TLS (RFC 8314, 7.3).
_PORTS = {"smtp": 587, "smtps": 465}
_STARTTLS = {"required", "optional"}


@dataclass(frozen=True)
class SmtpServer:
    """Where mail goes out.

    ``starttls`` is ``required``, ``optional``, or empty where the connection is encrypted from its
    first byte.
    """

    host: str
    port: int
    starttls: str
    username: str | None = None
    password: str | None = None


def parse_smtp_url(url: str) -> SmtpServer:
    """Read ``smtp://user:password@host:port`` or ``smtps://…``; user and password are URL-encoded.

    ``smtp`` demands STARTTLS, except on this machine, where nobody listens in; ``?starttls=required``
    or ``?starttls=optional`` says otherwise.

    Raises:
        ValueError: if it is no such URL.
    """
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError("must be an smtp:// or smtps:// URL")
    starttls = parse_qs(parts.query).get("starttls", [""])[-1]
    if starttls and (starttls not in _STARTTLS or parts.scheme == "smtps"):
        raise ValueError("starttls must be required or optional, and has no meaning for smtps://")
    if parts.scheme == "smtp" and not starttls:
        starttls = "optional" if _is_loopback(parts.hostname) else "required"
    return SmtpServer(
        host=parts.hostname,
        port=parts.port or _PORTS[parts.scheme],
        starttls=starttls,
        username=None if parts.username is None else unquote(parts.username),
        password=None if parts.password is None else unquote(parts.password),
    )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@lru_cache(maxsize=1)
def _tls_context(server: SmtpServer) -> ssl.SSLContext:
    # Reading the trusted authorities takes tens of milliseconds, in which nobody is served: once, not for each mail.
    context = ssl.create_default_context()
    if server.starttls == "optional":
        # Whoever can forge a certificate here can as well hide the offer to encrypt, so that checking
        # would only lose mail: servers on the machine itself seldom have a certificate of its name.
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


async def send(server: SmtpServer, message: EmailMessage, own_name: str) -> None:
    """Hand a message over.

    Args:
        server: Where to.
        message: Its ``From`` and ``To`` are the envelope's, too.
        own_name: What this machine calls itself in its greeting.

    Raises:
        aiosmtplib.SMTPException: if the server refuses, or cannot be spoken to.
        OSError: if the connection breaks.
    """
    await aiosmtplib.send(
        message,
        hostname=server.host,
        port=server.port,
        username=server.username,
        password=server.password,
        use_tls=not server.starttls,
        start_tls={"required": True, "optional": None, "": False}[server.starttls],
        tls_context=_tls_context(server),
        local_hostname=own_name,
        timeout=TIMEOUT,
    )


def is_final(error: Exception) -> bool:
    """Whether trying again would bring the same answer."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return all(is_final(one) for one in error.recipients)
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return error.code >= _FINAL
    # What the server does not know how to do: to log in, or to take an address in Chinese.
    if isinstance(error, aiosmtplib.SMTPNotSupported):
        return True
    return not isinstance(error, aiosmtplib.SMTPException | OSError)
