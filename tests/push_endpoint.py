"""A real push service on this machine: takes what it is sent, opens it as the browser would, and checks who signed."""

import json
import secrets
import threading
import time
from base64 import urlsafe_b64decode
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwt
from joserfc.jwk import ECKey

from xianyu.adapters.push_keys import KeyPair, encode, make_keys
from xianyu.schemas.push import PushKeys

# Seconds until a push that does not come fails its test.
PATIENCE = 20
CONTACT = "mailto:office@example.org"
POINT_LENGTH = 65


def settings(keys: KeyPair) -> dict[str, object]:
    """What a site that pushes to this machine is set to."""
    return {
        "push_public_key": keys.public,
        "push_private_key": keys.private,
        "push_contact": CONTACT,
        "push_allow_local": True,
    }


class Device:
    """A browser's side of a subscription: its address and the keys that never leave it."""

    def __init__(self, origin: str) -> None:
        self.path = f"/push/{secrets.token_urlsafe(24)}"
        self._private = ec.generate_private_key(ec.SECP256R1())
        self._auth = secrets.token_bytes(16)
        point = self._private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.keys = PushKeys(f"{origin}{self.path}", encode(point), encode(self._auth))

    def opened(self, body: bytes) -> dict[str, Any]:
        """What was sent, decrypted (RFC 8291)."""
        text = http_ece.decrypt(body, private_key=self._private, auth_secret=self._auth, version="aes128gcm")
        return dict(json.loads(text))


@dataclass(frozen=True)
class Pushed:
    """A push as it arrived: on which path, what it says, and its headers in lower case."""

    path: str
    says: dict[str, Any]
    headers: dict[str, str]


@dataclass
class PushEndpoint:
    """What has arrived, and the answers by path: each is used up once, then everything is taken.

    An answer is a status, the headers with it, and after how many seconds it comes.
    """

    origin: str
    server_key: str = ""
    devices: dict[str, Device] = field(default_factory=dict)
    pushed: list[Pushed] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    answers: defaultdict[str, list[tuple[int, dict[str, str], float]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    problems: list[str] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)
    news: threading.Condition = field(default_factory=threading.Condition)

    def device(self) -> Device:
        """A browser that has subscribed here."""
        device = Device(self.origin)
        self.devices[device.path] = device
        return device

    def answer(self, device: Device, status: int, headers: dict[str, str] | None = None, after: float = 0.0) -> None:
        """Answer the next push to a device like that."""
        self.answers[device.path].append((status, headers or {}, after))

    def take(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], float]:
        """Somebody sent something."""
        with self.news:
            self.asked.append(path)
            planned = self.answers[path].pop(0) if self.answers[path] else (201, {}, 0.0)
            try:
                self._check(headers)
                says = self.devices[path].opened(body)
            except Exception as error:  # noqa: BLE001 - whatever is wrong with it, the test is to hear of it
                self.problems.append(f"{type(error).__name__}: {error}")
            else:
                if planned[0] < 300 and not planned[2]:
                    self.pushed.append(Pushed(path, says, headers))
            self.news.notify_all()
        return planned

    def _check(self, headers: dict[str, str]) -> None:
        """Who sent it, as RFC 8292 has it: the server whose key the browser was told."""
        kind, _, parameters = headers["authorization"].partition(" ")
        values = dict(part.strip().split("=", 1) for part in parameters.split(","))
        assert kind == "vapid"
        assert values["k"] == self.server_key
        point = urlsafe_b64decode(values["k"] + "=" * (-len(values["k"]) % 4))
        assert len(point) == POINT_LENGTH
        key = ECKey.import_key({"kty": "EC", "crv": "P-256", "x": encode(point[1:33]), "y": encode(point[33:])})
        claims = jwt.decode(values["t"], key, algorithms=["ES256"]).claims
        assert claims["aud"] == self.origin
        assert claims["sub"] == CONTACT
        assert 0 < claims["exp"] - time.time() <= 24 * 3600
        assert headers["content-encoding"] == "aes128gcm"
        assert int(headers["ttl"]) > 0

    def wait(self, number: int = 1) -> list[Pushed]:
        """What was delivered, once there is so much of it."""
        with self.news:
            enough = self.news.wait_for(lambda: len(self.pushed) >= number or self.problems, PATIENCE)
            assert not self.problems, self.problems
            assert enough, f"of {number} pushes there came {len(self.pushed)}"
            return list(self.pushed)

    def wait_asked(self, number: int) -> None:
        """Wait until somebody has sent so much, whatever was answered."""
        with self.news:
            assert self.news.wait_for(lambda: len(self.asked) >= number, PATIENCE), self.asked
            assert not self.problems, self.problems


def _handler(endpoint: PushEndpoint) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, more, after = endpoint.take(self.path, headers, body)
            endpoint.closing.wait(after)
            self.send_response(status)
            for name, value in {**more, "Content-Length": "0"}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            return

    return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_arguments: object) -> None:
        """A client that went away in the middle is what some tests are about."""


@contextmanager
def push_endpoint(keys: KeyPair | None = None) -> Iterator[PushEndpoint]:
    """A running push service that takes what the server with these keys signed."""
    endpoint = PushEndpoint("", (keys or make_keys()).public)
    with _Server(("127.0.0.1", 0), _handler(endpoint)) as server:
        endpoint.origin = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, name="push endpoint", daemon=True)
        thread.start()
        try:
            yield endpoint
        finally:
            endpoint.closing.set()
            server.shutdown()
            thread.join()
