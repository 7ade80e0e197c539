"""What every long-term index does, whichever engine is behind it."""

from collections.abc import Sequence
from typing import Protocol

from memory.long_term.entries import IndexEntry, Question, SearchResult


class LongTermIndex(Protocol):
    """An index of passages, scoped by user in every call.

    Every method raises `memory.long_term.errors.IndexUnavailable` when the engine does not answer.
    """

    async def upsert(self, entries: Sequence[IndexEntry]) -> None:
        """Add or replace entries; durable when the call returns."""
        ...

    async def erase(self, user: str, source_ids: Sequence[str]) -> None:
        """Remove every entry of these documents or threads; durable when the call returns."""
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
