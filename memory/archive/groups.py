"""Works that share one commit: what comes while one group is written makes the next group."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, Generic, TypeVar

W = TypeVar("W")

LARGEST: Final = 64  # works in one commit, so that none waits for very many others


class Group(Generic[W]):
    """Gathers works and commits them together; each is answered after its own commit.

    A group of which one work fails has left nothing: each of it is then committed by itself, so that a
    failure is told to the one whose it is, and to nobody else.
    """

    def __init__(self, commit: Callable[[Sequence[W]], Awaitable[Sequence[object]]]) -> None:
        """Commit with `commit`: all of the works or none, returning their results in order."""
        self._commit = commit
        self._waiting: list[tuple[W, asyncio.Future[object]]] = []
        self._task: asyncio.Task[None] | None = None

    async def join(self, work: W) -> object:
        """Return what the work returns, committed; raises what it raises.

        A task that is cancelled before its group is written takes its work back.
        """
        answer: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        self._waiting.append((work, answer))
        if self._task is None:
            self._task = asyncio.create_task(self._work_off(), name="archive-commits")
        return await answer

    async def _work_off(self) -> None:
        try:
            while self._waiting:
                group, self._waiting = self._waiting[:LARGEST], self._waiting[LARGEST:]
                if not await self._answer(group):
                    for one in group:
                        await self._answer([one])
        finally:
            self._task = None

    async def _answer(self, group: Sequence[tuple[W, asyncio.Future[object]]]) -> bool:
        """Commit and answer those who still wait; False, answering nobody, when one of several fails."""
        wanted = [(work, answer) for work, answer in group if not answer.done()]
        if not wanted:
            return True
        try:
            results = await self._commit([work for work, _ in wanted])
        except Exception as error:  # Whatever it is belongs to the one who asked, and is raised there.
            if len(wanted) > 1:
                return False
            _settle(wanted[0][1], error=error)
            return True
        for (_, answer), result in zip(wanted, results, strict=True):
            _settle(answer, result=result)
        return True


def _settle(answer: asyncio.Future[Any], *, result: object = None, error: Exception | None = None) -> None:
    if answer.done():
        return  # cancelled meanwhile
    if error is None:
        answer.set_result(result)
    else:
        answer.set_exception(error)
