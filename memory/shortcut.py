"""Whether quick work is done where it is asked for, rather than in another thread.

A thread keeps the event loop free while something slow goes on. For what takes half a millisecond it is the
thread that is slow: waking it, taking Python's lock from each other and coming back take longer, and more of
the processor (docs/decisions has the figures). So work goes the short way until it was slow once; then it
crosses for a while, a hundred times as long as it took.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

QUICK_SECONDS: Final = 0.02
"""Generous: when the machine is busy half of it is waiting for the processor."""
_REST: Final = 100.0


class Shortcut:
    """Tells for one kind of work whether to do it here; not for several threads at once."""

    def __init__(self, *, closed: bool = False, clock: Callable[[], float] = time.perf_counter) -> None:
        """Read the time, in seconds, from `clock`. `closed`: for good, where nothing may hold the loop up."""
        self._clock = clock
        self._not_before = float("inf") if closed else -float("inf")

    @property
    def is_open(self) -> bool:
        """Tell whether the work may be done here now."""
        return self._clock() >= self._not_before

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Do the work of the block here, and close for a while when it was slow."""
        begun = self._clock()
        try:
            yield
        finally:
            now = self._clock()
            if now - begun > QUICK_SECONDS:
                self._not_before = now + _REST * (now - begun)
