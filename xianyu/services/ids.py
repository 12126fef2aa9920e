"""Numbers that clients send to name a row."""

from typing import TypeGuard

_LARGEST = 2**63 - 1


def is_id(value: object) -> TypeGuard[int]:
    """Whether ``value`` can be a row's number on every database. Takes anything that a client may send."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _LARGEST
