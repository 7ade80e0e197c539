"""What can go wrong on the command line, as people see it."""

from __future__ import annotations

FAILED = 1
WRONG_USAGE = 2
INTERRUPTED = 130  # 128 + SIGINT, as shells count (bash manual, "Exit Status")


class CliError(Exception):
    """Something failed: its text is the one line to show; the program ends with `exit_code`."""

    exit_code = FAILED


class ApiError(CliError):
    """The API refused a request; `code` is its stable name, for programs."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class WrongUsage(CliError):
    """The command was typed in a way that cannot work."""

    exit_code = WRONG_USAGE


class Interrupted(CliError):
    """The person pressed Ctrl-C."""

    exit_code = INTERRUPTED
