"""A double of the HTTP API: real sockets, answers that the test writes down."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

from server.settings import Settings

TOKEN = "a-secret-token"
HANG = {"type": "hang"}  # the stream says nothing more, until the client goes
CUT = {"type": "cut"}  # the connection breaks


@dataclass(frozen=True)
class Seen:
    """A request, as it came."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


@dataclass
class ApiDouble:
    """Answers each `METHOD /path` with what `says` was told, and remembers what it was asked."""

    base_url: str = ""
    token: str = TOKEN
    seen: list[Seen] = field(default_factory=list)
    hanging: threading.Event = field(default_factory=threading.Event)
    _replies: dict[str, list[tuple[int, Any]]] = field(default_factory=dict)

    def says(self, request: str, reply: Any, *, status: int = 200) -> None:
        """Reply to `METHOD /path` with an object, or a list of events; the last reply given is repeated."""
        self._replies.setdefault(request, []).append((status, reply))

    @asynccontextmanager
    async def connect(self, settings: Settings) -> AsyncIterator[ApiDouble]:
        """What the commands call to reach an owner: this one is always live."""
        yield self

    async def answer(self, request: Request) -> Response:
        """Answer one request from the script."""
        raw = await request.body()
        body = json.loads(raw) if raw else None
        path = request.scope["raw_path"].decode()
        self.seen.append(Seen(request.method, path, dict(request.query_params), dict(request.headers), body))
        replies = self._replies.get(f"{request.method} {path}")
        if not replies:
            return JSONResponse({"error": {"code": "unknown", "message": f"no such thing: {path}"}}, 404)
        status, reply = replies[0] if len(replies) == 1 else replies.pop(0)
        if isinstance(reply, str):
            return Response(reply, status)
        if isinstance(reply, list) and reply and "type" in reply[0]:
            return StreamingResponse(self._stream(reply), status, media_type="application/x-ndjson")
        return JSONResponse(reply, status)

    async def _stream(self, events: list[dict[str, Any]]) -> AsyncIterator[str]:
        for event in events:
            if event is CUT:
                raise ConnectionAbortedError
            if event is HANG:
                self.hanging.set()
                await asyncio.Event().wait()  # cancelled when the client goes
            yield json.dumps(event) + "\n"


@contextmanager
def open_api() -> Iterator[ApiDouble]:
    """Serve the double on a free port of this machine. The socket listens before anybody asks."""
    api = ApiDouble()
    app = FastAPI()
    app.add_api_route("/{path:path}", api.answer, methods=["GET", "POST", "DELETE"], response_model=None)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        api.base_url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        config = uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            yield api
        finally:
            server.should_exit = True
            thread.join()
