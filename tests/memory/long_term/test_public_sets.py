"""Recall on public sets, with one configuration: no cell falls below the BM25 baseline by more than .01."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from server.evaluation import evaluate_retrieval
from server.settings import Settings
from tests.graphs.ingestion import shared_data

CELLS = ("recall@1", "recall@5", "recall@10", "mrr")
TOLERANCE = 0.01 + 1e-9


@dataclass(frozen=True, slots=True)
class PublicSet:
    """Files of one public set, what is gold in it, and the baseline: R@1, R@5, R@10, MRR."""

    folder: str
    documents: str
    questions: str
    gold: str
    baseline: tuple[float, float, float, float]


SETS = {
    "english documents": PublicSet(
        "docqa", "docs_en.jsonl", "questions_en.jsonl", "gold_doc_id", (0.880, 0.950, 0.970, 0.908)
    ),
    "french documents": PublicSet(
        "docqa", "docs_fr.jsonl", "questions_fr.jsonl", "gold_doc_id", (0.740, 0.910, 0.950, 0.819)
    ),
    "french passages": PublicSet(
        "docqa", "passages_fr.jsonl", "questions_fr.jsonl", "gold_passage_id", (0.610, 0.820, 0.890, 0.712)
    ),
    "conversations": PublicSet(
        "locomo-dev", "turns.jsonl", "questions.jsonl", "evidence", (0.234, 0.598, 0.687, 0.450)
    ),
}


@pytest.mark.parametrize("name", SETS)
async def test_recall_is_no_worse_than_the_baseline(name: str, tmp_path: Path) -> None:
    """Every cell reaches its baseline, and the figures are those that the written rankings give."""
    chosen = SETS[name]
    folder = shared_data.folder(chosen.folder)
    questions = shared_data.lines(folder / chosen.questions)
    asked, run = tmp_path / "questions.jsonl", tmp_path / "run.jsonl"
    asked.write_text("".join(json.dumps(_with_gold(row, chosen.gold)) + "\n" for row in questions))
    settings = Settings(data_dir=tmp_path / "data", ollama_url="http://127.0.0.1:1")

    found = await evaluate_retrieval(
        settings, folder / chosen.documents, asked, run, lambda done, total: None
    )

    print(name, {cell: found[cell] for cell in CELLS}, f"p50 {found['p50_ms']} ms")
    short = {
        cell: (found[cell], floor)
        for cell, floor in zip(CELLS, chosen.baseline, strict=True)
        if found[cell] < floor - TOLERANCE
    }
    assert not short, f"{name}: below the baseline: {short}"
    rankings = {row["id"]: row["ranking"] for row in shared_data.lines(run)}
    assert rankings.keys() == {row["id"] for row in questions}
    counted = [row for row in questions if row.get("category") != 5]
    again = _scores([(_gold(row, chosen.gold), rankings[row["id"]]) for row in counted])
    assert {cell: found[cell] for cell in again} == pytest.approx(again, abs=1e-4)
    assert not settings.data_dir.exists()


def _with_gold(row: Mapping[str, Any], gold: str) -> dict[str, Any]:
    return {**row, "gold_doc_id": row[gold]} if gold != "evidence" else dict(row)


def _gold(row: Mapping[str, Any], gold: str) -> set[str]:
    return set(row["evidence"]) if gold == "evidence" else {row[gold]}


def _scores(pairs: Sequence[tuple[set[str], Sequence[str]]]) -> dict[str, float]:
    """The definitions of the data's own scorer, written again: share of the gold in the first k, 1 / rank."""
    scores: dict[str, float] = {"n": len(pairs)}
    for cut in (1, 5, 10):
        scores[f"recall@{cut}"] = sum(len(gold & set(run[:cut])) / len(gold) for gold, run in pairs) / len(
            pairs
        )
    firsts = [next((at for at, item in enumerate(run, 1) if item in gold), None) for gold, run in pairs]
    scores["mrr"] = sum(1 / at for at in firsts if at) / len(pairs)
    return scores
