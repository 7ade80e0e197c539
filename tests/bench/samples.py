"""The samples and their questions, asked of a memory without a language model."""

import json
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graphs.ingestion.state import IngestionContext
from server.composition import Services, open_services
from server.settings import load_settings

CLOSED_PORT = "http://127.0.0.1:1"


@dataclass
class Samples:
    """What came of the questions."""

    right: int = 0
    """Questions whose first source is the right document."""
    wrongly_silent: int = 0
    rightly_silent: int = 0
    answerable: int = 0
    unanswerable: int = 0
    documents: int = 0
    seconds: float = 0.0
    milliseconds: list[float] = field(default_factory=list)


async def ask_samples(folder: Path) -> Samples:
    """Ingest the documents of `folder` into a memory of their own, and ask every question there."""
    found = Samples()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as data:
        settings = load_settings(data_dir=Path(data), ollama_url=CLOSED_PORT)
        async with open_services(settings) as services:
            context = IngestionContext(settings.local_user)
            async for event in services.ingestor.paths([folder / "documents"], context):
                if event["type"] == "totals":
                    found.documents, found.seconds = event["stored"], event["seconds"]
            for row in _rows(folder / "questions.jsonl"):
                found.answerable += 1
                sources = await _sources(services, row["question"], found)
                found.wrongly_silent += not sources
                found.right += bool(sources) and sources[0]["uri"].endswith(f"/{row['gold_doc_id']}")
            for row in _rows(folder / "unanswerable.jsonl"):
                found.unanswerable += 1
                found.rightly_silent += not await _sources(services, row["question"], found)
    return found


async def _sources(services: Services, question: str, found: Samples) -> list[dict[str, Any]]:
    async for event in services.turns.stream(services.settings.local_user, question):
        if event["type"] == "answer":
            found.milliseconds.append(event["timings_ms"]["total"])
            sources: list[dict[str, Any]] = event["sources"]
            return sources
    return []


def _rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
