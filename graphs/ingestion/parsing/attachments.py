"""The files attached to a mail, each read by the reader of its format, all of them within one allowance."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from graphs.ingestion.parsing import limits
from graphs.ingestion.parsing.errors import ParsingError
from graphs.ingestion.parsing.mail_parts import Piece
from graphs.ingestion.parsing.reading import Reading
from graphs.ingestion.parsing.sections import Section

MAX_FILES: Final = 100


@dataclass
class Allowance:
    """How much may still be read of what is attached to one mail. The other half is for the mail itself."""

    files: int = MAX_FILES
    chars: int = limits.MAX_CHARS // 2
    sections: int = limits.MAX_SECTIONS // 2

    def take(self, section: Section) -> bool:
        """Count a section; False when it is one too many."""
        self.chars -= len(section.text)
        self.sections -= 1
        return self.chars >= 0 and self.sections >= 0


def sections(piece: Piece, prefix: str, allowance: Allowance) -> Iterator[Section]:
    """What an attached file says, located by its name and the place in it; why not, when it cannot be read.

    Nothing for a format that is not read: the mail names it.
    """
    name, suffix = f"{prefix}{piece.name}", piece.suffix
    if not suffix or allowance.files <= 0:
        return
    allowance.files -= 1
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"attachment{suffix}")
        path.write_bytes(piece.data)
        try:
            for section in _read(path):
                if not allowance.take(section):
                    raise ParsingError("too_large")
                place = f"{name}, {section.locator}".removesuffix(", ")
                yield Section(section.text, place, (name, *section.heading), section.atomic)
        except ParsingError as error:
            yield Section(f"{piece.name} ({error.code})", name)


def _read(path: Path) -> Iterator[Section]:
    try:
        yield from Reading(path)
    except (ParsingError, MemoryError, ImportError, OSError):
        raise  # an attachment that cannot be read, or a child that cannot go on
    except Exception as error:
        # Any other exception is a format library's answer to a file that it did not expect.
        raise ParsingError("corrupt", f"{type(error).__name__}: {error}") from error
