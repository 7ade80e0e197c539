"""Retention: checkpoints of conversations that have been silent for long are dropped.

Nothing is lost: the archive holds the turns, and the next one rebuilds the running conversation.
"""

import uuid
from datetime import UTC, datetime, timedelta

from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

_GREGORIAN = datetime(1582, 10, 15, tzinfo=UTC)
_LATEST = "SELECT thread_id, MAX(checkpoint_id) FROM checkpoints GROUP BY thread_id"


async def expire(saver: AsyncSqliteSaver, before: datetime) -> list[str]:
    """Delete the checkpoints of threads whose last one is older than `before`; return their keys."""
    async with saver.conn.execute(_LATEST) as rows:
        latest = {str(key): str(checkpoint) async for key, checkpoint in rows}
    silent = [key for key, checkpoint in latest.items() if written_at(checkpoint) < before]
    for key in silent:
        await saver.adelete_thread(key)
    return silent


def written_at(checkpoint_id: str) -> datetime:
    """Return when a checkpoint was made: its id is a UUID of version 6 (RFC 9562, section 5.6)."""
    number = uuid.UUID(checkpoint_id).int
    ticks = (number >> 80) << 12 | (number >> 64) & 0xFFF
    return _GREGORIAN + timedelta(microseconds=ticks // 10)
