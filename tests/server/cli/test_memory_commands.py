"""`recall`, `documents`, `threads`, `doctor`: what memory holds, and how it does."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from tests.server.cli.api_double import ApiDouble
from tests.server.cli.conftest import Run
from tests.server.cli.things import SOURCE, document

Capture = pytest.CaptureFixture[str]

STORED = {**document(), "created_at": "2026-01-15T09:00:00Z", "updated_at": "2026-01-16T10:30:00Z"}
THREAD = {"thread_id": "t1", "title": "Notice", "turns": 2, "updated_at": "2026-01-16T10:30:00Z"}
TURN = {
    "turn_id": "u1",
    "question": "How long?",
    "answer": "Three months.",
    "served_by": "memory",
    "degraded": [],
    "status": "interrupted",
    "started_at": "2026-01-16T10:30:00Z",
}
OLLAMA = {
    "component": "chat model",
    "backend": "ollama",
    "state": "absent",
    "version": None,
    "latency_ms": None,
    "detail": "connection refused",
    "fix": "start it: ollama serve",
}
ARCHIVE = {
    "component": "archive", "backend": "sqlite", "state": "ok", "version": "3.45", "latency_ms": 0.4,
    "detail": "", "fix": None,
}  # fmt: skip


def recalled(*dense: float | None, degraded: Sequence[dict[str, str]] = ()) -> dict[str, Any]:
    """What the API finds: a passage for each score by meaning."""
    passages = [{**SOURCE, "text": "Le préavis", "legs": {**SOURCE["legs"], "dense": one}} for one in dense]
    return {"query": "notice", "passages": passages, "degraded": list(degraded)}


def lines_of(shown: str) -> list[list[str]]:
    """The words of each line."""
    return [line.split() for line in shown.splitlines()]


def test_recall_shows_scores_by_leg(api: ApiDouble, souvenir: Run, capsys: Capture) -> None:
    """Each passage has its words, its place, its score, and that of each leg; a dash where one has none."""
    api.says("GET /v1/recall", recalled(0.62, None))
    assert souvenir("recall", "notice", "--limit", "3") == 0
    shown = capsys.readouterr().out
    heading, first, *others = lines_of(shown)
    assert " ".join(heading) == "score meaning words passage"
    assert " ".join(first) == "0.71 0.62 11.80 Contrat Lumière · page 3"
    assert "0.71 – 11.80 Contrat Lumière · page 3" in map(" ".join, others)
    assert "Le préavis" in shown
    assert "words alone" not in shown
    assert api.seen[0].query == {"query": "notice", "limit": "3"}


@pytest.mark.parametrize(("lang", "said"), [("en", "by words alone"), ("fr", "par les mots seuls")])
def test_recall_says_that_it_searched_by_words_alone(
    api: ApiDouble, souvenir: Run, capsys: Capture, lang: str, said: str
) -> None:
    """No passage was scored by meaning: which part did not answer and why, and where to read on."""
    refused = {"component": "ollama:nomic-embed-text", "reason": "connection refused"}
    api.says("GET /v1/recall", recalled(None, degraded=[refused]))
    assert souvenir("recall", "notice", "--lang", lang) == 0
    heading, *_, degraded, remark = capsys.readouterr().out.splitlines()
    assert len(heading.split()) == 3
    assert "ollama:nomic-embed-text" in degraded
    assert ("connexion refusée" if lang == "fr" else "connection refused") in degraded
    assert said in remark
    assert "souvenir doctor" in remark


def test_recall_of_nothing_says_so(api: ApiDouble, souvenir: Run, capsys: Capture) -> None:
    """Nothing found is an answer, not a failure."""
    api.says("GET /v1/recall", {"query": "x", "passages": [], "degraded": []})
    assert souvenir("recall", "x", "--lang", "fr") == 0
    assert "La mémoire ne contient rien à ce sujet." in capsys.readouterr().out


def test_documents_list_shows_the_ledger(api: ApiDouble, souvenir: Run, capsys: Capture) -> None:
    """Each document has its id, and how far it is in each projection."""
    api.says("GET /v1/documents", {"documents": [STORED]})
    assert souvenir("documents", "list") == 0
    shown = capsys.readouterr().out
    assert all(word in shown for word in ("d1", "Notes", "12", "done", "pending", "2026-01-16"))


def test_documents_show_says_what_is_pending_and_why(api: ApiDouble, souvenir: Run, capsys: Capture) -> None:
    """One document: its projections with their reasons, and its pieces with where they are."""
    pieces = [{"position": 0, "locator": "Intro > Terms", "text": "Three months."}]
    api.says("GET /v1/documents/d%2F1", {**STORED, "text": "…", "pieces": pieces})
    assert souvenir("documents", "show", "d/1") == 0
    shown = capsys.readouterr().out
    assert all(word in shown for word in ("pending (no model)", "Intro > Terms", "Three months."))


@pytest.mark.parametrize("kind", ["documents", "threads"])
def test_forget(api: ApiDouble, souvenir: Run, capsys: Capture, kind: str) -> None:
    """Forgetting is asked of the API, and said."""
    api.says(f"DELETE /v1/{kind}/x1", {"forgotten": "x1"})
    assert souvenir(kind, "forget", "x1") == 0
    assert "Forgotten: x1" in capsys.readouterr().out


@pytest.mark.parametrize("words", ["documents show", "documents forget", "threads show", "threads export"])
def test_an_unknown_id_is_one_line(souvenir: Run, capsys: Capture, words: str) -> None:
    """A thing that does not exist: the API's line, exit code 1."""
    assert souvenir(*words.split(), "nope", "--json") == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("souvenir: no such thing")


