"""A model that says the same twenty words, and when it began: `python -m tests.bench.scripted_model`.

It speaks Ollama's `/api/chat` (NDJSON) and nothing else, as fast as it can: what is measured is who asks it.
The first word of every answer is `T=` and the machine's monotonic clock, in nanoseconds, when it was sent.
Prints its address, and serves until its standard input closes.
"""

import asyncio
import json
import socket
import sys
import time
from typing import Any

NAME = "scripted:20"
WORDS = "The note says [1] that what was asked for is there, in plain words, and that nothing more is needed."
GAP_SECONDS = 0.005
"""Between two words; Ollama is slower, and would hide what the asker costs."""

_HEAD = b"HTTP/1.1 %b\r\nContent-Type: application/x-ndjson\r\n"
_STREAM = _HEAD % b"200 OK" + b"Transfer-Encoding: chunked\r\n\r\n"
_DONE: dict[str, Any] = {
    "done": True,
    "done_reason": "stop",
    "total_duration": 200_000_000,
    "load_duration": 1_000_000,
    "prompt_eval_count": 900,
    "prompt_eval_duration": 90_000_000,
    "eval_count": 20,
    "eval_duration": 100_000_000,
}
_PLAIN = {
    "/api/version": {"version": "0.0.0"},
    "/api/tags": {"models": [{"name": NAME, "model": NAME}]},
}


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Serve one connection until the client closes it."""
    writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            length = next(
                (line[15:] for line in head.split("\r\n") if line.startswith("content-length:")), "0"
            )
            await reader.readexactly(int(length))
            path = head.split(" ", 2)[1]
            if path == "/api/chat":
                await _speak(writer)
            else:
                _tell(writer, path)
    except (asyncio.IncompleteReadError, ConnectionError):
        pass  # the client has left
    finally:
        writer.close()


async def _speak(writer: asyncio.StreamWriter) -> None:
    writer.write(_STREAM + _chunk(f"T={time.monotonic_ns()} "))
    for word in WORDS.split():
        await asyncio.sleep(GAP_SECONDS)
        writer.write(_chunk(f"{word} "))
    writer.write(_chunk("", **_DONE) + b"0\r\n\r\n")
    await writer.drain()


def _tell(writer: asyncio.StreamWriter, path: str) -> None:
    known = _PLAIN.get(path)
    body = json.dumps(known or {"error": f"{path} is not part of the script"}).encode()
    status = b"200 OK" if known else b"404 Not Found"
    writer.write(_HEAD % status + b"Content-Length: %d\r\n\r\n" % len(body) + body)


def _chunk(text: str, **more: object) -> bytes:
    message = {"role": "assistant", "content": text}
    frame = {"model": NAME, "created_at": "2025-01-01T00:00:00Z", "message": message, "done": False, **more}
    line = json.dumps(frame).encode() + b"\n"
    return b"%x\r\n%b\r\n" % (len(line), line)


async def main() -> None:
    """Serve on a free port."""
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    async with server:
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
