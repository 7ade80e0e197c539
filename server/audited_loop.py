"""uvloop, whose connections the egress guard sees: it opens them in C, past Python's audit events."""

import sys
from collections.abc import Awaitable, Callable
from typing import Any, Final

import uvloop

_ANYWHERE: Final = ("any address", 0)
"""Where an endpoint without a `remote_addr` may send: neither loopback nor the host of any service."""


def _audited(method: Callable[..., Awaitable[Any]], audit: Callable[..., None]) -> Callable[..., Any]:
    """Return the method of a loop, which raises what a hook raises before anything is sent."""

    async def audited(*arguments: object, **options: object) -> object:
        audit(*arguments, **options)
        return await method(*arguments, **options)

    return audited


def _resolving(_loop: object, host: object = None, port: object = None, **_options: object) -> None:
    sys.audit("socket.getaddrinfo", host, port, 0, 0, 0)


def _connecting(
    _loop: object, _factory: object, host: object = None, port: object = None, **_options: object
) -> None:
    if host is not None:  # else a socket was given, whose connection was seen
        sys.audit("socket.getaddrinfo", host, port, 0, 0, 0)


def _sending(
    _loop: object, _factory: object, _local: object = None, remote_addr: object = None, **_options: object
) -> None:
    if isinstance(remote_addr, tuple | list):
        sys.audit("socket.connect", None, tuple(remote_addr))
    else:  # each datagram may go elsewhere, unseen: no guard can let that through
        sys.audit("socket.sendto", None, _ANYWHERE)


class AuditedLoop(uvloop.Loop):
    """Raises the events of PEP 578 that Python's own loop raises through `socket`."""

    getaddrinfo = _audited(uvloop.Loop.getaddrinfo, _resolving)
    create_connection = _audited(uvloop.Loop.create_connection, _connecting)
    create_datagram_endpoint = _audited(uvloop.Loop.create_datagram_endpoint, _sending)
