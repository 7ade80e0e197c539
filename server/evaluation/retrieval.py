"""`souvenir evaluate retrieval`: the user's own recall, on a store made for the occasion."""

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from memory.long_term.embedding import EmbeddingSpace
from memory.long_term.entries import Question
from memory.long_term.fusion import Weights
from memory.long_term.language import detect
from memory.long_term.recall import Recall
from server.composition import utc_now
from server.evaluation.embedders import reach
from server.evaluation.legs import search_legs
from server.evaluation.metrics import Outcome, report
from server.evaluation.sets import Case, read_cases, read_items
from server.evaluation.store import Store, open_store
from server.settings import Settings

SHOWN = 10
"""How many passages a search asks for where its time is taken."""

Progress = Callable[[int, int], None]


async def evaluate_retrieval(
    settings: Settings,
    documents: Path,
    questions: Path,
    run: Path | None,
    progress: Progress,
    *,
    weights: Weights | None = None,
) -> dict[str, Any]:
    """Index the documents in a temporary store, ask the questions, and return the scores.

    `progress` is called with (done, total). With `run`, the rankings are written there as JSON Lines.
    Raises `EvaluationError` when a file cannot be used, `EmbedderUnavailable` when the embedder stops on the
    way.
    """
    items, cases = read_items(documents), read_cases(questions)
    total = len(items) + len(cases)
    async with reach(settings) as reached, open_store(reached.embedder) as store:
        await store.fill(items, lambda done: progress(done, total))
        recall = Recall(store.index, store.archive, utc_now, reached.embedder, weights or Weights())
        outcomes, degraded = [], store.degraded
        for number, case in enumerate(cases, 1):
            outcomes.append(await _ask(case, recall, store, degraded))
            progress(len(items) + number, total)
    if run is not None:
        _write(run, outcomes)
    legs = ("dense", "sparse", "fused") if reached.embedder else ("sparse", "fused")
    missing = [{"component": part, "reason": why} for part, why in degraded.items()]
    return {
        **report(outcomes, legs),
        "embedder": _described(store.index.space),
        "degraded": [*reached.degraded, *missing],
    }


def _described(space: EmbeddingSpace | None) -> dict[str, Any] | None:
    """Return which embedder was measured."""
    return None if space is None else {"model": space.model, "dimension": space.dimension}


async def _ask(case: Case, recall: Recall, store: Store, degraded: dict[str, str]) -> Outcome:
    """Ask one question; what was missing for it is added to `degraded`."""
    question = Question(case.text, case.lang or detect(case.text))
    legs = await search_legs(recall, case.user, question, store.pieces)
    ranked = await recall.rank(case.user, question)
    degraded.update(ranked.degraded)
    started = time.perf_counter()  # after them: the question's vector is known, and not part of the time
    await recall.search(case.user, question, SHOWN)
    elapsed = (time.perf_counter() - started) * 1000
    fused = dict.fromkeys(store.pieces[passage.item_id] for passage in ranked.passages)
    rankings = {"fused": list(fused), "sparse": list(legs.words), "dense": list(legs.meaning)}
    return Outcome(case, rankings, elapsed)


def _write(file: Path, outcomes: Sequence[Outcome]) -> None:
    with file.open("w", encoding="utf-8") as lines:
        for outcome in outcomes:
            row = {"id": outcome.case.id, "ranking": outcome.rankings["fused"]}
            lines.write(json.dumps(row, ensure_ascii=False) + "\n")
