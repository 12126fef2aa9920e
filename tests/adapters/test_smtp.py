"""The connection to the mail server: encrypted, authenticated, or not made at all."""

import ipaddress
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.mailbox import Mailbox, password_of, serving
from tests.programs import free_port
from tests.sending import LETTER, logged, send_one
from xianyu.adapters.mail import Outbox
from xianyu.adapters.smtp import SmtpServer, parse_smtp_url


@dataclass(frozen=True)
class Certificate:
    """A self-made certificate for 127.0.0.1, and its file."""

    file: Path

    def context(self) -> ssl.SSLContext:
        """The server's side."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.file)
        return context


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail of the tests")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(private + made.public_bytes(pem))
    return Certificate(file)


async def test_starttls_with_a_login(
    use: Callable[..., None], certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.file))
    mailbox, port, password = Mailbox(), free_port(), "p@ss/词:?#"
    use(smtp_url=f"smtp://{quote('post@market')}:{quote(password, safe='')}@127.0.0.1:{port}?starttls=required")
    tls: dict[str, Any] = {"tls_context": certificate.context(), "require_starttls": True, "auth_required": True}
    with serving(mailbox, port, **tls, authenticator=password_of("post@market", password)):
        got = await send_one(mailbox)
    assert (got.encrypted, got.login) == (True, "post@market")


async def test_tls_from_the_first_byte(
    use: Callable[..., None], certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.file))
    mailbox, port = Mailbox(), free_port()
    use(smtp_url=f"smtps://127.0.0.1:{port}")
    with serving(mailbox, port, tls=certificate.context()):
        assert (await send_one(mailbox)).part("plain") == LETTER.text


async def test_on_this_machine_encryption_is_taken_as_offered(
    use: Callable[..., None], certificate: Certificate
) -> None:
    """The certificate is nobody's here, and the mail goes out all the same: without one it would, too."""
    mailbox, port = Mailbox(), free_port()
    use(smtp_url=f"smtp://127.0.0.1:{port}")
    with serving(mailbox, port, tls_context=certificate.context()):
        assert (await send_one(mailbox)).encrypted


@pytest.mark.usefixtures("fast")
async def test_a_server_that_does_not_encrypt_gets_nothing(
    use: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    mailbox, port, outbox = Mailbox(), free_port(), Outbox()
    use(smtp_url=f"smtp://127.0.0.1:{port}?starttls=required")
    with serving(mailbox, port):
        async with outbox.delivering():
            outbox.put(LETTER)
            assert "STARTTLS" in await logged(caplog, "given up")
    assert mailbox.mails == []


@pytest.mark.usefixtures("fast")
@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
async def test_a_server_with_a_foreign_certificate_gets_nothing(
    scheme: str, use: Callable[..., None], certificate: Certificate, caplog: pytest.LogCaptureFixture
) -> None:
    mailbox, port, outbox = Mailbox(), free_port(), Outbox()
    use(smtp_url=f"{scheme}://127.0.0.1:{port}{'?starttls=required' if scheme == 'smtp' else ''}")
    kind = "tls" if scheme == "smtps" else "tls_context"
    with serving(mailbox, port, **{kind: certificate.context()}):
        async with outbox.delivering():
            outbox.put(LETTER)
            assert "CERTIFICATE_VERIFY_FAILED" in await logged(caplog, "given up")
    assert mailbox.mails == []


@pytest.mark.usefixtures("fast")
async def test_a_wrong_password_is_told_to_the_operator_and_not_tried_again(
    use: Callable[..., None], certificate: Certificate, caplog: pytest.LogCaptureFixture
) -> None:
    mailbox, port, outbox = Mailbox(), free_port(), Outbox()
    use(smtp_url=f"smtp://post:wrong-secret@127.0.0.1:{port}")
    with serving(mailbox, port, tls_context=certificate.context(), authenticator=password_of("post", "right")):
        async with outbox.delivering():
            outbox.put(LETTER)
            assert "after 1 tries" in await logged(caplog, "given up")
    assert "wrong-secret" not in caplog.text


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example", SmtpServer("mail.example", 587, "required")),
        ("smtp://mail.example:25?starttls=optional", SmtpServer("mail.example", 25, "optional")),
        ("smtp://localhost:25", SmtpServer("localhost", 25, "optional")),
        ("smtp://127.0.0.2", SmtpServer("127.0.0.2", 587, "optional")),
        ("smtp://[::1]:2525", SmtpServer("::1", 2525, "optional")),
        ("smtp://localhost.example", SmtpServer("localhost.example", 587, "required")),
        ("smtps://mail.example", SmtpServer("mail.example", 465, "")),
        ("smtps://a%40b:c%2Fd%3A@mail.example", SmtpServer("mail.example", 465, "", "a@b", "c/d:")),
    ],
)
def test_what_an_url_means(url: str, server: SmtpServer) -> None:
    assert parse_smtp_url(url) == server


@pytest.mark.parametrize(
    "url",
    [
        "mail.example",
        "http://mail.example",
        "smtp://",
        "smtp://mail.example:99999",
        "smtp://mail.example?starttls=never",
        "smtps://mail.example?starttls=optional",
    ],
)
def test_what_no_url_is(url: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_smtp_url(url)
