"""The parent's side of reading files: a pool of children, spawned when needed, replaced when they die."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from graphs.children.child import Kind
from graphs.children.errors import ChildEnded, ChildNotStarted
from graphs.children.pool import ChildPool
from graphs.ingestion.parsing import child as reading
from graphs.ingestion.parsing import protocol
from graphs.ingestion.parsing.errors import Code, ParsingError
from graphs.ingestion.parsing.sections import Parsed

_WORKER: Final = "graphs.ingestion.parsing.worker"


class ParserPool:
    """Reads files in child processes; as many at once as there are workers, the others wait."""

    def __init__(self, *, workers: int, memory_bytes: int, seconds: float) -> None:
        """Start nothing yet. `memory_bytes` and `seconds` bound each child and each file."""
        self._seconds = seconds
        self._children = ChildPool(Kind(_WORKER, memory_bytes, seconds, protocol.MAX_LINE_BYTES), workers)

    async def parse(self, path: Path) -> Parsed:
        """Read one file; raise ParsingError. Whatever happens to its child, the next one gets a sound one."""
        try:
            return await self._children.run(lambda child: reading.read(child, path, self._seconds))
        except ChildEnded as error:
            raise ParsingError("memory", "two readers ended before they could read it") from error
        except ChildNotStarted as error:
            code: Code = "timeout" if error.slow else "memory"
            raise ParsingError(code, f"the reader did not start: {error}") from error

    async def close(self) -> None:
        """End the children that wait for a file; the busy ones end with their `parse`."""
        await self._children.close()


@asynccontextmanager
async def open_parser_pool(*, workers: int, memory_bytes: int, seconds: float) -> AsyncIterator[ParserPool]:
    """A pool of `workers` children with `memory_bytes` of address space and `seconds` per file each."""
    pool = ParserPool(workers=workers, memory_bytes=memory_bytes, seconds=seconds)
    try:
        yield pool
    finally:
        await pool.close()
