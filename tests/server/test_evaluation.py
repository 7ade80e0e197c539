"""`evaluate retrieval`: metrics whose answers are known by hand, and sets that cannot be used."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from server.evaluation import EvaluationError, evaluate_retrieval
from server.evaluation.metrics import Outcome, report
from server.evaluation.sets import Case, Piece, read_cases, read_items
from server.settings import Settings

NO_EMBEDDER = "http://127.0.0.1:1"
"""Nothing listens there."""
DOCUMENTS = [
    {"doc_id": "crane", "lang": "en", "title": "Harbour", "text": "The crane was repaired in March."},
    {"doc_id": "bread", "lang": "en", "title": "Kitchen", "text": "Bread needs flour and patience."},
    {"doc_id": "pont", "lang": "fr", "title": "Belmont", "text": "Le pont a été ouvert en 1998."},
    {"doc_id": "conges", "lang": "fr", "title": "Règlement", "text": "Les congés payés sont de 25 jours."},
]
QUESTIONS = [
    {"id": "q1", "lang": "en", "question": "When was the crane repaired?", "gold_doc_id": "crane"},
    {"id": "q2", "lang": "en", "question": "What does bread need?", "gold_doc_id": "crane"},
    {"id": "q3", "lang": "fr", "question": "Quand le pont a-t-il été ouvert ?", "gold_doc_id": "pont"},
]
TURNS = [
    {
        "conv_id": conv,
        "turn_id": f"D1:{number}",
        "session": 1,
        "session_datetime": "2023-05-21T19:48:00",
        "speaker": speaker,
        "text": text,
    }
    for conv, lines in {
        "a": [
            ("John", "I bought a telescope yesterday."),
            ("Tim", "Great! My parrot is called Coco."),
            ("John", "We climbed the volcano."),
        ],
        "b": [("Ann", "I bought a telescope too."), ("Bob", "Nice.")],
    }.items()
    for number, (speaker, text) in enumerate(lines, 1)
]


def write(file: Path, rows: list[dict[str, Any]]) -> Path:
    """Write JSON Lines."""
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return file


async def evaluated(
    folder: Path, documents: list[dict[str, Any]], questions: list[dict[str, Any]], run: Path | None = None
) -> dict[str, Any]:
    """Evaluate a set that is written here."""
    folder.mkdir(exist_ok=True)
    return await evaluate_retrieval(
        Settings(data_dir=folder / "data", ollama_url=NO_EMBEDDER),
        write(folder / "documents.jsonl", documents),
        write(folder / "questions.jsonl", questions),
        run,
        lambda done, total: None,
    )


def outcome(gold: set[str], ranking: list[str], **changes: Any) -> Outcome:
    """What one question found."""
    facts = {"lang": "en", "category": None, "adversarial": False} | changes
    milliseconds = facts.pop("milliseconds", 1.0)
    case = Case(id="q", user="u", text="?", gold=frozenset(gold), **facts)
    return Outcome(case, {"fused": ranking, "sparse": ranking[::-1]}, milliseconds)


def test_the_metrics_by_hand() -> None:
    """Recall is the share of the gold among the first k; the reciprocal rank is the first gold's."""
    found = report(
        [
            outcome({"a"}, ["a", "b"]),
            outcome({"a", "b", "c", "d"}, ["x", "a", "b", "y", "z", "c"]),
            outcome({"a"}, ["x", "y"]),
            outcome({"a"}, []),
        ],
        ("sparse", "fused"),
    )
    assert found["n"] == 4
    assert found["recall@1"] == 0.25
    assert found["recall@5"] == (1 + 0.5) / 4
    assert found["recall@10"] == round((1 + 0.75) / 4, 4)
    assert found["mrr"] == (1 + 0.5) / 4
    assert found["by_leg"]["fused"]["mrr"] == found["mrr"]
    assert found["by_leg"]["sparse"]["mrr"] == round((1 / 2 + 1) / 4, 4)
    assert found["by_leg"]["dense"] is None


