"""Real third parties on this machine: OpenID Connect providers, one of which can lie, and GitHub's endpoints."""

import base64
import hashlib
import hmac
import json
import secrets
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from joserfc import jwk, jwt

from tests.programs import free_port, listens, running

PATIENCE = 30  # seconds
CLIENT_ID = "xianyu"
CLIENT_SECRET = "a client's secret"

Answer = tuple[int, Any]


class _Handler(BaseHTTPRequestHandler):
    server: "_Server"

    def do_GET(self) -> None:
        self._answer({})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self._answer(dict(parse_qsl(body)))

    def _answer(self, form: dict[str, str]) -> None:
        path = urlsplit(self.path).path
        self.server.asked.append(path)
        status, content = self.server.answers[path](form, dict(self.headers))
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    answers: dict[str, Callable[[dict[str, str], dict[str, str]], Answer]]
    asked: list[str]


@contextmanager
def _serving(answers: dict[str, Callable[[dict[str, str], dict[str, str]], Answer]]) -> Iterator[_Server]:
    server = _Server(("127.0.0.1", 0), _Handler)
    server.answers, server.asked = answers, []
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@cache
def _first_key() -> jwk.RSAKey:
    # One for all: making a key takes longer than most tests.
    return jwk.RSAKey.generate_key(2048, auto_kid=True)


@dataclass
class Forger:
    """A provider with real keys whose every word a test can bend; what is not bent is right.

    It checks PKCE, the redirect address, the client's secret, and that a code is used once.
    """

    claims: dict[str, Any] = field(default_factory=dict)
    without: set[str] = field(default_factory=set)
    header: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=dict)
    make_token: Callable[[dict[str, Any], dict[str, Any]], str] | None = None
    broken: set[str] = field(default_factory=set)
    slow: dict[str, threading.Event] = field(default_factory=dict)
    origin: str = ""
    asked: list[str] = field(default_factory=list)
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)
    key: jwk.RSAKey = field(default_factory=_first_key)
    published: list[jwk.RSAKey] = field(default_factory=list)

    def allow(self, url: str) -> str:
        """What a person's browser does at the authorization endpoint: agree, and get a code."""
        code = secrets.token_urlsafe(8)
        self._codes[code] = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        return code

    def callback(self, url: str) -> str:
        """Where the browser is sent back to after agreeing."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        return f"{asked['redirect_uri']}?{urlencode({'code': self.allow(url), 'state': asked['state']})}"

    def rotate(self) -> None:
        """Sign with a new key and publish no other."""
        self.key = jwk.RSAKey.generate_key(2048, auto_kid=True)
        self.published = [self.key]

    def answers(self) -> dict[str, Callable[[dict[str, str], dict[str, str]], Answer]]:
        """What is served at which path."""
        pages = {
            "/.well-known/openid-configuration": self._discovery,
            "/token": self._token,
            "/jwks": self._jwks,
            "/userinfo": self._userinfo,
        }
        return {path: self._faulty(path, page) for path, page in pages.items()}

    def _faulty(
        self, path: str, page: Callable[[dict[str, str], dict[str, str]], Answer]
    ) -> Callable[[dict[str, str], dict[str, str]], Answer]:
        def answer(form: dict[str, str], headers: dict[str, str]) -> Answer:
            if path in self.slow:
                self.slow[path].wait(PATIENCE)
            return (503, b"<html>down</html>") if path in self.broken else page(form, headers)

        return answer

    def _discovery(self, _form: dict[str, str], _headers: dict[str, str]) -> Answer:
        return 200, {
            "issuer": self.origin,
            "authorization_endpoint": f"{self.origin}/authorize",
            "token_endpoint": f"{self.origin}/token",
            "jwks_uri": f"{self.origin}/jwks",
            "userinfo_endpoint": f"{self.origin}/userinfo",
        } | self.metadata

    def _jwks(self, _form: dict[str, str], _headers: dict[str, str]) -> Answer:
        return 200, {"keys": [key.as_dict(private=False, use="sig") for key in self.published]}

    def _userinfo(self, _form: dict[str, str], headers: dict[str, str]) -> Answer:
        return (200, self.userinfo) if headers.get("Authorization") == "Bearer access" else (401, {})

    def _token(self, form: dict[str, str], headers: dict[str, str]) -> Answer:
        basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if headers.get("Authorization") != f"Basic {basic}":
            return 401, {"error": "invalid_client"}
        asked = self._codes.pop(form.get("code", ""), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if (
            asked is None
            or asked.get("code_challenge_method") != "S256"
            or asked.get("code_challenge") != challenge.decode().rstrip("=")
            or asked["redirect_uri"] != form.get("redirect_uri")
        ):
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": "access", "token_type": "Bearer", "id_token": self._id_token(asked["nonce"])}

    def _id_token(self, nonce: str) -> str:
        now = int(time.time())
        claims = {"iss": self.origin, "sub": "248289761001", "aud": CLIENT_ID, "exp": now + 300, "iat": now}
        claims |= {"nonce": nonce, "email": "mei@example.com", "email_verified": True} | self.claims
        claims = {name: value for name, value in claims.items() if name not in self.without}
        header = {"alg": "RS256", "kid": self.key.kid} | self.header
        return (self.make_token or self._sign)(header, claims)

    def _sign(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        return jwt.encode(header, claims, self.key, algorithms=[header["alg"]])


@contextmanager
def forger() -> Iterator[Forger]:
    """The provider that can lie, on a free port."""
    provider = Forger()
    provider.published = [provider.key]
    with _serving(provider.answers()) as server:
        provider.origin, provider.asked = f"http://127.0.0.1:{server.server_port}", server.asked
        yield provider


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _unsealed(header: dict[str, Any], claims: dict[str, Any]) -> str:
    return ".".join(_base64(json.dumps(part).encode()) for part in (header, claims))


def unsigned(header: dict[str, Any], claims: dict[str, Any]) -> str:
    """A token without a signature, as RFC 7519, 6 allows and no login may."""
    return _unsealed(header | {"alg": "none"}, claims) + "."


def signed_with_secret(header: dict[str, Any], claims: dict[str, Any], secret: bytes) -> str:
    """A token with a signature that everyone can make who has the secret."""
    body = _unsealed(header | {"alg": "HS256"}, claims)
    return f"{body}.{_base64(hmac.digest(secret, body.encode(), 'sha256'))}"


@dataclass
class GitHub:
    """GitHub's endpoints, answering as its documentation says."""

    user: dict[str, Any] = field(default_factory=lambda: {"id": 583231, "login": "octocat", "name": "The Octocat"})
    emails: list[dict[str, Any]] = field(default_factory=list)
    codes: set[str] = field(default_factory=set)
    origin: str = ""

    def answers(self) -> dict[str, Callable[[dict[str, str], dict[str, str]], Answer]]:
        """What is served at which path."""
        return {
            "/token": self._token,
            "/user": self._guard(lambda: self.user),
            "/emails": self._guard(lambda: self.emails),
        }

    def _token(self, form: dict[str, str], headers: dict[str, str]) -> Answer:
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return 200, {"error": "incorrect_client_credentials"}
        if form.get("code") not in self.codes or not form.get("code_verifier"):
            return 200, {"error": "bad_verification_code"}
        self.codes.remove(form["code"])
        assert headers["Accept"] == "application/json", "GitHub answers in another format otherwise"
        return 200, {"access_token": "gho_access", "scope": "read:user,user:email", "token_type": "bearer"}

    def _guard(self, content: Callable[[], Any]) -> Callable[[dict[str, str], dict[str, str]], Answer]:
        def answer(_form: dict[str, str], headers: dict[str, str]) -> Answer:
            return (200, content()) if headers.get("Authorization") == "Bearer gho_access" else (401, {})

        return answer


