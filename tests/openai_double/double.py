"""The double as a test holds it: a server on the test's own loop, what it says, and what it was sent."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Literal

from tests.openai_double.answers import Reply, event, frames

PATH = "/v1/chat/completions"
DONE = b"data: [DONE]\n\n"
ELSEWHERE = "http://models.example/v1/chat/completions"
"""Where an answer of status 3xx sends the client, who must not go there."""

FaultKind = Literal[
    "refuse",  # the connection is closed once the request is read, without a byte of answer
    "status",  # an HTTP error (`status`) whose text quotes the key and the prompt, as OpenAI's own do
    "page",  # a page of HTML with status 200, as from a server without this path
    "hang_before_headers",
    "hang_before_first_token",  # headers, then nothing
    "hang_mid_stream",  # `after` frames, then nothing
    "cut_mid_stream",  # `after` frames, then the connection is closed
    "no_end",  # `after` frames, and a proper end of the HTTP body: no reason for the end, no `[DONE]`
    "no_done",  # everything but `[DONE]`
    "garbage",  # `after` frames, one that is not JSON, then the rest
    "odd",  # `after` frames, one that is JSON and no frame, then the rest
    "error_frame",  # `after` frames, then one that tells of an error
]


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with every request until it is cleared; the first frame holds no word yet."""

    kind: FaultKind
    after: int = 2
    status: int = 500


@dataclass(frozen=True, slots=True)
class Received:
    """A request; the names of its headers in small letters."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass
class OpenAiDouble:
    """What the server says next, and the journal of what it was sent."""

    port: int
    reply: Reply = field(default_factory=Reply)
    fault: Fault | None = None
    requests: list[Received] = field(default_factory=list)
    left: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when a client leaves an answer that hangs."""

    @property
    def url(self) -> str:
        """What a client takes for its base URL."""
        return f"http://127.0.0.1:{self.port}/v1"


@asynccontextmanager
async def openai_double() -> AsyncIterator[OpenAiDouble]:
    """Run a double while the block runs; at its end every connection is closed."""
    connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Without it, every small frame would wait for the client to acknowledge the one before.
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        task = asyncio.create_task(_Connection(double, reader, writer).serve())
        connections[task] = writer
        task.add_done_callback(connections.pop)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    double = OpenAiDouble(server.sockets[0].getsockname()[1])
    try:
        yield double
    finally:
        server.close()
        tasks = list(connections)
        for task in tasks:
            task.cancel()
            connections[task].transport.abort()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


@dataclass(frozen=True)
class _Connection:
    """One client: its requests one after the other, until it leaves or a fault closes the connection."""

    double: OpenAiDouble
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def serve(self) -> None:
        try:
            while await self._answer(await self._read(), self.double.fault):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # The client has left.
        finally:
            self.writer.close()
            with contextlib.suppress(ConnectionError):
                await self.writer.wait_closed()

    async def _read(self) -> Received:
        head = await self.reader.readuntil(b"\r\n\r\n")
        start, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in lines)}
        body = await self.reader.readexactly(int(headers.get("content-length", "0")))
        request = Received(start.split(" ")[1], headers, json.loads(body or b"{}"))
        self.double.requests.append(request)
        return request

    async def _answer(self, request: Received, fault: Fault | None) -> bool:
        """Answer one request; True when the connection can serve another."""
        kind = fault.kind if fault else ""
        if kind == "refuse":
            return False
        if kind == "hang_before_headers":
            return await self._hang()
        if kind == "page":
            return await self._whole(200, "text/html", b"<html>It works!</html>")
        if request.path != PATH or (fault and kind == "status"):
            return await self._whole(
                fault.status if fault else 404, "application/json", json.dumps(_error(request)).encode()
            )
        return await self._stream(request, kind, fault.after if fault else 0)

    async def _stream(self, request: Received, kind: str, after: int) -> bool:
        every = frames(self.double.reply, request.body)
        before, rest = every[:after], [*every[after:], DONE]
        self._head(200, "text/event-stream", "Transfer-Encoding: chunked")
        for one in _script(kind, before, rest, event(_error(request))):
            self.writer.write(b"%x\r\n%b\r\n" % (len(one), one))
            await self.writer.drain()
        if kind.startswith("hang"):
            return await self._hang()
        if kind == "cut_mid_stream":
            return False
        self.writer.write(b"0\r\n\r\n")
        await self.writer.drain()
        return True

    async def _whole(self, status: int, content_type: str, body: bytes) -> bool:
        self._head(status, content_type, f"Content-Length: {len(body)}")
        self.writer.write(body)
        await self.writer.drain()
        return True

    def _head(self, status: int, content_type: str, length: str) -> None:
        start = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"
        elsewhere = f"Location: {ELSEWHERE}\r\n" if 300 <= status < 400 else ""
        self.writer.write(f"{start}\r\nContent-Type: {content_type}\r\n{elsewhere}{length}\r\n\r\n".encode())

    async def _hang(self) -> bool:
        """Wait until the client leaves."""
        await self.writer.drain()
        try:
            await self.reader.read(1)
        finally:
            self.double.left.set()
        return False


def _script(kind: str, before: list[bytes], rest: list[bytes], error: bytes) -> list[bytes]:
    """Return the events that a client gets to see."""
    match kind:
        case "hang_before_first_token":
            return []
        case "hang_mid_stream" | "cut_mid_stream" | "no_end":
            return before
        case "no_done":
            return [*before, *rest[:-1]]
        case "garbage":
            return [*before, b'data: {"id": \n\n', *rest]
        case "odd":
            return [*before, b"data: 42\n\n", *rest]
        case "error_frame":
            return [*before, error]
        case _:
            return [*before, *rest]


def _error(request: Received) -> dict[str, Any]:
    """Return an error that says more than it should, as those of real servers do."""
    said = f"bad key {request.headers.get('authorization')} for {json.dumps(request.body.get('messages'))}"
    return {"error": {"message": said, "type": "invalid_request_error", "code": None}}
