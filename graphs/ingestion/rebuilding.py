"""Building the projections again from the archive."""

from memory.archive.archive import Archive
from memory.knowledge.protocol import KnowledgeGraph
from memory.long_term.protocol import LongTermIndex


async def rebuild(archive: Archive, index: LongTermIndex) -> int:
    """Empty the index and queue everything again; return how much. A crash at any point repeats it."""
    await index.clear()
    return await requeue(archive, index)


async def rebuild_graph(archive: Archive, graph: KnowledgeGraph) -> int:
    """Empty the knowledge graph and queue every document; return how many.

    What models read is kept in the archive, and not read again. Raises `KnowledgeError`, and then nothing is
    queued.
    """
    await graph.clear()
    return await archive.write(lambda unit: unit.ledger.requeue_all(None, "knowledge"))


async def requeue(archive: Archive, index: LongTermIndex) -> int:
    """Queue everything for an index that starts empty; return how much.

    Only then is the index confirmed: until it is, the next start finds it new and comes here again.
    """
    queued = await archive.write(lambda unit: unit.ledger.requeue_all(None, "recall"))
    await index.confirm()
    return queued
