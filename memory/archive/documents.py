"""Documents and their chunks, as one user sees them."""

import builtins
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from typing import Final

from sqlalchemy import ColumnElement, Table, delete, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from memory.archive import failures
from memory.archive.batches import in_batches
from memory.archive.entities import Chunk, Document
from memory.archive.tables import chunks, documents

_WHOLE: Final = [documents.c[field.name] for field in fields(Document)]
# Without the text, which may be megabytes: "" stands for it.
_LIGHT: Final = [literal("").label("text") if column.name == "text" else column for column in _WHOLE]
_CHUNK: Final = [chunks.c[field.name] for field in fields(Chunk)]


class DocumentRepository:
    """What the archive knows about the documents of a user; the user comes first in every call."""

    def __init__(self, connection: AsyncConnection) -> None:
        """Work inside the transaction of `connection`."""
        self._connection = connection

    @staticmethod
    def _of(user: str, table: Table = documents) -> ColumnElement[bool]:
        """Return the condition that every statement here carries."""
        return table.c.user == user

    async def put(self, document: Document, chunks_: Iterable[Chunk]) -> None:
        """Keep a document and its chunks instead of what was under its id, old chunks included.

        `chunks_` is read as it is written, so a long document need not be in memory twice; `chunk_count` is
        what was really written. All or nothing. Raises ArchiveRefused when another document has the same
        `uri`, or when a chunk belongs to another document or user.
        """
        async with self._connection.begin_nested():
            await self.delete(document.user, document.id)
            await self._connection.execute(insert(documents).values(**asdict(document)))
            written = 0
            for batch in in_batches(_belonging(document, chunks_)):
                await self._connection.execute(insert(chunks), [asdict(chunk) for chunk in batch])
                written += len(batch)
            if written != document.chunk_count:
                mine = self._of(document.user) & (documents.c.id == document.id)
                await self._connection.execute(update(documents).where(mine).values(chunk_count=written))

    async def get(self, user: str, document_id: str) -> Document | None:
        """Return a document with its text, or None."""
        query = select(*_WHOLE).where(self._of(user), documents.c.id == document_id)
        row = (await self._connection.execute(query)).one_or_none()
        return None if row is None else Document(*row)

    async def by_uri(self, user: str, uri: str) -> Document | None:
        """Return the document that came from `uri`, without its text, or None."""
        query = select(*_LIGHT).where(self._of(user), documents.c.uri == uri)
        row = (await self._connection.execute(query)).one_or_none()
        return None if row is None else Document(*row)

    async def known(self, user: str, document_ids: Iterable[str]) -> set[str]:
        """Return those of `document_ids` that there are."""
        found: set[str] = set()
        for batch in in_batches(document_ids):
            query = select(documents.c.id).where(self._of(user), documents.c.id.in_(batch))
            found.update((await self._connection.execute(query)).scalars())
        return found

    async def list(self, user: str) -> builtins.list[Document]:
        """Return the user's documents without their texts, in the order of their addresses."""
        query = select(*_LIGHT).where(self._of(user)).order_by(documents.c.uri)
        return [Document(*row) for row in await self._connection.execute(query)]

    async def chunks(self, user: str, document_id: str) -> builtins.list[Chunk]:
        """Return the chunks of a document in the order of their positions."""
        query = select(*_CHUNK).where(self._of(user, chunks), chunks.c.document_id == document_id)
        rows = await self._connection.execute(query.order_by(chunks.c.position))
        return [Chunk(*row) for row in rows]

    async def passages(self, user: str, chunk_ids: Sequence[str]) -> dict[str, tuple[Chunk, Document]]:
        """Return the chunks that exist among `chunk_ids`, each with its document (without text)."""
        both = select(*_CHUNK, *(column.label(f"document_{column.name}") for column in _LIGHT)).join(
            documents, (chunks.c.user == documents.c.user) & (chunks.c.document_id == documents.c.id)
        )
        found = {}
        for batch in in_batches(chunk_ids):
            rows = await self._connection.execute(both.where(self._of(user, chunks), chunks.c.id.in_(batch)))
            for row in rows:
                chunk = Chunk(*row[: len(_CHUNK)])
                found[chunk.id] = (chunk, Document(*row[len(_CHUNK) :]))
        return found

    async def delete(self, user: str, document_id: str) -> bool:
        """Delete a document and its chunks; False when there is none."""
        gone = await self._connection.execute(
            delete(documents).where(self._of(user), documents.c.id == document_id)
        )
        return gone.rowcount > 0


def _belonging(document: Document, candidates: Iterable[Chunk]) -> Iterable[Chunk]:
    """Yield the chunks, refusing one that would land in somebody else's document."""
    for chunk in candidates:
        if (chunk.user, chunk.document_id) != (document.user, document.id):
            raise failures.contradiction("a chunk of another document")
        yield chunk
