"""The knowledge graph on ArcadeDB: who waits for whom. The engine's work is done in threads."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from memory.knowledge import assertions
from memory.knowledge.arcadedb import machine, unstoppable
from memory.knowledge.arcadedb.databases import Databases
from memory.knowledge.arcadedb.signals import keep_child_signal
from memory.knowledge.arcadedb.workers import Job, Workers
from memory.knowledge.errors import KnowledgeUnavailable, QueryRefused, QueryTooSlow
from memory.knowledge.facts import DocumentFacts
from memory.knowledge.protocol import Limits, Rows

_TO_OPEN: Final = 60.0
_TO_WRITE: Final = 60.0
_TO_CLOSE: Final = 10.0
_TO_STOP: Final = 3.0
"""After a query was left: the engine has stopped by then what it can stop."""
_READERS: Final = 3
_DOUBTFUL: Final = 2
"""Threads for queries that were not written here: they never take those of the others."""


class ArcadeGraph:
    """A `KnowledgeGraph` in one folder of this process."""

    def __init__(self, jpype: Any, databases: Databases, clock: Callable[[], datetime]) -> None:
        self._jpype = jpype
        self._databases = databases
        self._clock = clock
        self._writer = Workers("knowledge-writer", 1)
        self._readers = Workers("knowledge-reader", _READERS)
        self._doubtful = Workers("knowledge-query", _DOUBTFUL)
        self._writing = asyncio.Lock()
        self._watching: set[asyncio.Task[None]] = set()

    @property
    def backend(self) -> str:
        """`arcadedb`."""
        return "arcadedb"

    def alone(self, user: str) -> bool:
        """Tell whether a query reaches nothing but this user's graph: always, as each has a database."""
        return bool(user)

    async def put(self, facts: Sequence[DocumentFacts]) -> None:
        """Make what each document says what the graph has of it."""
        for one in facts:
            await self._change(one.user, assertions.put(one, self._now()))

    async def forget(self, user: str, document_ids: Sequence[str]) -> None:
        """Remove these documents and what only they said."""
        for document_id in document_ids:
            if self._databases.exists(user):
                await self._change(user, assertions.forget(user, document_id, self._now()))

    async def scrub(self, user: str) -> None:
        """Make sure that what this user forgot is in no file any more; reads go on meanwhile."""
        await self._write(lambda _: self._databases.scrub(user))

    async def read(
        self,
        user: str,
        cypher: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        limits: Limits | None = None,
        verify: bool = False,
    ) -> Rows:
        """Run one read-only query in the database of this user."""
        limits = limits or Limits()
        given = {**(parameters or {}), "user": user}

        begun: list[Job] = []

        def run(job: Job) -> Rows:
            begun.append(job)
            with self._databases.reading(user) as engine:
                if verify:
                    unstoppable.refuse(self._jpype, cypher)
                    if not engine.is_read(cypher):
                        raise QueryRefused("the engine says that this is not a plain read")
                    engine.require_right(cypher)
                return engine.read(cypher, given, limits, job.left.is_set)

        try:
            return await (self._doubtful if verify else self._readers).run(run, limits.seconds)
        except TimeoutError as error:
            raise QueryTooSlow("the query did not end in its time and was left") from error
        finally:
            for job in begun:
                if not job.done.done():
                    self._watch(job, user)

    def _watch(self, job: Job, user: str) -> None:
        watching = asyncio.create_task(self._end(job, user), name="knowledge-watch")
        self._watching.add(watching)
        watching.add_done_callback(self._watching.discard)

    async def _end(self, job: Job, user: str) -> None:
        """Put an end to a query that the engine should have stopped: it fails when its database is closed."""
        await asyncio.wait([job.done], timeout=_TO_STOP)
        if not job.done.done():
            with suppress(KnowledgeUnavailable):  # whoever asks next is told
                await self._write(lambda _: self._databases.reopen(user))

    async def clear(self) -> None:
        """Remove everybody's graph."""
        await self._write(lambda _: self._databases.clear())

    async def ping(self) -> str:
        """Return the engine's name and version, after it has answered a question."""
        await self.read("", "RETURN 1 AS one")
        version = str(self._jpype.JClass("com.arcadedb.Constants").getVersion())
        return f"ArcadeDB {version.split(' ')[0]}"

    async def _change(self, user: str, change: assertions.Change) -> None:
        def run(_: Job) -> None:
            with self._databases.writing(user) as engine:
                engine.change(change)

        await self._write(run)

    async def _write(self, run: Callable[[Job], None]) -> None:
        """One after the other; a change whose caller leaves is carried out all the same, before the next."""
        async with self._writing:
            work = asyncio.ensure_future(self._writer.run(run, _TO_WRITE))
            try:
                await asyncio.shield(work)
            except asyncio.CancelledError:
                await asyncio.wait([work])
                raise
            except TimeoutError as error:
                raise KnowledgeUnavailable("the embedded graph does not come to an end of writing") from error
            except OSError as error:
                raise KnowledgeUnavailable(f"the embedded graph cannot write: {error.strerror}") from error

    def _now(self) -> str:
        return self._clock().isoformat()

    async def close(self) -> None:
        """Write what is in memory, close the databases, let the threads go."""
        for watching in self._watching:
            watching.cancel()
        with suppress(TimeoutError):  # one that hangs is made whole when it is opened the next time
            await self._writer.run(lambda _: self._databases.close(), _TO_CLOSE)
        for workers in (self._writer, self._readers, self._doubtful):
            with suppress(TimeoutError):  # a query that does not end goes when the process does
                await workers.close(_TO_CLOSE)


@asynccontextmanager
async def open_arcadedb(folder: Path, *, clock: Callable[[], datetime]) -> AsyncIterator[ArcadeGraph]:
    """Open the knowledge graph in a folder; `clock` gives the time that is written beside what is said.

    Raises `KnowledgeUnavailable` where there is no engine for this system, another process holds the
    folder, or the engine would let a query read files or reach addresses.
    """

    def start() -> Any:
        folder.mkdir(parents=True, exist_ok=True)
        return machine.start(folder)

    try:
        async with asyncio.timeout(_TO_OPEN):
            jpype = await asyncio.to_thread(start)
            keep_child_signal(jpype)
            made = Databases(jpype, folder)
            await asyncio.to_thread(made.prove)
    except TimeoutError as error:
        raise KnowledgeUnavailable("the embedded graph engine does not start in time") from error
    graph = ArcadeGraph(jpype, made, clock)
    try:
        yield graph
    finally:
        await graph.close()
