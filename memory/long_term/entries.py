"""What goes into the long-term index, and what comes out of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from memory.long_term.embedding import Vector

Kind = Literal["chunk", "turn"]


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """One text to find again.

    The index keeps the words' hashes and these identifiers, never the text itself: passages are
    read from the archive, so that what was forgotten there cannot come back from here.
    """

    item_id: str
    """Id of the chunk or turn in the archive."""
    user: str
    kind: Kind
    source_id: str
    """Id of the document, or of the thread, that the item belongs to."""
    lang: str
    """ISO 639-1 code of the text's language."""
    text: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Question:
    """What is looked for, and the language it is asked in (ISO 639-1)."""

    text: str
    lang: str
    vector: Vector | None = None
    """In the index's own space; None when it is searched by words alone."""
    unrelated: float | None = None
    """Its cosine with a text that has nothing to do with any question (the space's canary)."""
    also: tuple[str, ...] = ()
    """Ids of chunks that another leg proposes: they are among the hits, whatever they score."""


@dataclass(frozen=True, slots=True)
class Hit:
    """An item that shares words or meaning with the question."""

    item_id: str
    kind: Kind
    source_id: str
    lang: str
    sparse: float
    """BM25 score; 0 where no word is shared."""
    dense: float | None = None
    """Cosine with the question; None where either has no vector."""
    knowledge: float | None = None
    """How closely the knowledge graph ties it to what the question names; None where it does not."""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Hits, best first, and what the words of the question weigh in this user's memory."""

    hits: tuple[Hit, ...] = ()
    term_weights: Mapping[str, Mapping[int, float]] = field(default_factory=dict)
    """What each term of the question weighs, by language of the passages: its inverse document frequency,
    with a background that keeps small memories sensible."""
    unseen: frozenset[int] = frozenset()
    """The terms that no entry of this user holds."""