def test_adversarial_questions_count_by_category_only() -> None:
    """They are reported, and left out of the totals, of the languages and of the legs."""
    right, wrong = ["a"], ["x"]
    found = report(
        [
            outcome({"a"}, right, category="single-hop"),
            outcome({"a"}, wrong, category="single-hop", lang="fr"),
            outcome({"a"}, wrong, category="adversarial", adversarial=True),
        ],
        ("fused",),
    )
    assert (found["n"], found["recall@1"]) == (2, 0.5)
    assert found["by_leg"]["fused"]["n"] == 2
    assert {name: scores["n"] for name, scores in found["by_category"].items()} == {
        "single-hop": 2,
        "adversarial": 1,
    }
    assert {name: (one["n"], one["recall@1"]) for name, one in found["by_lang"].items()} == {
        "en": (1, 1.0),
        "fr": (1, 0.0),
    }


def test_latencies() -> None:
    """The median, and what nineteen in twenty stay under."""
    found = report([outcome({"a"}, ["a"], milliseconds=float(ms)) for ms in range(1, 101)], ("fused",))
    assert found["p50_ms"] == 50.5
    assert 95 <= found["p95_ms"] <= 97


def test_nothing_asked_is_no_error() -> None:
    """Zeros."""
    found = report([], ("sparse", "fused"))
    assert (found["n"], found["recall@1"], found["mrr"], found["p50_ms"]) == (0, 0, 0, 0)


async def test_documents(tmp_path: Path) -> None:
    """Two of three right; by language; the run says what was found."""
    run = tmp_path / "run.jsonl"
    found = await evaluated(tmp_path / "set", DOCUMENTS, QUESTIONS, run)
    assert found.keys() == {
        "n",
        "recall@1",
        "recall@5",
        "recall@10",
        "mrr",
        "p50_ms",
        "p95_ms",
        "by_lang",
        "by_category",
        "by_leg",
        "embedder",
        "degraded",
    }
    assert found["embedder"] is None
    assert found["degraded"] == [{"component": "ollama:nomic-embed-text", "reason": "connection refused"}]
    assert (found["n"], found["recall@1"]) == (3, pytest.approx(2 / 3, abs=1e-4))
    assert found["by_lang"]["en"]["recall@1"] == 0.5
    assert found["by_lang"]["fr"]["recall@1"] == 1
    assert found["by_leg"].keys() == {"dense", "sparse", "fused"}
    rankings = {row["id"]: row["ranking"] for row in map(json.loads, run.read_text().splitlines())}
    assert rankings["q1"][0] == "crane"
    assert rankings["q2"] == ["bread"]
    assert rankings["q3"][0] == "pont"


async def test_conversations_are_searched_one_by_one(tmp_path: Path) -> None:
    """The same words in another conversation are not found, though turns have the same ids there."""
    questions = [
        {
            "id": "1",
            "conv_id": "a",
            "category": 1,
            "category_name": "single",
            "question": "Who bought a telescope?",
            "evidence": ["D1:1"],
        },
        {
            "id": "2",
            "conv_id": "b",
            "category": 1,
            "category_name": "single",
            "question": "Who bought a telescope?",
            "evidence": ["D1:1"],
        },
        {
            "id": "3",
            "conv_id": "b",
            "category": 5,
            "category_name": "adversarial",
            "question": "Who has a parrot?",
            "evidence": ["D1:2"],
        },
    ]
    run = tmp_path / "run.jsonl"
    found = await evaluated(tmp_path / "set", TURNS, questions, run)
    rankings = {row["id"]: row["ranking"] for row in map(json.loads, run.read_text().splitlines())}
    assert rankings["1"][0] == "D1:1"
    assert rankings["2"][0] == "D1:1"
    assert "D1:3" not in rankings["2"]
    assert rankings["3"] == []
    assert (found["n"], found["recall@1"], found["mrr"]) == (2, 1, 1)
    assert found["by_category"]["adversarial"]["n"] == 1


async def test_the_users_memory_is_left_alone(tmp_path: Path) -> None:
    """Nothing is made or changed in the data folder."""
    data = tmp_path / "set" / "data"
    await evaluated(tmp_path / "set", DOCUMENTS, QUESTIONS)
    assert not data.exists()
    data.mkdir()
    (data / "souvenir.db").write_text("mine")
    await evaluated(tmp_path / "set", DOCUMENTS, QUESTIONS)
    assert [file.name for file in data.iterdir()] == ["souvenir.db"]
    assert (data / "souvenir.db").read_text() == "mine"


