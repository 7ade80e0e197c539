"""LangGraph's checkpoints on plain Redis: a session is one hash, written in one round trip, read in two."""

import random
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    WRITES_IDX_MAP,
    BaseCheckpointSaver,
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
    get_checkpoint_id,
    get_checkpoint_metadata,
)

from memory.short_term.redis import pruning
from memory.short_term.redis.fields import (
    Contents,
    checkpoint_field,
    session_key,
    sessions_of,
    thread_of,
    value_field,
    write_field,
)
from memory.short_term.redis.hashes import Hashes
from memory.short_term.redis.reading import Found, Reader
from memory.short_term.redis.records import Records, Saved, Written
from memory.short_term.serde import StrictSerializer

_PAGE: Final = 50
_ATTEMPTS: Final = 3


class RedisSaver(BaseCheckpointSaver[str]):
    """Keeps checkpoints in Redis. Asynchronous only: the methods that block raise `NotImplementedError`.

    Raises `ShortTermUnavailable` when the server cannot be used, `CheckpointUnreadable` for what another
    version wrote, and `ValueRefused` for a value that would not come back as it is.
    """

    def __init__(self, hashes: Hashes) -> None:
        """Keep them in `hashes`."""
        super().__init__(serde=StrictSerializer())
        self.hashes = hashes
        self._records = Records(self.serde)
        self._reader = Reader(hashes, self._records)

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """Return a checkpoint, the last one when the configuration names none; None when it is not there."""
        thread_id, namespace = _thread(config), _namespace(config) or ""
        key = session_key(thread_id)
        for _ in range(_ATTEMPTS):
            contents = Contents(await self.hashes.names(key))
            wanted = get_checkpoint_id(config) or contents.latest(namespace)
            if wanted is None or (namespace, wanted) not in contents.checkpoints:
                return None
            found = await self._reader.read(key, contents, namespace, wanted)
            if found is not None:
                return _tuple(thread_id, namespace, wanted, found)
        return None  # dropped while it was read

    async def alist(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[CheckpointTuple]:
        """Yield checkpoints, each thread's newest first; of all threads when there is no configuration."""
        left = limit
        async for thread_id in self._threads(config):
            async for one in self._listed(thread_id, config, filter or {}, before):
                if left is not None:
                    if left <= 0:
                        return
                    left -= 1
                yield one

    async def _threads(self, config: RunnableConfig | None) -> AsyncIterator[str]:
        if config is not None:
            yield _thread(config)
            return
        async for key in self.hashes.keys(sessions_of("")):
            yield thread_of(key)

    async def _listed(
        self,
        thread_id: str,
        config: RunnableConfig | None,
        wanted: Mapping[str, Any],
        before: RunnableConfig | None,
    ) -> AsyncIterator[CheckpointTuple]:
        key = session_key(thread_id)
        contents = Contents(await self.hashes.names(key, touch=config is not None))
        ids = _selected(contents, config, before)
        for start in range(0, len(ids), _PAGE):
            page = ids[start : start + _PAGE]
            records = await self.hashes.values(key, [contents.checkpoints[id_] for id_ in page])
            for (namespace, checkpoint_id), record in zip(page, records, strict=True):
                if record is None:
                    continue
                metadata = self._records.read_checkpoint(record).metadata
                if all(metadata.get(name) == value for name, value in wanted.items()):
                    found = await self._reader.read(key, contents, namespace, checkpoint_id)
                    if found is not None:
                        yield _tuple(thread_id, namespace, checkpoint_id, found)

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """Keep a checkpoint, and the values that are new in it, in one transaction."""
        thread_id, namespace = _thread(config), _namespace(config) or ""
        values = checkpoint["channel_values"]
        fields = {
            value_field(namespace, channel, version): self._records.value(values[channel])
            for channel, version in new_versions.items()
            if channel in values
        }
        rest = {name: part for name, part in checkpoint.items() if name != "channel_values"}
        noted: Any = get_checkpoint_metadata(config, metadata)
        saved = Saved(get_checkpoint_id(config), rest, noted)
        fields[checkpoint_field(namespace, checkpoint["id"])] = self._records.checkpoint(saved)
        await self.hashes.put(session_key(thread_id), fields)
        return _config(thread_id, namespace, checkpoint["id"])

    async def aput_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        """Keep what a task wrote; what it wrote before stays, but for errors, interrupts and the like."""
        namespace, checkpoint_id = _namespace(config) or "", str(config["configurable"]["checkpoint_id"])
        fields: dict[bytes, bytes] = {}
        new: dict[bytes, bytes] = {}
        for position, (channel, value) in enumerate(writes):
            index = WRITES_IDX_MAP.get(channel, position)
            field = write_field(namespace, checkpoint_id, task_id, index)
            (new if index >= 0 else fields)[field] = self._records.write(Written(task_path, channel, value))
        if fields or new:
            await self.hashes.put(session_key(_thread(config)), fields, new)

    async def adelete_thread(self, thread_id: str) -> None:
        """Delete a thread's checkpoints: its whole hash."""
        await self.hashes.drop([session_key(str(thread_id))])

    async def acopy_thread(self, source_thread_id: str, target_thread_id: str) -> None:
        """Make the target thread what the source thread is; what the target held is gone."""
        await self.hashes.copy(session_key(source_thread_id), session_key(target_thread_id))

    async def aprune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest") -> None:
        """Keep the last checkpoint of each namespace (`keep_latest`), or none (`delete`).

        Ancestors from which a `DeltaChannel` is rebuilt stay. Raises ValueError for another strategy.
        """
        if strategy not in ("keep_latest", "delete"):
            raise ValueError(f"no strategy of pruning is called {strategy!r}")
        keys = [session_key(str(thread_id)) for thread_id in thread_ids]
        if strategy == "delete":
            await self.hashes.drop(keys)
            return
        for key in keys:
            await pruning.keep_latest(self.hashes, self._records, key)

    async def retain(self, thread_id: str, turns: int) -> None:
        """Keep the checkpoints of the last `turns` turns, with every value that they refer to."""
        await pruning.keep_turns(self.hashes, self._records, session_key(thread_id), turns)

    async def adelete_for_runs(self, run_ids: Sequence[str]) -> None:
        """Delete the checkpoints that these runs made, in every thread: all of them are looked at."""
        if not run_ids:
            return
        async for key in self.hashes.keys(sessions_of("")):
            await pruning.drop_runs(self.hashes, self._records, key, set(run_ids))

    def get_next_version(self, current: str | int | None, channel: None) -> str:  # noqa: ARG002 - LangGraph's signature
        """Return a version above `current`; two writers at once never give the same one."""
        number = 0 if current is None else int(str(current).split(".")[0])
        return f"{number + 1:032}.{random.random():016}"


def _thread(config: RunnableConfig) -> str:
    return str(config["configurable"]["thread_id"])


def _namespace(config: RunnableConfig) -> str | None:
    found = config["configurable"].get("checkpoint_ns")
    return None if found is None else str(found)


def _config(thread_id: str, namespace: str, checkpoint_id: str) -> RunnableConfig:
    return {
        "configurable": {"thread_id": thread_id, "checkpoint_ns": namespace, "checkpoint_id": checkpoint_id}
    }


def _tuple(thread_id: str, namespace: str, checkpoint_id: str, found: Found) -> CheckpointTuple:
    checkpoint: Any = {**found.saved.checkpoint, "channel_values": found.values}
    metadata: Any = found.saved.metadata
    parent = _config(thread_id, namespace, found.saved.parent) if found.saved.parent else None
    config = _config(thread_id, namespace, checkpoint_id)
    return CheckpointTuple(config, checkpoint, metadata, parent, found.pending)


def _selected(
    contents: Contents, config: RunnableConfig | None, before: RunnableConfig | None
) -> list[tuple[str, str]]:
    """Return the checkpoints that a listing asks for, the newest first."""
    namespace = _namespace(config) if config else None
    only = get_checkpoint_id(config) if config else None
    limit = get_checkpoint_id(before) if before else None
    ids = [
        (where, id_)
        for where, id_ in contents.checkpoints
        if namespace in (None, where) and only in (None, "", id_) and (not limit or id_ < limit)
    ]
    return sorted(ids, key=lambda one: one[1], reverse=True)
