"""Subjects of the ledger in hand: documents and turns, and what the long-term index should hold of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from memory.archive.archive import Archive, UnitOfWork
from memory.archive.entities import Kind, LedgerEntry
from memory.long_term.embedding import Embedded, Vector
from memory.long_term.entries import IndexEntry
from memory.long_term.passages import document_entries, turn_entry

Key = tuple[str, Kind, str]
"""User, kind and id of a subject."""


@dataclass(eq=False, slots=True)
class Subject:
    """One that was claimed, and how far it is."""

    claim: LedgerEntry
    texts: int = 0
    """How many entries it has in the index."""
    missing: int = 0
    """How many of them have no vector yet."""
    refused: list[str] = field(default_factory=list)
    """Why, for the texts that the embedding model refuses."""
    held: bool = False
    """Its vectors are being made, so its claim lasts."""
    dropped: bool = False
    """It was asked for again, or forgotten: nothing of it may be written any more."""

    @property
    def key(self) -> Key:
        """What tells it from others."""
        return self.claim.user, self.claim.kind, self.claim.subject_id


Piece = tuple[Subject, IndexEntry]
"""One text of a subject."""

Found = dict[Key, list[IndexEntry]]
"""What the index should hold, by subject."""


async def index_entries(archive: Archive, claims: Sequence[LedgerEntry]) -> Found:
    """Return what the index should hold by subject; nothing of what is to be erased, or was forgotten."""

    async def read(unit: UnitOfWork) -> Found:
        found: Found = {}
        for user in sorted({claim.user for claim in claims}):
            mine = [claim for claim in claims if claim.user == user and claim.action == "project"]
            await _documents(unit, user, [one.subject_id for one in mine if one.kind == "document"], found)
            await _turns(unit, user, [one.subject_id for one in mine if one.kind == "turn"], found)
        return found

    return await archive.look(read) if claims else {}


async def _documents(unit: UnitOfWork, user: str, ids: Sequence[str], found: Found) -> None:
    if not ids:
        return
    heads = await unit.documents.heads(user, ids)
    chunks = await unit.documents.chunks_of(user, ids)
    for document_id, document in heads.items():
        entries = list(document_entries(document, chunks.get(document_id, [])))
        found[(user, "document", document_id)] = entries


async def _turns(unit: UnitOfWork, user: str, ids: Sequence[str], found: Found) -> None:
    if not ids:
        return
    before = await unit.threads.asked_before(user, ids)
    for turn_id, turn in (await unit.threads.turns_by_id(user, ids)).items():
        entry = turn_entry(turn, before.get(turn_id, ""))
        found[(user, "turn", turn_id)] = [entry] if entry else []


def wanted(taken: Iterable[tuple[Sequence[Piece], Embedded]]) -> tuple[list[IndexEntry], list[Vector | None]]:
    """Return what is still wanted, with its vectors."""
    entries: list[IndexEntry] = []
    vectors: list[Vector | None] = []
    for batch, embedded in taken:
        for (subject, entry), vector in zip(batch, embedded.vectors, strict=True):
            if vector is not None and not subject.dropped:
                entries.append(entry)
                vectors.append(vector)
    return entries, vectors
