"""What stands in a field: the version of this format, how the rest is packed, and the rest.

Large values are compressed: the checkpoints of one conversation say the same names again and again.
"""

import zlib
from typing import Any, Final, NamedTuple

import ormsgpack
from langgraph.checkpoint.serde.base import SerializerProtocol

from memory.short_term.errors import CheckpointUnreadable, ValueRefused

FORMAT: Final = b"1"
_PLAIN, _PACKED = b"-", b"z"
_WORTH: Final = 256
"""Bytes from which compressing pays."""
_LEVEL: Final = 1
LARGEST: Final = 512 * 1024 * 1024
"""The most that a value may grow to when it is unpacked; Redis itself takes no larger ones."""


class Saved(NamedTuple):
    """A checkpoint without its channels' values."""

    parent: str | None
    checkpoint: dict[str, Any]
    metadata: dict[str, Any]


class Written(NamedTuple):
    """A pending write."""

    path: str
    channel: str
    value: Any


class Records:
    """Turns what the saver keeps into fields' values and back."""

    def __init__(self, serde: SerializerProtocol) -> None:
        """Serialise with `serde`."""
        self._serde = serde

    def value(self, value: object) -> bytes:
        """Return a channel's value."""
        return _packed([*self._serde.dumps_typed(value)])

    def checkpoint(self, saved: Saved) -> bytes:
        """Return a checkpoint."""
        parts = (*self._serde.dumps_typed(saved.checkpoint), *self._serde.dumps_typed(saved.metadata))
        return _packed([saved.parent, *parts])

    def write(self, written: Written) -> bytes:
        """Return a pending write."""
        return _packed([written.path, written.channel, *self._serde.dumps_typed(written.value)])

    def read_value(self, record: bytes) -> Any:  # noqa: ANN401 - whatever was kept
        """Return the value; raises `CheckpointUnreadable`, as do the next two."""
        tag, kept = _unpacked(record, 2)
        return self._serde.loads_typed((tag, kept))

    def read_checkpoint(self, record: bytes) -> Saved:
        """Return the checkpoint."""
        parent, tag, kept, metadata_tag, metadata = _unpacked(record, 5)
        checkpoint = self._serde.loads_typed((tag, kept))
        noted = self._serde.loads_typed((metadata_tag, metadata))
        if not isinstance(checkpoint, dict) or not isinstance(noted, dict):
            raise CheckpointUnreadable("a checkpoint is damaged")
        return Saved(parent, checkpoint, noted)

    def read_write(self, record: bytes) -> Written:
        """Return the pending write."""
        path, channel, tag, kept = _unpacked(record, 4)
        return Written(path, channel, self._serde.loads_typed((tag, kept)))


def plain(record: bytes) -> bytes:
    """Return the bytes of a record as they were before compression, for who looks for a word in them."""
    if record[:1] != FORMAT:
        raise CheckpointUnreadable("the checkpoint was written by another version")
    if record[1:2] == _PLAIN:
        return record[2:]
    unpacker = zlib.decompressobj()
    try:
        body = unpacker.decompress(record[2:], LARGEST)
    except zlib.error:
        raise CheckpointUnreadable("the checkpoint is damaged") from None
    if not unpacker.eof:
        raise CheckpointUnreadable("the checkpoint is damaged, or larger than is read")
    return body


def _packed(parts: list[object]) -> bytes:
    try:
        body = ormsgpack.packb(parts)
    except TypeError as error:
        raise ValueRefused(f"a channel's or a task's name cannot be kept: {error}") from None
    if len(body) >= _WORTH:
        return FORMAT + _PACKED + zlib.compress(body, _LEVEL)
    return FORMAT + _PLAIN + body


def _unpacked(record: bytes, number: int) -> list[Any]:
    try:
        parts = ormsgpack.unpackb(plain(record))
    except ValueError:
        raise CheckpointUnreadable("the checkpoint is damaged") from None
    if not isinstance(parts, list) or len(parts) != number:
        raise CheckpointUnreadable("the checkpoint is damaged")
    return parts
