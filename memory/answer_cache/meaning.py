"""Finding answers by the meaning of their questions, for who wants that."""

from dataclasses import dataclass
from typing import Final

from memory.long_term.embedding import Embedder

MOST_CHARACTERS: Final = 2000
"""Longer texts are not compared by meaning: models cut them, and what differs may lie behind the cut."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """Answers are found by the meaning of their questions too."""

    embedder: Embedder
    threshold: float
    """The largest distance, of cosine (0 to 2), at which two questions are taken for the same."""
