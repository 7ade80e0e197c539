"""The parent's side of reading files: a pool of children, spawned when needed, replaced when they die."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from graphs.ingestion.parsing import child as children
from graphs.ingestion.parsing.child import Child, ChildEnded
from graphs.ingestion.parsing.errors import ParsingError
from graphs.ingestion.parsing.sections import Parsed

FILES_PER_CHILD: Final = 500
"""A child is replaced after so many files, so that what C libraries leak stays bounded."""


class ParserPool:
    """Reads files in child processes; as many at once as there are workers, the others wait."""

    def __init__(self, *, workers: int, memory_bytes: int, seconds: float) -> None:
        """Start nothing yet. `memory_bytes` and `seconds` bound each child and each file."""
        self._memory_bytes = memory_bytes
        self._seconds = seconds
        # Last in, first out: one file at a time keeps one child busy, not all of them warm.
        self._idle: asyncio.LifoQueue[Child | None] = asyncio.LifoQueue()
        for _ in range(workers):
            self._idle.put_nowait(None)

    async def parse(self, path: Path) -> Parsed:
        """Read one file; raise ParsingError. Whatever happens to its child, the next one gets a sound one."""
        child = await self._idle.get()
        try:
            child = child or await self._start()
            try:
                return await child.read(path, self._seconds)
            except ChildEnded:
                # It died while idle: a new one reads the file, once.
                await child.close()
                child = await self._start()
                return await child.read(path, self._seconds)
        except ChildEnded as error:
            raise ParsingError("memory", "two readers ended before they could read it") from error
        finally:
            await self._give_back(child)

    async def _start(self) -> Child:
        return await children.start(self._memory_bytes, self._seconds)

    async def _give_back(self, child: Child | None) -> None:
        fit = child is not None and child.sound and child.files < FILES_PER_CHILD
        try:
            if child and not fit:
                await child.close()
        finally:
            self._idle.put_nowait(child if fit else None)

    async def close(self) -> None:
        """End the children that wait for a file; the busy ones end with their `parse`."""
        while not self._idle.empty():
            if child := self._idle.get_nowait():
                await child.close()


@asynccontextmanager
async def open_parser_pool(*, workers: int, memory_bytes: int, seconds: float) -> AsyncIterator[ParserPool]:
    """A pool of `workers` children with `memory_bytes` of address space and `seconds` per file each."""
    pool = ParserPool(workers=workers, memory_bytes=memory_bytes, seconds=seconds)
    try:
        yield pool
    finally:
        await pool.close()
