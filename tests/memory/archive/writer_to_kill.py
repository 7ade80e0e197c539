"""A process that writes without end once told to, and says what was committed; `test_kill` kills it."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from memory.archive.archive import open_archive
from tests.memory.archive.samples import a_document, a_turn, chunks_of


async def write(folder: Path, round: str) -> None:
    """Commit a document, a turn and their ledger rows together, then acknowledge their number on one line."""
    async with open_archive(folder, clock=lambda: datetime.now(UTC)) as archive:
        for number in count():
            name = f"{round}-{number}"
            document = a_document(name, chunk_count=3)
            async with archive.unit() as work:
                await work.documents.put(document, chunks_of(document, "un", "deux" * 2000, "trois"))
                await work.threads.add_turn(a_turn(name, references=[name, "other"]))
                await work.ledger.enqueue("marie", "document", name, "recall")
            print(name, flush=True)
            async with archive.unit() as work:  # a claim that the killed never give back
                await work.ledger.claim("recall", limit=1, lease_seconds=3600)


if __name__ == "__main__":
    sys.stdin.readline()
    asyncio.run(write(Path(sys.argv[1]), sys.argv[2]))