@contextmanager
def github() -> Iterator[GitHub]:
    """GitHub, on a free port."""
    site = GitHub(emails=[{"email": "octocat@example.com", "primary": True, "verified": True}], codes={"good"})
    with _serving(site.answers()) as server:
        site.origin = f"http://127.0.0.1:{server.server_port}"
        yield site


class Campus:
    """The package oidc-provider-mock, a provider of its own, in a process of its own.

    Args:
        port: Where it listens.
    """

    def __init__(self, port: int) -> None:
        self.origin = f"http://localhost:{port}"

    def add_person(self, subject: str, **claims: object) -> None:
        """Somebody who can log in there."""
        self._send("PUT", f"/users/{subject}", json.dumps(claims).encode(), "application/json")

    def callback(self, url: str, subject: str, action: str = "") -> str:
        """Where the browser is sent back to after ``subject`` agreed, or refused with ``action="deny"``."""
        form = {"sub": subject} | ({"action": action} if action else {})
        return self._send("POST", url.removeprefix(self.origin), urlencode(form).encode())

    def _send(self, method: str, path: str, data: bytes, kind: str = "application/x-www-form-urlencoded") -> str:
        request = urllib.request.Request(self.origin + path, data, {"Content-Type": kind}, method=method)
        try:
            with urllib.request.build_opener(_Stay).open(request, timeout=PATIENCE) as answer:
                return str(answer.headers.get("Location", ""))
        except urllib.error.HTTPError as error:
            if "Location" not in error.headers:
                raise
            return str(error.headers["Location"])


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: object, **options: object) -> None:
        """Follow nothing."""


@contextmanager
def campus(port: int = 0, token_lifetime: int = 3600) -> Iterator[Campus]:
    """The provider, until the end; its tokens last so many seconds."""
    port = port or free_port()
    command = [sys.executable, "-m", "oidc_provider_mock", "-H", "127.0.0.1", "-p", str(port), "-n", "true"]
    with running([*command, "-e", str(token_lifetime)], lambda: listens(port)):
        yield Campus(port)
