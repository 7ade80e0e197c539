"""`souvenir evaluate retrieval`: the user's own recall, on a store made for the occasion."""

import json
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from graphs.ingestion.parsing.sections import Parsed, Section
from graphs.ingestion.splitting import split
from memory.archive.archive import Archive, open_archive
from memory.archive.entities import Chunk, Document
from memory.long_term.edge import open_edge_index
from memory.long_term.entries import Question
from memory.long_term.language import detect
from memory.long_term.passages import document_entries
from memory.long_term.recall import Recall
from server.composition import utc_now
from server.evaluation.metrics import Outcome, report
from server.evaluation.sets import Case, Item, read_cases, read_items
from server.settings import Settings

DEPTH = 50
"""How many passages are ranked for each question."""
_GROUP = 500

Progress = Callable[[int, int], None]


async def evaluate_retrieval(
    settings: Settings, documents: Path, questions: Path, run: Path | None, progress: Progress
) -> dict[str, Any]:
    """Index the documents in a temporary store, ask the questions, and return the scores.

    `progress` is called with (done, total). With `run`, the rankings are written there as JSON Lines.
    Raises `EvaluationError` when a file cannot be used.
    """
    del settings  # Nothing of the user's memory is touched.
    items, cases = read_items(documents), read_cases(questions)
    total = len(items) + len(cases)
    async with _store() as (archive, recall):
        await _index(items, archive, recall, lambda done: progress(done, total))
        outcomes = []
        for number, case in enumerate(cases, 1):
            outcomes.append(await _ask(case, recall))
            progress(len(items) + number, total)
    if run is not None:
        _write(run, outcomes)
    return report(outcomes, ("sparse", "fused"))


@asynccontextmanager
async def _store() -> AsyncIterator[tuple[Archive, Recall]]:
    with tempfile.TemporaryDirectory(prefix="souvenir-evaluation-", ignore_cleanup_errors=True) as folder:
        async with (
            open_archive(Path(folder), clock=utc_now) as archive,
            open_edge_index(Path(folder, "recall")) as index,
        ):
            yield archive, Recall(index, archive)


async def _index(
    items: Sequence[Item], archive: Archive, recall: Recall, progress: Callable[[int], None]
) -> None:
    for start in range(0, len(items), _GROUP):
        group = [_document(item) for item in items[start : start + _GROUP]]
        async with archive.unit() as unit:
            for document, chunks in group:
                await unit.documents.put(document, chunks)
        await recall.index.upsert([entry for pair in group for entry in document_entries(*pair)])
        progress(start + len(group))


def _document(item: Item) -> tuple[Document, list[Chunk]]:
    """Return the item as ingestion would store it."""
    lang = item.lang or detect(item.text)
    parsed = Parsed(item.title, "text/plain", (Section(item.text, item.locator),))
    chunks = [
        Chunk(f"{item.id}#{position}", item.id, item.user, position, piece.text, piece.locator, lang)
        for position, piece in enumerate(split(parsed))
    ]
    now = utc_now()
    document = Document(
        item.id,
        item.user,
        item.id,
        item.title,
        "text/plain",
        lang,
        "",
        len(item.text),
        "",
        now,
        now,
        len(chunks),
    )
    return document, chunks


async def _ask(case: Case, recall: Recall) -> Outcome:
    question = Question(case.text, case.lang or detect(case.text))
    started = time.perf_counter()
    passages = await recall.search(case.user, question, DEPTH)
    elapsed = (time.perf_counter() - started) * 1000
    by_words = sorted(passages, key=lambda passage: -(passage.legs.sparse or 0.0))
    rankings = {
        "fused": _unique([passage.document_id for passage in passages]),
        "sparse": _unique([passage.document_id for passage in by_words]),
    }
    return Outcome(case, rankings, elapsed)


def _unique(ids: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(ids))


def _write(file: Path, outcomes: Sequence[Outcome]) -> None:
    with file.open("w", encoding="utf-8") as lines:
        for outcome in outcomes:
            row = {"id": outcome.case.id, "ranking": outcome.rankings["fused"]}
            lines.write(json.dumps(row, ensure_ascii=False) + "\n")
