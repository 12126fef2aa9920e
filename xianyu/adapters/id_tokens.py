"""ID tokens: the signed statement of an OpenID Connect provider on who logged in, and its checks."""

import time
from typing import Any

from joserfc import jwk, jwt
from joserfc.errors import ExpiredTokenError, InvalidClaimError, InvalidKeyIdError, JoseError, MissingClaimError

from xianyu.adapters.third_parties import LoginRefused

# Signatures that only the provider can make. HS* is not among them: its key would be one that
# others know, the client secret or, in the classic attack, the public key itself (RFC 8725, 2.1).
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA")
# How far two clocks may differ, in seconds.
LEEWAY = 60
# A token is fetched within moments of being made; an older one is a replay. In seconds.
OLDEST = 600


class UnknownKey(Exception):
    """The token names a key that is not in the set, which may be out of date."""


def read_keys(document: Any) -> jwk.KeySet:
    """The keys of a JWKS document that may sign and are understood; others are passed over (RFC 7517, 5).

    Raises:
        ValueError: if none is left.
    """
    keys = [key for entry in document["keys"] if (key := _read_key(entry)) is not None]
    if not keys:
        raise ValueError("no usable key")
    return jwk.KeySet(keys)


def _read_key(entry: Any) -> jwk.Key | None:
    if not isinstance(entry, dict) or entry.get("use", "sig") != "sig" or entry.get("kty") == "oct":
        return None
    try:
        return jwk.import_key(entry)
    except (JoseError, ValueError, KeyError, TypeError):
        return None


def verify(token: object, keys: jwk.KeySet, *, issuer: str, client_id: str, nonce: str) -> dict[str, Any]:
    """The claims of a token that this provider made for this client and this login just now.

    The checks are those of OpenID Connect Core 1.0, 3.1.3.7.

    Raises:
        UnknownKey: if the signing key is not among ``keys``.
        LoginRefused: if anything else is wrong; the reason names it.
    """
    if not isinstance(token, str):
        raise LoginRefused("id_token")
    try:
        claims = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
        _expected(issuer, client_id, nonce).validate(claims)
    except InvalidKeyIdError as error:
        raise UnknownKey from error
    except ExpiredTokenError as error:
        raise LoginRefused("expired") from error
    except (InvalidClaimError, MissingClaimError) as error:
        raise LoginRefused(error.claim) from error
    except (JoseError, ValueError) as error:
        raise LoginRefused(getattr(error, "error", "") or "id_token") from error
    _check_party(claims, client_id)
    if claims["iat"] < time.time() - OLDEST - LEEWAY:
        raise LoginRefused("iat")
    return claims


def _expected(issuer: str, client_id: str, nonce: str) -> jwt.JWTClaimsRegistry:
    return jwt.JWTClaimsRegistry(
        leeway=LEEWAY,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": client_id},
        nonce={"essential": True, "value": nonce},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
    )


def _check_party(claims: dict[str, Any], client_id: str) -> None:
    """A token for several audiences must say that it was issued to this client."""
    audience = claims["aud"]
    several = isinstance(audience, list) and len(audience) > 1
    if ("azp" in claims or several) and claims.get("azp") != client_id:
        raise LoginRefused("azp")
    if not isinstance(claims["nonce"], str):
        raise LoginRefused("nonce")
