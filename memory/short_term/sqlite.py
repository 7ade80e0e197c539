"""Checkpoints in the data folder: LangGraph's own SQLite saver, with strict deserialisation."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiosqlite
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from memory.short_term.errors import ShortTermUnavailable

_PRAGMAS = (
    "journal_mode=WAL",
    "busy_timeout=5000",
    "synchronous=FULL",
    # Deleted conversations are overwritten, not just unlinked.
    "secure_delete=ON",
)


@asynccontextmanager
async def open_checkpointer(folder: Path) -> AsyncIterator[BaseCheckpointSaver[str]]:
    """Open `checkpoints.db` in `folder`; only LangGraph's safe types come back as objects.

    Raises `ShortTermUnavailable` when the file cannot be used.
    """
    try:
        async with aiosqlite.connect(folder / "checkpoints.db") as connection:
            for pragma in _PRAGMAS:
                await connection.execute(f"PRAGMA {pragma}")
            # `None` is LangGraph's strict mode, set here rather than through the environment.
            saver = AsyncSqliteSaver(connection, serde=JsonPlusSerializer(allowed_msgpack_modules=None))
            await saver.setup()
            yield saver
            await connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error as error:
        raise ShortTermUnavailable(
            f"the conversation checkpoints in {folder} cannot be used: {error}"
        ) from error


async def forget_thread(saver: BaseCheckpointSaver[str], key: str) -> None:
    """Delete a thread's checkpoints, from the write-ahead log too."""
    await saver.adelete_thread(key)
    if isinstance(saver, AsyncSqliteSaver):
        await saver.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
