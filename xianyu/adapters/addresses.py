"""Network addresses of clients: read from what proxies and sockets say, and grouped for limits."""

import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

# An IPv6 customer has at least this much to choose addresses from (RFC 6177).
IPV6_PREFIX = 64

# What routers give to their own network and the internet does not carry (RFC 1918, 3927, 4193, 4291).
_LOCAL = tuple(
    ip_network(text)
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7", "fe80::/10")
)

# IPv6 addresses with an IPv4 one in their last bits, which a gateway speaks to instead (RFC 6052, 2.1).
_TRANSLATED = IPv6Network("64:ff9b::/96")

# Some proxies add the port: ``192.0.2.1:4711``, ``[2001:db8::1]:4711``.
_WITH_PORT = re.compile(r"\[([^\]]+)\](?::\d+)?|([\d.]+):\d+")


@lru_cache(maxsize=4096)
def clean(text: str) -> str:
    """An address in its usual spelling, or an empty string for anything else."""
    found = _WITH_PORT.fullmatch(text.strip())
    address = _parse((found[1] or found[2]) if found else text.strip())
    return "" if address is None else str(address)


def _parse(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def is_loopback(text: str) -> bool:
    """Whether an address is that of the server's own machine."""
    address = _parse(text)
    return address is not None and address.is_loopback


def is_local(text: str) -> bool:
    """Whether an address is of the network that the server stands in."""
    address = _parse(text)
    return address is not None and any(address in each for each in _LOCAL)


def is_public(text: str) -> bool:
    """Whether an address is one of the internet: not of this machine, its network, or any other use."""
    address = _parse(text)
    if isinstance(address, IPv6Address) and address in _TRANSLATED:
        address = IPv4Address(int(address) & 0xFFFFFFFF)
    if isinstance(address, IPv6Address) and address.sixtofour is not None:
        address = address.sixtofour
    return address is not None and address.is_global and not address.is_multicast


def forwarded(header: str, socket_address: str, hops: int) -> str:
    """The client's address behind ``hops`` proxies that each add one to ``X-Forwarded-For``.

    What the client itself put there stands further left and is never looked at. Where the header
    is too short, the request did not come through all the proxies, and the socket's address counts.
    """
    given = [part for part in header.split(",") if part.strip()] if hops else []
    claimed = clean(given[-hops]) if len(given) >= hops > 0 else ""
    return claimed or clean(socket_address)


@lru_cache(maxsize=4096)
def network(key: str) -> str:
    """Whom a limit is for: an IPv4 address itself, an IPv6 address's /64, any other text as it is."""
    address = _parse(key) if ":" in key else None
    if not isinstance(address, IPv6Address):
        return key if address is None else str(address)
    return str(IPv6Network((address, IPV6_PREFIX), strict=False))
