"""Work in the background gives way to whoever is being answered."""

import asyncio

import pytest

from graphs.models.quiet import Quiet


class Work:
    """Goes on until it is told to end; counts how often it was begun and cut off."""

    def __init__(self) -> None:
        self.begun = self.cut = 0
        self.running = asyncio.Event()
        self.was_cut = asyncio.Event()
        self.end = asyncio.Event()

    async def __call__(self) -> str:
        """Do the work."""
        self.begun += 1
        self.running.set()
        try:
            await self.end.wait()
        except asyncio.CancelledError:
            self.cut += 1
            self.was_cut.set()
            raise
        return "done"


async def test_it_is_cut_off_and_begun_anew() -> None:
    """A conversation stops it at once, and it begins again when that is over."""
    quiet, work = Quiet(), Work()
    task = asyncio.create_task(quiet.undisturbed(work))
    await work.running.wait()
    with quiet.speaking():
        work.running.clear()
        await work.was_cut.wait()
        assert work.begun == 1
    await work.running.wait()
    work.end.set()
    assert await task == "done"
    assert (work.begun, work.cut) == (2, 1)


async def test_it_does_not_begin_while_somebody_is_answered() -> None:
    """Two conversations: it waits for the end of both."""
    quiet, work = Quiet(), Work()
    work.end.set()
    with quiet.speaking():
        with quiet.speaking():
            task = asyncio.create_task(quiet.undisturbed(work))
            await asyncio.sleep(0)
        for _ in range(5):
            await asyncio.sleep(0)
        assert not work.begun
    assert await task == "done"


async def test_its_own_error_is_raised() -> None:
    """What goes wrong in it is not swallowed."""

    async def broken() -> None:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        await Quiet().undisturbed(broken)


async def test_a_cancelled_caller_leaves_nothing_running() -> None:
    """Who stops waiting stops the work."""
    quiet, work = Quiet(), Work()
    task = asyncio.create_task(quiet.undisturbed(work))
    await work.running.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert work.cut == 1
