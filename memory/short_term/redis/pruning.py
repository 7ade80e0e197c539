"""Letting go of checkpoints in a session's hash, and of values and writes that none of the others need."""

from collections.abc import Callable, Mapping, Sequence, Set

from memory.short_term.redis.fields import Contents
from memory.short_term.redis.hashes import Hashes
from memory.short_term.redis.records import Records, Saved
from memory.short_term.retaining import ROOT, Id, Kept, latest, of_last_turns

Choose = Callable[[Sequence[Kept]], Set[Id]]


async def keep_latest(hashes: Hashes, records: Records, key: bytes) -> None:
    """Keep the last checkpoint of each namespace."""
    await _keep(hashes, records, key, latest)


async def keep_turns(hashes: Hashes, records: Records, key: bytes, turns: int) -> None:
    """Keep the checkpoints of the last turns; a session with no more checkpoints than turns is left alone."""
    contents = Contents(await hashes.names(key))
    if sum(namespace == ROOT for namespace, _ in contents.checkpoints) > turns:
        await _keep(hashes, records, key, lambda every: of_last_turns(every, turns))


async def drop_runs(hashes: Hashes, records: Records, key: bytes, run_ids: Set[str]) -> None:
    """Drop the checkpoints of these runs."""
    await _keep(
        hashes,
        records,
        key,
        lambda every: {one.id for one in every if one.metadata.get("run_id") not in run_ids},
    )


async def _keep(hashes: Hashes, records: Records, key: bytes, choose: Choose) -> None:
    def wanted(names: Sequence[bytes]) -> list[bytes]:
        return list(Contents(names).checkpoints.values())

    def doomed(names: Sequence[bytes], found: Mapping[bytes, bytes]) -> list[bytes]:
        contents = Contents(names)
        every = {
            id_: records.read_checkpoint(found[field])
            for id_, field in contents.checkpoints.items()
            if field in found
        }
        described = [Kept(*id_, saved.parent, saved.metadata) for id_, saved in every.items()]
        return _doomed(contents, every, choose(described))

    await hashes.remove(key, wanted, doomed)


def _doomed(contents: Contents, every: Mapping[Id, Saved], kept: Set[Id]) -> list[bytes]:
    """Return the fields that nothing which stays refers to; of a session where nothing goes, none."""
    gone = set(every) - kept
    if not gone:
        return []
    referred = {
        (namespace, channel, str(version))
        for namespace, id_ in kept
        for channel, version in every[namespace, id_].checkpoint.get("channel_versions", {}).items()
    }
    return [
        *(contents.checkpoints[id_] for id_ in gone),
        *(field for write, field in contents.writes.items() if write[:2] in gone),
        *(field for value, field in contents.values.items() if value not in referred),
    ]
