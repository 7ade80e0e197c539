"""Entries to put in an index; a test spells out only what it is about."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol

from memory.long_term.embedding import Vector
from memory.long_term.entries import Hit, IndexEntry, Kind, Question
from memory.long_term.protocol import LongTermIndex

NOON = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)


class CountedIndex(LongTermIndex, Protocol):
    """A `LongTermIndex` that can be counted: what these tests need besides."""

    async def count(self, user: str | None = None) -> int:
        """How many entries the user (or everyone) has."""
        ...


def an_entry(
    item_id: str,
    text: str,
    *,
    user: str = "marie",
    lang: str = "en",
    source_id: str = "",
    kind: Kind = "chunk",
) -> IndexEntry:
    """An entry of a document of its own, unless the test says which."""
    return IndexEntry(item_id, user, kind, source_id or f"doc-{item_id}", lang, text, NOON)


async def found(
    index: LongTermIndex, text: str, *, user: str = "marie", lang: str = "en", limit: int = 10
) -> list[str]:
    """The ids of what a search finds, best first."""
    return [hit.item_id for hit in (await index.search(user, Question(text, lang), limit)).hits]


async def ask(
    index: LongTermIndex, text: str, vector: Vector | None, *, user: str = "marie", limit: int = 10
) -> dict[str, Hit]:
    """The hits by id; each id is of one kind here."""
    result = await index.search(user, Question(text, "en", vector), limit)
    return {hit.item_id: hit for hit in result.hits}
