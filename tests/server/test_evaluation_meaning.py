"""`evaluate retrieval` with an embedder: its leg beside the others, and what is said when it is not there."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from server.evaluation import evaluate_retrieval
from server.settings import Settings
from tests.ollama_double import Fault, FaultKind, Model, OllamaDouble, ollama_double

NAME = "nomic-embed-text"
"""The embedder of the routes that nobody wrote."""
DOCUMENTS = [
    {"doc_id": "crane", "lang": "en", "title": "Harbour", "text": "The crane was repaired in March."},
    {"doc_id": "bread", "lang": "en", "title": "Kitchen", "text": "Bread needs flour and patience."},
    {"doc_id": "who", "lang": "en", "title": "The", "text": "Who was it, and what were they about?"},
    {"doc_id": "pont", "lang": "fr", "title": "Belmont", "text": "Le pont a été ouvert en 1998."},
]
"""The words of "who" are all stop words: only vectors, here bags of all words, tell it apart."""
QUESTIONS = [
    {"id": "q1", "lang": "en", "question": "When was the crane repaired?", "gold_doc_id": "crane"},
    {"id": "q2", "lang": "en", "question": "What were they about?", "gold_doc_id": "who"},
    {"id": "q3", "lang": "fr", "question": "Quand le pont a-t-il été ouvert ?", "gold_doc_id": "pont"},
]


@pytest.fixture
async def double() -> AsyncIterator[OllamaDouble]:
    """An Ollama with the embedder, of few dimensions."""
    async with ollama_double(Model(NAME, dimension=256)) as running:
        yield running


def write(file: Path, rows: list[dict[str, Any]]) -> Path:
    """Write JSON Lines."""
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return file


async def evaluated(folder: Path, url: str, **settings: Any) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """Evaluate the set above: the report, and the ranking of each question."""
    run = folder / "run.jsonl"
    found = await evaluate_retrieval(
        Settings(data_dir=folder / "data", ollama_url=url, **settings),
        write(folder / "documents.jsonl", DOCUMENTS),
        write(folder / "questions.jsonl", QUESTIONS),
        run,
        lambda done, total: None,
    )
    return found, {row["id"]: row["ranking"] for row in map(json.loads, run.read_text().splitlines())}


async def test_each_leg_is_measured_and_the_embedder_named(tmp_path: Path, double: OllamaDouble) -> None:
    """Meaning finds what words do not, and both together find it too; the run has both legs' documents."""
    found, rankings = await evaluated(tmp_path, double.url)
    assert found["embedder"] == {"model": f"ollama:{NAME}", "dimension": 256}
    assert found["degraded"] == []
    legs = found["by_leg"]
    assert legs["dense"]["n"] == legs["sparse"]["n"] == legs["fused"]["n"] == 3
    assert (legs["dense"]["recall@1"], legs["dense"]["mrr"]) == (1, 1)
    assert (legs["sparse"]["recall@1"], legs["sparse"]["recall@10"]) == (0.6667, 0.6667)
    assert (legs["fused"]["recall@1"], found["recall@1"]) == (1, 1)
    assert [rankings[name][0] for name in ("q1", "q2", "q3")] == ["crane", "who", "pont"]
    assert {name: sorted(ranking) for name, ranking in rankings.items()} == dict.fromkeys(
        rankings, sorted(row["doc_id"] for row in DOCUMENTS)
    )


async def test_every_document_is_embedded_once_and_every_question(
    tmp_path: Path, double: OllamaDouble
) -> None:
    """With the prefixes that the model was trained with; asking twice for the time of it asks it once."""
    await evaluated(tmp_path, double.url)
    sent = [text for request in double.requests("/api/embed") for text in request.body["input"]]
    for row in QUESTIONS:
        assert sent.count(f"search_query: {row['question']}") == 1
    for row in DOCUMENTS:
        found = [text for text in sent if row["text"] in text]
        assert len(found) == 1
        assert found[0].startswith("search_document: ")


async def test_nobody_listens(tmp_path: Path) -> None:
    """Words alone are measured: no figures of a dense leg, and the reason is told."""
    found, rankings = await evaluated(tmp_path, "http://127.0.0.1:1")
    _by_words(found, rankings, f"ollama:{NAME}")


@pytest.mark.parametrize("fault", ["missing", "nan"])
async def test_an_embedder_that_cannot_be_used(
    tmp_path: Path, double: OllamaDouble, fault: FaultKind
) -> None:
    """Not installed, or answering what are no numbers: as if it were not there."""
    double.fault(NAME, Fault(fault, on="/api/embed"))
    found, rankings = await evaluated(tmp_path, double.url)
    _by_words(found, rankings, f"ollama:{NAME}")


async def test_routes_without_an_embedder(tmp_path: Path, double: OllamaDouble) -> None:
    """Nothing is asked of Ollama, and the report says that there is none."""
    models = tmp_path / "models.yaml"
    models.write_text("embedding: null\n")
    found, rankings = await evaluated(tmp_path, double.url, models_file=models)
    _by_words(found, rankings, "dense")
    assert double.requests() == []


def _by_words(found: dict[str, Any], rankings: dict[str, list[str]], component: str) -> None:
    """Check a report of words alone."""
    assert found["embedder"] is None
    assert found["by_leg"]["dense"] is None
    assert found["by_leg"]["sparse"]["recall@1"] == found["by_leg"]["fused"]["recall@1"] == 0.6667
    [part] = found["degraded"]
    assert part["component"] == component
    assert part["reason"]
    assert rankings["q1"][0] == "crane"
    assert rankings["q2"] == []
