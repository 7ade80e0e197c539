"""What words alone, and meaning alone, find: all that the index proposes, before anything is weighed."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from memory.long_term.entries import Hit, Question
from memory.long_term.recall import CANDIDATES, Recall


@dataclass(frozen=True, slots=True)
class Legs:
    """Ids of documents or turns, each once, best first."""

    words: tuple[str, ...]
    meaning: tuple[str, ...]
    """Empty without an embedder."""


async def search_legs(recall: Recall, user: str, question: Question, pieces: Mapping[str, str]) -> Legs:
    """Search by each leg alone; `pieces` gives what each passage is of.

    The question's vector may take its time: nobody waits. Raises `EmbedderUnavailable`.
    """
    if recall.embedder is not None:
        _, vector = await recall.embedder.embed_question(question.text)
        question = replace(question, vector=vector)
    hits = (await recall.index.search(user, question, CANDIDATES)).hits

    def ranking(score: Callable[[Hit], float], found: Iterable[Hit]) -> tuple[str, ...]:
        best = sorted(found, key=lambda hit: (-score(hit), hit.item_id))
        return tuple(dict.fromkeys(pieces[hit.item_id] for hit in best))

    return Legs(
        ranking(lambda hit: hit.sparse, [hit for hit in hits if hit.sparse > 0]),
        ranking(lambda hit: hit.dense or 0.0, [hit for hit in hits if hit.dense is not None]),
    )
