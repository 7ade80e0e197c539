"""Fits and reports the confidence of recall on public questions: `python -m tests.bench.confidence FOLDER`.

FOLDER holds public questions and documents (`docs_LANG.jsonl`, `questions_LANG.jsonl`). Half of the
questions keep their document in a memory of 300; the documents of the other half are left out, so
that memory cannot answer them. One language is always judged with coefficients fitted on the other.
"""

import asyncio
import json
import random
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from memory.long_term.edge import open_edge_index
from memory.long_term.entries import IndexEntry, Question
from memory.long_term.evidence import COEFFICIENTS, Evidence, Judge
from server.composition import utc_now

MEMORY = 300
ROUNDS = 3

Rows = list[dict[str, Any]]
Floats = NDArray[np.float64]


async def evidence_of(docs: Rows, questions: Rows, seed: int) -> list[tuple[Evidence | None, bool, bool]]:
    """Return (evidence of the first passage, whether memory can answer, whether it is the right one)."""
    chance = random.Random(seed)
    chance.shuffle(questions)
    kept, removed = questions[::2], questions[1::2]
    gold = {question["gold_doc_id"] for question in kept}
    every_gold = gold | {question["gold_doc_id"] for question in removed}
    others = [doc for doc in docs if doc["doc_id"] not in every_gold]
    chance.shuffle(others)
    memory = [doc for doc in docs if doc["doc_id"] in gold] + others[: MEMORY - len(gold)]
    asked = [(q, True) for q in kept] + [(q, False) for q in removed if q["gold_doc_id"] not in gold]
    return await _first_evidence(memory, asked)


async def _first_evidence(
    memory: Rows, asked: Sequence[tuple[dict[str, Any], bool]]
) -> list[tuple[Evidence | None, bool, bool]]:
    texts = {doc["doc_id"]: doc for doc in memory}
    found: list[tuple[Evidence | None, bool, bool]] = []
    with tempfile.TemporaryDirectory() as folder:
        async with open_edge_index(Path(folder, "index")) as index:
            await index.upsert([_entry(doc) for doc in memory])
            for row, answerable in asked:
                question = Question(row["question"], row["lang"])
                result = await index.search("user", question, 30)
                best: tuple[float, Evidence, str] | None = None
                for hit in result.hits:
                    doc = texts[hit.item_id]
                    evidence = Judge(question, hit.lang, result).weigh(doc["title"], doc["text"])
                    rank = hit.sparse / result.hits[0].sparse + evidence.focus
                    if best is None or rank > best[0]:
                        best = (rank, evidence, hit.item_id)
                right = best is not None and best[2] == row["gold_doc_id"]
                found.append((best[1] if best else None, answerable, right))
    return found


def _entry(doc: dict[str, Any]) -> IndexEntry:
    return IndexEntry(
        doc["doc_id"],
        "user",
        "chunk",
        doc["doc_id"],
        doc["lang"],
        f"{doc['title']}\n{doc['text']}",
        utc_now(),
    )


def fit(features: Floats, labels: Floats) -> Floats:
    """Return the coefficients of a logistic regression, bias last (gradient descent, light ridge)."""
    inputs = np.c_[features, np.ones(len(features))]
    weights = np.zeros(inputs.shape[1])
    for _ in range(20_000):
        chances = 1 / (1 + np.exp(-inputs @ weights))
        weights -= 0.5 * (inputs.T @ (chances - labels) / len(labels) + 1e-3 * weights)
    return weights


def auc(scores: Floats, labels: Floats) -> float:
    """Return the area under the ROC curve: the chance that an answerable question scores higher."""
    ranks = np.argsort(np.argsort(scores))
    positive = labels.sum()
    return float(
        (ranks[labels == 1].sum() - positive * (positive - 1) / 2) / (positive * (len(labels) - positive))
    )


async def main(folder: Path) -> None:
    """Print the figures."""
    sets: dict[str, tuple[Floats, Floats]] = {}
    for name, langs in (("en", ["en"]), ("fr", ["fr"]), ("en+fr", ["en", "fr"])):
        docs = [row for lang in langs for row in _rows(folder / f"docs_{lang}.jsonl")]
        questions = [row for lang in langs for row in _rows(folder / f"questions_{lang}.jsonl")]
        found = [one for seed in range(ROUNDS) for one in await evidence_of(docs, list(questions), seed)]
        features = np.array(
            [one[0].features if one[0] else (0.0,) * (len(COEFFICIENTS) - 1) for one in found]
        )
        sets[name] = (features, np.array([float(one[1]) for one in found]))
        right = sum(one[2] for one in found) / sum(one[1] for one in found)
        print(f"{name}: n={len(found)}, the right one first for {right:.3f} of the answerable")
    for train, test in (("en", "fr"), ("fr", "en"), ("en+fr", "en+fr")):
        weights = fit(*sets[train])
        _report(f"fitted on {train}, judged on {test}", weights, *sets[test])
    for name, (features, labels) in sets.items():
        _report(f"in use, {name}", np.array(list(COEFFICIENTS.values())), features, labels)


def _report(title: str, weights: Floats, features: Floats, labels: Floats) -> None:
    chances = 1 / (1 + np.exp(-(np.c_[features, np.ones(len(features))] @ weights)))
    print(f"{title}: AUC {auc(chances, labels):.3f}, coefficients {weights.round(2)}")
    for threshold in (0.3, 0.35, 0.4, 0.45, 0.5):
        wrong = (chances[labels == 1] < threshold).mean()
        abstains = (chances[labels == 0] < threshold).mean()
        print(f"   from {threshold}: silent on {abstains:.2f} of the unanswerable, {wrong:.2f} of the others")


def _rows(file: Path) -> Rows:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
