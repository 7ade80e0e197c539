"""Recall on public sets: by words, and by words and meaning where the settings' embedder answers."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from memory.long_term.fusion import Weights
from server.evaluation import evaluate_retrieval
from server.settings import Settings, load_settings
from tests.bench.passages import passage_questions

NOBODY = "http://127.0.0.1:1"
SETS = {
    "English documents": ("docqa/docs_en.jsonl", "docqa/questions_en.jsonl"),
    "French documents": ("docqa/docs_fr.jsonl", "docqa/questions_fr.jsonl"),
    "French passages": ("docqa/passages_fr.jsonl", "docqa/questions_fr.jsonl"),
    "conversations": ("locomo-dev/turns.jsonl", "locomo-dev/questions.jsonl"),
}
_PLAIN = Weights(speaker=0, time=0, beside=0)
_CELLS = ("recall@1", "recall@5", "recall@10", "mrr")


async def section(folder: Path) -> str:
    """Measure the sets that are in `folder`, and return the table."""
    lines = [
        "| set | searched | n | R@1 | R@5 | R@10 | MRR | p50, p95 (ms) |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, (documents, questions) in SETS.items():
        if not (folder / documents).exists():
            lines.append(f"| {name} | not measured: {documents} is not in the folder of public sets |")
            continue
        for settings in (load_settings(ollama_url=NOBODY), load_settings()):
            found = await _measure(settings, folder / documents, folder / questions)
            lines += _rows(name, found)
            if name == "conversations":
                plain = await _measure(settings, folder / documents, folder / questions, _PLAIN)
                lines.append(_row(f"{name}, without speakers and times", _legs(found), plain, plain))
            if found["embedder"] is None and settings.ollama_url != NOBODY:
                lines.append(f"| {name} | no embedder: {found['degraded'][0]['reason']} |")
    return "\n".join(lines)


async def _measure(
    settings: Settings, documents: Path, questions: Path, weights: Weights | None = None
) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as scratch:
        if "passages" in documents.name:
            questions = passage_questions(questions, Path(scratch, "questions.jsonl"))
        return await evaluate_retrieval(settings, documents, questions, None, _unseen, weights=weights)


def _rows(name: str, found: dict[str, Any]) -> Iterator[str]:
    if found["by_leg"]["dense"] is None:
        yield _row(name, "words alone", found["by_leg"]["sparse"], found, timed=False)
    else:
        yield _row(name, "meaning alone", found["by_leg"]["dense"], found, timed=False)
    yield _row(name, _legs(found), found, found)


def _legs(found: dict[str, Any]) -> str:
    return "by words" if found["by_leg"]["dense"] is None else "by both"


def _row(
    name: str, searched: str, scores: dict[str, Any], found: dict[str, Any], *, timed: bool = True
) -> str:
    cells = [f"{scores[cell]:.3f}".lstrip("0") for cell in _CELLS]
    times = f"{found['p50_ms']:.0f}, {found['p95_ms']:.0f}" if timed else ""
    return f"| {name} | {searched} | {scores['n']} | {' | '.join(cells)} | {times} |"


def _unseen(done: int, total: int) -> None:
    """Show no progress: the rows come soon enough."""
