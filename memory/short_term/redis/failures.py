"""What a Redis server complains of, in words of ours: one line, without passwords, keys or values.

The client's own messages quote the command that failed, and with it pieces of the conversation.
"""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from redis.exceptions import (
    BusyLoadingError,
    ConnectionError,
    InvalidResponse,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisClusterException,
    RedisError,
    TimeoutError,
)

from memory.short_term.errors import ShortTermUnavailable

_BY_TYPE: Final[tuple[tuple[type[BaseException], str], ...]] = (
    (OutOfMemoryError, "the server is out of memory and takes no more"),
    (ReadOnlyError, "the server is a replica that can only be read"),
    (BusyLoadingError, "the server is still loading its data"),
    (NoPermissionError, "the account lacks the right to what is needed"),
    (InvalidResponse, "what answers there is not Redis"),
    (TimeoutError, "no answer in time"),
    (ssl.SSLError, "no secure connection can be made"),
    (ConnectionRefusedError, "connection refused"),
    (FileNotFoundError, "no such socket"),
    (ValueError, "what answers there is not Redis"),
)
_BY_WORDS: Final = (
    ("noauth", "the password is wrong or missing"),
    ("authentication required", "the password is wrong or missing"),
    ("wrongpass", "the password is wrong or missing"),
    ("invalid password", "the password is wrong or missing"),
    ("invalid username-password", "the password is wrong or missing"),
    ("without any password configured", "a password is given, and the server has none"),
    ("db index is out of range", "the server has no database of this number"),
    ("oom command not allowed", "the server is out of memory and takes no more"),
    ("readonly you can't write", "the server is a replica that can only be read"),
    ("misconf", "the server takes no writes: it cannot save its data"),
    ("noperm", "the account lacks the right to what is needed"),
    ("protocol error", "what answers there is not Redis"),
    ("wrongtype", "the key holds something else than a session"),
    ("connection refused", "connection refused"),
    ("connect call failed", "connection refused"),
    ("no master found", "the sentinels know no master of this name"),
    ("unknown command 'sentinel'", "no sentinel answers there"),
    ("cluster support disabled", "the server is not part of a cluster"),
    ("cluster mode is not enabled", "the server is not part of a cluster"),
    ("certificate", "no secure connection can be made"),
    ("ssl", "no secure connection can be made"),
    ("name or service not known", "no such host"),
    ("reachable node", "no node of the cluster can be reached"),
    ("timeout", "no answer in time"),
    ("closed by server", "the server closed the connection"),
)


@contextmanager
def named_failures(place: str) -> Iterator[None]:
    """Give what the client raises its name, `ShortTermUnavailable`; `place` is what the server is called."""
    try:
        yield
    except (
        RedisError,
        RedisClusterException,
        OSError,
        ValueError,
    ) as error:  # ValueError: garbage as an answer
        raise ShortTermUnavailable(f"Redis at {place} cannot be used: {reason(error)}") from error


def reason(error: BaseException) -> str:
    """Return what is wrong; of an unknown complaint its kind alone."""
    chain = list(_chain(error))
    for one in chain:
        for kind, words in _BY_TYPE:
            if isinstance(one, kind):
                return words
    said = " ".join(str(one) for one in chain).lower()
    for mark, words in _BY_WORDS:
        if mark in said:
            return words
    return "no connection" if isinstance(error, ConnectionError) else type(error).__name__


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    for _ in range(8):
        if seen is None:
            return
        yield seen
        seen = seen.__cause__ or seen.__context__
