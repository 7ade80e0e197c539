"""One process owns a data folder; every command works the same through it and without it."""

from __future__ import annotations

import json
import os
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.owner import Owner, announce, hold
from server.settings import Settings
from tests.acceptance.processes import Finished, Nursery
from tests.acceptance.souvenir import Souvenir

VOLATILE = frozenset(
    {"timings_ms", "seconds", "latency_ms", "p50_ms", "p95_ms", "thread_id", "turn_id", "knowledge"}
    | {"seconds_left", "checkpoints"}
)
"""The knowledge graph follows in the background: how far it is depends on the moment."""
LEFT_ALONE = re.compile(r"left alone after \d+ failures \((.*)\)")
DATES = frozenset({"created_at", "updated_at", "started_at"})
PLAN = "# Le plan\n\nLa réunion de rentrée aura lieu le 4 septembre à Quimper, dans la salle bleue.\n"
NOTES = "# Notes\n\nThe spare key of the boat shed hangs behind the green door.\n"
CORPUS = [
    {"doc_id": "a", "lang": "en", "title": "Tea", "text": "Green tea is brewed at eighty degrees."},
    {"doc_id": "b", "lang": "fr", "title": "Pain", "text": "Le levain repose douze heures avant la cuisson."},
]
ASKED = [
    {"id": "1", "lang": "en", "question": "How hot is green tea brewed?", "gold_doc_id": "a"},
    {"id": "2", "lang": "fr", "question": "Combien de temps repose le levain ?", "gold_doc_id": "b"},
]


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    """A folder with two documents and one that cannot be read."""
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "plan.md").write_text(PLAN, encoding="utf-8")
    (folder / "notes.md").write_text(NOTES, encoding="utf-8")
    (folder / "scan.pdf").write_text("not a PDF", encoding="utf-8")
    for name, rows in (("corpus", CORPUS), ("asked", ASKED)):
        text = "".join(f"{json.dumps(row)}\n" for row in rows)
        (tmp_path / f"{name}.jsonl").write_text(text, encoding="utf-8")
    return folder


def steady(value: Any) -> Any:
    """A JSON value without what differs from one run to the next."""
    if isinstance(value, str):  # a command starts with no failures to look back on, a server does not
        return LEFT_ALONE.sub(r"\1", value)
    if isinstance(value, dict):
        found = {name: steady(inner) for name, inner in value.items() if name not in VOLATILE | DATES}
        if "documents" in found:  # as they were finished
            found["documents"].sort(key=lambda document: document["uri"])
        return found
    if not isinstance(value, list):
        return value
    return [steady(inner) for inner in value if not _is_about_the_graph(inner)]


def _is_about_the_graph(value: Any) -> bool:
    """Whether this says that the graph had no time to answer: one that is just being opened may not."""
    return isinstance(value, dict) and value.get("component") == "knowledge"


def session(souvenir: Souvenir, papers: Path) -> Iterator[tuple[str, int, Any, str]]:
    """Run every command once; what each did: its words, exit code, document and stderr."""

    def shown(done: Finished, *words: str) -> tuple[str, int, Any, str]:
        last = done.err.strip().rpartition("\n")[2]  # before it comes progress, with its rate
        return " ".join(words), done.code, steady(done.json), last

    def run(*words: str) -> tuple[str, int, Any, str]:
        return shown(souvenir.run(*words, "--json"), *words)

    yield run("ingest", str(papers))
    yield run("ingest", str(papers))
    documents = souvenir.json("documents", "list")["documents"]
    notes = next(doc["document_id"] for doc in documents if doc["uri"].endswith("notes.md"))
    asked = souvenir.run("ask", "Où a lieu la réunion de rentrée ?", "--json").ok()
    thread = asked.json["thread_id"]
    yield shown(asked, "ask")
    yield shown(souvenir.run("ask", "Et à quelle date ?", "--thread", thread, "--json"), "ask --thread")
    yield run("recall", "boat shed key", "--limit", "3")
    yield run("documents", "list")
    yield run("documents", "show", notes)
    yield run("documents", "rebuild")
    yield run("recall", "boat shed key")
    yield run("threads", "list")
    yield shown(souvenir.run("threads", "show", thread, "--json"), "threads show")
    yield shown(souvenir.run("threads", "export", thread), "threads export")
    corpus, questions = str(papers.parent / "corpus.jsonl"), str(papers.parent / "asked.jsonl")
    yield run("evaluate", "retrieval", corpus, questions)
    yield run("doctor")
    yield run("documents", "forget", notes)
    yield run("recall", "boat shed key")
    assert souvenir.json("threads", "forget", thread) == {"forgotten": thread}
    yield run("threads", "list")
    gone = souvenir.run("threads", "show", thread)
    yield "threads show, forgotten", gone.code, gone.out, gone.line
    unknown = souvenir.run("documents", "forget", notes, "--json")
    yield "documents forget, twice", unknown.code, unknown.out, unknown.line


