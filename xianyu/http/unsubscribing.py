"""Where the links lead that stop mails. Nobody needs to be logged in; looking changes nothing.

Programs that check mails for harm open every link in them, so only a POST unsubscribes. Mail programs
send it by themselves (RFC 8058), people by the page's button. Neither is ever sent on to elsewhere.
"""

from html import escape
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from xianyu import routes as paths
from xianyu.adapters import security_log
from xianyu.adapters.database import get_database
from xianyu.http.addresses import client_address
from xianyu.http.plain_pages import document
from xianyu.services import unsubscribing
from xianyu.settings import get_settings

_TO_SETTINGS = f'<a class="quiet" href="{paths.SETTINGS}">打开设置</a>'
_ASK = (
    "<h1>不再收这样的邮件？</h1>"
    "<p>按下按钮后，有没看到的消息时，不会再发邮件提醒你。账号和消息都不受影响，以后可以在设置的“通知”里重新打开。</p>"
    # To the page's own address, which holds the token.
    '<form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click">'
    '<button type="submit">退订</button></form>'
)
_DONE = "<h1>已退订</h1><p>有没看到的消息时，不会再发邮件提醒你。改主意了，可以在设置的“通知”里重新打开。</p>"
_WRONG = "<p>可能是地址没有复制完整，或者账号已经注销。不想收邮件，也可以登录后在设置的“通知”里关掉。</p>"


async def unsubscribe(request: Request) -> Response:
    """Ask for a GET, do it for a POST; 404 for a link that is no good."""
    does = request.method == "POST"
    token = request.query_params.get("token", "")
    try:
        if does:
            user_id = await get_database().writing(unsubscribing.unsubscribe, token)
        else:
            user_id = await get_database().reading(unsubscribing.check, token)
    except unsubscribing.UnknownLink as error:
        security_log.record(
            "mail_unsubscribed", "refused", address=client_address(request), reason="token", method=request.method
        )
        return _page(error.message, f"<h1>{escape(error.message)}</h1>{_WRONG}{_TO_SETTINGS}", HTTPStatus.NOT_FOUND)
    if does:
        security_log.record(
            "mail_unsubscribed",
            "success",
            user_id=user_id,
            address=client_address(request),
            preference=unsubscribing.MESSAGES,
        )
    return _page("退订邮件", (_DONE if does else _ASK) + _TO_SETTINGS)


def _page(title: str, body: str, status: HTTPStatus = HTTPStatus.OK) -> Response:
    tags = ['<meta name="robots" content="noindex">']
    text = document(f"{escape(title)} · {escape(get_settings().site_name)}", tags, body)
    return HTMLResponse(text, status_code=status, headers={"Cache-Control": "no-store"})


routes = [Route(paths.UNSUBSCRIBE, unsubscribe, methods=["GET", "POST"])]
