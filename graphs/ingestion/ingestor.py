"""Taking in many files: a few at a time, one event for each, totals at the end."""

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphs.ingestion.discovery import discover
from graphs.ingestion.graph import IngestionGraph
from graphs.ingestion.report import ingested
from graphs.ingestion.state import IngestionContext, IngestionInput

IN_FLIGHT = 8

Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ingestor:
    """Runs the ingestion graph over files; safe to repeat and to interrupt."""

    graph: IngestionGraph

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
        """Take in files under the given addresses (URIs). Closed early, it ends when its work has."""
        started = time.perf_counter()
        yield {"type": "discovered", "total": len(files)}
        counts: Counter[str] = Counter()
        waiting = iter(files)
        running: set[asyncio.Task[Event]] = set()
        try:
            while True:
                for path, uri in _up_to(IN_FLIGHT - len(running), waiting):
                    running.add(asyncio.create_task(self._one({"path": path, "uri": uri}, context)))
                if not running:
                    break
                done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    document = task.result()
                    counts[document["status"]] += 1
                    counts["chunks"] += document["chunks"]
                    yield {"type": "document", **document}
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
        seconds = round(time.perf_counter() - started, 3)
        names = ("stored", "unchanged", "updated", "failed", "chunks")
        yield {"type": "totals", **{name: counts[name] for name in names}, "seconds": seconds}

    async def _one(self, file: IngestionInput, context: IngestionContext) -> Event:
        return ingested(await self.graph.ainvoke(file, context=context))  # type: ignore[arg-type]  # ainvoke returns the state as a plain dict


def _up_to(number: int, files: Iterator[tuple[Path, str]]) -> list[tuple[Path, str]]:
    return list(itertools.islice(files, max(0, number)))
