"""OpenID Connect and GitHub, against real servers, honest ones and one that lies."""

import threading
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwk, jwt
from pydantic import SecretStr

from tests.programs import free_port
from tests.third_parties import CLIENT_ID, CLIENT_SECRET, Campus, Forger, signed_with_secret, unsigned
from xianyu.adapters import oidc, third_parties
from xianyu.adapters.oidc import LoginRefused, OpenIdProvider, ProviderDown
from xianyu.adapters.third_parties import demand_secure, new_handshake
from xianyu.schemas.external_logins import ExternalPerson, Handshake
from xianyu.settings import OidcProvider

CALLBACK = "http://localhost:3000/auth/external/campus/callback"


def client(issuer: str, secret: str = CLIENT_SECRET) -> OpenIdProvider:
    config = OidcProvider(
        name="campus", label="校园账号", issuer=issuer, client_id=CLIENT_ID, client_secret=SecretStr(secret)
    )
    return OpenIdProvider(config)


async def log_in(provider: OpenIdProvider, liar: Forger, handshake: Handshake | None = None) -> ExternalPerson:
    handshake = handshake or new_handshake(CALLBACK)
    url = await provider.authorization_url(handshake)
    return await provider.fetch_person(handshake, {"code": liar.allow(url)})


async def refusal(provider: OpenIdProvider, liar: Forger) -> str:
    with pytest.raises(LoginRefused) as refused:
        await log_in(provider, liar)
    return refused.value.reason


async def test_a_login_at_a_provider_of_another_make(honest: Campus) -> None:
    honest.add_person("u-1", email="li@example.com", email_verified=True, preferred_username="小李")
    provider, handshake = client(honest.origin), new_handshake(CALLBACK)
    back = honest.callback(await provider.authorization_url(handshake), "u-1")
    answer = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
    assert back.startswith(CALLBACK)
    assert answer["state"] == handshake.state
    person = await provider.fetch_person(handshake, answer)
    assert person == ExternalPerson("u-1", "li@example.com", email_verified=True, name="小李")
    with pytest.raises(LoginRefused, match="invalid_grant"):
        await provider.fetch_person(handshake, answer)


async def test_an_address_that_the_provider_does_not_vouch_for_is_not_verified(honest: Campus) -> None:
    honest.add_person("u-2", email="li@example.com")
    provider, handshake = client(honest.origin), new_handshake(CALLBACK)
    back = honest.callback(await provider.authorization_url(handshake), "u-2")
    person = await provider.fetch_person(handshake, {"code": parse_qs(urlsplit(back).query)["code"][0]})
    assert person == ExternalPerson("u-2", "li@example.com", email_verified=False)


async def test_the_request_carries_everything_that_ties_the_answer_to_it(liar: Forger) -> None:
    handshake = new_handshake(CALLBACK)
    url = urlsplit(await client(liar.origin).authorization_url(handshake))
    sent = {name: values[0] for name, values in parse_qs(url.query).items()}
    assert f"{url.scheme}://{url.netloc}{url.path}" == f"{liar.origin}/authorize"
    assert sent.pop("code_challenge") not in {handshake.code_verifier, ""}
    assert sent == {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": CALLBACK,
        "scope": "openid profile email",
        "state": handshake.state,
        "nonce": handshake.nonce,
        "code_challenge_method": "S256",
    }


def test_every_handshake_is_another_one() -> None:
    one, other = new_handshake(CALLBACK), new_handshake(CALLBACK)
    secrets = {one.state, one.nonce, one.code_verifier, other.state, other.nonce, other.code_verifier}
    assert len(secrets) == 6
    assert min(map(len, secrets)) >= 43


async def test_a_right_token_is_believed(liar: Forger) -> None:
    person = await log_in(client(liar.origin), liar)
    assert person == ExternalPerson("248289761001", "mei@example.com", email_verified=True)


async def test_a_code_is_worth_nothing_without_its_verifier(liar: Forger) -> None:
    provider, handshake = client(liar.origin), new_handshake(CALLBACK)
    code = liar.allow(await provider.authorization_url(handshake))
    with pytest.raises(LoginRefused, match="invalid_grant"):
        await provider.fetch_person(new_handshake(CALLBACK), {"code": code})


def _hour_old() -> int:
    return int(time.time()) - 3600


