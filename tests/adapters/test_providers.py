"""The third parties that the settings name."""

import json

import pytest
from pydantic import ValidationError

from xianyu.adapters.providers import label_of, provider_views, providers
from xianyu.schemas.external_logins import ProviderView
from xianyu.settings import get_settings


def configured(monkeypatch: pytest.MonkeyPatch, *names: str) -> list[ProviderView]:
    given = [{"name": name, "label": name, "issuer": "https://id.example", "client_id": "x"} for name in names]
    monkeypatch.setenv("XIANYU_OIDC_PROVIDERS", json.dumps(given))
    get_settings.cache_clear()
    providers.cache_clear()
    return provider_views()


def test_providers_come_from_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    assert provider_views() == []
    monkeypatch.setenv("XIANYU_GITHUB_CLIENT_ID", "x")
    names = [(view.name, view.label) for view in configured(monkeypatch, "campus", "club")]
    assert names == [("campus", "campus"), ("club", "club"), ("github", "GitHub")]
    assert (label_of("github"), label_of("gone")) == ("GitHub", "gone")


@pytest.mark.parametrize("names", [("campus", "campus"), ("github",), ("Campus",), ("a/b",), ("",)])
def test_providers_that_would_be_mistaken_for_others_stop_the_program(
    names: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ValidationError, match="oidc_providers"):
        configured(monkeypatch, *names)
    monkeypatch.delenv("XIANYU_OIDC_PROVIDERS")
