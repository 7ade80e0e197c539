"""The embedded index: Qdrant's Edge engine, in this process, in one folder.

Point ids are UUIDs derived from the item's id, so that every write can be repeated.
"""

import asyncio
import json
import shutil
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

from qdrant_edge import CountRequest as Count
from qdrant_edge import (
    EdgeConfig,
    EdgeShard,
    EdgeSparseVectorParams,
    FacetRequest,
    FieldCondition,
    Filter,
    MatchAny,
    MatchValue,
    Modifier,
    PayloadSchemaType,
    Point,
    UpdateOperation,
)

from memory.long_term import bm25, room
from memory.long_term.edge_queries import UserQueries
from memory.long_term.entries import IndexEntry, Question, SearchResult
from memory.long_term.errors import IndexUnavailable

_T = TypeVar("_T")

_KEYWORDS = ("user", "source", "kind", "lang")
_BATCH = 256
_FINGERPRINT = {"engine": "qdrant-edge", "schema": 1, "bm25": bm25.FINGERPRINT}


@asynccontextmanager
async def open_edge_index(folder: Path) -> AsyncIterator["EdgeIndex"]:
    """Open the index in `folder`, made anew when it is damaged or was built with other settings.

    A new index is empty and says so (`EdgeIndex.rebuilt`) until the caller has queued everything again
    and confirms it.
    Raises `IndexUnavailable` when another process holds the folder, `IndexFull` when the disk is full.
    """
    shard, rebuilt = await asyncio.to_thread(_open_shard, folder)
    index = EdgeIndex(folder, shard, rebuilt=rebuilt)
    try:
        yield index
    finally:
        await index.close()


class EdgeIndex:
    """A `LongTermIndex` on qdrant-edge. One writer at a time; searches run beside it."""

    def __init__(self, folder: Path, shard: EdgeShard, *, rebuilt: bool) -> None:
        self.rebuilt = rebuilt
        """True when the index starts empty though the archive may hold documents."""
        self._folder = folder
        self._shard = shard
        self._writing = asyncio.Lock()
        self._languages: dict[str, tuple[str, ...]] = {}
        self._writes = 0

    async def upsert(self, entries: Sequence[IndexEntry]) -> None:
        """Add or replace entries, in batches, and flush them to disk."""

        def write() -> None:
            for start in range(0, len(entries), _BATCH):
                room.require(self._folder, room.TO_WRITE)
                points = [_point(entry) for entry in entries[start : start + _BATCH]]
                self._shard.update(UpdateOperation.upsert_points(points))
            self._shard.flush()

        await self._write(write, {entry.user for entry in entries})

    async def erase(self, user: str, source_ids: Sequence[str]) -> None:
        """Remove every entry of these documents or threads, and flush."""
        mine = Filter(
            must=[_equals("user", user), FieldCondition("source", match=MatchAny(list(source_ids)))]
        )

        def write() -> None:
            self._shard.update(UpdateOperation.delete_points_by_filter(mine))
            self._shard.flush()

        await self._write(write, {user})

    async def search(self, user: str, question: Question, limit: int) -> SearchResult:
        """Return the best entries; one pass over the index for all languages of this user."""
        return await self._ask(lambda: self._search(user, question, limit))

    def _search(self, user: str, question: Question, limit: int) -> SearchResult:
        mine = Filter(must=[_equals("user", user)])
        languages = self._languages.get(user) or self._read_languages(user, mine)
        return UserQueries(self._shard, mine, languages).search(question, limit)

    def _read_languages(self, user: str, mine: Filter) -> tuple[str, ...]:
        writes = self._writes
        facets = self._shard.facet(FacetRequest("lang", limit=50, filter=mine))
        languages = tuple(str(hit.value) for hit in facets.hits)
        # A write that ended meanwhile may have brought another language: then they are read again next time.
        if writes == self._writes:
            self._languages[user] = languages
        return languages

    async def clear(self) -> None:
        """Remove everything: the folder is made anew, so nothing stays in old segments."""

        def write() -> None:
            self._shard.close()
            shutil.rmtree(self._folder)
            self._shard = _create_shard(self._folder)
            self.rebuilt = True

        await self._write(write, set(self._languages))

    async def confirm(self) -> None:
        """Stamp the index with its settings; without the stamp, opening it makes it anew."""
        stamp = json.dumps(_FINGERPRINT)
        await self._ask(lambda: _fingerprint_file(self._folder).write_text(stamp, encoding="utf-8"))
        self.rebuilt = False

    async def count(self, user: str | None = None) -> int:
        """Return how many entries there are."""
        mine = None if user is None else Filter(must=[_equals("user", user)])
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
                    self._languages.pop(user, None)

    async def _ask(self, ask: Callable[[], _T]) -> _T:
        try:
            return await asyncio.to_thread(ask)
        except IndexUnavailable:
            raise
        except Exception as error:  # The engine's own, of several bare types: it did not answer.
            raise IndexUnavailable(f"the long-term index did not answer: {error}") from error


def _open_shard(folder: Path) -> tuple[EdgeShard, bool]:
    room.require(folder, room.TO_OPEN)
    if _read_fingerprint(folder) == _FINGERPRINT:
        try:
            if _is_whole(shard := EdgeShard.load(str(folder))):
                return shard, False
            shard.close()
        except Exception as error:  # The engine has no exception type of its own.
            if "WouldBlock" in str(error):
                raise IndexUnavailable(f"another process holds the long-term index in {folder}") from error
    if folder.is_dir():
        shutil.rmtree(folder)
    else:
        folder.unlink(missing_ok=True)
    return _create_shard(folder), True


def _is_whole(shard: EdgeShard) -> bool:
    """Tell whether the engine found what it wrote: where its segments are gone, it makes empty ones."""
    return shard.info().payload_schema.keys() >= set(_KEYWORDS)


def _create_shard(folder: Path) -> EdgeShard:
    folder.mkdir(parents=True)
    sparse = {"bm25": EdgeSparseVectorParams(modifier=Modifier.Idf)}
    shard = EdgeShard.create(str(folder), EdgeConfig(sparse_vectors=sparse))
    for field in _KEYWORDS:
        shard.update(UpdateOperation.create_field_index(field, PayloadSchemaType.Keyword))
    shard.flush()
    return shard


def _fingerprint_file(folder: Path) -> Path:
    return folder / "fingerprint.json"


def _read_fingerprint(folder: Path) -> object:
    try:
        return json.loads(_fingerprint_file(folder).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _point(entry: IndexEntry) -> Point:
    payload = {
        "user": entry.user,
        "kind": entry.kind,
        "source": entry.source_id,
        "item": entry.item_id,
        "lang": entry.lang,
        "created_at": entry.created_at.isoformat(),
    }
    name = f"{entry.user}\n{entry.kind}\n{entry.item_id}"
    vector = bm25.document_vector(entry.text, entry.lang)
    return Point(str(uuid.uuid5(uuid.NAMESPACE_OID, name)), {"bm25": vector}, payload)


def _equals(field: str, value: str) -> FieldCondition:
    return FieldCondition(field, match=MatchValue(value))
