"""HTTP/1.1 by hand (RFC 9112), because faults need control over every byte of an answer."""

import asyncio
import json
import socket
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Protocol

from tests.ollama_double.journal import State
from tests.ollama_double.steps import Act, Chunk, Cut, Hang, Head, Pause, Step

_LARGEST_BODY = 64 * 1024 * 1024  # bytes


class BadRequestError(Exception):
    """The client sent something that this server does not read."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request; `body` is its JSON, None when there is none or when it is not JSON."""

    method: str
    path: str
    body: Any


async def read_request(reader: asyncio.StreamReader, first: bytes = b"") -> Request | None:
    """Read the next request of a connection, of which the first bytes may be known; None at its end.

    Raises:
        BadRequestError: the head is not HTTP/1.1, or the body is not announced by a sane Content-Length.
    """
    try:
        head = first + await reader.readuntil(b"\r\n\r\n")
        start, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
        fields = (one.partition(":") for one in lines)
        headers = {name.strip().lower(): value.strip() for name, _, value in fields}
        method, target, _version = start.split(" ")
        length = int(headers.get("content-length", "0"))
        if "transfer-encoding" in headers or not 0 <= length <= _LARGEST_BODY:
            raise BadRequestError("a body needs a Content-Length of 64 MB at most")
        data = await reader.readexactly(length)
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    except (ValueError, asyncio.LimitOverrunError) as problem:
        raise BadRequestError(str(problem)) from problem
    return Request(method, target.partition("?")[0], _decoded(data))


def _decoded(data: bytes) -> Any:
    try:
        return json.loads(data) if data else None
    except ValueError:
        return None


class Progress(Protocol):
    """What is told of an answer while it is played, and what ends a hang."""

    lines: int

    def mark(self, state: State) -> None:
        """Write down how the answer ends, before the client can know."""

    async def hang(self) -> None:
        """Return when the answer may go on."""


async def play(steps: Sequence[Step], writer: asyncio.StreamWriter, progress: Progress) -> State:
    """Write an answer step by step, and return how it ended: `finished`, or `cut` when a `Cut` closes it.

    A test that has read the last line finds its request finished in the journal: that is written down before
    the line is sent, and nothing is awaited after it.

    Raises:
        ConnectionError: the client left.
    """
    chunked = False
    last = max((place for place, step in enumerate(steps) if isinstance(step, Chunk)), default=-1)
    cut = isinstance(steps[-1], Cut)
    for place, step in enumerate(steps):
        match step:
            case Head():
                chunked = step.length is None
                writer.write(_head(step))
            case Chunk(data):
                await asyncio.sleep(0)  # a long answer leaves the loop to the other connections
                await writer.drain()
                progress.lines += 1
                if place == last and not cut:
                    progress.mark("finished")
                writer.write(b"%x\r\n%b\r\n" % (len(data), data) if chunked else data)
            case Pause(seconds):
                await asyncio.sleep(seconds)
            case Hang():
                await progress.hang()
            case Act(do):
                do()
            case Cut(reset):
                progress.mark("cut")
                if reset:
                    _reset(writer)
                return "cut"
    if chunked:
        writer.write(b"0\r\n\r\n")
    return "finished"


def _head(head: Head) -> bytes:
    body = "Transfer-Encoding: chunked" if head.length is None else f"Content-Length: {head.length}"
    status = f"{head.status} {HTTPStatus(head.status).phrase}"
    return f"HTTP/1.1 {status}\r\nContent-Type: {head.content_type}\r\n{body}\r\n\r\n".encode()


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close with RST: a linger time of zero (socket(7)) throws away what is not sent."""
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