def test_rebuild_says_how_much_there_is_to_do(api: ApiDouble, souvenir: Run, capsys: Capture) -> None:
    """Rebuilding is queued; people are told how much, and where to look."""
    api.says("POST /v1/documents/rebuild", {"requeued": 7})
    assert souvenir("documents", "rebuild") == 0
    assert "7 to do again" in capsys.readouterr().out


def test_threads_list_and_show(api: ApiDouble, souvenir: Run, capsys: Capture) -> None:
    """Conversations are listed, and shown turn by turn with what became of each."""
    api.says("GET /v1/threads", {"threads": [THREAD]})
    api.says("GET /v1/threads/t1", {**THREAD, "turns": [TURN]})
    assert souvenir("threads", "list") == 0
    assert souvenir("threads", "show", "t1") == 0
    shown = capsys.readouterr().out
    assert all(word in shown for word in ("Notice", "How long?", "Three months.", "interrupted"))


def test_a_conversation_is_shown_as_it_was(api: ApiDouble, souvenir: Run, capsys: Capture) -> None:
    """`--at` asks for a checkpoint; those at hand are listed with what was asked, and for how long."""
    marks = [{"checkpoint_id": "c1", "turn_id": TURN["turn_id"], "at": "2026-11-30T12:00:00+00:00"}]
    more = {"turns": [TURN], "checkpoints": marks, "seconds_left": 90_000}
    api.says("GET /v1/threads/t1", {**THREAD, **more})
    assert souvenir("threads", "show", "t1", "--at", "c1") == 0
    assert api.seen[0].query == {"at": "c1"}
    out = capsys.readouterr().out
    assert f"c1  {TURN['question']}" in out
    assert "--from CHECKPOINT" in out
    assert "at hand for 2 days more" in out


def test_threads_export_is_a_list_of_messages(api: ApiDouble, souvenir: Run, capsys: Capture) -> None:
    """An export is JSON that other programs read: role and content."""
    messages = [{"role": "user", "content": "é"}, {"role": "assistant", "content": "b"}]
    api.says("GET /v1/threads/t1/export", messages)
    assert souvenir("threads", "export", "t1") == 0
    assert json.loads(capsys.readouterr().out) == messages


@pytest.mark.parametrize("words", ["documents list", "threads list"])
@pytest.mark.parametrize("lang", ["en", "fr"])
def test_an_empty_memory_says_what_to_do(
    api: ApiDouble, souvenir: Run, capsys: Capture, words: str, lang: str
) -> None:
    """A newcomer learns the next command."""
    kind = words.split()[0]
    api.says(f"GET /v1/{kind}", {kind: []})
    assert souvenir(*words.split(), "--lang", lang) == 0
    assert "souvenir " in capsys.readouterr().out


def test_doctor_gives_the_fix_and_absent_is_not_broken(
    api: ApiDouble, souvenir: Run, capsys: Capture
) -> None:
    """Every part has its row, and the fix stands under the table; an absent part is no failure."""
    api.says("GET /v1/doctor", {"components": [ARCHIVE, OLLAMA]})
    assert souvenir("doctor") == 0
    shown = capsys.readouterr().out
    assert all(
        word in shown
        for word in ("sqlite", "3.45", "absent", "chat model: connection refused → start it: ollama serve")
    )


def test_doctor_ends_1_when_a_part_failed(api: ApiDouble, souvenir: Run, capsys: Capture) -> None:
    """A broken part is named on stderr, and the exit code is 1; the JSON document is still there."""
    parts: dict[str, Any] = {"components": [{**ARCHIVE, "state": "failed"}]}
    api.says("GET /v1/doctor", parts)
    assert souvenir("doctor", "--json") == 1
    shown = capsys.readouterr()
    assert json.loads(shown.out) == parts
    assert "archive" in shown.err
