"""GitHub's login, against a server that answers as GitHub's documentation says."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.third_parties import CLIENT_ID, CLIENT_SECRET, GitHub, github
from xianyu.adapters.github import Endpoints, GitHubProvider
from xianyu.adapters.third_parties import LoginRefused, ProviderDown, demand_secure, new_handshake
from xianyu.schemas.external_logins import ExternalPerson

CALLBACK = "http://localhost:3000/auth/external/github/callback"


@pytest.fixture
def hub() -> Iterator[GitHub]:
    with github() as site:
        yield site


def hub_client(hub: GitHub, secret: str = CLIENT_SECRET) -> GitHubProvider:
    at = hub.origin
    return GitHubProvider(CLIENT_ID, secret, Endpoints(f"{at}/authorize", f"{at}/token", f"{at}/user", f"{at}/emails"))


async def test_a_login_at_github(hub: GitHub) -> None:
    provider, handshake = hub_client(hub), new_handshake(CALLBACK)
    sent = parse_qs(urlsplit(await provider.authorization_url(handshake)).query)
    assert (sent["state"], sent["code_challenge_method"]) == ([handshake.state], ["S256"])
    person = await provider.fetch_person(handshake, {"code": "good"})
    assert person == ExternalPerson("583231", "octocat@example.com", email_verified=True, name="octocat")
    with pytest.raises(LoginRefused, match="bad_verification_code"):
        await provider.fetch_person(handshake, {"code": "good"})


@pytest.mark.parametrize(
    "emails",
    [
        [],
        [{"email": "a@example.com", "primary": True, "verified": False}],
        [{"email": "a@example.com", "primary": False, "verified": True}],
        [{"email": "a@example.com", "verified": True}],
    ],
)
async def test_only_githubs_verified_primary_address_counts(emails: list[dict[str, Any]], hub: GitHub) -> None:
    hub.emails = emails
    person = await hub_client(hub).fetch_person(new_handshake(CALLBACK), {"code": "good"})
    assert (person.email, person.email_verified) == ("", False)


@pytest.mark.parametrize("user", [{}, [], None, {"id": "583231", "login": "x"}, {"id": True, "login": "x"}])
async def test_a_person_without_a_number_is_nobody(user: Any, hub: GitHub) -> None:
    hub.user = user
    with pytest.raises((ProviderDown, LoginRefused)):
        await hub_client(hub).fetch_person(new_handshake(CALLBACK), {"code": "good"})


async def test_githubs_wrong_secret_is_the_operators_to_mend(hub: GitHub) -> None:
    with pytest.raises(ProviderDown):
        await hub_client(hub, "wrong").fetch_person(new_handshake(CALLBACK), {"code": "good"})


async def test_githubs_own_addresses_are_secure() -> None:
    url = await GitHubProvider(CLIENT_ID, CLIENT_SECRET).authorization_url(new_handshake(CALLBACK))
    assert url.startswith("https://github.com/login/oauth/authorize?")
    assert all(demand_secure(address) for address in vars(Endpoints()).values())
