"""A clock that moves when a test says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class FakeClock:
    """Call it for the time, as the code under test does; set `now` or `advance` it by hand."""

    def __init__(self, now: datetime = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """The time it is."""
        return self.now

    def advance(self, seconds: float) -> datetime:
        """Let `seconds` pass, and return the new time."""
        self.now += timedelta(seconds=seconds)
        return self.now
