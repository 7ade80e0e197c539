"""Reading a checkpoint from a session's hash: all that belongs to it, of one moment."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from langgraph.checkpoint.base import writes_sort_key

from memory.short_term.redis.fields import Contents, Write
from memory.short_term.redis.hashes import Hashes
from memory.short_term.redis.records import Records, Saved


class Found(NamedTuple):
    """A checkpoint, the values of its channels, and its pending writes in the order of LangGraph."""

    saved: Saved
    values: dict[str, Any]
    pending: list[tuple[str, str, Any]]


class Reader:
    """Reads checkpoints; raises `ShortTermUnavailable` and `CheckpointUnreadable`."""

    def __init__(self, hashes: Hashes, records: Records) -> None:
        """Read from `hashes`."""
        self._hashes = hashes
        self._records = records

    async def read(self, key: bytes, contents: Contents, namespace: str, checkpoint_id: str) -> Found | None:
        """Return a checkpoint that `contents` names; None where it is gone meanwhile.

        Each channel's newest value comes along with it. Where the checkpoint has another version of one,
        which only an older one or a fork has, all is asked for again: a hash answers of one moment.
        """
        its_own = contents.checkpoints[namespace, checkpoint_id]
        writes = contents.writes_of(namespace, checkpoint_id)
        asked = {its_own, *writes.values(), *contents.newest_values(namespace)}
        found = await self._fetched(key, asked)
        if its_own not in found:
            return None
        saved = self._records.read_checkpoint(found[its_own])
        versions = _versions(contents, namespace, saved)
        if not asked.issuperset(versions.values()):
            found = await self._fetched(key, {its_own, *writes.values(), *versions.values()})
            if its_own not in found:
                return None
        read = self._records.read_value
        values = {channel: read(found[field]) for channel, field in versions.items() if field in found}
        return Found(saved, values, self._pending(writes, found))

    async def _fetched(self, key: bytes, asked: set[bytes]) -> dict[bytes, bytes]:
        fields = sorted(asked)
        found = await self._hashes.values(key, fields)
        return {field: value for field, value in zip(fields, found, strict=True) if value is not None}

    def _pending(
        self, writes: Mapping[Write, bytes], found: Mapping[bytes, bytes]
    ) -> list[tuple[str, str, Any]]:
        read = self._records.read_write
        every = [(write, read(found[field])) for write, field in writes.items() if field in found]
        every.sort(key=lambda one: writes_sort_key(one[1].path, one[0].task_id, one[0].position))
        return [(write.task_id, written.channel, written.value) for write, written in every]


def _versions(contents: Contents, namespace: str, saved: Saved) -> dict[str, bytes]:
    """Return the fields of a checkpoint's values; a channel that is empty in it has none."""
    versions = saved.checkpoint.get("channel_versions", {})
    wanted = {name: contents.value(namespace, name, version) for name, version in versions.items()}
    return {name: field for name, field in wanted.items() if field is not None}
