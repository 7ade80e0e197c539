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
