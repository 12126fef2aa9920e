"""A real mail server on this machine that keeps what it is given, for tests to read."""

import re
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

# Seconds until a mail that does not come fails its test.
PATIENCE = 20


@dataclass(frozen=True)
class Received:
    """A message with its envelope, and what the connection was like."""

    sender: str
    recipients: list[str]
    message: EmailMessage
    encrypted: bool
    login: str
    raw: bytes

    def part(self, kind: str) -> str:
        """The text of the part ``plain`` or ``html``."""
        body = self.message.get_body((kind,))
        assert body is not None, f"there is no {kind} part"
        return str(body.get_content()).replace("\r\n", "\n")

    def link(self) -> str:
        """The first address in the text, which is the one to open."""
        found = re.search(r"https?://\S+", self.part("plain"))
        assert found is not None, "there is no link"
        return found[0]


class Mailbox:
    """What has arrived, and the answers that the server gives: each is used up once, then all is taken."""

    def __init__(self) -> None:
        self.mails: list[Received] = []
        self.answers: list[str] = []
        self.refused = 0
        self._news = threading.Condition()

    async def handle_RCPT(  # noqa: N802 - the name that aiosmtpd looks for
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Take the recipient, or answer what the test wants."""
        with self._news:
            if self.answers:
                self.refused += 1
                self._news.notify_all()
                return self.answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - the same
        """Keep the message."""
        assert isinstance(envelope.content, bytes)
        received = Received(
            sender=str(envelope.mail_from),
            recipients=list(envelope.rcpt_tos),
            message=message_from_bytes(envelope.content, policy=default),
            encrypted=session.ssl is not None,
            login=_login(session),
            raw=envelope.content,
        )
        with self._news:
            self.mails.append(received)
            self._news.notify_all()
        return "250 OK"

    def wait(self, number: int, to: str = "") -> list[Received]:
        """The mails to somebody, or all of them, once there are at least so many."""
        with self._news:
            enough = self._news.wait_for(lambda: len(self._to(to)) >= number, PATIENCE)
            assert enough, f"of {number} mails to {to or 'anybody'} there came {len(self._to(to))}"
            return self._to(to)

    def wait_refused(self, number: int) -> None:
        """Wait until so many recipients were refused."""
        with self._news:
            assert self._news.wait_for(lambda: self.refused >= number, PATIENCE)

    def _to(self, address: str) -> list[Received]:
        return [mail for mail in self.mails if not address or address in mail.recipients]


def _login(session: Session) -> str:
    data = session.auth_data
    return data.login.decode() if isinstance(data, LoginPassword) else ""


def password_of(login: str, password: str) -> Any:
    """An authenticator that takes one login."""

    def check(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        right = isinstance(data, LoginPassword) and (data.login, data.password) == (login.encode(), password.encode())
        return AuthResult(success=right, handled=False, auth_data=data)

    return check


@contextmanager
def serving(mailbox: Mailbox, port: int, tls: ssl.SSLContext | None = None, **options: Any) -> Iterator[None]:
    """A server for the mailbox. ``tls`` encrypts from the first byte; ``options`` are aiosmtpd's own."""
    controller = Controller(mailbox, hostname="127.0.0.1", port=port, ssl_context=tls, **options)
    controller.start()
    try:
        yield
    finally:
        controller.stop()
