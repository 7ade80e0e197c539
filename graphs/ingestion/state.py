"""What is known of one document while it is taken in. Nothing of it outlives the run."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from typing_extensions import TypedDict

from graphs.ingestion.parsing.sections import Parsed
from memory.archive.entities import Chunk

Status = Literal["stored", "unchanged", "updated", "failed"]


@dataclass(frozen=True, slots=True)
class IngestionContext:
    """Whose document it is, and the language of messages about it."""

    user: str
    lang: str = "en"


class IngestionInput(TypedDict):
    """A file to take in."""

    path: Path
    uri: str


class IngestionState(IngestionInput, total=False):
    """The document on its way: load → split → commit → project."""

    document_id: str
    content_hash: str
    size: int
    known: bool
    """The archive has an older text of this document."""
    parsed: Parsed
    text: str
    doc_lang: str
    pieces: list[Chunk]
    title: str
    offered: bool
    """The projector has it already."""
    status: Status
    chunks: int
    error: str | None
    projections: dict[str, dict[str, Any]]
