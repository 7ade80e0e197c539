"""`souvenir models`: what people see of the models, and the exit codes."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from graphs.models.routes import TASKS
from server.cli.commands.models_warm import TaskName
from tests.server.cli.api_double import ApiDouble
from tests.server.cli.conftest import Run

Capture = pytest.CaptureFixture[str]
HERE = {"kind": "machine", "name": "127.0.0.1:11434", "own_url": False}
THERE = {"kind": "host", "name": "gpu.home:11434", "own_url": True}


def model(name: str, **changes: Any) -> dict[str, Any]:
    """A model as `/v1/models` tells of it."""
    plain = {
        "model": f"ollama:{name}", "place": HERE, "installed": True, "loaded": True, "size": 4_900_000_000,
        "near": None, "unreachable": None, "left_alone": None, "last_error": None,
        "calls": 3, "p50_ms": 1200, "p95_ms": 3400,
    }  # fmt: skip
    return plain | changes


def listing(*models: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """All that `/v1/models` answers."""
    tasks = [{"task": "chat", "same_as": None, "models": list(models)}]
    tasks += [{"task": task, "same_as": "chat", "models": []} for task in ("extraction", "enrichment")]
    plain = {"tasks": tasks, "embedding": model("bge-m3"), "days": 7, "unreachable": [], "routes": None}
    return plain | changes


STEPS = [
    {"step": "installed", "state": "ok", "detail": "4.9 GB", "ms": 0},
    {"step": "answers", "state": "ok", "detail": "yes", "ms": 310},
    {"step": "tools", "state": "degraded", "detail": "it answers in words", "ms": 90},
]
REPORT: dict[str, Any] = {
    "works": True,
    "models": [
        {
            "model": "ollama:llama3.1:8b", "place": THERE, "works": {"chat": True}, "steps": STEPS,
            "num_ctx": 8192, "takes": 4096, "tokens_per_second": 41.6,
        }
    ],
    "embedding": None,
    "suggestions": ["write num_ctx: 4096 for ollama:llama3.1:8b"],
}  # fmt: skip
CHECK: list[dict[str, Any]] = [
    {"type": "model", "model": "ollama:llama3.1:8b", "place": THERE},
    *({"type": "step", "model": "ollama:llama3.1:8b", **step} for step in STEPS),
    {"type": "report", **REPORT},
]
PULL: list[dict[str, Any]] = [
    {"type": "model", "model": "ollama:a", "state": "present", "reason": None, "bytes": 5_000_000_000},
    {"type": "progress", "model": "ollama:b", "status": "pulling 1234", "completed": 1, "total": 4},
    {"type": "model", "model": "ollama:b", "state": "pulled", "reason": None, "bytes": 4},
    {"type": "model", "model": "ollama:c", "state": "failed", "reason": "file does not exist", "bytes": 0},
    {"type": "totals", "pulled": 1, "present": 1, "failed": 1},
]


def test_list(api: ApiDouble, souvenir: Run, capsys: Capture) -> None:
    """A row for each model with its place, size and latencies; repeated chains are one line."""
    absent = model("llama3.2:3b", place=THERE, installed=False, loaded=False, size=None, near="llama3.2:1b")
    alone = model("mistral:7b", left_alone="left alone after 3 failures (connection refused)")
    api.says("GET /v1/models", listing(model("llama3.1:8b"), absent, alone))
    assert souvenir("models", "list") == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert "ollama:llama3.1:8b this machine 4.9 GB yes 1.2 s 3.4 s" in lines
    assert any(line.startswith("ollama:llama3.2:3b gpu.home:11434 not installed") for line in lines)
    assert "extraction, enrichment: the same as chat" in lines
    assert "ollama:mistral:7b: left alone after 3 failures (connection refused)" in lines
    assert any("ollama:llama3.2:1b is" in line for line in lines)
    assert any("souvenir models pull" in line for line in lines)


def test_list_in_french_with_an_ollama_that_is_away(api: ApiDouble, souvenir: Run, capsys: Capture) -> None:
    """What is not known is a question mark, and the line that says what to do is there once."""
    unknown = model("llama3.1:8b", installed=None, unreachable="connection refused")
    message = "Ollama ne répond pas : lancez-le"
    servers = [{"url": "http://127.0.0.1:11434", "why": "connection refused", "message": message}]
    api.says("GET /v1/models", listing(unknown, unreachable=servers, embedding=None))
    assert souvenir("models", "list", "--lang", "fr") == 0
    shown = capsys.readouterr().out
    assert shown.count(message) == 1
    assert "?" in shown
    assert "1,2 s" in shown
    assert "aucun : la mémoire est cherchée par les mots" in " ".join(shown.split())


def test_a_bare_group_explains_itself(souvenir: Run, capsys: Capture) -> None:
    """`models --help` names its commands."""
    assert souvenir("models", "--help") == 0
    shown = capsys.readouterr().out
    assert all(f"  {command} " in shown for command in ("list", "pull", "warm", "check", "stats"))


@pytest.mark.parametrize("command", ["list", "stats"])
def test_json_is_what_the_api_says(api: ApiDouble, souvenir: Run, capsys: Capture, command: str) -> None:
    """One document, as it came."""
    found = {"days": 7, "stats": []}
    api.says("GET /v1/models" + ("" if command == "list" else "/stats"), found)
    assert souvenir("models", command, "--json") == 0
    assert json.loads(capsys.readouterr().out) == found


def test_pull(api: ApiDouble, souvenir: Run, capsys: Capture) -> None:
    """What was there and what failed is a line each; the totals are on stdout; a failure ends with 1."""
    api.says("POST /v1/models/pull", PULL)
    assert souvenir("models", "pull", "a", "b", "c") == 1
    shown = capsys.readouterr()
    assert shown.out == "1 fetched, 1 there already, 1 failed\n"
    assert "ollama:a is there already (5.0 GB)" in shown.err
    assert "ollama:c: file does not exist" in shown.err
    assert "souvenir: 1 model could not be fetched\n" in shown.err
    assert api.seen[0].body == {"models": ["a", "b", "c"]}


def test_pull_json(api: ApiDouble, souvenir: Run, capsys: Capture) -> None:
    """One document, with what became of each model."""
    api.says("POST /v1/models/pull", [*PULL[:3], {"type": "totals", "pulled": 1, "present": 1, "failed": 0}])
    assert souvenir("models", "pull", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert [one["state"] for one in found["models"]] == ["present", "pulled"]
    assert found["totals"]["pulled"] == 1


@pytest.mark.parametrize("command", ["pull", "warm", "check"])
def test_an_ollama_that_is_away_is_one_line(
    api: ApiDouble, souvenir: Run, capsys: Capture, command: str
) -> None:
    """The line says what to do; nothing is on stdout, and the exit code is 1."""
    away = {"type": "error", "code": "ollama_unreachable", "message": "Ollama does not answer: start it"}
    api.says(f"POST /v1/models/{command}", [away])
    assert souvenir("models", command, "--json") == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.strip() == "souvenir: Ollama does not answer: start it"


@pytest.mark.parametrize("command", ["pull", "check"])
def test_a_stream_that_ends_early_is_a_failure(
    api: ApiDouble, souvenir: Run, capsys: Capture, command: str
) -> None:
    """Without its last event, nobody is told that all is well."""
    api.says(f"POST /v1/models/{command}", [{"type": "model", "model": "ollama:a", "state": "present"}])
    assert souvenir("models", command) == 1
    assert "run the same command again" in capsys.readouterr().err


def test_warm(api: ApiDouble, souvenir: Run, capsys: Capture) -> None:
    """How long each took, for which tasks; one that cannot be loaded is a line, and the exit code 1."""
    events = [
        {"type": "loading", "model": "ollama:a"},
        {
            "type": "model",
            "model": "ollama:a",
            "tasks": ["chat", "enrichment"],
            "state": "loaded",
            "ms": 3100,
        },
        {
            "type": "model",
            "model": "ollama:b",
            "tasks": ["embedding"],
            "state": "failed",
            "reason": "no room",
        },
    ]
    api.says("POST /v1/models/warm", events)
    assert souvenir("models", "warm", "chat", "embedding") == 1
    shown = capsys.readouterr()
    assert shown.out.splitlines() == ["ollama:a loaded in 3.1 s (chat, enrichment)", "ollama:b: no room"]
    assert "1 model could not be loaded" in shown.err
    assert api.seen[0].body == {"tasks": ["chat", "embedding"]}


def test_warm_knows_the_tasks_of_the_routes(souvenir: Run, capsys: Capture) -> None:
    """All of them, and no other."""
    assert [task.value for task in TaskName] == [*TASKS, "embedding"]
    assert souvenir("models", "warm", "cooking") == 2
    assert "classification" in capsys.readouterr().err


def test_check_shows_steps_then_the_report(api: ApiDouble, souvenir: Run, capsys: Capture) -> None:
    """A line a step while it goes on; then a table and what to change."""
    api.says("POST /v1/models/check", CHECK)
    assert souvenir("models", "check") == 0
    shown = capsys.readouterr()
    assert "ollama:llama3.1:8b (gpu.home:11434)" in shown.err
    assert "✓ answers      yes  0.3 s" in shown.err
    assert "! tools        it answers in words" in shown.err
    assert all(word in shown.out for word in ("8192", "4096", "42", "→ write num_ctx: 4096"))


def test_check_json_is_the_report(api: ApiDouble, souvenir: Run, capsys: Capture) -> None:
    """One document; the steps are on stderr."""
    api.says("POST /v1/models/check", CHECK)
    assert souvenir("models", "check", "--json") == 0
    assert json.loads(capsys.readouterr().out) == REPORT


def test_check_ends_1_when_chat_is_broken(api: ApiDouble, souvenir: Run, capsys: Capture) -> None:
    """The first model of chat does not work: scripts learn it from the exit code."""
    api.says("POST /v1/models/check", [*CHECK[:-1], {**CHECK[-1], "works": False}])
    assert souvenir("models", "check") == 1
    assert "the first model of chat does not work" in capsys.readouterr().err


def test_check_writes_routes_and_never_over_a_file(
    api: ApiDouble, souvenir: Run, capsys: Capture, tmp_path: Path
) -> None:
    """The file is written for its owner only; one that is there stays, unless told otherwise."""
    api.says("POST /v1/models/check", [*CHECK[:-1], {**CHECK[-1], "routes": "chat: [ollama:a]\n"}])
    file = tmp_path / "routes.yaml"
    assert souvenir("models", "check", "--write", str(file), "--json") == 0
    assert "routes" not in json.loads(capsys.readouterr().out)
    assert file.read_text(encoding="utf-8") == "chat: [ollama:a]\n"
    if sys.platform != "win32":
        assert os.stat(file).st_mode & 0o777 == 0o600  # noqa: PTH116 - the mode, as the system has it
    assert api.seen[0].body == {"write": True}
    file.write_text("mine", encoding="utf-8")
    assert souvenir("models", "check", "--write", str(file)) == 1
    assert "exists already" in capsys.readouterr().err
    assert len(api.seen) == 1
    assert file.read_text(encoding="utf-8") == "mine"
    assert souvenir("models", "check", "--write", str(file), "--force") == 0
    assert file.read_text(encoding="utf-8") == "chat: [ollama:a]\n"


STATS: dict[str, Any] = {
    "task": "chat", "model": "ollama:llama3.1:8b", "calls": 12, "ok": 10, "interrupted": 0, "failed": 2,
    "flagged": 0, "skipped": 0, "prompt_tokens": 12340, "answer_tokens": 2310, "p50_total_ms": 1200,
    "p95_total_ms": 3400, "p50_first_token_ms": 300, "p95_first_token_ms": 900, "p50_load_ms": 4100,
    "tokens_per_second": 41.6, "last_error": "connection refused", "last_error_at": "2026-01-16T10:30:00Z",
}  # fmt: skip


@pytest.mark.parametrize(
    ("lang", "lines"),
    [
        (
            "en",
            [
                "chat · ollama:llama3.1:8b",
                "12 calls: 10 ok, 2 failed",
                "first word 0.3 s (p95 0.9 s) · whole answer 1.2 s (p95 3.4 s) · loading 4.1 s",
                "42 tokens/s · 12,340 tokens read, 2,310 written",
                "last error: connection refused (2026-01-16 10:30)",
            ],
        ),
        (
            "fr",
            [
                "conversation · ollama:llama3.1:8b",
                "12 appels : 10 réussis, 2 en échec",
                "42 jetons/s · 12 340 jetons lus, 2 310 écrits",
                "dernière erreur : connexion refusée (2026-01-16 10:30)",
            ],
        ),
    ],
)
def test_stats(api: ApiDouble, souvenir: Run, capsys: Capture, lang: str, lines: list[str]) -> None:
    """How often, how it ended, how long it took, how fast, and the last error."""
    api.says("GET /v1/models/stats", {"days": 30, "stats": [STATS]})
    assert souvenir("models", "stats", "--days", "30", "--lang", lang) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert all(line in shown for line in lines), shown
    assert api.seen[0].query == {"days": "30"}


def test_stats_of_nothing(api: ApiDouble, souvenir: Run, capsys: Capture) -> None:
    """An empty log is said, and the days are bounded."""
    api.says("GET /v1/models/stats", {"days": 7, "stats": []})
    assert souvenir("models", "stats") == 0
    assert "7 days" in capsys.readouterr().out
    assert souvenir("models", "stats", "--days", "0") == 2
