"""Signed texts: what went out in a link and comes back is known to be this server's own."""

import hmac
from base64 import urlsafe_b64encode

from xianyu.adapters.encryption import derived_key


def sign(purpose: str, text: str) -> str:
    """43 letters, digits, hyphens and underscores that only this server can make for ``text``.

    Args:
        purpose: What the text is to be good for. It is good for nothing else.
        text: What is signed.
    """
    signature = hmac.digest(derived_key(purpose), text.encode(errors="surrogatepass"), "sha256")
    return urlsafe_b64encode(signature).rstrip(b"=").decode()


def is_signed(purpose: str, text: str, signature: str) -> bool:
    """Whether ``sign`` made the signature, with the present key."""
    return signature.isascii() and hmac.compare_digest(signature, sign(purpose, text))
