"""A language model behind an OpenAI-compatible endpoint, asked for one JSON answer of a given shape.

It is asked ``POST {url}/chat/completions`` and gets the instructions and one text, nothing else. What it
answers is untrusted: whoever asks checks it.
"""

import asyncio
import logging
import ssl
import time
from functools import lru_cache
from typing import Any

import httpx

from xianyu.settings import get_settings

logger = logging.getLogger(__name__)

# Seconds for everything, from looking up the name to the last byte of the answer.
PATIENCE = 2.0
# Seconds without a question after one that was not answered: nobody waits for a dead endpoint again and again.
PAUSE = 30.0
# Bytes of an answer that are read.
LONGEST_ANSWER = 64 * 1024
# More than any search needs, so that a model that rambles is cut short where it runs.
_MOST_TOKENS = 400

_silent_until = 0.0


class NoAnswer(Exception):
    """There is no model to ask, or it gave no answer in time that could be read."""


def forget_failures() -> None:
    """Ask again at the next occasion, whatever happened before."""
    global _silent_until  # noqa: PLW0603 - one endpoint, one memory of its failures
    _silent_until = 0.0


def is_asked() -> bool:
    """Whether there is a model, and it has not just failed to answer."""
    return bool(get_settings().llm_url) and time.monotonic() >= _silent_until


async def complete(instructions: str, text: str, schema: dict[str, Any]) -> str:
    """The model's answer to ``text``: meant to be JSON of the schema, but it may be anything.

    Args:
        instructions: What to do with the text, in the site's own words.
        text: What somebody typed, as data.
        schema: A JSON schema for the answer, all of whose objects are closed.

    Raises:
        NoAnswer: if none is set, it failed a moment ago, or there is no text within two seconds.
    """
    global _silent_until  # noqa: PLW0603 - see above
    if not is_asked():
        raise NoAnswer
    try:
        async with asyncio.timeout(PATIENCE):
            answer = await _post(_question(instructions, text, schema))
    except (TimeoutError, httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        _silent_until = time.monotonic() + PAUSE
        logger.warning("The language model gives no usable answer (%s); not asking for %d s", _reason(error), PAUSE)
        raise NoAnswer from error
    return _content(answer)


def _reason(error: Exception) -> str:
    # An error's own words may hold the address, and that a key.
    return str(error.response.status_code) if isinstance(error, httpx.HTTPStatusError) else type(error).__name__


def _question(instructions: str, text: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "model": get_settings().llm_model,
        "messages": [{"role": "system", "content": instructions}, {"role": "user", "content": text}],
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "search", "strict": True, "schema": schema},
        },
        "temperature": 0,
        "max_tokens": _MOST_TOKENS,
    }


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    # Reading the trusted authorities takes tens of milliseconds, which no search should pay again.
    return httpx.create_ssl_context()


async def _post(question: dict[str, Any]) -> bytes:
    settings = get_settings()
    key = settings.llm_key.get_secret_value()
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    async with (
        httpx.AsyncClient(verify=_tls(), timeout=PATIENCE, follow_redirects=False) as client,
        client.stream("POST", f"{settings.llm_url}/chat/completions", json=question, headers=headers) as response,
    ):
        response.raise_for_status()
        body = bytearray()
        async for part in response.aiter_bytes():
            body += part
            if len(body) > LONGEST_ANSWER:
                raise ValueError("too long")
        return bytes(body)


def _content(body: bytes) -> str:
    """The text of the first choice. Calls of tools are no answer: there are none to call."""
    try:
        answer = httpx.Response(200, content=body).json()
        message = answer["choices"][0]["message"]
        content = message["content"]
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise NoAnswer from error
    if not isinstance(content, str) or message.get("tool_calls") or message.get("function_call"):
        raise NoAnswer
    return content
