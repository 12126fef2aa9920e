"""For those who look after the server: whether the process lives, and whether what it stands on is there."""

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from xianyu import routes as paths
from xianyu.adapters.health import get_readiness

_NOW = {"Cache-Control": "no-store"}


async def alive(_request: Request) -> Response:
    """200 for as long as the process answers at all. It asks nothing of anybody else."""
    return PlainTextResponse("ok", headers=_NOW)


async def ready(_request: Request) -> Response:
    """Each part as ``"ok"`` or ``"missing"`` and no word more, since anybody may ask; 503 while one is missing."""
    answer = await get_readiness().check()
    parts = {part: "ok" if there else "missing" for part, there in answer.items()}
    everything = all(answer.values())
    return JSONResponse(
        {"status": "ok" if everything else "missing", "parts": parts},
        status_code=200 if everything else 503,
        headers=_NOW,
    )


routes = [Route(paths.ALIVE, alive, methods=["GET"]), Route(paths.READY, ready, methods=["GET"])]
