"""The command line, in front of a double of the API."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from server.cli.context import CliContext
from server.cli.main import run
from server.settings import Settings, load_settings
from tests.server.cli.api_double import ApiDouble, open_api

Run = Callable[..., int]
Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def api() -> Iterator[ApiDouble]:
    """The double of the API, on a socket of its own."""
    with open_api() as double:
        yield double


@pytest.fixture
def context(api: ApiDouble, tmp_path: Path) -> CliContext:
    """Doors that lead to the double, with settings of the test's own."""

    def settings(lang: str | None = None, port: int | None = None) -> Settings:
        return load_settings(data_dir=tmp_path / "memory", lang=lang or "en", port=port)

    return CliContext(connect=api.connect, load_settings=settings)


@pytest.fixture
def souvenir(context: CliContext) -> Run:
    """Run one command line in this process; its exit code. Read what it printed with `capsys`."""

    def command(*arguments: str) -> int:
        return run(arguments, context)

    return command


@pytest.fixture
def start(api: ApiDouble, tmp_path: Path) -> Iterator[Start]:
    """Start a command line in a process of its own, as a shell does."""
    started: list[subprocess.Popen[str]] = []

    def command(*arguments: str, lang: str = "en") -> subprocess.Popen[str]:
        program = [
            sys.executable,
            "-m",
            "tests.server.cli.program",
            api.base_url,
            str(tmp_path / "memory"),
            lang,
        ]
        pipe = subprocess.PIPE
        process = subprocess.Popen(
            [*program, *arguments], stdin=pipe, stdout=pipe, stderr=pipe, text=True, encoding="utf-8"
        )
        started.append(process)
        return process

    yield command
    for process in started:
        process.kill()
        process.communicate()
