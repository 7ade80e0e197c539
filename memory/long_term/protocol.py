"""What every long-term index does, whichever engine is behind it."""

from collections.abc import Sequence
from typing import Protocol

from memory.long_term.embedding import Embedded, EmbeddingSpace
from memory.long_term.entries import IndexEntry, Question, SearchResult


class LongTermIndex(Protocol):
    """An index of passages, scoped by user in every call.

    Every method raises `memory.long_term.errors.IndexUnavailable` when the engine does not answer.
    """

    @property
    def space(self) -> EmbeddingSpace | None:
        """The space of the vectors that the index holds; None until the first ones come."""
        ...

    async def upsert(
        self, entries: Sequence[IndexEntry], embedded: Embedded | None = None, *, durable: bool = True
    ) -> None:
        """Add or replace entries, with their vectors where they are known; found when the call returns.

        Durable too, unless `durable` is False: then the next call that is durable makes it so, even one
        without entries. The first vectors give the index their space. Raises `SpaceMismatch`, and writes
        nothing, when they come from another one.
        """
        ...

    async def add_vectors(
        self, entries: Sequence[IndexEntry], embedded: Embedded, *, durable: bool = True
    ) -> None:
        """Give entries their vectors; those that are not there yet come in whole. Raises as `upsert` does."""
        ...

    async def erase(self, user: str, source_ids: Sequence[str]) -> None:
        """Remove every entry of these documents or threads; durable when the call returns."""
        ...

    async def with_vectors(self, user: str, source_ids: Sequence[str]) -> set[str]:
        """Return the ids of the entries of these documents or threads that have their vectors."""
        ...

    async def search(self, user: str, question: Question, limit: int) -> SearchResult:
        """Return the user's `limit` best entries of each kind for the question, best first."""
        ...

    async def clear(self) -> None:
        """Remove everything, before a rebuild; the index counts as new until it is confirmed."""
        ...

    async def confirm(self) -> None:
        """Say that everything which a new index must hold has been queued for it."""
        ...

    async def ping(self) -> str:
        """Return the engine's name and version."""
        ...
