"""`souvenir evaluate retrieval` in a process of its own, with an embedder and without."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.ollama_double import Fault, Model, OllamaDouble
from tests.server.test_evaluation import DOCUMENTS, NO_EMBEDDER, QUESTIONS, write

MODEL = "nomic-embed-text"
QUESTIONS_WITH_CATEGORY: list[dict[str, Any]] = [{**row, "category_name": "single-hop"} for row in QUESTIONS]


def evaluate(folder: Path, url: str, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command on the small set, as a shell with 80 columns does."""
    files = (
        write(folder / "documents.jsonl", DOCUMENTS),
        write(folder / "questions.jsonl", QUESTIONS_WITH_CATEGORY),
    )
    ours = {
        "SOUVENIR_DATA_DIR": str(folder / "memory"),
        "SOUVENIR_OLLAMA_URL": url,
        "SOUVENIR_LANG": "en",
        "COLUMNS": "80",
        "PYTHONIOENCODING": "utf-8",
    }
    command = [sys.executable, "-m", "server.cli.main", "evaluate", "retrieval", *map(str, files), *options]
    return subprocess.run(
        command,
        env={**os.environ, **ours, **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def rows(shown: str) -> dict[str, list[str]]:
    """The figures of each row, by its name."""
    _, _, table = shown.partition("\n\n")
    cells = (line.rsplit(maxsplit=5) for line in table.splitlines() if line.strip())
    return {name.strip(): figures for name, *figures in cells}


def test_with_an_embedder(tmp_path: Path) -> None:
    """Both searches and the two together, by language and category; the embedder is named; no remark."""
    with OllamaDouble(Model(MODEL, dimension=64)) as ollama:
        done = evaluate(tmp_path, ollama.url)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"3 questions · meaning by ollama:{MODEL} (64 dimensions)\n")
    assert "once it has its vector, a search takes " in done.stdout
    found = rows(done.stdout)
    assert list(found) == [
        *("search", "by meaning", "by words", "together"),
        *("language", "en", "fr"),
        *("category", "single-hop"),
    ]
    assert found["search"] == ["n", "recall@1", "recall@5", "recall@10", "MRR"]
    assert found["by words"][:2] == ["3", "0.667"]
    assert found["by meaning"][0] == "3"
    assert max(map(len, done.stdout.splitlines())) <= 80


@pytest.mark.parametrize(
    ("lang", "meaning", "why"),
    [("en", "by meaning", "words alone were measured"), ("fr", "par le sens", "seuls les mots")],
)
def test_without_an_embedder_it_says_what_that_means_and_what_to_do(
    tmp_path: Path, lang: str, meaning: str, why: str
) -> None:
    """On stderr: who did not answer and why, what was measured, and the command that fixes it."""
    done = evaluate(tmp_path, NO_EMBEDDER, "--lang", lang)
    assert done.returncode == 0
    assert done.stderr.count("\n") == 1
    assert why in done.stderr
    assert "connection refused" in done.stderr
    assert done.stderr.endswith(f"ollama pull {MODEL}\n")
    assert rows(done.stdout)[meaning] == ["–"] * 5


def test_json_stays_one_document(tmp_path: Path) -> None:
    """The remark is on stderr, and stdout holds what was missing too, for programs."""
    done = evaluate(tmp_path, NO_EMBEDDER, "--json")
    found = json.loads(done.stdout)
    assert found["degraded"] == [{"component": f"ollama:{MODEL}", "reason": "connection refused"}]
    assert found["by_leg"]["dense"] is None
    assert f"ollama pull {MODEL}" in done.stderr


def test_a_models_file_without_an_embedder_needs_no_command(tmp_path: Path) -> None:
    """It was asked for: the remark says so, and does not send people to fetch a model."""
    models = tmp_path / "models.yaml"
    models.write_text("embedding: null\n", encoding="utf-8")
    done = evaluate(tmp_path, NO_EMBEDDER, SOUVENIR_MODELS_FILE=str(models))
    assert done.returncode == 0
    assert "names no embedding model" in done.stderr
    assert "ollama pull" not in done.stderr


def test_an_embedder_that_stops_on_the_way_is_one_line(tmp_path: Path) -> None:
    """No figures of half a measurement, and no traceback: exit code 1, with the reason."""
    with OllamaDouble(Model(MODEL, dimension=64)) as ollama:
        ollama.fault(MODEL, Fault("missing", on="/api/embed", when="crane was"))
        done = evaluate(tmp_path, ollama.url)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("souvenir: ")
    assert f"ollama pull {MODEL}" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_models_file_that_cannot_be_used_is_one_line(tmp_path: Path) -> None:
    """Which file, and what is wrong in it."""
    models = tmp_path / "models.yaml"
    models.write_text("embedding: 3\n", encoding="utf-8")
    done = evaluate(tmp_path, NO_EMBEDDER, SOUVENIR_MODELS_FILE=str(models))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"souvenir: {models}:1: embedding")
