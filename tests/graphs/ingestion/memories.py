"""Stand-ins for parts of memory that fail when told to, and a house of real ones around them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver

from graphs.ingestion.projector import Projector
from memory.archive.archive import Archive, open_archive
from memory.archive.entities import LedgerEntry
from memory.long_term.embedding import Embedded, Embedder, EmbeddingSpace, Vector
from memory.long_term.entries import IndexEntry, Question, SearchResult
from memory.long_term.errors import IndexUnavailable, SpaceMismatch
from memory.short_term.errors import ShortTermUnavailable
from tests.clock import FakeClock
from tests.memory.archive.samples import a_document, chunks_of


@dataclass
class IndexThatFails:
    """A `LongTermIndex` in a dictionary, of which the next `failures` writes fail."""

    failures: int = 0
    entries: dict[tuple[str, str, str], IndexEntry] = field(default_factory=dict)
    calls: int = 0
    """How many writes were asked for."""
    written: asyncio.Event = field(default_factory=asyncio.Event)
    before_write: Callable[[], Any] | None = None
    """Awaited before each write, so that a test can do something meanwhile."""

    space: EmbeddingSpace | None = None
    vectors: dict[tuple[str, str, str], Vector] = field(default_factory=dict)

    flushes: int = 0

    async def upsert(
        self, entries: Sequence[IndexEntry], embedded: Embedded | None = None, *, durable: bool = True
    ) -> None:
        """Put entries in, or fail."""
        self.flushes += durable
        if not entries:
            return
        await self._maybe_fail()
        if embedded is not None:
            if self.space is not None and (difference := self.space.difference(embedded.space)):
                raise SpaceMismatch(difference)
            self.space = embedded.space
        vectors = embedded.vectors if embedded else [None] * len(entries)
        for entry, vector in zip(entries, vectors, strict=True):
            key = (entry.user, entry.kind, entry.item_id)
            self.entries[key] = entry
            if vector is not None:
                self.vectors[key] = vector
            else:
                self.vectors.pop(key, None)
        self.written.set()

    async def add_vectors(
        self, entries: Sequence[IndexEntry], embedded: Embedded, *, durable: bool = True
    ) -> None:
        """Put vectors in, or fail."""
        await self.upsert(entries, embedded, durable=durable)

    async def erase(self, user: str, source_ids: Sequence[str]) -> None:
        """Take entries out, or fail."""
        await self._maybe_fail()
        gone = [key for key, one in self.entries.items() if one.user == user and one.source_id in source_ids]
        for key in gone:
            del self.entries[key]
            self.vectors.pop(key, None)

    async def with_vectors(self, user: str, source_ids: Sequence[str]) -> set[str]:
        """The ids of those with vectors."""
        mine = [key for key in self.vectors if key[0] == user]
        return {key[2] for key in mine if self.entries[key].source_id in source_ids}

    async def search(self, user: str, question: Question, limit: int) -> SearchResult:
        """Find nothing."""
        return SearchResult()

    async def clear(self) -> None:
        """Take everything out."""
        self.entries.clear()
        self.vectors.clear()
        self.space = None

    async def confirm(self) -> None:
        """Nothing to remember."""

    async def count(self, user: str | None = None) -> int:
        """How many entries there are."""
        return sum(user in (None, entry.user) for entry in self.entries.values())

    async def ping(self) -> str:
        """A name and a version."""
        return "dictionary 1"

    async def _maybe_fail(self) -> None:
        self.calls += 1
        if self.before_write is not None:
            await self.before_write()
        if self.failures:
            self.failures -= 1
            raise IndexUnavailable("the index rests")


class SessionsThatFail:
    """Sessions of which the next `failures` deletions fail; it remembers what was deleted."""

    backend = "list"

    def __init__(self, failures: int = 0) -> None:
        self.saver: BaseCheckpointSaver[str] = BaseCheckpointSaver()
        self.failures = failures
        self.deleted: list[str] = []

    async def forget(self, keys: Sequence[str]) -> None:
        """Delete, or fail."""
        if self.failures:
            self.failures -= 1
            raise ShortTermUnavailable("the checkpoints rest")
        self.deleted.extend(keys)

    async def mentioning(self, user: str, subject_ids: Iterable[str]) -> list[str]:
        """None: nothing is kept."""
        return []

    async def retain(self, key: str, turns: int) -> None:
        """Keep nothing."""

    async def seconds_left(self, key: str) -> int | None:
        """None: nothing is kept."""
        return None

    async def ping(self) -> str:
        """A name and a version."""
        return "list 1"


@dataclass(frozen=True, slots=True)
class Workshop:
    """A real archive, a projector, and the stand-ins that it works on."""

    archive: Archive
    index: IndexThatFails
    sessions: SessionsThatFail
    projector: Projector
    clock: FakeClock

    async def put(self, name: str, *texts: str) -> None:
        """Keep a document and ask for its projection."""
        document = a_document(name, chunk_count=len(texts), content_hash=" ".join(texts))
        async with self.archive.unit() as unit:
            await unit.documents.put(document, chunks_of(document, *texts, prefix=f"{hash(texts)}-"))
            await unit.ledger.enqueue("marie", "document", name, "recall")

    async def state(self, name: str, projection: str = "recall") -> LedgerEntry | None:
        """What the ledger says of a document."""
        async with self.archive.read() as unit:
            states = await unit.ledger.states("marie", "document", [name])
        return states.get(name, {}).get(projection)

    def texts(self) -> list[str]:
        """The texts that the index holds."""
        return sorted(entry.text.split("\n")[2] for entry in self.index.entries.values())


@asynccontextmanager
async def open_workshop(
    folder: Path, clock: FakeClock, embedder: Embedder | None = None
) -> AsyncIterator[Workshop]:
    """Open one in a folder, with an embedding model if the test has one."""
    async with open_archive(folder, clock=clock) as archive:
        index, sessions = IndexThatFails(), SessionsThatFail()
        projector = Projector(archive, index, sessions, embedder)
        yield Workshop(archive, index, sessions, projector, clock)
