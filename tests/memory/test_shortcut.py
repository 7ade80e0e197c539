"""Quick work is done where it is asked for, until it is slow once."""

from __future__ import annotations

from memory.shortcut import QUICK_SECONDS, Shortcut


class Clock:
    """Seconds, as a test lets them pass."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


def test_quick_work_keeps_it_open_and_slow_work_closes_it_for_a_while() -> None:
    """A slow one costs at most a hundredth of the time: it stays closed a hundred times as long."""
    clock = Clock()
    shortcut = Shortcut(clock=clock)
    assert shortcut.is_open
    with shortcut.taken():
        clock.now += QUICK_SECONDS
    assert shortcut.is_open
    with shortcut.taken():
        clock.now += 1.0
    clock.now += 99.0
    assert not shortcut.is_open
    clock.now += 1.0
    assert shortcut.is_open


def test_slow_work_that_fails_closes_it_too() -> None:
    """What goes wrong after a long wait has held everybody up as well."""
    clock = Clock()
    shortcut = Shortcut(clock=clock)
    try:
        with shortcut.taken():
            clock.now += 1.0
            raise OSError
    except OSError:
        assert not shortcut.is_open


def test_it_can_be_closed_for_good() -> None:
    """Where nothing may ever hold up the event loop."""
    clock = Clock()
    clock.now = 1e12
    assert not Shortcut(closed=True, clock=clock).is_open
