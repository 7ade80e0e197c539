"""The guard that keeps every test on this machine is itself tested."""

from __future__ import annotations

import socket

import pytest

from tests.network import ConnectionForbidden, is_local


@pytest.mark.parametrize("address", [("192.0.2.1", 80), ("2001:db8::1", 80)])
def test_a_far_address_is_refused(address: tuple[str, int], connection_attempts: list[str]) -> None:
    """A connection to another machine fails at once, and is remembered even if its error is caught."""
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with socket.socket(family) as far, pytest.raises(ConnectionForbidden):
        far.connect(address)
    assert len(connection_attempts) == 1
    connection_attempts.clear()


def test_a_far_name_is_not_even_looked_up(connection_attempts: list[str]) -> None:
    """Asking for a name would leave the machine too."""
    with pytest.raises(ConnectionForbidden):
        socket.getaddrinfo("example.org", 80)
    connection_attempts.clear()


def test_a_far_datagram_is_refused(connection_attempts: list[str]) -> None:
    """Neither does a datagram leave."""
    with socket.socket(type=socket.SOCK_DGRAM) as far, pytest.raises(ConnectionForbidden):
        far.sendto(b"hello", ("192.0.2.1", 53))
    connection_attempts.clear()


def test_loopback_works() -> None:
    """A test can serve and connect on this machine."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        pass


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        (b"localhost", True),
        (None, True),
        ("10.0.0.1", False),
        ("a.b", False),
    ],
)
def test_what_counts_as_local(host: object, expected: bool) -> None:
    """Only loopback is local; a private network is not."""
    assert is_local(host) is expected
