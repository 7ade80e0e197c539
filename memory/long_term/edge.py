"""The embedded index: Qdrant's Edge engine, in this process, in one folder.

It starts with room for words alone; the first vectors bring the size of their space with them.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

from qdrant_edge import CountRequest as Count
from qdrant_edge import (
    EdgeShard,
    FieldCondition,
    Filter,
    HasVectorCondition,
    MatchAny,
    PointVectors,
    ScrollRequest,
    UpdateOperation,
)

from memory.long_term import fingerprint, room
from memory.long_term.edge_points import point, point_id
from memory.long_term.edge_queries import UserFacts, UserQueries, equals, read_facts
from memory.long_term.edge_shard import DENSE, create_shard, make_room_for_vectors, open_shard
from memory.long_term.embedding import Embedded, EmbeddingSpace
from memory.long_term.entries import IndexEntry, Question, SearchResult
from memory.long_term.errors import IndexUnavailable, LongTermError, SpaceMismatch
from memory.shortcut import Shortcut

_T = TypeVar("_T")

_BATCH = 256
_MOST = 10_000_000
"""Entries that one question about them may return: all."""


@asynccontextmanager
async def open_edge_index(folder: Path, shortcut: Shortcut | None = None) -> AsyncIterator["EdgeIndex"]:
    """Open the index in `folder`, made anew when it is damaged or was built with other settings.

    A new index is empty and says so (`EdgeIndex.rebuilt`) until the caller has queued everything again
    and confirms it.
    Raises `IndexUnavailable` when another process holds the folder, `IndexFull` when the disk is full.
    """
    shard, rebuilt = await asyncio.to_thread(open_shard, folder)
    index = EdgeIndex(folder, shard, rebuilt=rebuilt, shortcut=shortcut)
    try:
        yield index
    finally:
        await index.close()


class EdgeIndex:
    """A `LongTermIndex` on qdrant-edge. One writer at a time; searches run beside it."""

    def __init__(
        self, folder: Path, shard: EdgeShard, *, rebuilt: bool, shortcut: Shortcut | None = None
    ) -> None:
        self.rebuilt = rebuilt
        """True when the index starts empty though the archive may hold documents."""
        self._folder = folder
        self._shard = shard
        self._space = None if rebuilt else fingerprint.space(folder)
        self._writing = asyncio.Lock()
        self._facts: dict[str, UserFacts] = {}
        self._writes = 0
        self._shortcut = shortcut or Shortcut()

    @property
    def space(self) -> EmbeddingSpace | None:
        """The space of the vectors that the index holds; None until the first ones come."""
        return self._space

    async def upsert(
        self, entries: Sequence[IndexEntry], embedded: Embedded | None = None, *, durable: bool = True
    ) -> None:
        """Add or replace entries, in batches, and flush them to disk, unless a later call is to do it.

        A flush takes many fsyncs, and the engine holds Python's lock meanwhile: share it where you can. The
        first vectors give the index their space. Raises `SpaceMismatch`, and writes nothing, when they
        come from another one.
        """
        vectors = embedded.vectors if embedded else [None] * len(entries)
        pairs = list(zip(entries, vectors, strict=True))

        def write() -> None:
            if embedded is not None:
                self._enter(embedded.space)
            for start in range(0, len(pairs), _BATCH):
                room.require(self._folder, room.TO_WRITE)
                points = [point(entry, vector) for entry, vector in pairs[start : start + _BATCH]]
                self._shard.update(UpdateOperation.upsert_points(points))
            if durable:
                self._shard.flush()

        await self._write(write, {entry.user for entry in entries})

    async def add_vectors(
        self, entries: Sequence[IndexEntry], embedded: Embedded, *, durable: bool = True
    ) -> None:
        """Give entries their vectors; what of them is there already is not written again."""
        vectors = {
            point_id(entry): vector for entry, vector in zip(entries, embedded.vectors, strict=True) if vector
        }

        def write() -> None:
            self._enter(embedded.space)
            room.require(self._folder, room.TO_WRITE)
            found = [PointVectors(name, {DENSE: list(vector)}) for name, vector in vectors.items()]
            try:
                self._shard.update(UpdateOperation.update_vectors(found))
            except Exception:  # the engine's own, of a bare type: one of them is not there
                points = [point(entry, vectors.get(point_id(entry))) for entry in entries]
                self._shard.update(UpdateOperation.upsert_points(points))
            if durable:
                self._shard.flush()

        await self._write(write, {entry.user for entry in entries})

    def _enter(self, space: EmbeddingSpace) -> None:
        """Make sure that vectors of this space belong here; the stamp comes after the room for them."""
        if self._space is None:
            room.require(self._folder, room.TO_WRITE)
            make_room_for_vectors(self._shard, space.dimension)
            if not self.rebuilt:
                fingerprint.write(self._folder, space)
            self._space = space
        elif difference := self._space.difference(space):
            raise SpaceMismatch(f"the index holds vectors of another model: {difference}")

    async def erase(self, user: str, source_ids: Sequence[str]) -> None:
        """Remove every entry of these documents or threads, and flush."""
        mine = Filter(must=[equals("user", user), FieldCondition("source", match=MatchAny(list(source_ids)))])

        def write() -> None:
            self._shard.update(UpdateOperation.delete_points_by_filter(mine))
            self._shard.flush()

        await self._write(write, {user})

    async def search(self, user: str, question: Question, limit: int) -> SearchResult:
        """Return the best entries; one pass over the index for all languages of this user."""
        if self._shortcut.is_open and not self._writing.locked():
            with self._shortcut.taken():
                return self._answered(lambda: self._search(user, question, limit))
        return await self._ask(lambda: self._search(user, question, limit))

    def _search(self, user: str, question: Question, limit: int) -> SearchResult:
        mine = Filter(must=[equals("user", user)])
        if self._space is None:
            question = replace(question, vector=None)
        facts = self._facts.get(user) or self._read_facts(user, mine)
        return UserQueries(self._shard, user, mine, facts).search(question, limit)

    def _read_facts(self, user: str, mine: Filter) -> UserFacts:
        writes = self._writes
        facts = read_facts(self._shard, mine)
        # What a write that ended meanwhile has changed is read again next time.
        if writes == self._writes:
            self._facts[user] = facts
        return facts

    async def with_vectors(self, user: str, source_ids: Sequence[str]) -> set[str]:
        """Return the ids of the entries of these documents or threads that have their vectors."""
        if self._space is None:
            return set()
        those = Filter(
            must=[
                equals("user", user),
                FieldCondition("source", match=MatchAny(list(source_ids))),
                HasVectorCondition(DENSE),
            ]
        )

        def read() -> set[str]:
            points, _ = self._shard.scroll(ScrollRequest(limit=_MOST, filter=those, with_payload=["item"]))
            return {str((point.payload or {})["item"]) for point in points}

        return await self._ask(read)

    async def clear(self) -> None:
        """Remove everything: the folder is made anew, so nothing stays in old segments."""

        def write() -> None:
            self._shard.close()
            shutil.rmtree(self._folder)
            self._shard = create_shard(self._folder)
            self.rebuilt, self._space = True, None

        await self._write(write, set(self._facts))

    async def confirm(self) -> None:
        """Stamp the index with its settings; without the stamp, opening it makes it anew."""

        def write() -> None:
            fingerprint.write(self._folder, self._space)
            self.rebuilt = False

        await self._write(write, set())

    async def count(self, user: str | None = None) -> int:
        """Return how many entries there are."""
        mine = None if user is None else Filter(must=[equals("user", user)])
        return await self._ask(lambda: self._shard.count(Count(filter=mine, exact=True)))

    async def ping(self) -> str:
        """Return the engine's version, having asked it."""
        await self._ask(self._shard.info)
        return f"qdrant-edge {version('qdrant-edge-py')}"

    async def close(self) -> None:
        """Flush and release the folder."""
        async with self._writing:
            await asyncio.to_thread(self._shard.close)

    async def _write(self, write: Callable[[], None], users: set[str]) -> None:
        async with self._writing:
            try:
                await self._ask(write)
            finally:
                self._writes += 1
                for user in users:
                    self._facts.pop(user, None)

    async def _ask(self, ask: Callable[[], _T]) -> _T:
        return await asyncio.to_thread(self._answered, ask)

    def _answered(self, ask: Callable[[], _T]) -> _T:
        try:
            return ask()
        except LongTermError:
            raise
        except Exception as error:  # The engine's own, of several bare types: it did not answer.
            raise IndexUnavailable(f"the long-term index did not answer: {error}") from error
