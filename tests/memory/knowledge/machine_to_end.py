"""A process that puts a document into the embedded graph; `test_machine` looks at what else it leaves."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

from memory.knowledge.arcadedb import open_arcadedb
from tests.memory.knowledge.samples import USER, facts, link


async def put(folder: Path) -> None:
    """Put one document, and say what is there."""
    async with open_arcadedb(folder, clock=lambda: datetime(2026, 1, 15, tzinfo=UTC)) as graph:
        await graph.put([facts("lease", link("Person", "Claire Dubois", "lease-1"))])
        print((await graph.read(USER, "MATCH (p:Person) RETURN p.name")).rows, flush=True)


if __name__ == "__main__":
    asyncio.run(put(Path(sys.argv[1])))
