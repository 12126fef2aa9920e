"""The third parties that this site was set up with."""

from functools import lru_cache

from xianyu.adapters.github import GitHubProvider
from xianyu.adapters.oidc import OpenIdProvider
from xianyu.adapters.third_parties import Provider
from xianyu.schemas.external_logins import ProviderView
from xianyu.settings import get_settings


@lru_cache(maxsize=1)
def providers() -> dict[str, Provider]:
    """By name, in the order of the settings; each remembers what its third party says of itself."""
    settings = get_settings()
    found: dict[str, Provider] = {each.name: OpenIdProvider(each) for each in settings.oidc_providers}
    if settings.github_client_id:
        found["github"] = GitHubProvider(settings.github_client_id, settings.github_client_secret.get_secret_value())
    return found


def provider_views() -> list[ProviderView]:
    """What a person can choose from."""
    return [ProviderView(name=each.name, label=each.label) for each in providers().values()]


def label_of(name: str) -> str:
    """What people call a third party, or its bare name where it is no longer set up."""
    provider = providers().get(name)
    return provider.label if provider else name