async def test_progress_ends_at_the_total(tmp_path: Path) -> None:
    """It never goes back, and ends where it said."""
    steps: list[tuple[int, int]] = []
    await evaluate_retrieval(
        Settings(data_dir=tmp_path / "data", ollama_url=NO_EMBEDDER),
        write(tmp_path / "d.jsonl", DOCUMENTS),
        write(tmp_path / "q.jsonl", QUESTIONS),
        None,
        lambda done, total: steps.append((done, total)),
    )
    assert steps[-1] == (7, 7)
    assert steps == sorted(steps)


def test_a_turn_is_read_with_what_belongs_to_it(tmp_path: Path) -> None:
    """Its day, speaker and picture; not those of another conversation."""
    turns = [dict(turn) for turn in TURNS]
    turns[1]["image_caption"] = "a photo of a bird"
    first, second = read_items(write(tmp_path / "turns.jsonl", turns))
    assert first.pieces[1] == Piece("D1:2", "Great! My parrot is called Coco. (a photo of a bird)", "Tim")
    assert (first.title, first.user, first.media_type) == ("21 May 2023", "a", "text/vtt")
    assert [piece.id for piece in second.pieces] == ["D1:1", "D1:2"]
    assert second.user == "b"


def test_each_meeting_is_a_transcript_of_its_own(tmp_path: Path) -> None:
    """Turns of one day stand together, in their order."""
    later = [turn | {"session_datetime": "2023-06-02T10:00:00", "turn_id": "D2:1"} for turn in TURNS[:1]]
    items = read_items(write(tmp_path / "turns.jsonl", TURNS[:3] + later))
    assert [(item.title, len(item.pieces)) for item in items] == [("21 May 2023", 3), ("2 June 2023", 1)]


@pytest.mark.parametrize(
    "bad",
    [
        "{",
        "[]",
        "7",
        '"text"',
        '{"doc_id": "b"}',
        '{"doc_id": "b", "text": null}',
        '{"doc_id": 7, "text": "x"}',
        '{"doc_id": "b", "text": "x", "title": 3}',
        '{"doc_id": "good", "text": "twice the same id"}',
    ],
)
def test_a_bad_document_is_named_by_its_line(tmp_path: Path, bad: str) -> None:
    """File and line number, one line; blank lines count."""
    file = tmp_path / "documents.jsonl"
    file.write_text(f'{{"doc_id": "good", "text": "x"}}\n\n{bad}\n')
    with pytest.raises(EvaluationError, match=r"documents\.jsonl, line 3: ") as caught:
        read_items(file)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "bad",
    [
        "{",
        '{"id": "q"}',
        '{"id": "q", "question": "?"}',
        '{"id": "q", "question": null, "gold_doc_id": "a"}',
        '{"id": "q", "question": "?", "evidence": "D1:1"}',
        '{"id": "q", "question": "?", "gold_doc_id": ["a"]}',
    ],
)
def test_a_bad_question_is_named_by_its_line(tmp_path: Path, bad: str) -> None:
    """File and line number, one line."""
    file = tmp_path / "questions.jsonl"
    file.write_text(f'{{"id": "1", "question": "?", "gold_doc_id": "a"}}\n{bad}\n')
    with pytest.raises(EvaluationError, match=r"questions\.jsonl, line 2: "):
        read_cases(file)


@pytest.mark.parametrize("change", [{"session_datetime": "yesterday"}, {"speaker": None}, {"conv_id": 3}])
def test_a_bad_turn_is_named_by_its_line(tmp_path: Path, change: dict[str, Any]) -> None:
    """Dates that are none among them."""
    file = write(tmp_path / "turns.jsonl", [TURNS[0], TURNS[1] | change])
    with pytest.raises(EvaluationError, match=r"turns\.jsonl, line 2: "):
        read_items(file)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", None])
def test_a_file_that_cannot_be_read(tmp_path: Path, content: bytes | None) -> None:
    """Missing, or not UTF-8: one line."""
    file = tmp_path / "x.jsonl"
    if content is not None:
        file.write_bytes(content)
    for read in (read_items, read_cases):
        with pytest.raises(EvaluationError, match="cannot be read") as caught:
            read(file)
        assert "\n" not in str(caught.value)


def test_separators_inside_texts_do_not_split_lines(tmp_path: Path) -> None:
    """JSON may hold U+2028 and U+0085 as they are: they end no line."""
    file = tmp_path / "documents.jsonl"
    file.write_text('{"doc_id": "a", "text": "one\u2028two\x85three"}\n', encoding="utf-8")
    assert [item.pieces[0].text for item in read_items(file)] == ["one\u2028two\x85three"]
