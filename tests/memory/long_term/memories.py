"""What a memory is told, and what it recalls."""

from __future__ import annotations

from collections.abc import Sequence

from memory.archive.entities import Chunk, Document, Turn
from memory.archive.ids import chunk_id, document_id
from memory.long_term.entries import IndexEntry, Question
from memory.long_term.passages import Passage, document_entries, turn_entry
from memory.long_term.recall import Recall
from tests.memory.archive.samples import a_document


async def keep(
    recall: Recall,
    name: str,
    texts: Sequence[str],
    *,
    title: str = "Notes",
    media_type: str = "text/markdown",
    lang: str = "en",
    user: str = "marie",
    speakers: Sequence[str] = (),
) -> Document:
    """Put a document in the archive and in the index; with `speakers`, who says each of its texts."""
    uri = f"file:///{name}"
    document = a_document(
        document_id(user, uri),
        uri=uri,
        user=user,
        title=title,
        media_type=media_type,
        lang=lang,
        chunk_count=len(texts),
    )
    chunks = [
        Chunk(
            chunk_id(document.id, document.content_hash, at),
            document.id,
            user,
            at,
            text,
            f"00:00:0{at} {speakers[at]}" if speakers else f"page {at + 1}",
            lang,
        )
        for at, text in enumerate(texts)
    ]
    async with recall.archive.unit() as unit:
        await unit.documents.put(document, chunks)
    await _project(recall, list(document_entries(document, chunks)))
    return document


async def keep_turn(recall: Recall, turn: Turn) -> None:
    """Put a turn in the archive and, when it adds something, in the index."""
    async with recall.archive.unit() as unit:
        await unit.threads.add_turn(turn)
    entry = turn_entry(turn)
    await _project(recall, [entry] if entry else [])


async def search(
    recall: Recall, text: str, *, lang: str = "en", user: str = "marie", limit: int = 8
) -> list[Passage]:
    """What recall finds."""
    return (await recall.search(user, Question(text, lang), limit)).passages


async def _project(recall: Recall, entries: Sequence[IndexEntry]) -> None:
    """Put entries in the index, with their vectors where there is an embedder; no test here needs a disk."""
    embedder = recall.embedder
    vectors = await embedder.embed_documents([entry.text for entry in entries]) if embedder else None
    await recall.index.upsert(entries, vectors, durable=False)
