"""Without any model: the right document first, and silence where memory holds nothing."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.processes import ROOT, Nursery
from tests.acceptance.souvenir import Server, Souvenir
from tests.graphs.ingestion.shared_data import folder, lines

SAMPLES = ROOT / "samples"
DOCUMENTS = 300


@pytest.fixture(scope="module")
def samples(nursery: Nursery, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose memory holds the samples."""
    souvenir = Souvenir(nursery, tmp_path_factory.mktemp("samples") / "data")
    with souvenir.serving() as server:
        done = server.ingest(SAMPLES / "documents")
        assert done["totals"]["failed"] == 0
        assert done["totals"]["stored"] == len(list((SAMPLES / "documents").iterdir()))
        yield server


def first_source(answer: dict[str, Any]) -> str:
    """The file name of the first source, "" without sources."""
    return answer["sources"][0]["uri"].rpartition("/")[2] if answer["sources"] else ""


def test_the_right_document_comes_first(samples: Server) -> None:
    """60 questions about the samples: the right document first for 50, silence by mistake for 3 at most.

    Asked over HTTP like `souvenir ask`, which is a client of the same path; without Ollama, answers quote.
    """
    questions = lines(SAMPLES / "questions.jsonl")
    found = {question["id"]: samples.ask(question["question"]) for question in questions}
    assert len(found) == 60
    assert {answer["served_by"] for answer in found.values()} == {"memory"}
    right = [q["id"] for q in questions if first_source(found[q["id"]]) == q["gold_doc_id"]]
    silent = [id for id, answer in found.items() if not answer["sources"]]
    print(f"samples: right document first {len(right)}/60, silent by mistake {len(silent)}/60")
    assert len(right) >= 50, f"missed: {sorted(set(found) - set(right))}"
    assert len(silent) <= 3, f"silent by mistake: {silent}"


def test_silence_where_the_samples_have_no_answer(samples: Server) -> None:
    """20 questions that the samples cannot answer: no sources for at least 16."""
    questions = lines(SAMPLES / "unanswerable.jsonl")
    assert len(questions) == 20
    talked = [q["id"] for q in questions if samples.ask(q["question"])["sources"]]
    print(f"unanswerable: silent {20 - len(talked)}/20; talked: {talked}")
    assert 20 - len(talked) >= 16


def test_three_hundred_documents_of_the_public_set(nursery: Nursery, tmp_path: Path, seed: int) -> None:
    """300 documents, the gold ones of all their questions among them: the right one first for 75 %."""
    rng = random.Random(seed)
    shared = folder("docqa")
    questions = lines(shared / "questions_en.jsonl") + lines(shared / "questions_fr.jsonl")
    documents = {doc["doc_id"]: doc for name in ("en", "fr") for doc in lines(shared / f"docs_{name}.jsonl")}
    gold = {question["gold_doc_id"] for question in questions}
    others = sorted(set(documents) - gold)
    chosen = sorted(gold | set(rng.sample(others, DOCUMENTS - len(gold))))
    files = tmp_path / "docqa"
    files.mkdir()
    for id in chosen:
        document = documents[id]
        (files / f"{id}.md").write_text(f"# {document['title']}\n\n{document['text']}\n", encoding="utf-8")
    with Souvenir(nursery, tmp_path / "data").serving() as server:
        assert server.ingest(files)["totals"]["stored"] == DOCUMENTS
        answers = {question["id"]: server.ask(question["question"]) for question in questions}
    for lang in ("en", "fr"):
        mine = [q for q in questions if q["lang"] == lang]
        right = sum(first_source(answers[q["id"]]) == f"{q['gold_doc_id']}.md" for q in mine)
        silent = sum(not answers[q["id"]]["sources"] for q in mine)
        print(f"docqa {lang}: right one first {right}/{len(mine)}, silent {silent}")
    right = sum(first_source(answers[q["id"]]) == f"{q['gold_doc_id']}.md" for q in questions)
    print(f"docqa: right one first {right}/{len(questions)} of {DOCUMENTS} documents")
    assert right >= 0.75 * len(questions)
