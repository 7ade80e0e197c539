"""Running conversations in the data folder: LangGraph's own SQLite saver, with a strict serializer."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

from memory import hops
from memory.short_term.errors import ShortTermUnavailable
from memory.short_term.keys import thread_key
from memory.short_term.protocol import FOREVER
from memory.short_term.retention import written_at
from memory.short_term.saver import AtOnceSaver
from memory.short_term.serde import StrictSerializer

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

_LATEST = "SELECT thread_id, MAX(checkpoint_id) FROM checkpoints GROUP BY thread_id"
_LAST = "SELECT MAX(checkpoint_id) FROM checkpoints WHERE thread_id = ?"


@asynccontextmanager
async def open_checkpointer(folder: Path) -> AsyncIterator[AtOnceSaver]:
    """Open `checkpoints.db` in `folder`; only what `allowed` lists comes back as objects.

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
            saver = AtOnceSaver(connection, serde=StrictSerializer())
            await saver.setup()
        yield saver
        with named_failures(str(folder)):
            # A task cancelled between a statement and its commit leaves a transaction open: it locks the log.
            await connection.rollback()
            await connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@asynccontextmanager
async def open_sqlite(
    folder: Path, *, ttl_seconds: float | None, clock: Callable[[], datetime]
) -> AsyncIterator["SqliteSessions"]:
    """Open the sessions of a data folder; raises `ShortTermUnavailable` when the file cannot be used."""
    async with open_checkpointer(folder) as saver:
        yield SqliteSessions(saver, ttl_seconds, clock)


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class SqliteSessions:
    """The sessions in a data folder. They expire when `expire` is called, not by themselves."""

    saver: AtOnceSaver
    ttl_seconds: float | None = None
    clock: Callable[[], datetime] = _now
    backend: str = "sqlite"

    async def forget(self, keys: Sequence[str]) -> None:
        """Delete the checkpoints of these threads, and write the file anew.

        Deleted rows leave bytes in pages. Raises `ShortTermUnavailable`.
        """
        with named_failures():
            for key in keys:
                await self.saver.adelete_thread(key)
            async with self.saver.lock:
                # A task cancelled between a statement and its commit leaves a transaction open.
                await self.saver.conn.rollback()
                await self.saver.conn.execute("VACUUM")
                await self.saver.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    async def mentioning(self, user: str, subject_ids: Iterable[str]) -> list[str]:
        """Return the user's threads of which a checkpoint holds one of these ids.

        Those of cut and failed turns too. Ids stand in checkpoints as they are: msgpack keeps the bytes of a
        text. Raises `ShortTermUnavailable`.
        """
        prefix = thread_key(user, "")
        found: set[str] = set()
        with named_failures():
            for subject_id in subject_ids:
                mine = {"prefix": prefix, "wanted": subject_id.encode()}
                async with self.saver.lock, self.saver.conn.execute(_MENTIONS, mine) as cursor:
                    found |= {str(key) for (key,) in await cursor.fetchall()}
        return sorted(key.removeprefix(prefix) for key in found)

    async def retain(self, key: str, turns: int) -> None:
        """Keep the checkpoints of a thread's last `turns` turns; raises `ShortTermUnavailable`."""
        with named_failures():
            await self.saver.retain(key, turns)

    async def seconds_left(self, key: str) -> int | None:
        """Return how long a thread has since its last checkpoint; raises `ShortTermUnavailable`."""
        with named_failures():
            async with self.saver.lock, self.saver.conn.execute(_LAST, (key,)) as cursor:
                [last] = await cursor.fetchone()
        if last is None or self.ttl_seconds is None:
            return None if last is None else FOREVER
        left = written_at(str(last)) + timedelta(seconds=self.ttl_seconds) - self.clock()
        return max(0, -int(-left.total_seconds() // 1))

    async def expire(self) -> list[str]:
        """Delete the checkpoints of threads that have been silent for too long; return their keys.

        Nothing is lost: the archive holds the turns, and the next one rebuilds the running conversation.
        """
        if self.ttl_seconds is None:
            return []
        before = self.clock() - timedelta(seconds=self.ttl_seconds)
        with named_failures():
            async with self.saver.lock, self.saver.conn.execute(_LATEST) as cursor:
                latest = {str(key): str(checkpoint) for key, checkpoint in await cursor.fetchall()}
            silent = [key for key, checkpoint in latest.items() if written_at(checkpoint) < before]
            for key in silent:
                await self.saver.adelete_thread(key)
        return silent

    async def ping(self) -> str:
        """Read from the checkpoints and return the library's version; raises `ShortTermUnavailable`."""
        with named_failures():
            await self.saver.aget_tuple({"configurable": {"thread_id": "ping", "checkpoint_ns": ""}})
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
