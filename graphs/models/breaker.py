"""When a model is left alone: after a few failures in a row, until it has worked again."""

from dataclasses import dataclass
from typing import Final

FAILURES: Final = 3
"""In a row, until a model is left alone. Fewer would punish a hiccup, more would cost turns."""
OF_THE_QUESTION: Final = ("the answer went round in circles", "it thought aloud without saying so")
"""Failures that may be the question's own: they do not count against the model."""
FIRST_PAUSE: Final = 10.0
LONGEST_PAUSE: Final = 600.0
"""Seconds until a model that passed a trial, and failed again at the next call, is tried again."""


@dataclass
class Breaker:
    """Counts the failures of one model (the circuit breaker of M. Nygard, "Release It!").

    It is not a person's turn that tries again, as is usual: whoever looks after the models does, in the
    background (`router`). A trial that passes lets one call through; only that closes the breaker for good.
    """

    failures: int = 0
    reason: str = ""
    """Of the last failure."""
    pause: float = 0.0
    """Seconds to wait before the next trial, from when it opened."""
    opened: float = 0.0
    """When it opened, in seconds of the router's clock."""
    on_trial: bool = False
    """A trial was passed, and no call has been made since."""

    @property
    def is_open(self) -> bool:
        """Whether the model is left alone."""
        return self.failures >= FAILURES

    def may_be_tried(self, now: float) -> bool:
        """Tell whether it is open, and its pause over."""
        return self.is_open and now >= self.opened + self.pause

    def failed(self, reason: str, now: float) -> None:
        """Note that a call failed."""
        self.reason = reason
        if reason in OF_THE_QUESTION:
            return
        self.failures += 1
        if self.on_trial:
            self.pause = min(LONGEST_PAUSE, max(FIRST_PAUSE, 2 * self.pause))
        if self.on_trial or self.failures == FAILURES:
            self.opened, self.on_trial = now, False

    def worked(self) -> None:
        """Note that a call was answered: all is forgotten."""
        self.failures, self.reason, self.pause, self.on_trial = 0, "", 0.0, False

    def passed(self) -> None:
        """Note that a trial was passed: one call may show whether it works."""
        self.failures, self.on_trial = FAILURES - 1, True
