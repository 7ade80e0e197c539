"""What must be true of a data folder after any accident, read with the owner gone."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from memory.archive.archive import Archive, open_archive
from memory.archive.entities import Chunk, Document, Turn
from memory.long_term.edge import open_edge_index
from memory.long_term.passages import turn_entry

USER = "local"


def now() -> datetime:
    """The time, aware."""
    return datetime.now(UTC)


async def documents_of(archive: Archive) -> list[tuple[Document, list[Chunk]]]:
    """Every document with its chunks; each document once, no chunk too many, none missing."""
    async with archive.read() as unit:
        found = [
            (document, await unit.documents.chunks(USER, document.id))
            for document in await unit.documents.list(USER)
        ]
        states = await unit.ledger.states(USER, "document", [document.id for document, _ in found])
    assert set(Counter(document.uri for document, _ in found).values()) <= {1}, "a document twice"
    for document, chunks in found:
        assert [chunk.position for chunk in chunks] == list(range(document.chunk_count)), document.uri
        assert set(states[document.id]) == {"recall", "knowledge"}, "the ledger forgot it"
    return found


async def turns_of(archive: Archive) -> dict[str, list[Turn]]:
    """Every thread's turns, in order."""
    async with archive.read() as unit:
        return {
            thread.id: await unit.threads.turns(USER, thread.id) for thread in await unit.threads.list(USER)
        }


async def check_whole(data: Path) -> None:
    """The databases are sound, nothing is left to do, and the index holds what the archive says, once."""
    for name in ("souvenir.db", "checkpoints.db"):
        with closing(sqlite3.connect(data / name)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    async with open_archive(data, clock=now) as archive:
        chunks = sum(len(chunks) for _, chunks in await documents_of(archive))
        turns = [turn for turns in (await turns_of(archive)).values() for turn in turns]
        async with archive.read() as unit:
            waiting = (await unit.ledger.counts(USER)).get("recall", {})
    assert set(waiting) <= {"done", "partial"}, waiting  # partial where no embedding model was there
    remembered = sum(turn_entry(turn) is not None for turn in turns)
    async with open_edge_index(data / "recall") as index:
        assert not index.rebuilt, "the index was damaged"
        assert await index.count(USER) == chunks + remembered
