"""The formats that can be read: one table, by suffix. A new format is one line here and one module beside."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Final, Literal, Protocol

from graphs.ingestion.parsing.sections import Parts

Family = Literal["text", "pdf", "docx", "xlsx", "pptx"]
"""What the first bytes of a file of the format must look like."""


class FormatModule(Protocol):
    """What every format module has."""

    def read(self, path: Path) -> Parts:
        """Yield titles and sections in the order of the file; raise ParsingError."""


@dataclass(frozen=True, slots=True)
class Format:
    """A format: the module that reads it, its media type, and the family of its first bytes."""

    module: str
    media_type: str
    family: Family

    def load(self) -> FormatModule:
        """Import the module, and its library, only when a file of the format comes."""
        loaded: FormatModule = import_module(f"graphs.ingestion.parsing.{self.module}")
        return loaded


_WORD: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_EXCEL: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_POWERPOINT: Final = "application/vnd.openxmlformats-officedocument.presentationml.presentation"

FORMATS: Final[dict[str, Format]] = {
    ".txt": Format("text", "text/plain", "text"),
    ".text": Format("text", "text/plain", "text"),
    ".md": Format("markdown", "text/markdown", "text"),
    ".markdown": Format("markdown", "text/markdown", "text"),
    ".html": Format("html", "text/html", "text"),
    ".htm": Format("html", "text/html", "text"),
    ".xhtml": Format("html", "application/xhtml+xml", "text"),
    ".pdf": Format("pdf", "application/pdf", "pdf"),
    ".docx": Format("docx", _WORD, "docx"),
    ".xlsx": Format("xlsx", _EXCEL, "xlsx"),
    ".pptx": Format("pptx", _POWERPOINT, "pptx"),
    ".csv": Format("csv", "text/csv", "text"),
    ".tsv": Format("csv", "text/tab-separated-values", "text"),
    ".eml": Format("mail", "message/rfc822", "text"),
    ".vtt": Format("subtitles", "text/vtt", "text"),
    ".srt": Format("subtitles", "application/x-subrip", "text"),
}


def format_of(path: Path) -> Format | None:
    """The format that the name of a file announces, or None."""
    return FORMATS.get(path.suffix.lower())
