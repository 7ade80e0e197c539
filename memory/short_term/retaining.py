"""Which checkpoints stay when older ones are let go: pure reckoning, the same for every backend."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

ROOT: Final = ""
Id = tuple[str, str]
"""A checkpoint's namespace and id."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of a checkpoint without its values."""

    namespace: str
    checkpoint_id: str
    parent: str | None
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> Id:
        """The namespace and the id."""
        return self.namespace, self.checkpoint_id


def latest(checkpoints: Iterable[Kept]) -> set[Id]:
    """Return the last checkpoint of each namespace, and what its channels are rebuilt from."""
    every = {one.id: one for one in checkpoints}
    last: dict[str, str] = {}
    for namespace, checkpoint_id in every:
        last[namespace] = max(last.get(namespace, ""), checkpoint_id)
    return _with_ancestors(every, set(last.items()))


def of_last_turns(checkpoints: Iterable[Kept], turns: int) -> set[Id]:
    """Return the checkpoints of the last turns, those of the graphs inside included.

    A turn is what has one `turn_id` in its metadata; a checkpoint without one is a turn by itself.
    """
    every = {one.id: one for one in checkpoints}
    kept: set[Id] = set()
    seen: set[str] = set()
    for one in sorted(every.values(), key=lambda one: one.checkpoint_id, reverse=True):
        if one.namespace == ROOT:
            turn = str(one.metadata.get("turn_id") or one.checkpoint_id)
            if turn in seen or len(seen) < turns:
                seen.add(turn)
                kept.add(one.id)
    kept |= {one.id for one in every.values() if one.namespace != ROOT and _follows(one, every, kept)}
    return _with_ancestors(every, kept)


def _follows(one: Kept, every: Mapping[Id, Kept], kept: set[Id]) -> bool:
    """Whether a checkpoint of a graph inside belongs to one that stays, or to one that is not known."""
    parents = one.metadata.get("parents")
    above = parents.get(ROOT) if isinstance(parents, Mapping) else None
    if above is not None and (ROOT, above) in every:
        return (ROOT, above) in kept
    oldest = min((checkpoint_id for namespace, checkpoint_id in kept if namespace == ROOT), default="")
    return one.checkpoint_id >= oldest


def _with_ancestors(every: Mapping[Id, Kept], kept: set[Id]) -> set[Id]:
    """Add the ancestors that a `DeltaChannel` is rebuilt from: back to where it was last written whole."""
    whole = set(kept)
    for id_ in kept:
        one = every[id_]
        pending = _deltas(one)
        while pending and one.parent is not None and (one.namespace, one.parent) in every:
            one = every[one.namespace, one.parent]
            whole.add(one.id)
            pending &= _deltas(one)
    return whole


def _deltas(one: Kept) -> set[str]:
    """Return the channels of which a checkpoint does not hold the whole."""
    counted = one.metadata.get("counters_since_delta_snapshot")
    return set(counted) if isinstance(counted, Mapping) else set()
