"""What push messages need of the site's root: the service worker that shows them, and the manifest.

The worker lies there so that it may speak for the whole site. iPhones take push messages only of sites
that were added to the home screen, which the manifest makes of them.
"""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from xianyu import routes as paths
from xianyu.settings import get_settings

_SCRIPT = (Path(__file__).parents[1] / "components" / "react" / "push_worker.js").read_text(encoding="utf-8")
# A worker obeys the policy of its own script: this one loads nothing and asks nobody.
_POLICY = "default-src 'none'"


async def worker(_request: Request) -> Response:
    """The script. Browsers ask for it anew before they use a kept one."""
    headers = {"Cache-Control": "no-cache", "Content-Security-Policy": _POLICY}
    return Response(_SCRIPT, media_type="text/javascript", headers=headers)


async def manifest(_request: Request) -> Response:
    """What the site is called and looks like among a phone's programs."""
    site = get_settings().site_name
    described = {
        "name": site,
        "short_name": site,
        "lang": "zh-CN",
        "start_url": paths.HOME,
        "display": "standalone",
        "background_color": "#faf7f1",
        "theme_color": "#faf7f1",
        "icons": [{"src": "/icon.png", "sizes": "180x180", "type": "image/png"}],
    }
    return JSONResponse(described, media_type="application/manifest+json", headers={"Cache-Control": "no-cache"})


routes = [
    Route(paths.PUSH_WORKER, worker, methods=["GET"]),
    Route(paths.MANIFEST, manifest, methods=["GET"]),
]