LIES: dict[str, tuple[dict[str, Any], str]] = {
    "foreign audience": ({"aud": "another-client"}, "aud"),
    "foreign audiences": ({"aud": ["another-client", "a-third"]}, "aud"),
    "issued to another": ({"azp": "another-client"}, "azp"),
    "several audiences and nobody it was issued to": ({"aud": [CLIENT_ID, "another-client"]}, "azp"),
    "foreign issuer": ({"iss": "https://evil.example"}, "iss"),
    "expired": ({"exp": _hour_old()}, "expired"),
    "expires never": ({"exp": "never"}, "exp"),
    "from the future": ({"iat": int(time.time()) + 3600}, "iat"),
    "from long ago": ({"iat": _hour_old()}, "iat"),
    "not valid yet": ({"nbf": int(time.time()) + 3600}, "nbf"),
    "wrong nonce": ({"nonce": "another login's"}, "nonce"),
    "a list of nonces": ({"nonce": ["x"]}, "nonce"),
    "a number for a subject": ({"sub": 7}, "sub"),
}


@pytest.mark.parametrize("lie", LIES)
async def test_a_token_with_a_wrong_claim_is_refused(lie: str, liar: Forger) -> None:
    liar.claims, reason = LIES[lie]
    assert await refusal(client(liar.origin), liar) == reason


@pytest.mark.parametrize("claim", ["iss", "sub", "aud", "exp", "iat", "nonce"])
async def test_a_token_without_a_claim_is_refused(claim: str, liar: Forger) -> None:
    liar.without = {claim}
    assert claim in await refusal(client(liar.origin), liar)


async def test_a_token_for_several_audiences_may_name_this_one_as_its_party(liar: Forger) -> None:
    liar.claims = {"aud": [CLIENT_ID, "another-client"], "azp": CLIENT_ID}
    assert (await log_in(client(liar.origin), liar)).subject == "248289761001"


async def test_an_unsigned_token_is_refused(liar: Forger) -> None:
    liar.make_token = unsigned
    assert await refusal(client(liar.origin), liar) == "unsupported_algorithm"


async def test_the_public_key_is_no_shared_secret(liar: Forger) -> None:
    """Who has the public key, which is everyone, can make an HS256 signature with it."""
    public = liar.key.as_pem(private=False)
    liar.make_token = lambda header, claims: signed_with_secret(header, claims, public)
    assert await refusal(client(liar.origin), liar) == "unsupported_algorithm"


async def test_the_clients_secret_signs_nothing(liar: Forger) -> None:
    liar.make_token = lambda header, claims: signed_with_secret(header, claims, CLIENT_SECRET.encode())
    assert await refusal(client(liar.origin), liar) == "unsupported_algorithm"


async def test_another_key_under_the_same_name_is_refused(liar: Forger) -> None:
    thief = jwk.RSAKey.generate_key(2048)
    liar.make_token = lambda header, claims: jwt.encode(header, claims, thief)
    assert await refusal(client(liar.origin), liar) == "bad_signature"


async def test_an_unknown_key_is_looked_for_once_and_refused(liar: Forger) -> None:
    provider = client(liar.origin)
    liar.header = {"kid": "nobody's"}
    assert await refusal(provider, liar) == "unknown_key"
    assert liar.asked.count("/jwks") == 2


async def test_a_key_that_the_token_brings_along_is_not_used(liar: Forger) -> None:
    thief = jwk.ECKey.generate_key("P-256", auto_kid=True)
    embedded = {"alg": "ES256", "kid": thief.kid, "jwk": thief.as_dict(private=False), "jku": "https://evil.example/"}
    liar.make_token = lambda header, claims: jwt.encode(header | embedded, claims, thief)
    assert await refusal(client(liar.origin), liar) == "unknown_key"


@pytest.mark.parametrize("token", [None, "", "x", "a.b.c", 7, ["x"], "é" * 9])
async def test_what_is_no_token_is_refused(token: Any, liar: Forger) -> None:
    liar.make_token = lambda *_parts: token
    await refusal(client(liar.origin), liar)


