"""Forgetting: what a person wants gone leaves every store, and every turn that saw it.

One transaction of the archive decides it: the text goes, the answers that drew on it are blanked,
and the ledger holds what remains to be erased from the index and the checkpoints. A crash after
that loses nothing of the decision; the projector carries it out.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass

from graphs.agent.prompts import forgotten_answer
from graphs.ingestion.projector import Projector
from memory.archive.archive import Archive, UnitOfWork
from memory.archive.entities import Turn
from memory.short_term.keys import thread_key
from memory.short_term.lease import Lease
from memory.short_term.sqlite import threads_mentioning


@dataclass(frozen=True, slots=True)
class Forgetter:
    """Forgets documents and conversations."""

    archive: Archive
    projector: Projector
    lease: Lease

    async def document(self, user: str, document_id: str) -> bool:
        """Forget a document; False when the user has none with this id."""
        async with self.archive.unit() as unit:
            if not await unit.documents.delete(user, document_id):
                return False
            await unit.ledger.enqueue(user, "document", document_id, "recall", "erase")
            await _drop_knowledge_work(unit, user, document_id)
            await self._blank(unit, user, document_id)
        await self._carry_out()
        return True

    async def thread(self, user: str, thread_id: str) -> bool:
        """Forget a conversation; False when the user has none with this id."""
        async with self.lease.hold(thread_key(user, thread_id)), self.archive.unit() as unit:
            if await unit.threads.get(user, thread_id) is None:
                return False
            await unit.threads.delete(user, thread_id)
            await unit.ledger.enqueue(user, "thread", thread_id, "recall", "erase")
            await unit.ledger.enqueue(user, "thread", thread_id, "short_term", "erase")
            await self._blank(unit, user, thread_id)
        await self._carry_out()
        return True

    async def _blank(self, unit: UnitOfWork, user: str, subject_id: str) -> None:
        tainted = await _blank_traces(unit, user, subject_id)
        # A turn that was cut has no row in the archive, but its checkpoint may hold what it recalled.
        mentioning = await threads_mentioning(self.projector.checkpointer, user, {subject_id, *tainted})
        for thread_id in sorted({*tainted, *mentioning}):
            await unit.ledger.enqueue(user, "thread", thread_id, "short_term", "erase")

    async def _carry_out(self) -> None:
        await self.projector.drain()
        await self.archive.scrub()


async def _drop_knowledge_work(unit: UnitOfWork, user: str, document_id: str) -> None:
    """End what waits for the knowledge graph: nothing is in it yet."""
    await unit.ledger.enqueue(user, "document", document_id, "knowledge", "erase")
    states = await unit.ledger.states(user, "document", [document_id])
    await unit.ledger.mark(states[document_id]["knowledge"], "done")


async def _blank_traces(unit: UnitOfWork, user: str, subject_id: str) -> set[str]:
    """Blank the answers of every turn that saw the subject, and of those that saw such a turn.

    Return the ids of their threads. An answer that drew on it may have been recalled in other
    conversations, and so on.
    """
    tainted: dict[str, Turn] = {}
    waiting = list(await unit.threads.referring(user, subject_id))
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
