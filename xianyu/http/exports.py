"""Where a finished export is fetched, by its owner only."""

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from xianyu import routes as paths
from xianyu.adapters.cookies import read_session_cookie
from xianyu.adapters.database import get_database
from xianyu.services import accounts, exports
from xianyu.services.errors import DomainError


async def download(request: Request) -> Response:
    """The archive, as a file to keep; 404 for anybody else's, so that a guess tells nothing."""
    token = read_session_cookie(request.headers.get("cookie", ""))
    name = request.path_params["name"]

    def find(session):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - a unit of work
        return exports.archive(session, accounts.require(session, accounts.resolve_actor(session, token)), name)

    try:
        path = await get_database().reading(find)
    except DomainError as error:
        return PlainTextResponse(error.message, status_code=404)
    return FileResponse(
        path, media_type="application/zip", filename="xianyu-export.zip", headers={"Cache-Control": "private, no-store"}
    )


routes = [Route(paths.export("{name}"), download, methods=["GET"])]
