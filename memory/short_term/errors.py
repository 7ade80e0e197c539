"""What can go wrong in short-term memory."""


class ShortTermError(Exception):
    """Base of the named errors of short-term memory."""


class ShortTermUnavailable(ShortTermError):
    """The checkpoints cannot be read or written."""


class CheckpointUnreadable(ShortTermUnavailable):
    """A checkpoint is of another version of its format, or damaged; it is not guessed at.

    The way out is in the message: the archive has the conversation, and the next turn rebuilds it from there.
    """

    def __init__(self, what: str) -> None:
        """Keep what was found, and say the way out."""
        super().__init__(
            f"{what}; forget this conversation's checkpoints: its next turn rebuilds them from the archive"
        )


class ValueRefused(ShortTermError):
    """A value would not come back from the checkpoints as it was, and was not written."""


class RedisUrlRefused(ShortTermError):
    """The address of a Redis server cannot be used."""


class ThreadBusy(ShortTermError):
    """Another turn holds the thread: for longer than one waits, or for longer than nothing."""

    def __init__(self, message: str, run: str = "") -> None:
        """Keep the id of the turn that holds it, where it is known."""
        super().__init__(message)
        self.run = run
