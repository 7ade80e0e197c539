"""What can go wrong in short-term memory."""


class ShortTermError(Exception):
    """Base of the named errors of short-term memory."""


class ShortTermUnavailable(ShortTermError):
    """The checkpoints cannot be read or written."""


class ThreadBusy(ShortTermError):
    """Another turn held the thread for longer than one waits."""
