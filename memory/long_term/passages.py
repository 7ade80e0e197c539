"""Passages: what recall hands to the agent, and to people as sources."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from memory.archive.entities import Chunk, Document, Turn
from memory.long_term.entries import Hit, IndexEntry, Kind
from memory.long_term.evidence import Evidence
from memory.long_term.sentences import asks, sentences
from memory.long_term.speakers import speaker_at

THREAD_URI = "souvenir:thread/"
BLANKED = {
    "en": "(This answer drew on something that was forgotten since.)",
    "fr": "(Cette réponse s'appuyait sur un contenu oublié depuis.)",
}
"""What stands where an answer stood that saw something forgotten. It is a notice, never something said."""
_TRANSCRIPTS = ("text/vtt", "application/x-subrip")
_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
}


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
    before: str = ""
    """What stands just before it in its document, for a model to read it in its place."""
    after: str = ""

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
        legs=_legs(hit),
    )


def _legs(hit: Hit) -> Legs:
    dense = None if hit.dense is None else round(hit.dense, 4)
    knowledge = None if hit.knowledge is None else round(hit.knowledge, 3)
    return Legs(dense=dense, sparse=round(hit.sparse, 3), knowledge=knowledge)


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
        legs=_legs(hit),
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


def speaker(chunk: Chunk, document: Document) -> str:
    """Return who said a passage of a transcript, "" when nobody is named or it is not one."""
    return (speaker_at(chunk.locator) or "") if is_transcript(document) else ""


def document_entries(document: Document, chunks: Sequence[Chunk]) -> Iterator[IndexEntry]:
    """Yield the index entries of a document: title and place count among the words of each chunk.

    In a transcript the place is who speaks, and the words said just before count too, whoever said them.
    """
    before = ""
    for chunk in chunks:
        who = speaker(chunk, document)
        # The name stands twice: so measured, a vector tells who speaks as well as what is said.
        place = f"{who}\n{who}: " if who else f"{chunk.locator}\n"
        text = f"{document.title}\n{place}{chunk.text}\n{before}"
        yield IndexEntry(chunk.id, chunk.user, "chunk", document.id, chunk.lang, text, document.updated_at)
        before = chunk.text if is_transcript(document) else ""


def turn_entry(turn: Turn, asked_before: str = "") -> IndexEntry | None:
    """Return the index entry of a turn, with its date and what the turn before it asked.

    None when it only asked, and so added nothing to memory.
    """
    said = turn_text(turn)
    # A blanked turn keeps its entry: it replaces the one that was made of the answer.
    if not _is_blanked(turn) and all(map(asks, sentences(said))):
        return None
    text = f"{day_in_words(turn.started_at, turn.lang)}\n{said}\n{asked_before}"
    return IndexEntry(turn.id, turn.user, "turn", turn.thread_id, turn.lang, text, turn.started_at)


def day_in_words(moment: datetime, lang: str) -> str:
    """Return the day as people write it, in French or else in English: questions name it so."""
    months = _MONTHS["fr" if lang == "fr" else "en"].split()
    return f"{moment.day} {months[moment.month - 1]} {moment.year}"


def _is_blanked(turn: Turn) -> bool:
    return turn.answer in BLANKED.values()
