"""What a Prometheus server collects, for whoever knows the token."""

import secrets
from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from xianyu import routes as paths
from xianyu.adapters import metrics, security_log
from xianyu.adapters.live import bus, is_from_elsewhere
from xianyu.adapters.relay import get_relay
from xianyu.http.addresses import client_address
from xianyu.schemas.events import LiveEvent, MessageSent, RoomMessageSent
from xianyu.settings import get_settings


class Present(Collector):
    """What is so at the moment of the question, and need not be kept count of."""

    def collect(self) -> Iterator[Metric]:
        """The gauges."""
        yield GaugeMetricFamily("xianyu_open_tabs", "Tabs that are open on this process.", len(bus.tabs()))
        yield GaugeMetricFamily("xianyu_people_online", "People with a tab open on this process.", len(bus.people()))
        relay = get_relay()
        if relay is not None:
            yield GaugeMetricFamily(
                "xianyu_relay_connected",
                "Whether what happens on other processes is heard, through Redis.",
                float(relay.is_connected),
            )


metrics.REGISTRY.register(Present())


async def on_event(event: LiveEvent) -> None:
    """Count messages, on the process that stored them."""
    if is_from_elsewhere():
        return
    if isinstance(event, MessageSent):
        metrics.PRIVATE_MESSAGES.inc()
    elif isinstance(event, RoomMessageSent):
        metrics.ROOM_MESSAGES.inc()


async def show(request: Request) -> Response:
    """The metrics; 404 for everybody else, as if there were none, which without a token is so."""
    if not _is_allowed(request):
        raise HTTPException(404)
    return Response(metrics.exposition(), media_type=metrics.CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


def _is_allowed(request: Request) -> bool:
    token = get_settings().metrics_token.get_secret_value().encode()
    scheme, _, shown = request.headers.get("authorization", "").partition(" ")
    if not token or scheme.lower() != "bearer":
        return False
    if secrets.compare_digest(shown.strip().encode(), token):
        return True
    security_log.record("refused", "refused", address=client_address(request), reason="WrongMetricsToken")
    return False


routes = [Route(paths.METRICS, show, methods=["GET"])]
