"""Keys of Web Push: the server's own (VAPID, RFC 8292) and those of browsers (RFC 8291)."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ec

from xianyu.settings import push_public_key_of

# Bytes of the server's private key, of a browser's public one (written in full), and of its secret.
PRIVATE_LENGTH = 32
POINT_LENGTH = 65
AUTH_LENGTH = 16

_BASE64URL = re.compile(r"[0-9A-Za-z_-]+={0,2}")


@dataclass(frozen=True)
class KeyPair:
    """The server's keys, both in base64url without padding. Browsers are told the public one."""

    private: str
    public: str


def make_keys() -> KeyPair:
    """A new pair."""
    key = ec.generate_private_key(ec.SECP256R1())
    private = encode(key.private_numbers().private_value.to_bytes(PRIVATE_LENGTH, "big"))
    return KeyPair(private, push_public_key_of(private))


def encode(value: bytes) -> str:
    """Bytes as base64url without padding."""
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """The inverse of ``encode``; padding may be there. Raises ``ValueError`` for anything else."""
    if not _BASE64URL.fullmatch(text):
        raise ValueError("not base64url")
    bare = text.rstrip("=")
    return urlsafe_b64decode(bare + "=" * (-len(bare) % 4))


def check_browser_keys(p256dh: str, auth: str) -> None:
    """Refuse what no browser makes: the public key must be a point of the curve. Raises ``ValueError``."""
    point = decode(p256dh)
    ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    if len(point) != POINT_LENGTH or len(decode(auth)) != AUTH_LENGTH:
        raise ValueError("the point has 65 bytes, and the secret 16")
