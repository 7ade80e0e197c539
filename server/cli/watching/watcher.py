"""The loop of `souvenir ingest --watch`: take everything in, then what changes, until it is cancelled.

It holds nothing between two batches, neither a connection nor the data folder: the server may come, go and
come back, and without one each batch owns the folder for as long as it takes.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from server.cli.client import Client
from server.cli.errors import ApiError, CliError
from server.cli.shell import Shell
from server.cli.show.watching import WatchLines
from server.cli.watching.bell import TICK_SECONDS, Bell
from server.cli.watching.changes import QUIET_SECONDS, Changes
from server.cli.watching.survey import Survey, survey

REQUEST_CHARS = 100_000
"""Paths in one request; the server takes a megabyte of JSON, and a character may need twelve bytes there."""
UNASKED_SECONDS = 60.0
"""One looks again after so long even if nothing rang: the system may have lost a ring."""
FIRST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 30.0

Json = dict[str, Any]


class Watcher:
    """Watches `roots`, absolute paths. `run` ends only when it is cancelled."""

    def __init__(self, shell: Shell, roots: Sequence[Path], *, poll: bool) -> None:
        """Nothing is looked at before `run`."""
        self._shell = shell
        self._roots = tuple(dict.fromkeys(roots))
        self._bell = Bell(self._roots, poll=poll)
        self._lines = WatchLines(shell)
        self._changes = Changes()
        self._begun = False

    async def run(self) -> None:
        """Take in what is there, then what changes.

        Raises:
            CliError: the memory could not be reached at all; later on it is tried again.
        """
        try:
            seen = await self._look()
            self._changes.start(seen)
            self._lines.watching(seen, self._roots)
            if seen.present:
                await self._batch(seen.present, (), first=True)
            self._begun = True
            self._lines.ready()
            while True:
                await self._round()
        finally:
            await self._bell.close()

    async def _round(self) -> None:
        """Look, do what there is to do, and wait for the next time."""
        seen = await self._look()
        self._lines.places(seen)
        settled = self._changes.update(seen, time.monotonic())
        if settled.changed or settled.gone:
            await self._batch(settled.changed, settled.gone)
        if settled.moving:
            await asyncio.sleep(max(QUIET_SECONDS, 5 * seen.seconds))
            return
        if self._bell.blind:
            self._lines.blind(self._bell.blind)
        missing = len(seen.present) < len(self._roots)
        await self._bell.wait(TICK_SECONDS if missing else max(UNASKED_SECONDS, 100 * seen.seconds))
        await asyncio.sleep(5 * seen.seconds)  # Many files take long to look at: not all the time.

    async def _look(self) -> Survey:
        """See what is there, after the bell follows it: what changes from then on rings."""
        seen = await asyncio.to_thread(survey, self._roots)
        await self._bell.follow(seen.folders)
        return seen

    async def _batch(self, paths: Sequence[Path], gone: Sequence[Path], *, first: bool = False) -> None:
        """Take in some paths, tell of those that are gone, and print the JSON of both."""
        batch = self._lines.batch(first=first)
        with batch:
            for some in _requests(paths):
                await self._insist(partial(self._ingest, some, batch.event))
            if gone:
                await self._insist(partial(self._tell_gone, gone, batch.gone))
        batch.end()

    async def _ingest(self, paths: Sequence[Path], show: Callable[[Json], None], client: Client) -> None:
        done = False
        async with client.streaming("/v1/ingest", {"paths": [str(path) for path in paths]}) as events:
            async for event in events:
                done = done or event.get("type") == "totals"
                show(event)
        if not done:
            raise ApiError("gone", self._shell.say("server-gone"))

    async def _tell_gone(
        self, gone: Sequence[Path], show: Callable[[Sequence[Json]], None], client: Client
    ) -> None:
        """Tell of those that memory holds; the others are nobody's business."""
        uris = {path.as_uri() for path in gone}
        documents = (await client.get("/v1/documents")).get("documents") or []
        show([document for document in documents if document.get("uri") in uris])

    async def _insist(self, work: Callable[[Client], Awaitable[None]]) -> None:
        """Do it, again and again if need be; said once, when the second time fails too."""
        said = False
        for wait in _waits():
            try:
                async with self._shell.client() as client:
                    await work(client)
                _heed_cancellation()
                break
            except (CliError, OSError) as error:  # no server and no folder to own, a full disk: all may pass
                if not self._begun and not isinstance(error, ApiError):
                    raise
                if wait > FIRST_WAIT_SECONDS and not said:
                    said = True
                    self._lines.trying_again(str(error))
            _heed_cancellation()
            await asyncio.sleep(wait)
        if said:
            self._lines.going_on()


def _heed_cancellation() -> None:
    """Raise CancelledError if this task was cancelled, even when nobody passed it on.

    Closing a server awaits its task, and a task that ends in spite of being cancelled swallows the
    cancellation of who awaits it (asyncio.wait_for does so, before Python 3.12).
    """
    task = asyncio.current_task()
    if task and task.cancelling():
        raise asyncio.CancelledError


def _requests(paths: Sequence[Path]) -> Iterator[list[Path]]:
    """The paths in lists that each fit into one request."""
    some: list[Path] = []
    size = 0
    for path in paths:
        size += len(str(path))
        if some and size > REQUEST_CHARS:
            yield some
            some, size = [], len(str(path))
        some.append(path)
    if some:
        yield some


def _waits() -> Iterator[float]:
    wait = FIRST_WAIT_SECONDS
    while True:
        yield wait
        wait = min(2 * wait, LONGEST_WAIT_SECONDS)
