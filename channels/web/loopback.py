"""Whether a request comes from this very machine: the only place where one may choose who to be."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from fastapi import Request

_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")


class NotOnLoopbackError(Exception):
    """Choosing who to be was asked for from elsewhere, or of a server that others can reach."""


def require_loopback(request: Request, bound_to: str) -> None:
    """Pass only when server, client, Host and Origin are all this machine; else NotOnLoopbackError.

    The Host header is checked because a page elsewhere can point a name of its own at 127.0.0.1 (DNS
    rebinding), Origin because any page in the visitor's browser may post here, and forwarding headers because
    a proxy on this machine makes strangers look local.
    """
    client = request.client.host if request.client else ""
    origin = request.headers.get("origin")
    local = (
        is_loopback(bound_to)
        and is_loopback(client)
        and is_loopback(host_name(request.headers.get("host", "")))
        and (origin is None or is_loopback(urlsplit(origin).hostname or ""))
        and not any(name in request.headers for name in _FORWARDED)
    )
    if not local:
        raise NotOnLoopbackError


def is_loopback(host: str) -> bool:
    """True for localhost and the loopback addresses, written out."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def host_name(header: str) -> str:
    """The name in a Host header, without its port; empty when it is malformed."""
    try:
        return urlsplit(f"//{header}").hostname or ""
    except ValueError:
        return ""
