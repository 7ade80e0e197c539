"""Load: many conversations at once, one turn after another on each, over plain sockets.

HTTP/1.1 by hand, because a client library would take more of the machine than the servers that it measures.
"""

import asyncio
import json
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

TURN_SECONDS = 60.0
"""How long one turn may take before the run is given up."""

_STAMP = re.compile(rb"T=(\d+) ")

Body = Callable[[str], object]


@dataclass(frozen=True)
class Door:
    """Where questions go: the address, the path, and how a question becomes a body."""

    url: str
    path: str
    body: Body
    must_hold: Sequence[bytes]
    """What every whole answer holds; a turn without one of them ends the run."""
    counted: bytes = b""
    """What is counted in answers."""


@dataclass
class Run:
    """What came of a run."""

    turns: int = 0
    seconds: float = 0.0
    counted: int = 0
    """Answers that hold what the door counts."""
    delays_ms: list[float] = field(default_factory=list)
    """From the model's first word to the client's, turn by turn."""

    @property
    def per_second(self) -> float:
        """Turns a second."""
        return self.turns / self.seconds


async def load(door: Door, questions: Sequence[str], threads: Sequence[str], turns_each: int) -> Run:
    """Hold a conversation of `turns_each` turns on every thread, all at the same time.

    Raises:
        RuntimeError: an answer was refused, cut or not whole.
    """
    run = Run()
    started = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for number, thread in enumerate(threads):
            asked = [questions[(number + at) % len(questions)] for at in range(turns_each)]
            group.create_task(_converse(door, thread, asked, run))
    run.seconds = time.monotonic() - started
    return run


async def _converse(door: Door, thread: str, asked: Sequence[str], run: Run) -> None:
    address = urlsplit(door.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        for question in asked:
            async with asyncio.timeout(TURN_SECONDS):
                writer.write(_request(door, address.netloc, thread, question))
                await _hear(reader, door, run)
            run.turns += 1
    finally:
        writer.close()


def _request(door: Door, host: str, thread: str, question: str) -> bytes:
    body = json.dumps(door.body(question)).encode()
    head = (
        f"POST {door.path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        f"X-Thread-Id: {thread}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _hear(reader: asyncio.StreamReader, door: Door, run: Run) -> None:
    """Read one answer to its end, and note when its stamp came."""
    head = await reader.readuntil(b"\r\n\r\n")
    if b" 200 " not in head.split(b"\r\n", 1)[0]:
        raise RuntimeError(f"{door.url} refused a turn: {head[:200]!r}")
    text, stamped = b"", False
    while size := int(await reader.readline(), 16):
        text += (await reader.readexactly(size + 2))[:-2]
        if not stamped and (found := _STAMP.search(text)):
            run.delays_ms.append((time.monotonic_ns() - int(found[1])) / 1e6)
            stamped = True
    await reader.readline()
    if not stamped or not all(part in text for part in door.must_hold):
        raise RuntimeError(f"an answer of {door.url} is not whole: {text[-500:]!r}")
    run.counted += door.counted in text
