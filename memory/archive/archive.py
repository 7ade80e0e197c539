"""The archive, opened: units of work that commit wholly or not at all, and reading beside them."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeVar, cast

from sqlalchemy import text
from sqlalchemy.exc import PendingRollbackError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.pool import QueuePool

from memory.archive import failures
from memory.archive.calls import CallRepository
from memory.archive.copies import drop_copies
from memory.archive.documents import DocumentRepository
from memory.archive.errors import ArchiveUnavailable
from memory.archive.extractions import ExtractionRepository
from memory.archive.groups import Group
from memory.archive.ledger import LedgerRepository
from memory.archive.lineage import LINEAGE, Lineage
from memory.archive.scrubbing import rewrite
from memory.archive.sqlite import READERS, SQLiteFile
from memory.archive.threads import ThreadRepository
from memory.archive.transactions import Part, beside, in_thread, snapshot, steadily, transaction
from memory.archive.upgrade import bring_to_head
from memory.shortcut import Shortcut

FILE_NAME: Final = "souvenir.db"
KEPT_FREE: Final = 16 * 1024**2  # bytes of the disk that new documents and turns leave alone
_PATIENCE: Final = 30.0  # seconds that a reader waits for a connection


@dataclass(frozen=True, slots=True)
class UnitOfWork:
    """The repositories, all inside one transaction."""

    documents: DocumentRepository
    threads: ThreadRepository
    ledger: LedgerRepository
    calls: CallRepository
    extractions: ExtractionRepository


T = TypeVar("T")
Work = Callable[[UnitOfWork], Coroutine[Any, Any, T]]


class Archive:
    """The source of truth: `unit` to write, `read` to read; both raise the errors of `memory.archive`."""

    def __init__(
        self,
        file: SQLiteFile,
        writer: AsyncConnection,
        reader: AsyncEngine,
        glancer: AsyncEngine,
        clock: Callable[[], datetime],
        shortcut: Shortcut,
    ) -> None:
        """Write on one connection, read on those of two engines; `open_archive` closes all."""
        self._file = file
        self._writer = writer
        self._reader = reader
        self._glancer = glancer
        self._shortcut = shortcut
        self._clock = clock
        self._gate = asyncio.Lock()
        self._seats = asyncio.Semaphore(READERS)
        self._inside: asyncio.Task[object] | None = None
        self._group: Group[Work[Any]] = Group(self._commit)
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

    async def write(self, work: Work[T], *, grows: bool = False) -> T:
        """Write as `unit` does, `work` being the block: committed to the disk when this returns.

        It is carried out in the database's thread, in one transaction with what others ask meanwhile; so the
        event loop, however busy, is not waited for between statements. `work` may wait for its unit and for
        nothing else, and is called again when another of its group fails. `grows`: as after `require_room`.
        """
        self._must_be_open()
        self._must_not_be_inside()

        async def with_room(unit: UnitOfWork) -> T:
            self._require_room()
            return await work(unit)

        return cast(T, await self._group.join(with_room if grows else work))

    async def _commit(self, works: Sequence[Work[Any]]) -> list[Any]:
        async with self._turn_to_write():
            try:
                return await steadily(in_thread(self._writer, [self._part(w) for w in works], commit=True))
            except PendingRollbackError as error:
                raise failures.undone(self._file.path) from error

    async def look(self, work: Work[T]) -> T:
        """Read as `read` does, `work` being the block, carried out as in `write`."""
        async with self._seat():
            return await steadily(beside(self._reader, self._part(work)))

    async def glance(self, work: Work[T]) -> T:
        """Read as `look` does, but a few rows that a turn waits for: in this very thread while that is quick.

        To cross costs more than such a read: two threads of Python wait for each other at every row.
        """
        self._must_be_open()
        if self._shortcut.is_open:
            reading = self._glanced(work)
            pool = cast(QueuePool, self._glancer.pool)
            with suppress(ArchiveUnavailable):  # else a reader waits, or says why
                # With its connection open it never suspends, so that nothing can be cancelled midway.
                return await (reading if pool.checkedin() else steadily(reading))
        return await self.look(work)

    async def _glanced(self, work: Work[T]) -> T:
        with self._shortcut.taken():
            return await beside(self._glancer, self._part(work))

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
        await asyncio.to_thread(self._require_room)

    def _require_room(self) -> None:
        if shutil.disk_usage(self._file.path.parent).free < KEPT_FREE:
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
        async with self._seat(), snapshot(self._reader) as connection:
            yield connection

    @asynccontextmanager
    async def _seat(self) -> AsyncIterator[None]:
        self._must_be_open()
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._seats.acquire()
        except TimeoutError as error:
            raise failures.crowded(self._file.path) from error
        try:
            yield
        finally:
            self._seats.release()

    @asynccontextmanager
    async def _turn_to_write(self) -> AsyncIterator[None]:
        self._must_be_open()
        self._must_not_be_inside()
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
            calls=CallRepository(connection),
            extractions=ExtractionRepository(connection),
        )

    def _part(self, work: Work[T]) -> Part[T]:
        return lambda connection: work(self._work(connection))

    def _must_be_open(self) -> None:
        if not self._open:
            raise failures.closed(self._file.path)

    def _must_not_be_inside(self) -> None:
        if self._inside is not None and self._inside is asyncio.current_task():
            raise RuntimeError("a unit of work inside another would wait for itself")

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
    shortcut: Shortcut | None = None,
) -> AsyncIterator[Archive]:
    """Open the archive of `folder` (made, for its owner's eyes only, if missing), migrated if it is older.

    `clock` gives the time, aware. `max_bytes` is a quota for the database file: past it, writing raises
    ArchiveFull as on a full disk. `busy_seconds` is how long to wait for another program's lock. `lineage`
    is the history of the tables to bring it to; `shortcut` tells when to `glance`. Raises ArchiveTooNew,
    ArchiveReadOnly, ArchiveFull and ArchiveUnavailable.
    """
    file = SQLiteFile(folder / FILE_NAME, busy_seconds=busy_seconds, max_bytes=max_bytes)
    async with AsyncExitStack() as stack:
        with failures.named(file.path):  # files are touched by hand here
            await asyncio.to_thread(_make, file.path)
            writer, reader, glancer = file.writer(), file.reader(), file.glancer()
            # Closed in the other order: the last to close, which empties the log, must be able to write.
            stack.push_async_callback(writer.dispose)
            stack.push_async_callback(reader.dispose)
            stack.push_async_callback(glancer.dispose)
            await steadily(bring_to_head(file, writer, lineage))
            connection = await stack.enter_async_context(writer.connect())
        archive = Archive(file, connection, reader, glancer, clock, shortcut or Shortcut())
        stack.push_async_callback(archive.close)
        yield archive


def _make(path: Path) -> None:
    """Make the folder and an empty database, private to their owner: to SQLite an empty file is one."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
