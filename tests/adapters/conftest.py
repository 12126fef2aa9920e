"""Settings that a test of an adapter needs otherwise."""

from collections.abc import Callable

import pytest

from xianyu.adapters import mail as outgoing
from xianyu.settings import get_settings


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Changes settings for the test."""

    def change(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"XIANYU_{name.upper()}", value)
        get_settings.cache_clear()

    return change


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries that need no patience."""
    monkeypatch.setattr(outgoing, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(outgoing, "LONGEST_PAUSE", 0.05)
