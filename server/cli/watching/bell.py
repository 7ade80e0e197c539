"""Rings when something may have changed in the watched folders: on the system's word, or at every tick."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from graphs.ingestion.discovery import HIDDEN, is_readable_name

TICK_SECONDS = 2.0
"""How often one looks where the system tells nothing: at what is not there, at all with `--poll`."""


class Bell:
    """One bell for all the folders. `follow` says which; `wait` returns when it is time to look again.

    Each folder is followed by itself, not with all that is below: so hidden ones, and what links lead to,
    cost nothing. Where the system cannot follow them (too many, a network drive), `blind` says why, and it
    rings at every tick.
    """

    def __init__(self, named: Collection[Path] = (), *, poll: bool = False) -> None:
        """Nothing is followed yet; with `poll` nothing ever is. Files that are `named` always matter."""
        self.blind = "--poll" if poll else ""
        self._named = frozenset(named)
        self._rung = asyncio.Event()
        self._followed: frozenset[Path] = frozenset()
        self._lost = False
        self._task: asyncio.Task[None] | None = None

    async def follow(self, folders: frozenset[Path]) -> None:
        """Follow these folders and no other. Rings once it does: something may have changed meanwhile."""
        if self.blind or (folders == self._followed and not self._lost):
            return
        await self.close()
        self._followed, self._lost = folders, False
        self._rung.set()
        if folders:
            self._task = asyncio.create_task(self._listen(folders))

    async def wait(self, seconds: float | None) -> None:
        """Return when it rings, or after so many seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(TICK_SECONDS if self.blind else seconds):
                await self._rung.wait()
        self._rung.clear()

    async def close(self) -> None:
        """Follow nothing any more."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _listen(self, folders: Collection[Path]) -> None:
        from watchfiles import Change, awatch

        def matters(change: Change, path: str) -> bool:
            return change is Change.deleted or may_matter(Path(path)) or Path(path) in self._named

        try:
            async for changes in awatch(*folders, watch_filter=matters, recursive=False, debounce=400):
                # A folder that is made again under its name is another one: it is to be followed anew.
                self._lost |= any(
                    change != Change.modified and Path(path) in folders for change, path in changes
                )
                self._rung.set()
        except FileNotFoundError:  # A folder went while one began to follow it: the next survey tells.
            self._lost = True
            self._rung.set()
        except (
            OSError,
            RuntimeError,
        ) as error:  # Too many folders for the system, or some that it cannot follow.
            self.blind = str(error)
            self._rung.set()


def may_matter(path: Path) -> bool:
    """Whether a change there can be one of a file that is read, or of a folder."""
    return not path.name.startswith(HIDDEN) and (is_readable_name(path.name) or path.is_dir())
