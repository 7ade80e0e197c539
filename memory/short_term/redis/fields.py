"""How a session is named in Redis, and what the fields of its hash are called.

A session is one hash. Its key holds the thread's id percent-encoded between braces, the hash tag by which a
cluster places it. The parts of a field stand between slashes; a slash or a percent sign in one is encoded.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple
from urllib.parse import quote_from_bytes, unquote_to_bytes

_BEFORE: Final = b"session:{"
_AFTER: Final = b"}:checkpoints"


def session_key(thread_id: str) -> bytes:
    """Return the key of a thread's hash, whatever the id holds."""
    return _BEFORE + _quoted(thread_id) + _AFTER


def thread_of(key: bytes) -> str:
    """Return the thread's id of a key."""
    return unquote_to_bytes(key[len(_BEFORE) : -len(_AFTER)]).decode("utf-8", "surrogatepass")


def sessions_of(prefix: str) -> bytes:
    """Return the pattern of the keys of threads whose id begins so: no wildcard survives encoding."""
    return _BEFORE + _quoted(prefix) + b"*" + _AFTER


def _quoted(text: str) -> bytes:
    return quote_from_bytes(text.encode("utf-8", "surrogatepass"), safe="").encode("ascii")


def checkpoint_field(namespace: str, checkpoint_id: str) -> bytes:
    """Return the field of a checkpoint."""
    return _field("c", namespace, checkpoint_id)


def value_field(namespace: str, channel: str, version: str | int | float) -> bytes:
    """Return the field of a channel's value in one of its versions."""
    return _field("v", namespace, channel, str(version))


def write_field(namespace: str, checkpoint_id: str, task_id: str, index: int) -> bytes:
    """Return the field of a pending write."""
    return _field("w", namespace, checkpoint_id, task_id, str(index))


def _field(*parts: str) -> bytes:
    return "/".join(part.replace("%", "%25").replace("/", "%2F") for part in parts).encode(
        "utf-8", "surrogatepass"
    )


def _parts(field: bytes) -> list[str]:
    whole = field.decode("utf-8", "surrogatepass")
    parts = whole.split("/")
    return [part.replace("%2F", "/").replace("%25", "%") for part in parts] if "%" in whole else parts


class Value(NamedTuple):
    """A channel's value in one of its versions."""

    namespace: str
    channel: str
    version: str


class Write(NamedTuple):
    """What a task wrote."""

    namespace: str
    checkpoint_id: str
    task_id: str
    position: int


class Contents:
    """What a session's hash holds, by the names of its fields."""

    def __init__(self, fields: Iterable[bytes]) -> None:
        """Read the names; a field of an unknown kind is left alone."""
        self.checkpoints: dict[tuple[str, str], bytes] = {}
        self.values: dict[Value, bytes] = {}
        self.writes: dict[Write, bytes] = {}
        for field in fields:
            kind, *parts = _parts(field)
            if kind == "c" and len(parts) == 2:
                self.checkpoints[parts[0], parts[1]] = field
            elif kind == "v" and len(parts) == 3:
                self.values[Value(*parts)] = field
            elif kind == "w" and len(parts) == 4 and parts[3].removeprefix("-").isdecimal():
                self.writes[Write(parts[0], parts[1], parts[2], int(parts[3]))] = field

    def latest(self, namespace: str) -> str | None:
        """Return the id of a namespace's last checkpoint."""
        return max((id_ for where, id_ in self.checkpoints if where == namespace), default=None)

    def newest_values(self, namespace: str) -> set[bytes]:
        """Return the field of each channel's newest version: most likely what the last checkpoint has."""
        newest: dict[str, tuple[str, bytes]] = {}
        for value, field in self.values.items():
            if value.namespace == namespace and value.version >= newest.get(value.channel, ("", b""))[0]:
                newest[value.channel] = (value.version, field)
        return {field for _, field in newest.values()}

    def writes_of(self, namespace: str, checkpoint_id: str) -> dict[Write, bytes]:
        """Return the pending writes of a checkpoint."""
        wanted = (namespace, checkpoint_id)
        return {write: field for write, field in self.writes.items() if write[:2] == wanted}

    def value(self, namespace: str, channel: str, version: str | int | float) -> bytes | None:
        """Return the field of a channel's value, None when the channel was empty in this version."""
        return self.values.get(Value(namespace, channel, str(version)))


def lease_key(thread_id: str) -> bytes:
    """Return the key of who holds a thread."""
    return _BEFORE + _quoted(thread_id) + b"}:lease"


def stop_key(thread_id: str) -> bytes:
    """Return the key of the run of a thread that was asked to stop."""
    return _BEFORE + _quoted(thread_id) + b"}:stop"
