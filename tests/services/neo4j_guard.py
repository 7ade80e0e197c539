"""Holds a Neo4j for as long as somebody is connected to it; `python -m tests.services.neo4j_guard FOLDER`.

Whoever uses the server keeps a connection to the guard, which closes by itself when a process ends, however
it ends: when the last is gone, so is the server. On a connection the guard says, one line of JSON each time,
where the server is: at the beginning, and when it was asked to `start` it again.
"""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import suppress
from pathlib import Path

from tests.services.neo4j_process import PASSWORD, USERNAME, Neo4jProcess

FIRST_USER_SECONDS = 30.0


class Guard:
    """Starts the server for those who come, and ends it when all have left."""

    def __init__(self, process: Neo4jProcess) -> None:
        self._process = process
        self._starting: asyncio.Task[bytes] | None = None
        self._users = 0
        self._came = asyncio.Event()
        self._left = asyncio.Event()
        self._ended = asyncio.Event()

    async def run(self) -> None:
        """Say on stdout where to connect; return when the server is gone."""
        door = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        print(door.sockets[0].getsockname()[1], flush=True)
        with suppress(TimeoutError):
            async with asyncio.timeout(FIRST_USER_SECONDS):
                await self._came.wait()
            await self._left.wait()
        door.close()
        await asyncio.to_thread(self._process.kill)
        self._ended.set()
        await asyncio.gather(*(one for one in asyncio.all_tasks() if one is not asyncio.current_task()))
        await asyncio.to_thread(self._process.kill)  # if it was only about to be started

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._users += 1
        self._came.set()
        telling = [asyncio.create_task(self._tell(writer))]
        with suppress(ConnectionError):
            while await reader.readline():
                self._starting = None
                telling.append(asyncio.create_task(self._tell(writer)))
        self._users -= 1
        if not self._users:
            self._left.set()
            await self._ended.wait()
        await asyncio.wait(telling)
        writer.close()

    async def _tell(self, writer: asyncio.StreamWriter) -> None:
        told = await self._started()
        with suppress(ConnectionError):  # whoever asked has left
            writer.write(told)
            await writer.drain()

    async def _started(self) -> bytes:
        if self._starting is None:
            self._starting = asyncio.create_task(self._start())
        return await asyncio.shield(self._starting)

    async def _start(self) -> bytes:
        try:
            await asyncio.to_thread(self._process.kill)
            seconds = await asyncio.to_thread(self._process.start)
        except Exception as error:  # whatever it is, those who wait for the server are told
            return json.dumps({"error": str(error)}).encode() + b"\n"
        told = {
            "uri": f"bolt://127.0.0.1:{self._process.port}",
            "username": USERNAME,
            "password": PASSWORD,
            "pid": self._process.pid,
            "seconds": seconds,
        }
        return json.dumps(told).encode() + b"\n"


if __name__ == "__main__":
    asyncio.run(Guard(Neo4jProcess(Path(sys.argv[1]))).run())
