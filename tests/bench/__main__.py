"""`make bench`: one table. `python -m tests.bench [FOLDER]` reads the public sets from FOLDER."""

import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from server.evaluation import evaluate_retrieval
from server.settings import load_settings
from tests.bench.passages import passage_questions
from tests.bench.samples import Samples, ask_samples
from tests.graphs.ingestion import shared_data

SAMPLES = Path(__file__).parents[2] / "samples"
SETS = {
    "English documents": ("docqa/docs_en.jsonl", "docqa/questions_en.jsonl"),
    "French documents": ("docqa/docs_fr.jsonl", "docqa/questions_fr.jsonl"),
    "French passages": ("docqa/passages_fr.jsonl", "docqa/questions_fr.jsonl"),
    "conversations": ("locomo-dev/turns.jsonl", "locomo-dev/questions.jsonl"),
}


async def main(folder: Path) -> None:
    """Print the table, section by section, as the figures come."""
    print("\n## Recall on public sets, no embedder\n")
    print("| set | n | R@1 | R@5 | R@10 | MRR | BM25 alone: MRR | p50 ms | p95 ms |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name, (documents, questions) in SETS.items():
        if not (folder / documents).exists():
            print(f"| {name} | not measured: {documents} is not in the folder of public sets |")
            continue
        print(_row(name, await _measure(folder / documents, folder / questions)))
    print("\n## The samples, no model\n")
    print(_samples(await ask_samples(SAMPLES)))


async def _measure(documents: Path, questions: Path) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as scratch:
        if "passages" in documents.name:
            questions = passage_questions(questions, Path(scratch, "questions.jsonl"))
        return await evaluate_retrieval(
            load_settings(), documents, questions, None, lambda _done, _total: None
        )


def _row(name: str, scores: dict[str, Any]) -> str:
    cells = [scores[key] for key in ("n", "recall@1", "recall@5", "recall@10", "mrr")]
    cells += [scores["by_leg"]["sparse"]["mrr"], scores["p50_ms"], scores["p95_ms"]]
    shown = [f"{cell:.3f}" if isinstance(cell, float) else str(cell) for cell in cells]
    return f"| {name} | {' | '.join(shown)} |"


def _samples(samples: Samples) -> str:
    times = sorted(samples.milliseconds)
    return (
        f"right document first: {samples.right} of {samples.answerable}; "
        f"wrongly without an answer: {samples.wrongly_silent} of {samples.answerable}; "
        f"rightly without: {samples.rightly_silent} of {samples.unanswerable}; "
        f"a turn: p50 {statistics.median(times):.0f} ms, p95 {times[int(0.95 * len(times))]:.0f} ms; "
        f"ingestion: {samples.documents} documents in {samples.seconds:.1f} s"
    )


if __name__ == "__main__":
    started = time.perf_counter()
    asyncio.run(main(Path(sys.argv[1]) if len(sys.argv) > 1 else shared_data.root()))
    print(f"\n{time.perf_counter() - started:.0f} s in all")
