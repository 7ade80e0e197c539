"""Documents and their chunks, as one user sees them."""

import builtins
from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any, Final

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Table,
    bindparam,
    delete,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from memory.archive import failures
from memory.archive.batches import in_batches
from memory.archive.entities import Chunk, Document
from memory.archive.tables import chunks, documents

_WHOLE: Final = [documents.c[field.name] for field in fields(Document)]
# Without the text, which may be megabytes: "" stands for it.
_LIGHT: Final = [literal("").label("text") if column.name == "text" else column for column in _WHOLE]
_DOCUMENT_NAMES: Final = [field.name for field in fields(Document)]
_CHUNK_NAMES: Final = [field.name for field in fields(Chunk)]
_CHUNK: Final = [chunks.c[field.name] for field in fields(Chunk)]

# What every document asks is put together once: to put it together takes longer than to ask it.
_MINE: Final = documents.c.user == bindparam("by")
_PUT: Final = insert(documents)
_PUT_CHUNKS: Final = insert(chunks)
_DELETE: Final = delete(documents).where(_MINE, documents.c.id == bindparam("document"))
_BY_URI: Final = select(*_LIGHT).where(_MINE, documents.c.uri == bindparam("address"))

# What every turn asks is put together once: to put it together takes longer than to ask it.
_IDS: Final[BindParameter[Any]] = bindparam("ids", expanding=True)
_KNOWN: Final = select(documents.c.id).where(documents.c.user == bindparam("by"), documents.c.id.in_(_IDS))
_PASSAGES: Final = (
    select(*_CHUNK, *(column.label(f"document_{column.name}") for column in _LIGHT))
    .join(documents, (chunks.c.user == documents.c.user) & (chunks.c.document_id == documents.c.id))
    .where(chunks.c.user == bindparam("by"), chunks.c.id.in_(_IDS))
)


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
            await self._connection.execute(_PUT, _row(document))
            written = 0
            for batch in in_batches(_belonging(document, chunks_)):
                await self._connection.execute(_PUT_CHUNKS, [_row(chunk) for chunk in batch])
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
        row = (await self._connection.execute(_BY_URI, {"by": user, "address": uri})).one_or_none()
        return None if row is None else Document(*row)

    async def known(self, user: str, document_ids: Iterable[str]) -> set[str]:
        """Return those of `document_ids` that there are."""
        found: set[str] = set()
        for batch in in_batches(document_ids):
            found.update((await self._connection.execute(_KNOWN, {"by": user, "ids": batch})).scalars())
        return found

    async def list(self, user: str) -> builtins.list[Document]:
        """Return the user's documents without their texts, in the order of their addresses."""
        query = select(*_LIGHT).where(self._of(user)).order_by(documents.c.uri)
        return [Document(*row) for row in await self._connection.execute(query)]

    async def languages(self, user: str | None) -> dict[str, int]:
        """Return language → how many documents, of a user or, with None, of everybody."""
        mine = documents.c.user.is_not(None) if user is None else self._of(user)
        query = select(documents.c.lang, func.count()).where(mine).group_by(documents.c.lang)
        return {lang: number for lang, number in await self._connection.execute(query)}

    async def chunks(self, user: str, document_id: str) -> builtins.list[Chunk]:
        """Return the chunks of a document in the order of their positions."""
        query = select(*_CHUNK).where(self._of(user, chunks), chunks.c.document_id == document_id)
        rows = await self._connection.execute(query.order_by(chunks.c.position))
        return [Chunk(*row) for row in rows]

    async def heads(self, user: str, document_ids: Iterable[str]) -> dict[str, Document]:
        """Return the documents that exist among `document_ids`, without their texts."""
        found: dict[str, Document] = {}
        for batch in in_batches(document_ids):
            query = select(*_LIGHT).where(self._of(user), documents.c.id.in_(batch))
            found.update((row.id, Document(*row)) for row in await self._connection.execute(query))
        return found

    async def chunks_of(self, user: str, document_ids: Iterable[str]) -> dict[str, builtins.list[Chunk]]:
        """Return the chunks of several documents, each in the order of their positions."""
        found: dict[str, builtins.list[Chunk]] = {}
        for batch in in_batches(document_ids):
            query = select(*_CHUNK).where(self._of(user, chunks), chunks.c.document_id.in_(batch))
            for row in await self._connection.execute(
                query.order_by(chunks.c.document_id, chunks.c.position)
            ):
                chunk = Chunk(*row)
                found.setdefault(chunk.document_id, []).append(chunk)
        return found

    async def passages(self, user: str, chunk_ids: Sequence[str]) -> dict[str, tuple[Chunk, Document]]:
        """Return the chunks that exist among `chunk_ids`, each with its document (without text)."""
        found = {}
        for batch in in_batches(chunk_ids):
            for row in await self._connection.execute(_PASSAGES, {"by": user, "ids": batch}):
                chunk = Chunk(*row[: len(_CHUNK)])
                found[chunk.id] = (chunk, Document(*row[len(_CHUNK) :]))
        return found

    async def delete(self, user: str, document_id: str) -> bool:
        """Delete a document and its chunks; False when there is none."""
        gone = await self._connection.execute(_DELETE, {"by": user, "document": document_id})
        return gone.rowcount > 0


def _row(entity: Document | Chunk) -> dict[str, Any]:
    """Return an entity as a row; `asdict` would copy every value."""
    names = _DOCUMENT_NAMES if isinstance(entity, Document) else _CHUNK_NAMES
    return {name: getattr(entity, name) for name in names}


def _belonging(document: Document, candidates: Iterable[Chunk]) -> Iterable[Chunk]:
    """Yield the chunks, refusing one that would land in somebody else's document."""
    for chunk in candidates:
        if (chunk.user, chunk.document_id) != (document.user, document.id):
            raise failures.contradiction("a chunk of another document")
        yield chunk
