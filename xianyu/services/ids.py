"""Ids that clients send: a row's number, and what a page calls something that it is about to send."""

import re
from typing import TypeGuard

_LARGEST = 2**63 - 1

_CLIENT_ID = re.compile(r"[0-9A-Za-z-]{8,36}")


def is_id(value: object) -> TypeGuard[int]:
    """Whether ``value`` can be a row's number on every database. Takes anything that a client may send."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _LARGEST


def is_client_id(value: object) -> TypeGuard[str]:
    """Whether an id is of the form that the page makes. Takes anything that a client may send."""
    return isinstance(value, str) and _CLIENT_ID.fullmatch(value) is not None
