"""The program itself: help, version, languages, and how its errors end."""

from __future__ import annotations

import statistics
import string
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from server.cli.context import CliContext, Progress, load_settings
from server.cli.errors import CliError
from server.cli.help import texts
from server.cli.main import app, run
from server.cli.messages import CATALOGUES, Say
from server.cli.messages.help_fr import HELP_IN_FRENCH
from server.settings import Settings
from tests.server.cli.api_double import ApiDouble
from tests.server.cli.conftest import Run

Capture = pytest.CaptureFixture[str]
COMMANDS = [
    "serve",
    "ask",
    "chat",
    "ingest",
    "recall",
    "documents",
    "threads",
    "doctor",
    "evaluate",
    "backup",
]
HALF_A_SECOND = 0.5


def fields(message: str) -> set[str]:
    """The names of the values that a message takes."""
    return {name for _, name, _, _ in string.Formatter().parse(message) if name}


def test_help_takes_less_than_half_a_second() -> None:
    """The median of three cold runs of `souvenir --help`, each in a process of its own."""
    took = []
    for _ in range(3):
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-m", "server.cli.main", "--help"], check=True, capture_output=True)
        took.append(time.perf_counter() - begun)
    assert statistics.median(took) < HALF_A_SECOND, took


def test_help_names_every_command(souvenir: Run, capsys: Capture) -> None:
    """`souvenir --help`, and `souvenir` alone, list what can be typed."""
    for arguments in ((), ("--help",)):
        assert souvenir(*arguments) == 0
        shown = capsys.readouterr().out
        assert all(f"  {command} " in shown for command in COMMANDS)


@pytest.mark.parametrize("command", [*COMMANDS, "documents list", "threads export", "evaluate retrieval"])
def test_every_command_has_help(souvenir: Run, capsys: Capture, command: str) -> None:
    """Each command explains itself, without settings and without a server."""
    assert souvenir(*command.split(), "--help") == 0
    assert f"Usage: souvenir {command}" in capsys.readouterr().out


def test_help_speaks_french(souvenir: Run, capsys: Capture) -> None:
    """Every help text of every command has its French, which `--lang fr` shows."""
    program = get_command(app)
    missing = {text.help for text in texts(program) if text.help} - HELP_IN_FRENCH.keys()
    assert not missing
    assert souvenir("ask", "--lang", "fr", "--help") == 0
    assert "Poser une question" in capsys.readouterr().out


def test_version(souvenir: Run, capsys: Capture) -> None:
    """The installed version."""
    assert souvenir("--version") == 0
    assert capsys.readouterr().out.startswith("souvenir 0.")


def test_both_languages_say_everything() -> None:
    """Each message exists in English and in French, with the same values to fill in."""
    english, french = CATALOGUES["en"], CATALOGUES["fr"]
    assert english.keys() == french.keys()
    assert {key: fields(text) for key, text in english.items()} == {
        key: fields(text) for key, text in french.items()
    }


@pytest.mark.parametrize(
    ("lang", "n", "expected"),
    [("en", 0, "0 documents"), ("en", 1, "1 document"), ("fr", 0, "0 document"), ("fr", 2, "2 documents")],
)
def test_numbers_agree_with_their_noun(lang: str, n: int, expected: str) -> None:
    """English and French disagree on zero."""
    assert Say(lang).count("documents", n) == expected


def test_a_setting_that_cannot_be_used_is_one_line(capsys: Capture) -> None:
    """A setting with a value that cannot be: which one and why, exit code 1."""

    def bad_settings(lang: str | None = None, port: int | None = None) -> Settings:
        return load_settings(lang="klingon")

    assert run(["ask", "Why?"], CliContext(load_settings=bad_settings)) == 1
    shown = capsys.readouterr().err
    assert shown.startswith("souvenir: SOUVENIR_LANG ")
    assert shown.count("\n") == 1


def test_the_system_s_refusals_are_one_line(context: CliContext, capsys: Capture) -> None:
    """A folder that cannot be written, a port in use: the system's words, exit code 1, no traceback."""

    def serve(settings: Settings) -> int:
        raise PermissionError(13, "Permission denied", "/memory")

    assert run(["serve"], CliContext(load_settings=context.load_settings, serve=serve)) == 1
    assert capsys.readouterr().err == "souvenir: [Errno 13] Permission denied: '/memory'\n"


def test_serve_gets_the_settings_and_gives_its_exit_code(context: CliContext) -> None:
    """`serve --port` wins over the environment; what the server returns is the exit code."""
    served: list[int] = []

    def serve(settings: Settings) -> int:
        served.append(settings.port)
        return 3

    assert run(["serve", "--port", "8123"], CliContext(load_settings=context.load_settings, serve=serve)) == 3
    assert served == [8123]


def test_a_folder_that_is_held_is_one_line(context: CliContext, api: ApiDouble, capsys: Capture) -> None:
    """Studio has the folder: the line that says so, exit code 1."""

    def connect(settings: Settings) -> object:
        raise CliError("LangGraph Studio holds this memory: stop it first")

    held = CliContext(connect=connect, load_settings=context.load_settings)  # type: ignore[arg-type]  # it only raises
    assert run(["threads", "list"], held) == 1
    assert capsys.readouterr().err == "souvenir: LangGraph Studio holds this memory: stop it first\n"


def test_evaluate_passes_the_files_on(context: CliContext, tmp_path: Path, capsys: Capture) -> None:
    """The evaluation gets its files, reports its progress, and its figures are shown by leg and language."""
    files = [tmp_path / name for name in ("documents.jsonl", "questions.jsonl")]
    for file in files:
        file.write_text("{}\n", encoding="utf-8")

    async def evaluate(
        settings: Settings, documents: Path, questions: Path, run: Path | None, progress: Progress
    ) -> dict[str, Any]:
        assert [documents, questions] == files
        progress(1, 2)
        figures = {"n": 2, "recall@1": 0.75, "mrr": 0.8, "p50_ms": 1.2}
        return {**figures, "by_lang": {"fr": figures}, "by_leg": {"sparse": figures}, "by_category": {}}

    measuring = CliContext(load_settings=context.load_settings, evaluate=evaluate)
    assert run(["evaluate", "retrieval", *map(str, files)], measuring) == 0
    shown = capsys.readouterr().out
    assert all(word in shown for word in ("recall@1", "0.750", "fr", "by words"))


def test_evaluate_without_its_files_is_one_line(context: CliContext, tmp_path: Path, capsys: Capture) -> None:
    """A file that is not there is named."""
    missing = str(tmp_path / "missing.jsonl")
    assert run(["evaluate", "retrieval", missing, missing], context) == 1
    assert capsys.readouterr().err == f"souvenir: {missing} does not exist\n"
