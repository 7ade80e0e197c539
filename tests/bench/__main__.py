"""`make bench`: every table of docs/benchmarks.md.

    python -m tests.bench [--only SECTION] [FOLDER]

FOLDER holds the public sets. The embedder is the one that the settings name (SOUVENIR_OLLAMA_URL); where it
does not answer, search by meaning is not measured, and the table says so.
"""

import argparse
import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.bench import (
    checkpoints,
    embedding,
    first_token,
    ingestion,
    knowledge,
    knowledge_recall,
    latency,
    recall_sets,
    startup,
    turns,
)
from tests.bench.samples import Samples, ask_samples
from tests.graphs.ingestion import shared_data

SAMPLES = Path(__file__).parents[2] / "samples"

Section = Callable[[], Awaitable[str]]


async def main(sections: dict[str, tuple[str, Section]], only: str | None) -> None:
    """Print the sections, each when it is measured."""
    for name, (title, measure) in sections.items():
        if only in (None, name):
            print(f"\n## {title}\n\n{await measure()}", flush=True)


def _sections(folder: Path) -> dict[str, tuple[str, Section]]:
    return {
        "samples": ("The samples, no model", _samples),
        "recall": ("Recall on public sets", lambda: recall_sets.section(folder)),
        "latency": ("Recall in a large memory", latency.section),
        "embedding": ("The embedder over the model alone", embedding.section),
        "ingestion": ("Ingestion", ingestion.section),
        "turns": ("Turns", turns.section),
        "first_token": ("To a model's first word", first_token.section),
        "checkpoints": ("Keeping a conversation", checkpoints.section),
        "knowledge": ("The knowledge graph", knowledge.section),
        "knowledge-recall": ("The knowledge graph's leg of recall", lambda: knowledge_recall.section(folder)),
        "startup": ("Start", startup.section),
    }


async def _samples() -> str:
    return _shown(await ask_samples(SAMPLES))


def _shown(samples: Samples) -> str:
    times = sorted(samples.milliseconds)
    return (
        f"right document first: {samples.right} of {samples.answerable}; "
        f"wrongly without an answer: {samples.wrongly_silent} of {samples.answerable}; "
        f"rightly without: {samples.rightly_silent} of {samples.unanswerable}; "
        f"a turn: p50 {statistics.median(times):.0f} ms, p95 {times[int(0.95 * len(times))]:.0f} ms; "
        f"ingestion: {samples.documents} documents in {samples.seconds:.1f} s"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=shared_data.root())
    parser.add_argument("--only", choices=sorted(_sections(Path())))
    options = parser.parse_args()
    started = time.perf_counter()
    asyncio.run(main(_sections(options.folder), options.only))
    print(f"\n{time.perf_counter() - started:.0f} s in all")
