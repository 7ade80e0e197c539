"""What the ledger's claims are about, read from the archive, and what came of them, written back."""

from collections.abc import Sequence
from typing import Final

from memory.archive.archive import Archive, UnitOfWork
from memory.archive.entities import Chunk, Document, Kind, LedgerEntry, State

DOCUMENTS: Final[frozenset[Kind]] = frozenset({"document"})
NO_MODEL_YET: Final = "a model has not read it yet"
BY_RULES: Final = f"read by rules; {NO_MODEL_YET}"
RULES_ONLY: Final = "read by rules; the routes name no model for extraction"
Text = tuple[Document, list[Chunk]]
Texts = dict[tuple[str, str], Text]
"""Documents (without their whole text) with their chunks, by user and id."""


async def texts(archive: Archive, claims: Sequence[LedgerEntry]) -> Texts:
    """Return the documents of claims with their chunks; nothing of what is to be erased, or was forgotten."""

    async def read(unit: UnitOfWork) -> Texts:
        found: Texts = {}
        for user in sorted({one.user for one in claims}):
            ids = [one.subject_id for one in claims if one.user == user and one.action == "project"]
            chunks = await unit.documents.chunks_of(user, ids)
            for document_id, document in (await unit.documents.heads(user, ids)).items():
                found[(user, document_id)] = (document, chunks.get(document_id, []))
        return found

    return await archive.look(read)


async def mark(
    archive: Archive, one: LedgerEntry, state: State, reason: str | None = None, *, lease_seconds: float = 0
) -> None:
    """Say in the ledger what came of a claim."""
    await archive.write(lambda unit: unit.ledger.mark_all([one], state, reason, lease_seconds=lease_seconds))
