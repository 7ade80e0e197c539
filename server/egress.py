"""The egress allow-list: what this process may connect to while `OFFLINE` holds.

An audit hook (PEP 578) sees every connection that Python code opens, by whichever library, before
it is made. Loopback and the hosts of the configured services are allowed; anything else raises.
It is a guard against surprises (telemetry, downloads), not a sandbox against hostile code.
"""

import ipaddress
import sys
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

_INSTALLED: set[frozenset[str]] = set()
"""The hosts of the guards that watch this process: a command may own the folder many times in its life."""


class EgressRefused(OSError):
    """A connection was about to leave the machine though `SOUVENIR_OFFLINE` holds."""


class EgressGuard:
    """Remembers the allowed hosts, and the addresses that their names resolve to."""

    def __init__(self, service_urls: Iterable[str] = ()) -> None:
        self._hosts = {host for url in service_urls if (host := urlsplit(url).hostname)}
        self._resolving = False

    def install(self) -> None:
        """Watch this process from now on, once for the same hosts. It cannot be undone (PEP 578)."""
        if frozenset(self._hosts) not in _INSTALLED:
            _INSTALLED.add(frozenset(self._hosts))
            sys.addaudithook(self._watch)

    def allows(self, host: str) -> bool:
        """Tell whether a host name or address may be connected to."""
        return host in self._hosts or host in ("", "localhost") or _is_loopback(host)

    def _watch(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "socket.getaddrinfo":
            self._check(arguments[0])
        elif event in ("socket.connect", "socket.sendto"):
            address = arguments[1]
            if isinstance(address, tuple) and address:
                self._check(address[0])

    def _check(self, host: object) -> None:
        name = host.decode() if isinstance(host, bytes) else str(host or "")
        if not self.allows(name) and not self._is_service_address(name):
            raise EgressRefused(
                f"SOUVENIR_OFFLINE is on: a connection to {name} was refused (set it to false to allow it)"
            )

    def _is_service_address(self, address: str) -> bool:
        """Tell whether an address is one that an allowed service's name resolves to."""
        import socket

        if self._resolving or not self._hosts:
            return False
        self._resolving = True
        try:
            found = {info[4][0] for host in self._hosts for info in socket.getaddrinfo(host, None)}
        except OSError:
            return False
        finally:
            self._resolving = False
        return address in found


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.split("%")[0]).is_loopback
    except ValueError:
        return False
