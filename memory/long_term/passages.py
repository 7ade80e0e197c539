"""Passages: what recall hands to the agent, and to people as sources."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from memory.archive.entities import Chunk, Document, Turn
from memory.long_term.entries import Hit, IndexEntry, Kind
from memory.long_term.evidence import Evidence
from memory.long_term.sentences import asks, sentences

THREAD_URI = "souvenir:thread/"
BLANKED = {
    "en": "(This answer drew on something that was forgotten since.)",
    "fr": "(Cette réponse s'appuyait sur un contenu oublié depuis.)",
}
"""What stands where an answer stood that saw something forgotten. It is a notice, never something said."""
_TRANSCRIPTS = ("text/vtt", "application/x-subrip")


@dataclass(frozen=True, slots=True)
class Legs:
    """Raw scores by leg of recall; None where a leg did not see the passage."""

    dense: float | None = None
    sparse: float | None = None
    knowledge: float | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document, or a past turn, with where it stands and how well it answers."""

    item_id: str
    kind: Kind
    document_id: str
    """Id of the document, or of the thread when `kind` is `turn`."""
    title: str
    uri: str
    locator: str
    lang: str
    text: str
    quote: str
    """The sentences of the text that answer best; empty when none does."""
    score: float
    """Confidence between 0 and 1 that the passage answers the question."""
    legs: Legs

    def as_source(self, number: int) -> dict[str, Any]:
        """Return the passage as a source of an answer, cited there as `[number]`."""
        return {
            "n": number,
            "document_id": self.document_id,
            "title": self.title,
            "uri": self.uri,
            "locator": self.locator,
            "quote": self.quote or self.text[:300],
            "score": round(self.score, 3),
            "legs": asdict(self.legs),
        }


def passage_from_dict(record: Mapping[str, Any]) -> Passage:
    """Read back a passage that went through a checkpoint as a plain dictionary."""
    return Passage(**{**record, "legs": Legs(**record["legs"])})


def chunk_passage(hit: Hit, chunk: Chunk, document: Document, evidence: Evidence) -> Passage:
    """Make a passage of a document's chunk."""
    return Passage(
        item_id=chunk.id,
        kind="chunk",
        document_id=document.id,
        title=document.title,
        uri=document.uri,
        locator=chunk.locator,
        lang=chunk.lang,
        text=chunk.text,
        quote=evidence.sentence,
        score=evidence.confidence,
        legs=Legs(sparse=round(hit.sparse, 3)),
    )


def turn_passage(hit: Hit, turn: Turn, evidence: Evidence) -> Passage:
    """Make a passage of a past turn: its locator is when it was said."""
    said = turn.started_at.strftime("%Y-%m-%d %H:%M")
    return Passage(
        item_id=turn.id,
        kind="turn",
        document_id=turn.thread_id,
        title="Conversation",
        uri=f"{THREAD_URI}{turn.thread_id}",
        locator=said,
        lang=turn.lang,
        text=turn_text(turn),
        quote=evidence.sentence,
        score=evidence.confidence,
        legs=Legs(sparse=round(hit.sparse, 3)),
    )


def turn_text(turn: Turn) -> str:
    """Return what a turn added to memory: the person's words, and a model's own answer to them.

    An answer that quotes memory or cites its sources adds nothing: they are in memory themselves, and
    recalling it again would pass for something said.
    """
    if turn.served_by == "memory" or turn.sources or not turn.answer or _is_blanked(turn):
        return turn.question
    return f"{turn.question}\n{turn.answer}"


def is_transcript(document: Document) -> bool:
    """Tell whether the document is a conversation: what was said before a line belongs to its sense."""
    return document.media_type in _TRANSCRIPTS


def document_entries(document: Document, chunks: Sequence[Chunk]) -> Iterator[IndexEntry]:
    """Yield the index entries of a document: title and place count among the words of each chunk.

    In a transcript the words said just before count too, as they do for the turns of a conversation.
    """
    before = ""
    for chunk in chunks:
        text = f"{document.title}\n{chunk.locator}\n{chunk.text}\n{before}"
        yield IndexEntry(chunk.id, chunk.user, "chunk", document.id, chunk.lang, text, document.updated_at)
        before = chunk.text if is_transcript(document) else ""


def turn_entry(turn: Turn) -> IndexEntry | None:
    """Return the index entry of a turn; None when it only asked, and so added nothing to memory."""
    text = turn_text(turn)
    # A blanked turn keeps its entry: it replaces the one that was made of the answer.
    if not _is_blanked(turn) and all(map(asks, sentences(text))):
        return None
    return IndexEntry(turn.id, turn.user, "turn", turn.thread_id, turn.lang, text, turn.started_at)


def _is_blanked(turn: Turn) -> bool:
    return turn.answer in BLANKED.values()
