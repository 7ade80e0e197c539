"""Building long-term recall again from the archive."""

from memory.archive.archive import Archive
from memory.long_term.protocol import LongTermIndex


async def rebuild(archive: Archive, index: LongTermIndex) -> int:
    """Empty the index and queue everything again; return how much. A crash at any point repeats it."""
    await index.clear()
    return await requeue(archive, index)


async def requeue(archive: Archive, index: LongTermIndex) -> int:
    """Queue everything for an index that starts empty; return how much.

    Only then is the index confirmed: until it is, the next start finds it new and comes here again.
    """
    async with archive.unit() as unit:
        queued = await unit.ledger.requeue_all(None, "recall")
    await index.confirm()
    return queued
