"""The server's event loop: fast, and as well watched as Python's own."""

from __future__ import annotations

import subprocess
import sys

import pytest

from server.loop import loop_factory

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="uvloop does not exist on Windows")

_TRY = """
import asyncio
import socket
from server.egress import EgressGuard, EgressRefused
from server.loop import loop_factory

async def refused(attempt):
    try:
        await attempt
    except EgressRefused:
        return "refused"
    return "let through"

async def send(loop, datagrams):
    with socket.socket(type=socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(10)
        here = listener.getsockname()
        transport, _ = await loop.create_datagram_endpoint(datagrams, remote_addr=here)
        try:
            transport.sendto(b"past", ("192.0.2.1", 9))
        except ValueError:
            print("kept")
        transport.sendto(b"received")
        print(listener.recv(16).decode())
        transport.close()

async def main():
    loop, protocol = asyncio.get_running_loop(), asyncio.Protocol
    EgressGuard(["http://127.0.0.1:9", "http://0.0.0.0:9"]).install()
    print(await refused(loop.create_connection(protocol, "192.0.2.1", 9)))
    print(await refused(loop.create_connection(protocol, host="192.0.2.1", port=9)))
    print(await refused(loop.getaddrinfo("elsewhere.example", 9)))
    datagrams = asyncio.DatagramProtocol
    print(await refused(loop.create_datagram_endpoint(datagrams, remote_addr=("192.0.2.1", 9))))
    print(await refused(loop.create_datagram_endpoint(datagrams, remote_addr=["192.0.2.1", 9])))
    print(await refused(loop.create_datagram_endpoint(datagrams, local_addr=("127.0.0.1", 0))))
    print(await refused(loop.create_datagram_endpoint(datagrams, family=socket.AF_INET)))
    with socket.socket(type=socket.SOCK_DGRAM) as unbound:
        print(await refused(loop.create_datagram_endpoint(datagrams, sock=unbound)))
    await send(loop, datagrams)
    server = await loop.create_server(protocol, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    transport, _ = await loop.create_connection(protocol, "127.0.0.1", port)
    transport.close()
    server.close()
    print("served")

with asyncio.Runner(loop_factory=loop_factory()) as runner:
    print(type(runner.get_loop()).__mro__[1].__module__)
    runner.run(main())
"""


def test_the_guard_sees_what_uvloop_connects_to() -> None:
    """No connection, name or datagram leaves the machine past the guard; loopback works.

    An endpoint that could send each datagram elsewhere is refused, though a service listens on 0.0.0.0.
    """
    done = subprocess.run(
        [sys.executable, "-c", _TRY], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.split() == ["uvloop", *["refused"] * 8, "kept", "received", "served"], done.stderr


def test_there_is_a_loop() -> None:
    """A loop can be made of it."""
    make = loop_factory()
    assert make is not None
    make().close()
