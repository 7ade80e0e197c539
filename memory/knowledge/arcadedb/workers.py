"""Threads that wait for the engine, so that the event loop does not, and can be left behind when it hangs."""

import asyncio
import queue
import threading
from collections.abc import Callable
from typing import Any, Final, TypeVar

from memory.knowledge.errors import KnowledgeUnavailable

T = TypeVar("T")
_MOST_LEFT_BEHIND: Final = 4
"""Queries that run on although nobody waits for them: more, and no new one of their kind is started."""


class Job:
    """One call on its way; `left` is set when nobody waits for it any more."""

    def __init__(self, call: Callable[["Job"], Any], loop: asyncio.AbstractEventLoop) -> None:
        self.call = call
        self.loop = loop
        self.done: asyncio.Future[Any] = loop.create_future()
        self.left = threading.Event()

    def run(self) -> None:
        """Run in a worker's thread, and tell the loop."""
        try:
            outcome, error = self.call(self), None
        except (
            BaseException
        ) as raised:  # Java's exceptions and those of the library alike: whoever waits has it
            outcome, error = None, raised
        try:
            self.loop.call_soon_threadsafe(self._tell, outcome, error)
        except RuntimeError:  # the loop is closed: nobody waits
            return

    def _tell(self, outcome: Any, error: BaseException | None) -> None:
        if self.done.done():
            return
        if error is None:
            self.done.set_result(outcome)
        else:
            self.done.set_exception(error)


class Workers:
    """A few threads; one that does not come back in time is replaced, and ends when its call does.

    They are daemons: a process that ends does not wait for them.
    """

    def __init__(self, name: str, size: int) -> None:
        self._name = name
        self._free = asyncio.Semaphore(size)
        self._idle: list[queue.SimpleQueue[Job | None]] = []
        self._left_behind = 0
        self._none_left = asyncio.Event()
        self._none_left.set()

    async def run(self, call: Callable[[Job], T], seconds: float) -> T:
        """Return what it returns, or raise TimeoutError; KnowledgeUnavailable when too many run on."""
        if self._left_behind >= _MOST_LEFT_BEHIND:
            raise KnowledgeUnavailable("earlier queries of this kind still run, and cannot be stopped")
        async with asyncio.timeout(seconds):
            async with self._free:
                result: T = await self._through(call)
                return result

    async def _through(self, call: Callable[[Job], Any]) -> Any:
        job = Job(call, asyncio.get_running_loop())
        worker = self._idle.pop() if self._idle else self._start()
        worker.put(job)
        try:
            result = await asyncio.shield(job.done)
        except asyncio.CancelledError:
            self._leave(job, worker)
            raise
        except BaseException:
            self._idle.append(worker)
            raise
        self._idle.append(worker)
        return result

    def _leave(self, job: Job, worker: "queue.SimpleQueue[Job | None]") -> None:
        """Do without a worker that does not come back; its thread ends when it does."""
        self._left_behind += 1
        self._none_left.clear()
        job.left.set()
        worker.put(None)
        job.done.add_done_callback(self._came_back)

    def _came_back(self, done: "asyncio.Future[Any]") -> None:
        self._left_behind -= 1
        if not self._left_behind:
            self._none_left.set()
        if not done.cancelled():
            done.exception()  # nobody asks for it any more

    def _start(self) -> "queue.SimpleQueue[Job | None]":
        jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        threading.Thread(target=_work, args=(jobs,), name=self._name, daemon=True).start()
        return jobs

    async def close(self, seconds: float) -> None:
        """Let the threads end that wait for work, and wait a little for those that nobody waited for.

        One that comes back from Java when Python has ended already would end the process with a crash.
        """
        while self._idle:
            self._idle.pop().put(None)
        await asyncio.wait_for(self._none_left.wait(), seconds)


def _work(jobs: "queue.SimpleQueue[Job | None]") -> None:
    while (job := jobs.get()) is not None:
        job.run()
        del job
