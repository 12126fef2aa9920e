"""Where a request comes from."""

from starlette.requests import HTTPConnection

from xianyu.adapters import addresses
from xianyu.settings import get_settings


def client_address(request: HTTPConnection) -> str:
    """The client's address as the trusted proxies tell it, or the socket's; empty if there is none."""
    socket_address = request.client.host if request.client else ""
    header = ",".join(request.headers.getlist("x-forwarded-for"))
    return addresses.forwarded(header, socket_address, get_settings().trusted_proxy_hops)
