"""What recall weighs for each question, with its signals, so that each part of recall can be measured.

The store and the search are those of `evaluate retrieval`; here the candidates are kept instead of counted.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from memory.long_term.embedding import EmbeddingSpace
from memory.long_term.entries import Question
from memory.long_term.fusion import Signals, Weights
from memory.long_term.language import detect
from memory.long_term.passages import Passage
from memory.long_term.recall import Recall
from server.composition import utc_now
from server.evaluation.embedders import reach
from server.evaluation.files import read_folder
from server.evaluation.legs import Legs, search_legs
from server.evaluation.sets import Case, read_cases, read_items
from server.evaluation.store import open_store
from server.settings import Settings


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that was weighed for a question."""

    piece: str
    """Id, in the set, of the document or turn that it is of."""
    passage: Passage
    signals: Signals


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, what each leg alone finds, and the candidates, best first by all signals together."""

    case: Case
    legs: Legs
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Weighed:
    """What recall made of a set."""

    asked: tuple[Asked, ...]
    weights: Weights
    """Those that the candidates stand in the order of: Souvenir's own."""
    embedder: str | None
    """The model and the size of its vectors; None when words alone were searched."""
    degraded: Mapping[str, str]
    """What did not do its work, for all questions or for some, and why."""


async def weigh(settings: Settings, documents: Path, questions: Path) -> Weighed:
    """Put the documents into a memory of their own, ask the questions, and return what was weighed.

    `documents` is a file of the evaluation form, or a folder of files as people have them. Raises
    `EvaluationError` when one cannot be used, `EmbedderUnavailable` when the embedder stops on the way.
    """
    folder = await asyncio.to_thread(documents.is_dir)
    items = await read_folder(documents) if folder else read_items(documents)
    cases = read_cases(questions)
    async with reach(settings) as reached, open_store(reached.embedder) as store:
        await store.fill(items, _unseen)
        recall = Recall(store.index, store.archive, utc_now, reached.embedder)
        degraded = {part["component"]: part["reason"] for part in reached.degraded}
        asked = [await _asked(case, recall, store.pieces, degraded) for case in cases]
        return Weighed(tuple(asked), recall.weights, _described(store.index.space), degraded)


def _unseen(done: int) -> None:
    """Show no progress."""


async def _asked(case: Case, recall: Recall, pieces: Mapping[str, str], degraded: dict[str, str]) -> Asked:
    """Ask one question; what was missing for it is added to `degraded`."""
    question = Question(case.text, case.lang or detect(case.text))
    legs = await search_legs(recall, case.user, question, pieces)  # first: the embedder keeps the vector
    found = await recall.rank(case.user, question)
    degraded.update(found.degraded)
    candidates = [
        Candidate(pieces[passage.item_id], passage, found.signals[passage.item_id])
        for passage in found.passages
    ]
    return Asked(case, legs, tuple(candidates))


def _described(space: EmbeddingSpace | None) -> str | None:
    return None if space is None else f"{space.model} ({space.dimension} dimensions)"
