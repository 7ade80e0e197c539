"""A process that puts entries in an index without end, and says which are in; `test_edge` kills it."""

from __future__ import annotations

import asyncio
import sys
from itertools import count
from pathlib import Path

from memory.long_term.edge import open_edge_index
from tests.memory.long_term.fake_embedder import DIMENSION, embedded, towards
from tests.memory.long_term.samples import an_entry


async def write(folder: Path, name: str) -> None:
    """Upsert three entries, replace one of the call before, and acknowledge the number on one line.

    The entries of even numbers have vectors, and so has what is replaced beside them.
    """
    async with open_edge_index(folder) as index:
        await index.confirm()
        for number in count():
            here = f"{name}-{number}"
            entries = [
                an_entry(f"{here}-{part}", f"forest {here}", source_id=here, lang=("en", "fr")[part % 2])
                for part in range(3)
            ]
            if number:
                before = f"{name}-{number - 1}"
                entries.append(an_entry(f"{before}-0", f"forest garden {before}", source_id=before))
            near = [towards(number % DIMENSION)] * len(entries)
            await index.upsert(entries, None if number % 2 else embedded(*near))
            print(here, flush=True)


if __name__ == "__main__":
    sys.stdin.readline()
    asyncio.run(write(Path(sys.argv[1]), sys.argv[2]))
