"""The parent's side of reading by rules: one child, started when there is something to read."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final

import structlog

from graphs.children.child import Child, Kind
from graphs.children.errors import ChildDied, ChildError
from graphs.children.pool import ChildPool
from graphs.extraction.reading import protocol
from graphs.extraction.reading.names import Names
from graphs.extraction.reading.unread import NotRead
from memory.archive.entities import Chunk, Document
from memory.knowledge.facts import DocumentFacts, Link

MEMORY_BYTES: Final = 1024**3
"""Of address space: the libraries take 240 MB of it, 100,000 names 90 MB."""
SECONDS: Final = 60.0
"""For one document, the names that it needs included: the longest takes about four."""
IDLE_SECONDS: Final = 30.0
"""Then the child is ended, and its memory goes back."""
DOCUMENTS_PER_CHILD: Final = 200
SENT_CHARACTERS: Final = 1_000_000
"""Of one document: rules read less."""
_ATTEMPTS: Final = 2
_WORKER: Final = "graphs.extraction.reading.worker"
_log = structlog.stdlib.get_logger("souvenir.extraction")


class RulesReader:
    """Reads documents by rules, one at a time; what cannot be read is said by one named error."""

    def __init__(
        self,
        *,
        memory_bytes: int = MEMORY_BYTES,
        seconds: float = SECONDS,
        idle_seconds: float = IDLE_SECONDS,
        documents_per_child: int = DOCUMENTS_PER_CHILD,
    ) -> None:
        """Start nothing yet. The first two bound the child and each document."""
        self._seconds = seconds
        self._children = ChildPool(
            Kind(_WORKER, memory_bytes, seconds, protocol.MAX_LINE_BYTES),
            workers=1,
            jobs_per_child=documents_per_child,
            idle_seconds=idle_seconds,
        )

    async def read(
        self, document: Document, chunks: Sequence[Chunk], names: Names | None = None
    ) -> DocumentFacts:
        """Return what a document says, as `read_by_rules` does; raises `NotRead` when it cannot be read."""
        sent, said = replace(document, text=""), list(_sent(chunks))
        return await self._facts(document, chunks, names, lambda: protocol.reading(sent, said, names))

    async def written_by(self, document: Document, chunks: Sequence[Chunk]) -> tuple[Link, ...]:
        """Return who wrote a document, or speaks in it; raises as `read` does."""
        sent, said = replace(document, text=""), list(_sent(chunks))
        facts = await self._facts(document, chunks, None, lambda: protocol.authors(sent, said))
        return facts.links

    async def close(self) -> None:
        """End the child."""
        await self._children.close()

    async def _facts(
        self,
        document: Document,
        chunks: Sequence[Chunk],
        names: Names | None,
        request: Callable[[], bytes],
    ) -> DocumentFacts:
        try:
            asked = await asyncio.to_thread(request)
            facts = await self._steadily(asked, names)
            _check(facts, document, chunks)
            return facts
        except TimeoutError:
            reason = f"it takes more than {self._seconds:g} s"
        except (ChildError, protocol.ReadingFailed, OSError, KeyError, TypeError, ValueError) as error:
            reason = f"{type(error).__name__}: {error}"
        # Its id only: titles and names are people's own.
        _log.warning("a document could not be read by rules", document=document.id, reason=reason)
        raise NotRead(reason)

    async def _steadily(self, asked: bytes, names: Names | None) -> DocumentFacts:
        """Ask a second child when the first dies of it: it may have been the one before's doing."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return await self._children.run(lambda child: self._ask(child, asked, names))
            except ChildDied as error:
                if attempt == _ATTEMPTS or _out_of_time(error):
                    raise
        raise AssertionError("the last attempt returns or raises")

    async def _ask(self, child: Child, asked: bytes, names: Names | None) -> DocumentFacts:
        async with asyncio.timeout(self._seconds):
            if names is not None:
                await _hand_over(child, names)
            await child.ask(asked)
            answer = await child.line()
            child.sound = True
            return await asyncio.to_thread(protocol.facts, answer)


async def _hand_over(child: Child, names: Names) -> None:
    """See to it that the child holds the names."""
    await child.ask(protocol.asks_for(names))
    if protocol.has(await child.line()):
        return
    for request in protocol.hands_over(names):
        await child.ask(request)
        await child.line()


def _sent(chunks: Sequence[Chunk]) -> Iterator[Chunk]:
    left = SENT_CHARACTERS
    for chunk in chunks:
        if left <= 0:
            return
        yield chunk
        left -= len(chunk.text)


def _check(facts: DocumentFacts, document: Document, chunks: Sequence[Chunk]) -> None:
    """Raise ValueError unless the facts are of this document: the child has read what anybody wrote."""
    if (facts.user, facts.document_id) != (document.user, document.id):
        raise ValueError("the facts are of another document")
    known = {chunk.id for chunk in chunks}
    said = [one.chunks for one in facts.links] + [one.chunks for one in facts.employments]
    if not all(known.issuperset(ids) for ids in said):
        raise ValueError("the facts are said to stand where the document has nothing")


def _out_of_time(error: ChildDied) -> bool:
    return sys.platform != "win32" and error.status == -signal.SIGXCPU


@asynccontextmanager
async def open_rules_reader() -> AsyncIterator[RulesReader]:
    """A reader whose child ends with it."""
    reader = RulesReader()
    try:
        yield reader
    finally:
        await reader.close()
