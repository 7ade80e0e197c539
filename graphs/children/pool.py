"""A pool of children of one kind: spawned when needed, replaced when they die, ended when they are idle."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from graphs.children import child as children
from graphs.children.child import Child, Kind
from graphs.children.errors import ChildEnded

JOBS_PER_CHILD: Final = 500
"""A child is replaced after so many jobs, so that what C libraries leak stays bounded."""
Result = TypeVar("Result")


class ChildPool:
    """Gives work to children; as much at once as there are workers, the rest waits."""

    def __init__(
        self,
        kind: Kind,
        workers: int,
        *,
        jobs_per_child: int = JOBS_PER_CHILD,
        idle_seconds: float | None = None,
    ) -> None:
        """Start nothing yet. After `idle_seconds` without work a child is ended; None keeps it."""
        self._kind = kind
        self._jobs_per_child = jobs_per_child
        self._idle_seconds = idle_seconds
        self._free = asyncio.Semaphore(workers)
        # Last in, first out: one job at a time keeps one child busy, not all of them warm.
        self._idle: list[Child] = []
        self._ends: dict[Child, asyncio.TimerHandle] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._closed = False

    async def run(self, work: Callable[[Child], Awaitable[Result]]) -> Result:
        """Do one piece of work with a child; raise what it raises, ChildNotStarted, OSError, ChildEnded.

        A child that was gone before it was asked is replaced, once. Whatever happens to it, the next work
        gets a sound one.
        """
        async with self._free:
            child = self._take()
            try:
                child = child or await self._start()
                try:
                    return await work(child)
                except ChildEnded:
                    gone, child = child, None
                    await gone.close()
                    child = await self._start()
                    return await work(child)
            finally:
                await self._give_back(child)

    async def close(self) -> None:
        """End the children that wait for work; the busy ones end with it."""
        self._closed = True
        while child := self._take():
            await child.close()
        await asyncio.gather(*self._ending)

    async def _start(self) -> Child:
        return await children.start(self._kind)

    def _take(self) -> Child | None:
        if not self._idle:
            return None
        child = self._idle.pop()
        if end := self._ends.pop(child, None):
            end.cancel()
        return child

    async def _give_back(self, child: Child | None) -> None:
        if child is None:
            return
        child.jobs += 1
        if self._closed or not child.sound or child.jobs >= self._jobs_per_child:
            await child.close()
            return
        self._idle.append(child)
        if self._idle_seconds is not None:
            loop = asyncio.get_running_loop()
            self._ends[child] = loop.call_later(self._idle_seconds, self._end, child)

    def _end(self, child: Child) -> None:
        """End a child that had nothing to do for long."""
        del self._ends[child]
        self._idle.remove(child)
        task = asyncio.create_task(child.close())
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
