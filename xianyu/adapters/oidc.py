"""OpenID Connect: the code flow with PKCE, state and nonce (OpenID Connect Core 1.0, 3.1)."""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from authlib.integrations.httpx_client import AsyncOAuth2Client
from joserfc.jwk import KeySet

from xianyu.adapters import id_tokens
from xianyu.adapters.third_parties import (
    LoginRefused,
    ProviderDown,
    asking,
    demand_secure,
    exchange_code,
    fetch_json,
    oauth_client,
)
from xianyu.schemas.external_logins import ExternalPerson, Handshake
from xianyu.settings import OidcProvider

__all__ = ["LoginRefused", "OpenIdProvider", "ProviderDown"]

T = TypeVar("T")

# How long a provider's description and keys are believed, in seconds. A key that is not among them
# is looked for at once.
CACHE_LIFETIME = 3600
SCOPE = "openid profile email"


@dataclass(frozen=True)
class _Metadata:
    """What a provider says of itself, as far as it is used here."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str
    auth_methods: tuple[str, ...]
    names_itself: bool


class _Remembered(Generic[T]):
    """A value that is fetched when it is first needed or has become too old.

    Args:
        fetch: Gets the value.
    """

    def __init__(self, fetch: Callable[[], Awaitable[T]]) -> None:
        self._fetch = fetch
        self._held: tuple[float, T] | None = None

    async def get(self) -> T:
        if self._held is not None and time.monotonic() < self._held[0] + CACHE_LIFETIME:
            return self._held[1]
        return await self.renew()

    async def renew(self) -> T:
        value = await self._fetch()
        self._held = (time.monotonic(), value)
        return value


class OpenIdProvider:
    """A provider that describes itself under its issuer's address.

    Args:
        config: What the operator set.
    """

    def __init__(self, config: OidcProvider) -> None:
        self.name = config.name
        self.label = config.label
        self._config = config
        self._metadata = _Remembered(self._discover)
        self._keys = _Remembered(self._fetch_keys)

    async def authorization_url(self, handshake: Handshake) -> str:
        """Where the browser goes to log in. Raises ``ProviderDown``."""
        metadata = await self._metadata.get()
        async with self._client() as client:
            url, _ = client.create_authorization_url(
                metadata.authorization_endpoint,
                redirect_uri=handshake.redirect_uri,
                state=handshake.state,
                nonce=handshake.nonce,
                code_verifier=handshake.code_verifier,
            )
        return str(url)

    async def fetch_person(self, handshake: Handshake, answer: Mapping[str, str]) -> ExternalPerson:
        """Who logged in. Raises ``ProviderDown`` and ``LoginRefused``."""
        metadata = await self._metadata.get()
        # An answer that another provider made must not be taken for this one's (RFC 9207, 2.4).
        if answer.get("iss", "" if metadata.names_itself else self._config.issuer) != self._config.issuer:
            raise LoginRefused("iss")
        method = _auth_method(metadata, bool(self._config.client_secret.get_secret_value()))
        async with self._client(token_endpoint_auth_method=method) as client:
            async with asking(self.name):
                tokens = await exchange_code(client, metadata.token_endpoint, answer.get("code", ""), handshake)
            claims = await self._verify(tokens.get("id_token"), handshake.nonce)
            if "email" not in claims and metadata.userinfo_endpoint:
                claims |= await self._userinfo(client, metadata.userinfo_endpoint, claims["sub"])
        return _person(claims)

    def _client(self, **options: Any) -> AsyncOAuth2Client:
        secret = self._config.client_secret.get_secret_value()
        return oauth_client(self._config.client_id, secret, scope=SCOPE, **options)

    async def _discover(self) -> _Metadata:
        issuer = self._config.issuer
        async with asking(self.name), self._client() as client:
            address = demand_secure(issuer.rstrip("/") + "/.well-known/openid-configuration")
            document = await fetch_json(client, address, is_open=True)
            # The exact issuer, or somebody else's description is believed (OpenID Connect Discovery 1.0, 4.3).
            if document["issuer"] != issuer:
                raise ValueError(f"it calls itself {document['issuer']!r:.100}")
            return _read_metadata(document)

    async def _fetch_keys(self) -> KeySet:
        metadata = await self._metadata.get()
        async with asking(self.name), self._client() as client:
            return id_tokens.read_keys(await fetch_json(client, metadata.jwks_uri, is_open=True))

    async def _verify(self, token: object, nonce: str) -> dict[str, Any]:
        expected = {"issuer": self._config.issuer, "client_id": self._config.client_id, "nonce": nonce}
        try:
            return id_tokens.verify(token, await self._keys.get(), **expected)
        except id_tokens.UnknownKey:
            # Providers change their keys, and announce it in no other way.
            keys = await self._keys.renew()
        try:
            return id_tokens.verify(token, keys, **expected)
        except id_tokens.UnknownKey as error:
            raise LoginRefused("unknown_key") from error

    async def _userinfo(self, client: AsyncOAuth2Client, url: str, subject: str) -> dict[str, Any]:
        async with asking(self.name):
            claims = dict(await fetch_json(client, url))
        # An access token could be another person's (OpenID Connect Core 1.0, 5.3.2).
        if claims.get("sub") != subject:
            raise LoginRefused("userinfo")
        return claims


def _read_metadata(document: dict[str, Any]) -> _Metadata:
    userinfo = document.get("userinfo_endpoint")
    return _Metadata(
        authorization_endpoint=demand_secure(document["authorization_endpoint"]),
        token_endpoint=demand_secure(document["token_endpoint"]),
        jwks_uri=demand_secure(document["jwks_uri"]),
        userinfo_endpoint=demand_secure(userinfo) if userinfo else "",
        auth_methods=tuple(document.get("token_endpoint_auth_methods_supported") or ("client_secret_basic",)),
        names_itself=document.get("authorization_response_iss_parameter_supported") is True,
    )


def _auth_method(metadata: _Metadata, has_secret: bool) -> str:
    if not has_secret:
        return "none"
    return "client_secret_basic" if "client_secret_basic" in metadata.auth_methods else "client_secret_post"


def _person(claims: dict[str, Any]) -> ExternalPerson:
    names = (claims.get(name) for name in ("preferred_username", "nickname", "name"))
    return ExternalPerson(
        subject=claims["sub"],
        email=_text(claims.get("email")),
        # Some providers send it as a string.
        email_verified=claims.get("email_verified") in (True, "true"),
        name=next((name for name in names if isinstance(name, str) and name), ""),
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
