"""What every third party that logs people in has in common: its interface, its failures, its limits."""

import asyncio
import ipaddress
import logging
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx2
from authlib.integrations.httpx_client import AsyncOAuth2Client, OAuthError

from xianyu.adapters.passwords import new_token
from xianyu.schemas.external_logins import ExternalPerson, Handshake

# Seconds for one exchange with a third party, from the first byte sent to the last one received.
TIMEOUT = 5.0
# Answers of a token endpoint that speak about the code; every other error is the operator's to mend.
_ABOUT_THE_CODE = {"invalid_grant", "bad_verification_code", "access_denied"}

# What reading an answer of another shape than the standard's raises.
_MALFORMED = (ValueError, KeyError, TypeError, AttributeError)

logger = logging.getLogger(__name__)


class ProviderDown(Exception):
    """The third party does not answer, or says what makes no sense."""


class LoginRefused(Exception):
    """The third party refused the login, or its word for it cannot be trusted.

    Args:
        reason: One word for the log, such as ``"nonce"``.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Provider(Protocol):
    """A third party. ``name`` is part of addresses and of stored identities."""

    name: str
    label: str

    async def authorization_url(self, handshake: Handshake) -> str:
        """Where the browser goes to log in. Raises ``ProviderDown``."""

    async def fetch_person(self, handshake: Handshake, answer: Mapping[str, str]) -> ExternalPerson:
        """Who logged in.

        Args:
            handshake: The one that the browser was sent away with.
            answer: The query that it came back with.

        Raises:
            ProviderDown: if the third party cannot be asked.
            LoginRefused: if it refuses, or if what it says does not belong to this login.
        """


def new_handshake(redirect_uri: str) -> Handshake:
    """Fresh secrets for one login. The verifier has 43 characters, the least that PKCE allows (RFC 7636, 4.1)."""
    return Handshake(redirect_uri, state=new_token(), nonce=new_token(), code_verifier=new_token())


def demand_secure(url: object) -> str:
    """``url``, if it is https, or http on this very machine.

    Raises:
        ValueError: for anything else: codes and tokens do not travel in the open.
    """
    parts = urlsplit(url) if isinstance(url, str) else None
    if parts and parts.hostname and (parts.scheme == "https" or (parts.scheme == "http" and _is_here(parts.hostname))):
        return str(url)
    raise ValueError(f"not an https address: {url!r:.100}")


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    # Reading the trusted authorities takes tens of milliseconds, which no login should pay again.
    return httpx2.create_ssl_context()


def oauth_client(client_id: str, client_secret: str, **options: Any) -> AsyncOAuth2Client:
    """An OAuth client that uses PKCE, follows no redirects and gives up after ``TIMEOUT``."""
    return AsyncOAuth2Client(
        client_id,
        client_secret or None,
        code_challenge_method="S256",
        verify=_tls(),
        timeout=TIMEOUT,
        follow_redirects=False,
        **options,
    )


@asynccontextmanager
async def asking(provider: str) -> AsyncIterator[None]:
    """Ask a third party within this; whatever goes wrong on the way or in its answer is ``ProviderDown``."""
    try:
        async with asyncio.timeout(TIMEOUT):
            yield
    except OAuthError as error:
        if str(error.error) in _ABOUT_THE_CODE:
            raise LoginRefused(str(error.error)) from error
        logger.warning("%s refuses this site: %s", provider, error.error)
        raise ProviderDown from error
    except (TimeoutError, httpx2.HTTPError, httpx2.InvalidURL, *_MALFORMED) as error:
        logger.warning("%s gives no usable answer: %s", provider, error or type(error).__name__)
        raise ProviderDown from error


async def fetch_json(client: AsyncOAuth2Client, url: str, *, is_open: bool = False) -> Any:
    """The JSON at an address, with the access token unless ``is_open``. Used within ``asking``."""
    response = await client.request("GET", url, withhold_token=is_open, headers={"Accept": "application/json"})
    response.raise_for_status()
    return response.json()


async def exchange_code(client: AsyncOAuth2Client, url: str, code: str, handshake: Handshake) -> dict[str, Any]:
    """The tokens that a code is worth; the client keeps the access token. Used within ``asking``."""
    token = await client.fetch_token(
        url,
        grant_type="authorization_code",
        code=code,
        redirect_uri=handshake.redirect_uri,
        code_verifier=handshake.code_verifier,
    )
    if not isinstance(token.get("access_token"), str):
        raise TypeError("no access token")
    return dict(token)
