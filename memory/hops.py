"""A connection to SQLite that crosses to its thread as seldom as it can.

aiosqlite crosses once for the cursor, once for the statement, once for its rows and once to close it. Every
crossing wakes another thread and then waits for the event loop to come round, which under load takes far
longer than the statement. Here a statement crosses once, with its rows; and a whole piece of work crosses
once (`run`), its statements executed where they are.
"""

import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Self, TypeVar, cast

import aiosqlite
from aiosqlite.context import contextmanager

T = TypeVar("T")
Row = tuple[Any, ...]


class HopCursor:
    """A statement with its rows, as SQLAlchemy and LangGraph ask for them; only executing it crosses."""

    def __init__(self, connection: "HopConnection") -> None:
        """Belong to `connection`."""
        self._connection = connection
        self._rows: Sequence[Row] = ()
        self.description: object = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1

    async def __aenter__(self) -> Self:
        """Return itself: there is nothing to open."""
        return self

    async def __aexit__(self, *exception: object) -> None:
        """Close."""
        await self.close()

    async def execute(self, sql: str, parameters: Iterable[Any] | None = None) -> Self:
        """Execute a statement and fetch all its rows."""
        await self._connection.call(partial(self._perform, "execute", sql, parameters or ()))
        return self

    async def executemany(self, sql: str, parameters: Iterable[Iterable[Any]]) -> Self:
        """Execute a statement once for each of the parameters."""
        await self._connection.call(partial(self._perform, "executemany", sql, parameters))
        return self

    def _perform(self, method: str, sql: str, parameters: Iterable[Any]) -> None:
        cursor: sqlite3.Cursor = getattr(self._connection.inner, method)(sql, parameters)
        try:
            self.description, self.lastrowid = cursor.description, cursor.lastrowid
            self._rows = cursor.fetchall() if cursor.description else ()
            self.rowcount = cursor.rowcount
        finally:
            cursor.close()

    async def fetchall(self) -> Sequence[Row]:
        """Return the rows that are left."""
        rows, self._rows = self._rows, ()
        return rows

    async def fetchone(self) -> Row | None:
        """Return the next row, None after the last."""
        row, self._rows = (self._rows[0], self._rows[1:]) if self._rows else (None, ())
        return row

    async def __aiter__(self) -> AsyncIterator[Row]:
        """Yield the rows that are left."""
        for row in await self.fetchall():
            yield row

    async def close(self) -> None:
        """Let the rows go."""
        self._rows = ()


class HopConnection(aiosqlite.Connection):
    """An aiosqlite connection whose statements cross once, and whose `run` crosses once for all of them."""

    async def __aenter__(self) -> Self:
        """Open."""
        return cast(Self, await self)

    @property
    def inner(self) -> sqlite3.Connection:
        """The connection of the standard library, for use in its own thread."""
        return self._conn

    near = False
    """Once open it does not cross at all: for reads that take less than the way there and back."""

    @property
    def is_here(self) -> bool:
        """Whether the caller may execute at once."""
        return (self.near and self._connection is not None) or threading.current_thread() is self._thread

    def cursor(self) -> Any:  # noqa: ANN401 - not aiosqlite's type, but what its callers do with it
        """Return a cursor, without crossing."""
        return HopCursor(self)

    @contextmanager
    async def execute(self, sql: str, parameters: Iterable[Any] | None = None) -> Any:  # noqa: ANN401 - as above
        """Execute a statement; awaited or entered, it gives its cursor."""
        return await HopCursor(self).execute(sql, parameters)

    async def call(self, function: Callable[[], T]) -> T:
        """Call a function in the connection's thread: at once when that is where this runs."""
        return cast(T, await self._execute(function))

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine wholly in the connection's thread; it may wait for this connection only.

        Raises what it raises, and RuntimeError when it waits for something else.
        """
        return await self.call(partial(_drive, work))

    async def _execute(self, fn: Callable[..., T], *args: object, **kwargs: object) -> T:
        """Do as aiosqlite does, which has everything come by here; but cross only when there is a need to."""
        if self.is_here:
            return fn(*args, **kwargs)
        cross: Callable[..., Coroutine[Any, Any, T]] = super()._execute
        return await cross(fn, *args, **kwargs)


def connect(file: Path, *, timeout: float = 5.0, near: bool = False) -> HopConnection:
    """Return a connection, which opens when it is awaited or entered; it waits `timeout` s for a lock.

    `near`: it executes in the thread of whoever asks, who should ask for little.
    """

    def open_file() -> sqlite3.Connection:
        return sqlite3.connect(file, timeout=timeout, check_same_thread=not near)

    connection = HopConnection(open_file, iter_chunk_size=64)
    connection.near = near
    connection._thread.daemon = True  # as SQLAlchemy does: a forgotten one does not keep the process alive
    return connection


def terminate(adapted: Any) -> None:  # noqa: ANN401 - SQLAlchemy's adapter, of which there is no public type
    """Close a connection that failed, in its own thread too, where there is no event loop to wait with."""
    connection = adapted.driver_connection
    if isinstance(connection, HopConnection) and connection.is_here:
        connection.stop()
    else:
        adapted.terminate()


def _drive(work: Coroutine[Any, Any, T]) -> T:
    try:
        work.send(None)
    except StopIteration as end:
        return cast(T, end.value)
    work.close()
    raise RuntimeError("work in a database's thread may wait for that database only")
