"""Why a file could not be read: one exception, with a code that `messages` turns into a sentence."""

from __future__ import annotations

from typing import Literal, get_args

Code = Literal[
    "missing",
    "empty",
    "unsupported",
    "not_a_pdf",
    "encrypted",
    "corrupt",
    "too_large",
    "zip_bomb",
    "timeout",
    "memory",
    "unreadable",
    "no_text",
]

CODES: tuple[Code, ...] = get_args(Code)


class ParsingError(Exception):
    """A file that could not be read. `code` is for programs and for `messages`, `detail` for the log."""

    def __init__(self, code: Code, detail: str = "") -> None:
        """Keep the code and the detail; the detail may quote the library that refused the file."""
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code: Code = code
        self.detail = detail
