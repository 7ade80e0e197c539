"""Forgetting: what a person wants gone leaves every store, and every turn that saw it.

One transaction of the archive decides it: the text goes, the answers that drew on it are blanked,
and the ledger holds what remains to be erased from the index and the checkpoints. A crash after
that loses nothing of the decision; the projector carries it out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from graphs.ingestion.projector import Projector
from memory.archive.archive import Archive, UnitOfWork
from memory.archive.entities import Turn
from memory.short_term.keys import thread_key
from memory.short_term.lease import Lease

_BLANKED = {
    "en": "(This answer drew on something that was forgotten since.)",
    "fr": "(Cette réponse s'appuyait sur un contenu oublié depuis.)",
}


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
            await unit.ledger.enqueue(user, "document", document_id, "knowledge", "erase")
            await _blank_traces(unit, user, document_id)
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
            await _blank_traces(unit, user, thread_id)
        await self._carry_out()
        return True

    async def _carry_out(self) -> None:
        await self.projector.drain()
        await self.archive.scrub()


async def _blank_traces(unit: UnitOfWork, user: str, subject_id: str) -> None:
    """Blank the answers of every turn that saw the subject, and of those that saw such a turn.

    An answer that drew on it may have been recalled in other conversations, and so on.
    """
    blanked: set[str] = set()
    threads: set[str] = set()
    waiting = list(await unit.threads.referring(user, subject_id))
    while waiting:
        turn = waiting.pop()
        if turn.id in blanked:
            continue
        blanked.add(turn.id)
        await _blank(unit, turn, subject_id)
        if turn.thread_id not in threads:
            threads.add(turn.thread_id)
            await unit.ledger.enqueue(user, "thread", turn.thread_id, "short_term", "erase")
        waiting.extend(await _echoes(unit, turn))


async def _echoes(unit: UnitOfWork, turn: Turn) -> Sequence[Turn]:
    """Return the later turns that saw this turn's conversation and may repeat its answer."""
    seen = await unit.threads.referring(turn.user, turn.thread_id)
    later = [other for other in seen if other.started_at > turn.started_at]
    same = await unit.threads.turns(turn.user, turn.thread_id)
    after = [other for other in same if other.started_at > turn.started_at and other.served_by != "memory"]
    return [*later, *after]


async def _blank(unit: UnitOfWork, turn: Turn, subject_id: str) -> None:
    left = [source for source in turn.sources if source["document_id"] != subject_id]
    references = [reference for reference in turn.references if reference != subject_id]
    notice = _BLANKED["fr" if turn.lang == "fr" else "en"]
    await unit.threads.redact(turn.user, turn.id, answer=notice, sources=left, references=references)
    await unit.ledger.enqueue(turn.user, "turn", turn.id, "recall")
