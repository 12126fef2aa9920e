"""Reflex's configuration, derived from the program's own settings."""

import reflex as rx

from xianyu.components.tokens import THEME
from xianyu.settings import get_settings

_settings = get_settings()

config = rx.Config(
    app_name="xianyu",
    frontend_port=_settings.port,
    backend_port=_settings.port,
    # The browser puts its own host name in the place of "localhost", so that one build serves the
    # machine itself, the local network and a proxy that speaks https.
    api_url=_settings.public_url,
    deploy_url=_settings.public_url,
    # Pages of other sites get nothing; see xianyu/http/origin.py for sockets.
    cors_allowed_origins=[_settings.public_url],
    trusted_proxy_hops=_settings.trusted_proxy_hops,
    # A tab's state holds nothing that cannot be read again, so it need not survive the process.
    state_manager_mode="memory",
    telemetry_enabled=False,
    show_built_with_reflex=False,
    plugins=[rx.plugins.RadixThemesPlugin(theme=THEME)],
    disable_plugins=[rx.plugins.SitemapPlugin],
)