async def test_keys_and_description_are_remembered_until_they_are_old(
    liar: Forger, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = client(liar.origin)
    await log_in(provider, liar)
    await log_in(provider, liar)
    assert liar.asked.count("/jwks") == liar.asked.count("/.well-known/openid-configuration") == 1
    monkeypatch.setattr(oidc, "CACHE_LIFETIME", 0)
    await log_in(provider, liar)
    assert liar.asked.count("/jwks") == 2
    assert liar.asked.count("/.well-known/openid-configuration") > 1


async def test_a_new_key_is_found_at_once(liar: Forger) -> None:
    provider = client(liar.origin)
    await log_in(provider, liar)
    liar.rotate()
    assert (await log_in(provider, liar)).subject == "248289761001"
    assert liar.asked.count("/jwks") == 2


async def test_what_the_token_leaves_out_comes_from_the_userinfo(liar: Forger) -> None:
    liar.without = {"email", "email_verified"}
    liar.userinfo = {"sub": "248289761001", "email": "mei@example.com", "email_verified": "true", "nickname": "小梅"}
    person = await log_in(client(liar.origin), liar)
    assert person == ExternalPerson("248289761001", "mei@example.com", email_verified=True, name="小梅")


async def test_another_ones_userinfo_is_refused(liar: Forger) -> None:
    liar.without = {"email"}
    liar.userinfo = {"sub": "another", "email": "mei@example.com", "email_verified": True}
    assert await refusal(client(liar.origin), liar) == "userinfo"


@pytest.mark.parametrize("verified", ["false", "yes", 1.5, None, [True]])
async def test_only_true_means_verified(verified: Any, liar: Forger) -> None:
    liar.claims = {"email_verified": verified}
    assert (await log_in(client(liar.origin), liar)).email_verified is False


async def test_another_providers_answer_is_refused(liar: Forger) -> None:
    provider, handshake = client(liar.origin), new_handshake(CALLBACK)
    code = liar.allow(await provider.authorization_url(handshake))
    with pytest.raises(LoginRefused, match="iss"):
        await provider.fetch_person(handshake, {"code": code, "iss": "https://evil.example"})


async def test_a_provider_that_names_itself_must_do_so(liar: Forger) -> None:
    liar.metadata = {"authorization_response_iss_parameter_supported": True}
    provider, handshake = client(liar.origin), new_handshake(CALLBACK)
    code = liar.allow(await provider.authorization_url(handshake))
    with pytest.raises(LoginRefused, match="iss"):
        await provider.fetch_person(handshake, {"code": code})
    assert (await provider.fetch_person(handshake, {"code": code, "iss": liar.origin})).subject


BAD_METADATA: list[dict[str, Any]] = [
    {"issuer": "https://evil.example"},
    {"authorization_endpoint": "http://evil.example/authorize"},
    {"token_endpoint": "http://evil.example/token"},
    {"jwks_uri": "http://127.0.0.1.evil.example/jwks"},
    {"userinfo_endpoint": "ftp://127.0.0.1/userinfo"},
    {"authorization_endpoint": "javascript:alert(1)"},
    {"token_endpoint": None},
]


@pytest.mark.parametrize("metadata", BAD_METADATA, ids=str)
async def test_a_description_that_leads_elsewhere_or_into_the_open_is_not_used(
    metadata: dict[str, Any], liar: Forger
) -> None:
    liar.metadata = metadata
    with pytest.raises(ProviderDown):
        await client(liar.origin).authorization_url(new_handshake(CALLBACK))


@pytest.mark.parametrize(
    "url",
    ["https://id.example/x", "http://localhost:9400", "http://127.0.0.1", "http://127.8.0.1:1", "http://[::1]:9400/x"],
)
def test_https_and_this_machine_are_secure(url: str) -> None:
    assert demand_secure(url) == url


@pytest.mark.parametrize(
    "url",
    ["http://id.example", "http://localhost.example", "http://10.0.0.1", "//id.example", "https://", "", None, 7,
     "file:///etc/passwd", "http://localhost@id.example"],
)  # fmt: skip
def test_everything_else_is_not(url: Any) -> None:
    with pytest.raises(ValueError, match="not an https address"):
        demand_secure(url)


async def test_a_provider_that_is_not_there_is_down() -> None:
    with pytest.raises(ProviderDown):
        await client(f"http://127.0.0.1:{free_port()}").authorization_url(new_handshake(CALLBACK))


@pytest.mark.parametrize("path", ["/token", "/jwks", "/userinfo"])
async def test_a_provider_whose_parts_fail_is_down(path: str, liar: Forger) -> None:
    liar.without = {"email"}
    liar.broken = {path}
    with pytest.raises(ProviderDown):
        await log_in(client(liar.origin), liar)


async def test_a_provider_that_was_down_is_asked_again(liar: Forger) -> None:
    provider = client(liar.origin)
    liar.broken = {"/.well-known/openid-configuration"}
    with pytest.raises(ProviderDown):
        await provider.authorization_url(new_handshake(CALLBACK))
    liar.broken = set()
    assert (await log_in(provider, liar)).subject == "248289761001"


async def test_a_provider_that_takes_too_long_is_down(liar: Forger, monkeypatch: pytest.MonkeyPatch) -> None:
    assert third_parties.TIMEOUT == 5
    monkeypatch.setattr(third_parties, "TIMEOUT", 0.2)
    liar.slow = {"/token": threading.Event()}
    started = time.monotonic()
    try:
        with pytest.raises(ProviderDown):
            await log_in(client(liar.origin), liar)
    finally:
        liar.slow["/token"].set()
    assert time.monotonic() - started < 5


async def test_a_wrong_secret_is_the_operators_to_mend(liar: Forger) -> None:
    with pytest.raises(ProviderDown):
        await log_in(client(liar.origin, secret="wrong"), liar)
