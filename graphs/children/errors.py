"""What can happen to a child process, by name."""

from __future__ import annotations


class ChildError(Exception):
    """A child process did not do what it was asked."""


class ChildNotStarted(ChildError):
    """It never said that it was ready: its limits are too low, or, when `slow`, the machine is too busy."""

    def __init__(self, detail: str, *, slow: bool = False) -> None:
        """Keep which of the two."""
        super().__init__(detail)
        self.slow = slow


class ChildEnded(ChildError):
    """It was already gone when it was asked: the request has nothing to do with it."""


class ChildDied(ChildError):
    """It ended in the middle of a request, with this status (negative: the signal)."""

    def __init__(self, status: int) -> None:
        """Keep the status."""
        super().__init__(f"it ended with {status}")
        self.status = status
