"""A process that holds an index until its input ends; `test_edge` starts it."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from memory.long_term.edge import open_edge_index
from tests.memory.long_term.samples import an_entry


async def hold(folder: Path) -> None:
    """Open, put one entry in, say so, and wait."""
    async with open_edge_index(folder) as index:
        await index.confirm()
        await index.upsert([an_entry("held", "forest")])
        print("held", flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(hold(Path(sys.argv[1])))
