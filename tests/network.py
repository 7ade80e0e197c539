"""The rule that no test reaches beyond this machine."""

from __future__ import annotations

import ipaddress
import sys
from collections.abc import Callable

CONNECTING = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
RESOLVING = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"})
LOCAL_NAMES = frozenset({"", "localhost", "localhost.localdomain", "ip6-localhost"})


class ConnectionForbidden(RuntimeError):
    """Something tried to leave the machine during a test."""


def is_local(host: object) -> bool:
    """Whether a host, as sockets take it, is this machine's loopback."""
    name = host.decode() if isinstance(host, bytes) else host
    if name is None or name in LOCAL_NAMES:
        return True
    try:
        return ipaddress.ip_address(str(name).partition("%")[0]).is_loopback
    except ValueError:
        return False


def is_number(host: object) -> bool:
    """Whether a host is an address already, so that resolving it asks nobody."""
    try:
        ipaddress.ip_address(str(host).partition("%")[0])
    except ValueError:
        return False
    return True


def destination(event: str, args: tuple[object, ...]) -> str | None:
    """The far host that an audit event asks for, or None when it stays on this machine."""
    if event in RESOLVING:
        return None if is_local(args[0]) or is_number(args[0]) else str(args[0])
    if event in CONNECTING:
        address = args[1]
        # A path is a Unix socket; no address means a socket that is connected already.
        if isinstance(address, tuple) and not is_local(address[0]):
            return str(address[0])
    return None


def forbid_connections(on_attempt: Callable[[str], None]) -> None:
    """Refuse every connection but loopback, in this process and until it ends (PEP 578 hooks stay)."""

    def hook(event: str, args: tuple[object, ...]) -> None:
        host = destination(event, args) if event.startswith("socket.") else None
        if host is not None:
            on_attempt(f"{event} {host}")
            raise ConnectionForbidden(f"tests stay on this machine, but something asked for {host}")

    sys.addaudithook(hook)
