"""Taking in many files: a few at a time, one event for each, totals at the end."""

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import ExitStack, aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphs.ingestion.discovery import discover
from graphs.ingestion.following import Following
from graphs.ingestion.graph import IngestionGraph
from graphs.ingestion.projector import Projector
from graphs.ingestion.report import ingested
from graphs.ingestion.state import IngestionContext, IngestionInput, IngestionState
from memory.archive.archive import Archive

IN_FLIGHT = 8
"""Files that are read at once, or wait to be stored: their texts are in memory."""
FOLLOWED = 4096
"""Documents that are stored and wait for their projections; of these only names are in memory."""

Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ingestor:
    """Runs the ingestion graph over files; safe to repeat and to interrupt."""

    graph: IngestionGraph
    archive: Archive
    projector: Projector

    async def paths(self, paths: Sequence[Path], context: IngestionContext) -> AsyncGenerator[Event, None]:
        """Take in files and folders. Yields `discovered`, a `document` each, then `totals`."""
        files = await asyncio.to_thread(lambda: list(discover(paths)))
        # Closed when this is: or else the inner generator, and its tasks, would end when they are collected.
        async with aclosing(
            self.files([(file, file.absolute().as_uri()) for file in files], context)
        ) as events:
            async for event in events:
                yield event

    async def files(
        self, files: Sequence[tuple[Path, str]], context: IngestionContext
    ) -> AsyncGenerator[Event, None]:
        """Take in files under the given addresses (URIs). Closed early, it ends when its work has.

        A document's event comes when its projections are as far as they can be brought now.
        """
        started = time.perf_counter()
        yield {"type": "discovered", "total": len(files)}
        counts: Counter[str] = Counter()
        async with aclosing(self._settled(iter(files), context)) as states:
            async for state in states:
                document = ingested(state)
                counts[document["status"]] += 1
                counts["chunks"] += document["chunks"]
                yield {"type": "document", **document}
        seconds = round(time.perf_counter() - started, 3)
        names = ("stored", "unchanged", "updated", "failed", "chunks")
        yield {"type": "totals", **{name: counts[name] for name in names}, "seconds": seconds}

    async def _settled(
        self, files: Iterator[tuple[Path, str]], context: IngestionContext
    ) -> AsyncGenerator[IngestionState, None]:
        """Yield the last state of each file."""
        running: set[asyncio.Task[IngestionState]] = set()
        following = Following(self.archive, self.projector, context.user)
        more = ExitStack()
        more.enter_context(self.projector.bulk())
        try:
            while True:
                room = IN_FLIGHT - len(running) if len(following) < FOLLOWED else 0
                started = list(itertools.islice(files, max(0, room)))
                for path, uri in started:
                    running.add(asyncio.create_task(self._one({"path": path, "uri": uri}, context)))
                if not running and len(started) < room:
                    more.close()
                    if not following:
                        break
                done = await following.wait(running)
                running -= done
                for task in done:
                    state = task.result()
                    if state.get("status", "failed") == "failed":
                        yield state
                    else:
                        following.add(state)
                for state in await following.settled():
                    yield state
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            await following.end()
            more.close()
            self.projector.wake()

    async def _one(self, file: IngestionInput, context: IngestionContext) -> IngestionState:
        state: Any = await self.graph.ainvoke(file, context=context)
        return state  # type: ignore[no-any-return]  # ainvoke returns the state as a plain dict
