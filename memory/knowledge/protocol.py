"""What every knowledge graph does, whichever engine is behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from memory.knowledge.facts import DocumentFacts


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a query may take and give."""

    seconds: float = 2.0
    rows: int = 50
    bytes: int = 32_000
    """Of all values together, about: measured as JSON in UTF-8."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What a query found: plain values only (text, numbers, booleans, None, lists, dictionaries of these).

    A node is a dictionary of its label (`label`) and properties, a relationship one of its `type` and
    properties, a path the list of both in turn; `user` is left out.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    cut: bool = False
    """There was more than the limits let through."""

    def records(self) -> list[dict[str, Any]]:
        """Return the rows as dictionaries by column."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


class KnowledgeGraph(Protocol):
    """A graph of the ontology, scoped by user in every call.

    Every method raises `memory.knowledge.errors.KnowledgeUnavailable` when the engine does not answer.
    """

    @property
    def backend(self) -> str:
        """`arcadedb` or `neo4j`."""
        ...

    def alone(self, user: str) -> bool:
        """Tell whether a query can reach nothing but this user's graph, whatever it says."""
        ...

    async def put(self, facts: Sequence[DocumentFacts]) -> None:
        """Make what each document says what the graph has of it; of one document all or, raising, nothing.

        What only an earlier version of the document said goes. Durable when it returns; doing it twice
        changes nothing but `updated_at`.
        """
        ...

    async def forget(self, user: str, document_ids: Sequence[str]) -> None:
        """Remove these documents and what only they said; durable when it returns."""
        ...

    async def scrub(self, user: str) -> None:
        """Make sure, where the files are ours, that what this user forgot is in none of them any more."""
        ...

    async def read(
        self,
        user: str,
        cypher: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        limits: Limits | None = None,
        verify: bool = False,
    ) -> Rows:
        """Run one read-only query, `$user` among its parameters, and return what fits the limits.

        `verify`: ask the engine first whether it is a plain read, for queries that were not written here.
        Raises `QueryRefused`, `QueryFailed` or `QueryTooSlow`; whatever happens, nothing was written.
        """
        ...

    async def clear(self) -> None:
        """Remove everybody's graph, before a rebuild."""
        ...

    async def ping(self) -> str:
        """Return the engine's name and version."""
        ...
