"""The whole of ingestion on a folder: real archive, real parsers, and an index of the test's choice."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphs.ingestion.graph import build_ingestion
from graphs.ingestion.ingestor import Event, Ingestor
from graphs.ingestion.nodes import IngestionNodes
from graphs.ingestion.parsing.client import open_parser_pool
from graphs.ingestion.projector import Projector
from graphs.ingestion.state import IngestionContext
from memory.archive.archive import Archive, open_archive
from memory.archive.entities import Chunk, Document
from memory.long_term.protocol import LongTermIndex
from tests.clock import FakeClock
from tests.graphs.ingestion.memories import SessionsThatFail

MARIE = IngestionContext("marie")


@dataclass(frozen=True, slots=True)
class Works:
    """Ingestion, and what it works on."""

    archive: Archive
    index: LongTermIndex
    projector: Projector
    ingestor: Ingestor

    async def ingest(self, *paths: Path, context: IngestionContext = MARIE) -> list[Event]:
        """Take in files and folders, and return every event."""
        return [event async for event in self.ingestor.paths(paths, context)]

    async def documents(self, user: str = "marie") -> list[Document]:
        """What the archive holds."""
        async with self.archive.read() as unit:
            return await unit.documents.list(user)

    async def chunks(self, document_id: str, user: str = "marie") -> list[Chunk]:
        """The chunks of a document."""
        async with self.archive.read() as unit:
            return await unit.documents.chunks(user, document_id)


def statuses(events: Sequence[Event]) -> dict[str, str]:
    """Name of the file → what became of it."""
    return {Path(one["uri"]).name: one["status"] for one in events if one["type"] == "document"}


def totals(events: Sequence[Event]) -> dict[str, Any]:
    """The last event, without the time it took."""
    return {name: value for name, value in events[-1].items() if name not in ("type", "seconds")}


@asynccontextmanager
async def open_works(
    folder: Path, clock: FakeClock, index: LongTermIndex, *, max_bytes: int | None = None
) -> AsyncIterator[Works]:
    """Open ingestion on an archive in `folder`, with a quota if the test wants one."""
    async with (
        open_archive(folder, clock=clock, max_bytes=max_bytes) as archive,
        open_parser_pool(workers=2, memory_bytes=1 << 30, seconds=30) as parsers,
    ):
        projector = Projector(archive, index, SessionsThatFail())
        graph = build_ingestion(IngestionNodes(archive, parsers, projector, clock))
        ingestor = Ingestor(graph, archive, projector)
        yield Works(archive, index, projector, ingestor)