def test_every_command_is_the_same_with_and_without_a_server(
    nursery: Nursery, tmp_path: Path, papers: Path
) -> None:
    """Exit codes, JSON and errors of a whole session are equal while `serve` runs and while it does not."""
    alone = Souvenir(nursery, tmp_path / "alone")
    served = Souvenir(nursery, tmp_path / "served")
    with served.serving() as server:
        through = list(session(served, papers))
        assert not server.running.ended
    for without, within in zip(session(alone, papers), through, strict=True):
        assert without == within
    codes = {words: code for words, code, _, _ in through}
    assert codes.pop(f"ingest {papers}") == 1, "one file of three cannot be read"
    refused = [words for words, code in codes.items() if code]
    assert refused == ["threads show, forgotten", "documents forget, twice"]
    found = {words: document for words, _, document, _ in through}
    assert [passage["title"] for passage in found["recall boat shed key --limit 3"]["passages"]] == ["Notes"]
    assert found["recall boat shed key"]["passages"] == [], "forgotten"
    [measured] = [document for words, document in found.items() if words.startswith("evaluate")]
    assert measured["recall@1"] == 1


def test_two_questions_at_once_without_a_server(souvenir: Souvenir) -> None:
    """Two commands at once: one owns the folder, the other waits or goes through it; both are remembered."""
    both = [souvenir.start("ask", f"Question number {n}, anybody?", "--json") for n in (1, 2)]
    answers = [one.wait().ok().json for one in both]
    threads = souvenir.json("threads", "list")["threads"]
    assert {thread["thread_id"] for thread in threads} == {answer["thread_id"] for answer in answers}
    assert not (souvenir.data / "owner.json").exists()


def test_a_dead_owner_is_replaced(souvenir: Souvenir, papers: Path) -> None:
    """After kill -9 the folder says that somebody owns it: the next command, and the next server, take it."""
    server = souvenir.serve()
    server.ingest(papers)
    server.kill()
    assert (souvenir.data / "owner.json").exists()
    assert len(souvenir.json("documents", "list")["documents"]) == 2
    souvenir.serve().kill()
    with souvenir.serving() as again:
        assert again.owner.pid == again.running.pid
        assert len(again.get("/v1/documents")["documents"]) == 2


def test_owner_json_is_private(souvenir: Souvenir) -> None:
    """Only the person's account may read the token and the memory; the token goes with the server."""
    with souvenir.serving():
        souvenir.json("ask", "My locker has the number 12.")
        assert souvenir.owner_mode() == 0o600
        files = [path for path in souvenir.data.rglob("*") if path.is_file()]
        assert [path.name for path in files if path.stat().st_mode & 0o077] == []
    assert not (souvenir.data / "owner.json").exists()


@pytest.mark.parametrize("lang", ["en", "fr"])
@pytest.mark.parametrize("command", [("documents", "list"), ("serve", "--port", "0")])
def test_studio_owns_the_folder(souvenir: Souvenir, lang: str, command: tuple[str, ...]) -> None:
    """While Studio owns the folder, every command says so in one line, and ends 1."""
    with hold(Settings(data_dir=souvenir.data)):
        announce(souvenir.data, Owner("studio", "", "secret", os.getpid()))
        done = souvenir.run(*command, LANG=lang)
    assert done.code == 1
    assert "LangGraph Studio" in done.line
    assert ("arrêtez-le" if lang == "fr" else "stop it first") in done.line
    assert "secret" not in done.line


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_a_second_server_says_so(souvenir: Souvenir, lang: str) -> None:
    """A second `serve` on one folder ends 1 with one line; the first goes on."""
    with souvenir.serving() as server:
        second = souvenir.run("serve", "--port", "0", LANG=lang)
        assert (second.code, second.out) == (1, "")
        assert ("tourne déjà" if lang == "fr" else "already runs") in second.line
        assert server.owner.url in second.line
        assert server.get("/health/live") == {"status": "ok"}


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_the_port_is_taken(souvenir: Souvenir, lang: str) -> None:
    """A port that another program listens on: one line that names it, exit 1; the folder is free again."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = souvenir.run("serve", LANG=lang, PORT=port)
    assert done.code == 1
    assert port in done.line
    assert ("pris par" if lang == "fr" else "in use") in done.line
    assert souvenir.json("documents", "list") == {"documents": []}


def test_a_wrong_token_cannot_ingest_by_path(souvenir: Souvenir, papers: Path) -> None:
    """Paths of this machine are read for the holder of the owner's token only: 403 for anyone else."""
    with souvenir.serving() as server:
        body = {"paths": [str(papers)]}
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer é"}):
            refused = httpx.post(
                f"{server.owner.url}/v1/ingest",
                json=body,
                headers=[(name.encode(), value.encode("latin-1")) for name, value in headers.items()],
                trust_env=False,
            )
            assert refused.status_code == 403
            assert refused.json()["error"]["code"] == "owner_token_required"
        assert server.get("/v1/documents") == {"documents": []}
