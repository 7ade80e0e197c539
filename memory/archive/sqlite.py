"""SQLite as the archive's engine: one connection that writes, a few that read, and how each is set up."""

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, Connection, ExceptionContext
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from memory import hops
from memory.archive import failures
from memory.archive.columns import dump_json

_PAGE_BYTES: Final = 4096  # SQLite's default, the page of most disks
READERS: Final = 4
_READING: Final = ("foreign_keys=ON", "query_only=ON")


@dataclass(frozen=True, slots=True)
class SQLiteFile:
    """Where the database is; `max_bytes` is its quota, `busy_seconds` how long to wait for a lock."""

    path: Path
    busy_seconds: float = 5.0
    max_bytes: int | None = None

    def writer(self) -> AsyncEngine:
        """Return an engine of one connection whose transactions take the write lock when they begin.

        Taking it at once (BEGIN IMMEDIATE) is what keeps a transaction that reads, then writes, from failing
        half-way.
        """
        return self._engine("BEGIN IMMEDIATE", ["foreign_keys=ON", *self._quota()], size=1)

    def migrator(self) -> Engine:
        """Return the like of `writer` for a thread without a loop, where Alembic may read its files.

        Foreign keys are off there: rebuilding a table must not cascade.
        """
        engine = create_engine(self._url("sqlite"), **self._options(1))
        _set_up(engine, "BEGIN IMMEDIATE", [*self._common(), "foreign_keys=OFF", *self._quota()], self.path)
        return engine

    def reader(self) -> AsyncEngine:
        """Return an engine of a few connections that see a snapshot and cannot write."""
        # Whoever reads ends the transaction; the pool need not cross to the connection to end it again.
        return self._engine("BEGIN", _READING, size=READERS, on_return=None)

    def glancer(self) -> AsyncEngine:
        """Return the like of `reader`, of one connection that executes where it is asked and never waits."""
        return self._engine("BEGIN", [*_READING, "busy_timeout=0"], size=1, on_return=None, near=True)

    def _engine(
        self,
        begin: str,
        pragmas: Sequence[str],
        *,
        size: int,
        on_return: Literal["rollback"] | None = "rollback",
        near: bool = False,
    ) -> AsyncEngine:
        engine = create_async_engine(
            self._url("sqlite+aiosqlite"),
            async_creator=lambda: hops.connect(self.path, timeout=self.busy_seconds, near=near),
            pool_reset_on_return=on_return,
            **self._options(size),
        )
        engine.sync_engine.dialect.do_terminate = hops.terminate  # type: ignore[assignment, method-assign]  # its own needs a loop
        _set_up(engine.sync_engine, begin, [*self._common(), *pragmas], self.path)
        return engine

    def _url(self, driver: str) -> URL:
        return URL.create(driver, database=str(self.path))

    def _options(self, size: int) -> dict[str, Any]:
        return {
            "pool_size": size,
            "max_overflow": 0,
            "connect_args": {"timeout": self.busy_seconds},
            "hide_parameters": True,  # errors are logged, and parameters are what people wrote
            "json_serializer": dump_json,
        }

    def _quota(self) -> list[str]:
        return [] if self.max_bytes is None else [f"max_page_count={max(1, self.max_bytes // _PAGE_BYTES)}"]

    def _common(self) -> list[str]:
        # The timeout first: entering WAL takes a lock too. FULL, because a commit is an acknowledgement.
        return [
            f"busy_timeout={int(self.busy_seconds * 1000)}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "secure_delete=ON",
        ]


def _set_up(engine: Engine, begin: str, pragmas: list[str], path: Path) -> None:
    """Hook the pragmas, the BEGIN (SQLAlchemy's recipe for SQLite), and the named errors in."""

    def connected(connection: DBAPIConnection, _record: object) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def began(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    def failed(context: ExceptionContext) -> None:
        # A cancelled statement ends in the driver's thread, and the rollback comes after it: that connection
        # is sound. One that rolled back by itself is not: it would commit what follows, piece by piece.
        context.is_disconnect = failures.ends_transaction(context.original_exception)
        context.invalidate_pool_on_disconnect = False
        named = failures.translate(context.original_exception, path)
        if named is not None:
            raise named

    def invalidated(connection: DBAPIConnection, _record: object, _error: object) -> None:
        # A statement that a traceback still holds keeps a closed connection's locks: end them first.
        with suppress(sqlite3.Error):  # it is being thrown away for an error already told
            connection.rollback()

    event.listen(engine, "connect", connected)
    event.listen(engine, "invalidate", invalidated)
    event.listen(engine, "begin", began)
    event.listen(engine, "handle_error", failed)
