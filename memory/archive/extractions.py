"""What models read in the chunks of documents: kept, for reading takes them long; gone with the chunks."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from memory.archive.batches import in_batches
from memory.archive.entities import Extraction
from memory.archive.tables import chunks, extractions, insert


class ExtractionRepository:
    """What was read, scoped by user in every call."""

    def __init__(self, connection: AsyncConnection) -> None:
        """Work inside the transaction of `connection`."""
        self._connection = connection

    async def keep(self, extraction: Extraction) -> bool:
        """Keep what was read instead of what was read there before; False when the chunk is gone."""
        mine = (chunks.c.user == extraction.user) & (chunks.c.id == extraction.chunk_id)
        if (await self._connection.execute(select(chunks.c.id).where(mine))).first() is None:
            return False
        values = {
            "digest": extraction.digest,
            "extractor": extraction.extractor,
            "value": extraction.value,
        }
        put = insert(self._connection, extractions).values(
            user=extraction.user, chunk_id=extraction.chunk_id, **values
        )
        await self._connection.execute(
            put.on_conflict_do_update(index_elements=["user", "chunk_id"], set_=values)
        )
        return True

    async def of(self, user: str, chunk_ids: Sequence[str]) -> dict[str, Extraction]:
        """Return what was read from each of these chunks on, by the chunk's id."""
        found: dict[str, Extraction] = {}
        columns = [extractions.c[name] for name in ("user", "chunk_id", "digest", "extractor", "value")]
        for batch in in_batches(chunk_ids):
            query = select(*columns).where(extractions.c.user == user, extractions.c.chunk_id.in_(batch))
            found.update((row.chunk_id, Extraction(*row)) for row in await self._connection.execute(query))
        return found
