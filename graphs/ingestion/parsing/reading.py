"""What a child does with one file: check it, read it with its format's module, clean and bound the result."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from stat import S_ISREG
from typing import Final

from graphs.ingestion.parsing import limits, sniffing, titles
from graphs.ingestion.parsing.errors import ParsingError
from graphs.ingestion.parsing.registry import Format, format_of
from graphs.ingestion.parsing.sections import Section, Title

_UNPRINTABLE: Final = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ud800-\udfff\ufeff\ufffe\uffff]")
_NEWLINES: Final = re.compile(r"\r\n?|\f")
_TRAILING: Final = re.compile(r"[ \t]+(?=\n)")
_BLANK: Final = re.compile(r"\n{3,}")


class Reading:
    """One file being read: iterate over the sections, then ask for `title` and `media_type`."""

    def __init__(self, path: Path) -> None:
        """Nothing is opened before the iteration."""
        self._path = path
        self._title = ""
        self.media_type = ""

    @property
    def title(self) -> str:
        """The first sensible title that the file gave, else its name made readable."""
        return self._title or titles.readable_stem(self._path)

    def __iter__(self) -> Iterator[Section]:
        """Yield the sections that hold text, cleaned; raise ParsingError."""
        chars = count = 0
        found = _admit(self._path)
        self.media_type = found.media_type
        for part in found.load().read(self._path):
            if isinstance(part, Title):
                self._title = self._title or titles.sensible(clean(part.text))
                continue
            if section := _cleaned(part):
                chars, count = chars + len(section.text), count + 1
                if chars > limits.MAX_CHARS or count > limits.MAX_SECTIONS:
                    raise ParsingError("too_large", f"{chars} characters or more, {count} sections")
                yield section
        if not count:
            raise ParsingError("no_text")


def _admit(path: Path) -> Format:
    """The format of the file, once its name, its size and its first bytes agree."""
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError, ValueError) as error:  # ValueError: a NUL in the name
        raise ParsingError("missing", str(error)) from error
    if not S_ISREG(status.st_mode):
        raise ParsingError("unreadable", "not a file")
    found = format_of(path)
    if found is None:
        raise ParsingError("unsupported", path.suffix)
    if status.st_size == 0:
        raise ParsingError("empty")
    if status.st_size > limits.MAX_FILE_BYTES:
        raise ParsingError("too_large", f"{status.st_size} bytes")
    sniffing.check(path, found.family)
    return found


def _cleaned(section: Section) -> Section | None:
    text = clean(section.text)
    if not text:
        return None
    heading = tuple(clean(step) for step in section.heading)
    return Section(text, clean(section.locator), heading, section.atomic)


def clean(text: str) -> str:
    """Text fit to store and show: Unicode NFC, line feeds, no control characters or lone surrogates."""
    text = _UNPRINTABLE.sub("", _NEWLINES.sub("\n", text))
    text = _BLANK.sub("\n\n", _TRAILING.sub("", text)).strip("\n")
    if not text.strip():
        return ""
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)
