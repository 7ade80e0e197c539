"""Why a turn is not run, or is not there."""


class QuestionRefused(Exception):
    """The question cannot be asked: `code` is `empty` or `too_long`, `bad_key` or `key_reused`."""

    def __init__(self, code: str) -> None:
        """Keep the code; doors put it in the person's language."""
        super().__init__(code)
        self.code = code


class UnknownThread(Exception):
    """There is no such conversation for this user."""


class UnknownTurn(Exception):
    """There is no such turn of this user, neither at work nor kept."""


class UnknownCheckpoint(Exception):
    """There is no such checkpoint of this conversation, or no longer."""


class Ending(Exception):
    """The process is about to end: it finishes what it does, and begins nothing."""
