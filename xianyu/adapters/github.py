"""Login through GitHub, which speaks OAuth 2 but not OpenID Connect."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from authlib.integrations.httpx_client import AsyncOAuth2Client

from xianyu.adapters.third_parties import LoginRefused, asking, exchange_code, fetch_json, oauth_client
from xianyu.schemas.external_logins import ExternalPerson, Handshake

SCOPE = "read:user user:email"
AUTH_METHOD = "client_secret_post"


@dataclass(frozen=True)
class Endpoints:
    """GitHub's addresses, from its documentation of OAuth apps and of its REST interface."""

    authorize: str = "https://github.com/login/oauth/authorize"
    token: str = "https://github.com/login/oauth/access_token"  # noqa: S105 - an address, no secret
    user: str = "https://api.github.com/user"
    emails: str = "https://api.github.com/user/emails"


class GitHubProvider:
    """GitHub.

    Args:
        client_id: The OAuth app's.
        client_secret: The OAuth app's.
        endpoints: Where GitHub is.
    """

    name = "github"
    label = "GitHub"

    def __init__(self, client_id: str, client_secret: str, endpoints: Endpoints | None = None) -> None:
        self._client_id = client_id
        self._client_secret = client_secret
        self._endpoints = endpoints or Endpoints()

    async def authorization_url(self, handshake: Handshake) -> str:
        """Where the browser goes to log in."""
        async with self._client() as client:
            url, _ = client.create_authorization_url(
                self._endpoints.authorize,
                redirect_uri=handshake.redirect_uri,
                state=handshake.state,
                code_verifier=handshake.code_verifier,
            )
        return str(url)

    async def fetch_person(self, handshake: Handshake, answer: Mapping[str, str]) -> ExternalPerson:
        """Who logged in. Raises ``ProviderDown`` and ``LoginRefused``."""
        async with self._client() as client:
            async with asking(self.name):
                await exchange_code(client, self._endpoints.token, answer.get("code", ""), handshake)
            async with asking(self.name):
                user = await fetch_json(client, self._endpoints.user)
                email = _primary_address(await fetch_json(client, self._endpoints.emails))
                number, login = user["id"], user["login"]
        if not isinstance(number, int) or isinstance(number, bool):
            raise LoginRefused("id")
        # The number, since a login name can be given up and taken by somebody else.
        return ExternalPerson(subject=str(number), email=email, email_verified=bool(email), name=str(login))

    def _client(self) -> AsyncOAuth2Client:
        # GitHub documents the secret in the body alone.
        return oauth_client(self._client_id, self._client_secret, scope=SCOPE, token_endpoint_auth_method=AUTH_METHOD)


def _primary_address(emails: list[dict[str, Any]]) -> str:
    """The address that the person reads and GitHub has verified, or none: others may not be theirs any more."""
    return next(
        (str(each["email"]) for each in emails if each.get("primary") is True and each.get("verified") is True), ""
    )
