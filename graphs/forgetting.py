"""Forgetting: what a person wants gone leaves every store, and every turn that saw it.

One transaction of the archive decides it: the text goes, the answers that drew on it are blanked,
and the ledger holds what remains to be erased from the index and the checkpoints. A crash after
that loses nothing of the decision; the projector carries it out.
"""

import asyncio
from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Final

from graphs.agent.prompts import forgotten_answer
from graphs.agent.records import THE_GRAPH
from graphs.ingestion.projector import Projector
from memory.archive.archive import Archive, UnitOfWork
from memory.archive.entities import Kind, Turn
from memory.knowledge.errors import KnowledgeError
from memory.knowledge.keys import key_of
from memory.knowledge.protocol import KnowledgeGraph, Limits
from memory.short_term.errors import ShortTermUnavailable
from memory.short_term.keys import thread_key
from memory.short_term.lease import Lease

GRAPH_SECONDS: Final = 2.0
"""How long forgetting waits to learn what the knowledge graph has of a document."""
_LIMITS: Final = Limits(seconds=GRAPH_SECONDS, rows=10_000, bytes=10_000_000)
_NAMED: Final = (
    "MATCH (d:Document {user: $user, key: $key})-[r]->(e) "
    "RETURN d.name AS title, e.name AS name, r.said AS said"
)


@dataclass(frozen=True, slots=True)
class Forgetter:
    """Forgets documents and conversations."""

    archive: Archive
    projector: Projector
    lease: Lease
    graph: KnowledgeGraph | None = None

    async def document(self, user: str, document_id: str) -> bool:
        """Forget a document; False when the user has none with this id."""
        named = await self._named(user, document_id)
        async with self.archive.unit() as unit:
            if not await unit.documents.delete(user, document_id):
                return False
            await unit.ledger.enqueue(user, "document", document_id, "recall", "erase")
            await unit.ledger.enqueue(user, "document", document_id, "knowledge", "erase")
            await self._drop_answers(unit, user, "document", document_id)
            await self._blank(unit, user, document_id, named)
        await self._carry_out()
        return True

    async def _named(self, user: str, document_id: str) -> list[str] | None:
        """Return what the knowledge graph has of a document, in keys; None when it does not answer."""
        if self.graph is None:
            return []
        try:
            async with asyncio.timeout(GRAPH_SECONDS):
                rows = await self.graph.read(user, _NAMED, {"key": document_id}, limits=_LIMITS)
        except (KnowledgeError, TimeoutError):
            return None
        return [key_of(str(name)) for row in rows.rows for name in row if name]

    async def thread(self, user: str, thread_id: str) -> bool:
        """Forget a conversation; False when the user has none with this id."""
        async with self.lease.hold(thread_key(user, thread_id)), self.archive.unit() as unit:
            if await unit.threads.get(user, thread_id) is None:
                return False
            await unit.threads.delete(user, thread_id)
            await unit.ledger.enqueue(user, "thread", thread_id, "recall", "erase")
            await unit.ledger.enqueue(user, "thread", thread_id, "short_term", "erase")
            await self._drop_answers(unit, user, "thread", thread_id)
            await self._blank(unit, user, thread_id, [])
        await self._carry_out()
        return True

    async def _blank(self, unit: UnitOfWork, user: str, subject_id: str, named: Sequence[str] | None) -> None:
        tainted = await _blank_traces(unit, user, subject_id, named)
        # A turn that was cut has no row in the archive, but its checkpoint may hold what it recalled.
        mentioning = await self._mentioning(unit, user, {subject_id, *tainted})
        for thread_id in sorted({*tainted, *mentioning}):
            await unit.ledger.enqueue(user, "thread", thread_id, "short_term", "erase")

    async def _mentioning(self, unit: UnitOfWork, user: str, ids: Set[str]) -> Sequence[str]:
        """Return the threads whose checkpoints may hold one of these: all of them when nobody can look."""
        try:
            return await self.projector.sessions.mentioning(user, ids)
        except ShortTermUnavailable:
            return [thread.id for thread in await unit.threads.list(user)]

    async def _drop_answers(self, unit: UnitOfWork, user: str, kind: Kind, subject_id: str) -> None:
        """Have every cached answer of the user dropped: any may have drawn on it."""
        if self.projector.answers is not None:
            await unit.ledger.enqueue(user, kind, subject_id, "answers", "erase")

    async def _carry_out(self) -> None:
        work = self.projector
        await asyncio.gather(work.catch_up(), work.erase_from_graph(), work.erase_answers())
        await self.archive.scrub()


async def _blank_traces(
    unit: UnitOfWork, user: str, subject_id: str, named: Sequence[str] | None
) -> set[str]:
    """Blank the answers of every turn that saw the subject, and of those that saw such a turn.

    Return the ids of their threads. An answer that drew on it may have been recalled in other
    conversations, and so on. One that saw rows of the knowledge graph drew on it if it names something that
    the graph had of it; when that is not known, all of them may have.
    """
    tainted: dict[str, Turn] = {}
    waiting = list(await unit.threads.referring(user, subject_id))
    if named is None or named:
        waiting += [one for one in await unit.threads.referring(user, THE_GRAPH) if _names(one, named)]
    while waiting:
        turn = waiting.pop()
        if turn.id not in tainted:
            tainted[turn.id] = turn
            waiting.extend(await _echoes(unit, turn))
    threads = {turn.thread_id for turn in tainted.values()}
    for turn in tainted.values():
        # A quote of a conversation may be a quote of an answer that is blanked here.
        await _blank(unit, turn, subject_id, {subject_id, *threads})
    return threads


def _names(turn: Turn, named: Sequence[str] | None) -> bool:
    """Tell whether an answer names one of these; of None, that nobody knows what to look for."""
    said = f" {key_of(turn.answer)} "
    return named is None or any(f" {key} " in said for key in named)


async def _echoes(unit: UnitOfWork, turn: Turn) -> Sequence[Turn]:
    """Return the turns that saw this turn's conversation and may repeat its answer.

    What ended before this turn did cannot have seen its answer; what began before it did may have,
    because a model searches memory again while it answers.
    """
    seen = await unit.threads.referring(turn.user, turn.thread_id)
    later = [other for other in seen if other.finished_at >= turn.finished_at]
    same = await unit.threads.turns(turn.user, turn.thread_id)
    after = same[[other.id for other in same].index(turn.id) + 1 :]
    return [*later, *(other for other in after if other.served_by != "memory")]


async def _blank(unit: UnitOfWork, turn: Turn, subject_id: str, tainted: Set[str]) -> None:
    left = [source for source in turn.sources if source["document_id"] not in tainted]
    references = [reference for reference in turn.references if reference != subject_id]
    notice = forgotten_answer(turn.lang)
    await unit.threads.redact(turn.user, turn.id, answer=notice, sources=left, references=references)
    await unit.ledger.enqueue(turn.user, "turn", turn.id, "recall")
