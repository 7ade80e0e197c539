"""LangGraph's SQLite saver, each of whose steps is carried out at once, in the database's thread.

The stock saver holds one lock over several crossings between that thread and the event loop, which a busy
loop answers late: measured with 25 turns at once, a checkpoint then waited 150 ms for its turn.
"""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, Literal, TypeVar

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import ChannelVersions, Checkpoint, CheckpointMetadata, CheckpointTuple
from langgraph.checkpoint.serde.base import SerializerProtocol
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from memory.hops import HopConnection
from memory.short_term import pruning
from memory.short_term.retaining import latest, of_last_turns

T = TypeVar("T")


class AtOnceSaver(AsyncSqliteSaver):
    """Reads, writes and deletes checkpoints in one crossing each; what is cancelled is whole or absent."""

    conn: HopConnection

    def __init__(self, connection: HopConnection, serde: SerializerProtocol) -> None:
        """Use an opened connection; `setup` makes the tables."""
        super().__init__(connection, serde=serde)
        self.lock = _LoopLock(connection)

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """Return a checkpoint, or None."""
        return await self._at_once(super().aget_tuple(config))

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """Keep a checkpoint."""
        return await self._at_once(super().aput(config, checkpoint, metadata, new_versions))

    async def aput_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        """Keep what a node wrote."""
        await self._at_once(super().aput_writes(config, writes, task_id, task_path))

    async def adelete_thread(self, thread_id: str) -> None:
        """Delete a thread's checkpoints."""
        await self._at_once(super().adelete_thread(thread_id))

    async def acopy_thread(self, source_thread_id: str, target_thread_id: str) -> None:
        """Make the target thread what the source thread is; what the target held is gone."""
        await self._at_once(pruning.copy(self.conn, source_thread_id, target_thread_id))

    async def aprune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest") -> None:
        """Keep the last checkpoint of each namespace (`keep_latest`), or none (`delete`).

        Ancestors from which a `DeltaChannel` is rebuilt stay. Raises ValueError for another strategy.
        """
        if strategy not in ("keep_latest", "delete"):
            raise ValueError(f"no strategy of pruning is called {strategy!r}")
        choose: pruning.Choose = latest if strategy == "keep_latest" else lambda _every: frozenset()
        for thread_id in thread_ids:
            await self._at_once(pruning.keep(self.conn, str(thread_id), choose))

    async def retain(self, thread_id: str, turns: int) -> None:
        """Keep the checkpoints of the last `turns` turns."""
        await self._at_once(pruning.keep(self.conn, thread_id, lambda every: of_last_turns(every, turns)))

    async def adelete_for_runs(self, run_ids: Sequence[str]) -> None:
        """Delete the checkpoints that these runs made, in every thread."""
        await self._at_once(pruning.drop_runs(self.conn, run_ids))

    async def _at_once(self, step: Coroutine[Any, Any, T]) -> T:
        return await self.conn.run(step)


class _LoopLock(asyncio.Lock):
    """Keeps apart what takes several crossings; what runs in the database's thread is alone there anyway."""

    def __init__(self, connection: HopConnection) -> None:
        super().__init__()
        self._connection = connection

    async def acquire(self) -> Literal[True]:
        return True if self._connection.is_here else await super().acquire()

    def release(self) -> None:
        if not self._connection.is_here:
            super().release()
