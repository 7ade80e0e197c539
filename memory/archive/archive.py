"""The archive, opened: units of work that commit wholly or not at all, and reading beside them."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import text
from sqlalchemy.exc import PendingRollbackError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from memory.archive import failures
from memory.archive.copies import drop_copies
from memory.archive.documents import DocumentRepository
from memory.archive.ledger import LedgerRepository
from memory.archive.lineage import LINEAGE, Lineage
from memory.archive.scrubbing import rewrite
from memory.archive.sqlite import READERS, SQLiteFile
from memory.archive.threads import ThreadRepository
from memory.archive.transactions import snapshot, steadily, transaction
from memory.archive.upgrade import bring_to_head

FILE_NAME: Final = "souvenir.db"
KEPT_FREE: Final = 16 * 1024**2  # bytes of the disk that new documents and turns leave alone
_PATIENCE: Final = 30.0  # seconds that a reader waits for a connection


@dataclass(frozen=True, slots=True)
class UnitOfWork:
    """The repositories, all inside one transaction."""

    documents: DocumentRepository
    threads: ThreadRepository
    ledger: LedgerRepository


class Archive:
    """The source of truth: `unit` to write, `read` to read; both raise the errors of `memory.archive`."""

    def __init__(
        self, file: SQLiteFile, writer: AsyncConnection, reader: AsyncEngine, clock: Callable[[], datetime]
    ) -> None:
        """Write on one connection, read on the connections of an engine; `open_archive` closes both."""
        self._file = file
        self._writer = writer
        self._reader = reader
        self._clock = clock
        self._gate = asyncio.Lock()
        self._seats = asyncio.Semaphore(READERS)
        self._inside: asyncio.Task[object] | None = None
        self._open = True

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[UnitOfWork]:
        """Write: committed to the disk when the block ends well, undone when it does not.

        One unit at a time in the process, the others wait their turn: keep the block short, and never wait in
        it for a network. Raises RuntimeError rather than wait for ever when a task opens one inside another.
        """
        async with self._turn_to_write():
            try:
                async with transaction(self._writer) as connection:
                    yield self._work(connection)
            except PendingRollbackError as error:
                raise failures.undone(self._file.path) from error

    @asynccontextmanager
    async def read(self) -> AsyncIterator[UnitOfWork]:
        """Read one snapshot, whatever is written meanwhile; writing through it raises ArchiveReadOnly."""
        async with self._snapshot() as connection:
            yield self._work(connection)

    async def ping(self) -> str:
        """Read from the database and return the engine's name and version; raises ArchiveUnavailable."""
        self._must_be_open()
        if not await asyncio.to_thread(self._file.path.exists):
            # An open file outlives its name: what is written there now would be lost with the process.
            raise failures.unreachable(self._file.path, "the file is gone")
        async with self._snapshot() as connection:
            await connection.execute(text("SELECT version_num FROM alembic_version"))
            return f"SQLite {(await connection.execute(text('SELECT sqlite_version()'))).scalar_one()}"

    async def require_room(self) -> None:
        """Raise ArchiveFull when what is about to be kept would take the last of the disk.

        The other stores in the folder need some to close what they have open. Not asked before deleting.
        """
        usage = await asyncio.to_thread(shutil.disk_usage, self._file.path.parent)
        if usage.free < KEPT_FREE:
            raise failures.full(self._file.path)

    async def scrub(self) -> None:
        """After something was deleted, make sure that its text is in no file of the folder any more.

        The copies made before an upgrade go too. Raises ArchiveUnavailable when a reader holds an old
        snapshot for longer than the wait for a lock, ArchiveFull when there is no room for a second copy.
        """
        async with self._turn_to_write():
            await steadily(rewrite(self._writer, self._file.path))
            with failures.named(self._file.path):
                await asyncio.to_thread(drop_copies, self._file.path)

    @asynccontextmanager
    async def _snapshot(self) -> AsyncIterator[AsyncConnection]:
        self._must_be_open()
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._seats.acquire()
        except TimeoutError as error:
            raise failures.crowded(self._file.path) from error
        try:
            async with snapshot(self._reader) as connection:
                yield connection
        finally:
            self._seats.release()

    @asynccontextmanager
    async def _turn_to_write(self) -> AsyncIterator[None]:
        self._must_be_open()
        if self._inside is not None and self._inside is asyncio.current_task():
            raise RuntimeError("a unit of work inside another would wait for itself")
        async with self._gate:
            self._must_be_open()  # it may have closed while this one waited
            self._inside = asyncio.current_task()
            try:
                yield
            finally:
                self._inside = None

    def _work(self, connection: AsyncConnection) -> UnitOfWork:
        return UnitOfWork(
            documents=DocumentRepository(connection),
            threads=ThreadRepository(connection),
            ledger=LedgerRepository(connection, self._clock),
        )

    def _must_be_open(self) -> None:
        if not self._open:
            raise failures.closed(self._file.path)

    async def close(self) -> None:
        """Let the unit at work end, then refuse all others; `open_archive` calls it."""
        async with self._gate:
            self._open = False


@asynccontextmanager
async def open_archive(
    folder: Path,
    *,
    clock: Callable[[], datetime],
    max_bytes: int | None = None,
    busy_seconds: float = 5.0,
    lineage: Lineage = LINEAGE,
) -> AsyncIterator[Archive]:
    """Open the archive of `folder` (made, for its owner's eyes only, if missing), migrated if it is older.

    `clock` gives the time, aware. `max_bytes` is a quota for the database file: past it, writing raises
    ArchiveFull as on a full disk. `busy_seconds` is how long to wait for another program's lock. `lineage`
    is the history of the tables to bring it to. Raises ArchiveTooNew, ArchiveReadOnly, ArchiveFull and
    ArchiveUnavailable.
    """
    file = SQLiteFile(folder / FILE_NAME, busy_seconds=busy_seconds, max_bytes=max_bytes)
    async with AsyncExitStack() as stack:
        with failures.named(file.path):  # files are touched by hand here
            await asyncio.to_thread(_make, file.path)
            writer, reader = file.writer(), file.reader()
            # Closed in the other order: the last to close, which empties the log, must be able to write.
            stack.push_async_callback(writer.dispose)
            stack.push_async_callback(reader.dispose)
            await steadily(bring_to_head(file, writer, lineage))
            connection = await stack.enter_async_context(writer.connect())
        archive = Archive(file, connection, reader, clock)
        stack.push_async_callback(archive.close)
        yield archive


def _make(path: Path) -> None:
    """Make the folder and an empty database, private to their owner: to SQLite an empty file is one."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
