"""A service that knows leaked passwords, asked so that it learns none (k-anonymity).

It is told five hexadecimal digits of a password's SHA-1 and answers with all the endings it knows,
one a line as ``ENDING:COUNT`` (https://haveibeenpwned.com/API/v3#PwnedPasswords).
"""

import hashlib
import logging

import httpx

from xianyu.settings import get_settings

logger = logging.getLogger(__name__)

PATIENCE = 2.0  # seconds
_PREFIX = 5


def is_breached(password: str) -> bool:
    """Whether the password has leaked somewhere. No where no service is set or it does not answer.

    Blocks for up to two seconds at each step of the request.
    """
    url = get_settings().breached_passwords_url
    if not url:
        return False
    # The service's protocol asks for SHA-1; nothing is protected by it here.
    digest = hashlib.sha1(password.encode(errors="surrogatepass"), usedforsecurity=False).hexdigest().upper()
    try:
        answer = httpx.get(f"{url.rstrip('/')}/{digest[:_PREFIX]}", timeout=PATIENCE, headers={"Add-Padding": "true"})
        answer.raise_for_status()
        endings = dict(line.partition(":")[::2] for line in answer.text.splitlines())
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        logger.warning("The service of leaked passwords does not answer (%s)", type(error).__name__)
        return False
    # Padding lines have the count 0.
    return endings.get(digest[_PREFIX:], "0").strip() != "0"
