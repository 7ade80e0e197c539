"""What keeps an answer from coming, told apart on real sockets."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress

import httpx
import pytest

from graphs.models.transport import Trouble, transport, trouble_of

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def trouble(url: str, seconds: float = 2.0) -> Trouble | None:
    """Return what goes wrong when a client asks there and reads all of the answer."""
    limits = httpx.Timeout(seconds, connect=0.5)
    async with httpx.AsyncClient(transport=transport(url), timeout=limits) as client:
        try:
            async with client.stream("POST", url, json={}) as response:
                async for _ in response.aiter_lines():
                    pass
        except Exception as error:  # whatever it is: its name is what is tested
            return trouble_of(error)
    return None


async def trouble_with(serve: Serve, seconds: float) -> Trouble | None:
    """The same, at a server that does as it is told, and has ended when this does."""
    ended = asyncio.Event()

    async def serving(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        finally:
            writer.close()
            with suppress(OSError):  # the other side was faster
                await writer.wait_closed()
            ended.set()

    server = await asyncio.start_server(serving, "127.0.0.1", 0)
    async with server:
        found = await trouble(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", seconds)
        await asyncio.wait_for(ended.wait(), 10)
    return found


async def resets(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read the request, and close without a byte."""
    await reader.readuntil(b"\r\n\r\n")
    writer.transport.abort()


async def cuts(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Promise more than comes."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\none\r\n\r\n")


async def babbles(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer what is not HTTP."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"220 mail.example ESMTP\r\n")


async def says_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Take the request and wait until the other side leaves."""
    await reader.read()


@pytest.mark.parametrize(
    ("serve", "expected"),
    [
        (resets, Trouble.BROKEN),
        (cuts, Trouble.BROKEN),
        (babbles, Trouble.BROKEN),
        (says_nothing, Trouble.LATE),
    ],
)
async def test_what_a_server_does_has_its_name(serve: Serve, expected: Trouble) -> None:
    """A connection that was made and then broke is not one that was never made."""
    assert await trouble_with(serve, 0.5) is expected


async def test_a_port_where_nobody_listens() -> None:
    """Is refused."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        assert await trouble(f"http://127.0.0.1:{taken.getsockname()[1]}/") is Trouble.REFUSED


async def test_a_server_that_takes_no_connection() -> None:
    """Its queue is full: no connection comes about in time."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        try:
            found = await trouble(f"http://127.0.0.1:{full.getsockname()[1]}/")
        finally:
            for one in waiting:
                one.close()
    # Some systems let more connect than they say; then nobody answers.
    assert found in (Trouble.NO_CONNECTION, Trouble.LATE)


def test_other_errors_are_not_about_the_connection() -> None:
    """A line that is not JSON is no trouble of the connection."""
    assert trouble_of(ValueError("not JSON")) is None
