"""A knowledge graph that does what a test tells it: answer, fail, or never come back."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from memory.knowledge.errors import KnowledgeError
from memory.knowledge.facts import DocumentFacts
from memory.knowledge.protocol import Limits, Rows

Answer = Callable[[str, Mapping[str, Any]], Rows]


class GraphDouble:
    """Counts what it is asked; `hangs` until it is told otherwise, or raises `error`."""

    backend = "double"

    def __init__(self, answer: Answer | None = None) -> None:
        self.answer = answer or (lambda _cypher, _parameters: Rows((), ()))
        self.error: KnowledgeError | None = None
        self.hangs = False
        self.asked: list[str] = []
        self.was_asked = asyncio.Event()
        self.held: dict[str, DocumentFacts] = {}

    def alone(self, user: str) -> bool:
        """Always."""
        return bool(user)

    async def put(self, facts: Sequence[DocumentFacts]) -> None:
        """Keep them."""
        await self._reached()
        self.held |= {one.document_id: one for one in facts}

    async def forget(self, user: str, document_ids: Sequence[str]) -> None:
        """Let them go."""
        await self._reached()
        for one in document_ids:
            self.held.pop(one, None)

    async def scrub(self, user: str) -> None:
        """Nothing is in a file."""

    async def read(
        self,
        user: str,
        cypher: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        limits: Limits | None = None,
        verify: bool = False,
    ) -> Rows:
        """Answer as told."""
        self.asked.append(cypher)
        self.was_asked.set()
        await self._reached()
        return self.answer(cypher, parameters or {})

    async def clear(self) -> None:
        """Empty it."""
        self.held.clear()

    async def ping(self) -> str:
        """A name."""
        await self._reached()
        return "double"

    async def _reached(self) -> None:
        if self.hangs:
            await asyncio.Event().wait()
        if self.error:
            raise self.error
