"""A memory made for an evaluation: archive, index and recall as a person's, in a temporary folder."""

import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from graphs.ingestion.parsing.sections import Parsed, Section
from graphs.ingestion.parsing.subtitles import clock
from graphs.ingestion.splitting import split
from memory.archive.archive import Archive, open_archive
from memory.archive.entities import Chunk, Document
from memory.archive.ids import chunk_id, document_id
from memory.long_term.edge import EdgeIndex, open_edge_index
from memory.long_term.embedding import Embedder
from memory.long_term.entries import IndexEntry
from memory.long_term.language import detect
from memory.long_term.passages import document_entries
from server.composition import utc_now
from server.evaluation.sets import Item, Piece

_GROUP = 64


@dataclass(frozen=True, slots=True)
class Store:
    """Where the documents are put, and which piece each passage is of."""

    archive: Archive
    index: EdgeIndex
    embedder: Embedder | None
    pieces: dict[str, str] = field(default_factory=dict)
    """Id of the piece, by the id of the passage."""
    degraded: dict[str, str] = field(default_factory=dict)
    """What did not do its work, and why."""

    async def fill(self, items: Sequence[Item], progress: Callable[[int], None]) -> None:
        """Keep the documents as ingestion would; raises `EmbedderUnavailable`."""
        for start in range(0, len(items), _GROUP):
            group = [self._kept(item) for item in items[start : start + _GROUP]]
            async with self.archive.unit() as unit:
                for document, chunks in group:
                    await unit.documents.put(document, chunks)
            entries = [entry for pair in group for entry in document_entries(*pair)]
            await self._project(entries)
            progress(start + len(group))

    async def _project(self, entries: Sequence[IndexEntry]) -> None:
        if self.embedder is None:
            await self.index.upsert(entries)
            return
        embedded = await self.embedder.embed_documents([entry.text for entry in entries])
        if embedded.refused:
            first = next(iter(embedded.refused.values()))
            self.degraded[self.embedder.component] = f"some texts have no vector: {first}"
        await self.index.upsert(entries, embedded)

    def _kept(self, item: Item) -> tuple[Document, list[Chunk]]:
        """Return the document with its passages, split as ingestion splits them."""
        document, chunks = document_id(item.user, item.id), []
        for position, (piece, text) in enumerate(_passages(item)):
            chunk = Chunk(
                id=chunk_id(document, "", position),
                document_id=document,
                user=item.user,
                position=position,
                text=text,
                locator=piece.locator or (f"{clock(position)} {piece.speaker}" if piece.speaker else ""),
                lang=item.lang or detect(text),
            )
            chunks.append(chunk)
            self.pieces[chunk.id] = piece.id
        return _document(item, document, chunks), chunks


def _passages(item: Item) -> Iterator[tuple[Piece, str]]:
    for piece in item.pieces:
        for part in split(Parsed(item.title, item.media_type, (Section(piece.text, ""),))):
            yield piece, part.text


def _document(item: Item, identity: str, chunks: Sequence[Chunk]) -> Document:
    now = utc_now()
    return Document(
        id=identity,
        user=item.user,
        uri=item.id,
        title=item.title,
        media_type=item.media_type,
        lang=item.lang or (chunks[0].lang if chunks else "en"),
        content_hash="",
        size=sum(len(piece.text) for piece in item.pieces),
        text="",
        created_at=now,
        updated_at=now,
        chunk_count=len(chunks),
    )


@asynccontextmanager
async def open_store(embedder: Embedder | None) -> AsyncIterator[Store]:
    """Open an empty memory, removed at the end."""
    with tempfile.TemporaryDirectory(prefix="souvenir-evaluation-", ignore_cleanup_errors=True) as folder:
        async with (
            open_archive(Path(folder), clock=utc_now) as archive,
            open_edge_index(Path(folder, "recall")) as index,
        ):
            yield Store(archive, index, embedder)
