"""Checkpoints in the data folder: LangGraph's own SQLite saver, with strict deserialisation."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from importlib.metadata import version
from pathlib import Path

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from memory import hops
from memory.short_term.errors import ShortTermUnavailable
from memory.short_term.keys import thread_key
from memory.short_term.saver import AtOnceSaver

_PRAGMAS = (
    "journal_mode=WAL",
    "busy_timeout=5000",
    "synchronous=FULL",
    # Deleted conversations are overwritten, not just unlinked.
    "secure_delete=ON",
)

_MENTIONS = """
    SELECT thread_id FROM checkpoints
    WHERE substr(thread_id, 1, length(:prefix)) = :prefix AND instr(CAST(checkpoint AS BLOB), :wanted)
    UNION SELECT thread_id FROM writes
    WHERE substr(thread_id, 1, length(:prefix)) = :prefix AND instr(CAST(value AS BLOB), :wanted)
"""


@asynccontextmanager
async def open_checkpointer(folder: Path) -> AsyncIterator[AsyncSqliteSaver]:
    """Open `checkpoints.db` in `folder`; only LangGraph's safe types come back as objects.

    Raises `ShortTermUnavailable` when the file cannot be used.
    """
    async with AsyncExitStack() as stack:
        with named_failures(str(folder)):
            file = folder / "checkpoints.db"
            # Tried by itself first: where aiosqlite cannot open a file, its thread outlives the failure.
            await asyncio.to_thread(lambda: sqlite3.connect(file).close())
            connection = await stack.enter_async_context(hops.connect(file))
            for pragma in _PRAGMAS:
                await connection.execute(f"PRAGMA {pragma}")
            # `None` is LangGraph's strict mode, set here rather than through the environment.
            saver = AtOnceSaver(connection, serde=JsonPlusSerializer(allowed_msgpack_modules=None))
            await saver.setup()
        yield saver
        with named_failures(str(folder)):
            # A task cancelled between a statement and its commit leaves a transaction open: it locks the log.
            await connection.rollback()
            await connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


async def forget_thread(saver: BaseCheckpointSaver[str], key: str) -> None:
    """Delete a thread's checkpoints, from the write-ahead log too; raises `ShortTermUnavailable`."""
    await forget_threads(saver, [key])


async def forget_threads(saver: BaseCheckpointSaver[str], keys: Sequence[str]) -> None:
    """Delete the checkpoints of these threads, and write the file anew: deleted rows leave bytes in pages.

    Raises `ShortTermUnavailable`.
    """
    with named_failures():
        for key in keys:
            await saver.adelete_thread(key)
        if isinstance(saver, AsyncSqliteSaver):
            async with saver.lock:
                # A task cancelled between a statement and its commit leaves a transaction open.
                await saver.conn.rollback()
                await saver.conn.execute("VACUUM")
                await saver.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")


async def threads_mentioning(
    saver: BaseCheckpointSaver[str], user: str, subject_ids: Iterable[str]
) -> list[str]:
    """Return the user's threads of which a checkpoint holds one of these ids, cut and failed turns included.

    Ids stand in checkpoints as they are: msgpack keeps the bytes of a text. Raises `ShortTermUnavailable`.
    """
    prefix = thread_key(user, "")
    found: set[str] = set()
    with named_failures():
        for subject_id in subject_ids:
            found |= await _keys_with(saver, prefix, subject_id)
    return sorted(key.removeprefix(prefix) for key in found)


async def _keys_with(saver: BaseCheckpointSaver[str], prefix: str, subject_id: str) -> set[str]:
    if not isinstance(saver, AsyncSqliteSaver):
        every = [one async for one in saver.alist(None)]
        keys = {str(one.config["configurable"]["thread_id"]) for one in every if subject_id in repr(one)}
        return {key for key in keys if key.startswith(prefix)}
    mine = {"prefix": prefix, "wanted": subject_id.encode()}
    async with saver.lock, saver.conn.execute(_MENTIONS, mine) as cursor:
        return {str(key) for (key,) in await cursor.fetchall()}


async def ping_checkpoints(saver: BaseCheckpointSaver[str]) -> str:
    """Read from the checkpoints and return the library's version; raises `ShortTermUnavailable`."""
    with named_failures():
        await saver.aget_tuple({"configurable": {"thread_id": "ping", "checkpoint_ns": ""}})
    return f"langgraph-checkpoint-sqlite {version('langgraph-checkpoint-sqlite')}"


@contextmanager
def named_failures(place: str = "the data folder") -> Iterator[None]:
    """Give what SQLite raises below LangGraph's saver its name, `ShortTermUnavailable`."""
    try:
        yield
    except sqlite3.Error as error:
        raise ShortTermUnavailable(
            f"the conversation checkpoints in {place} cannot be used: {error}"
        ) from error
