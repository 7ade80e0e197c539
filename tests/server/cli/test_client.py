"""The client of the API, when the owner that was found has just gone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from server.cli.context import CliContext
from server.cli.main import run
from server.settings import Settings, load_settings
from tests.server.cli.api_double import CUT, ApiDouble
from tests.server.cli.things import ANSWER, INGESTION

NOBODY = ApiDouble("http://127.0.0.1:9")
Capture = pytest.CaptureFixture[str]


def command(owners: Iterator[ApiDouble], folder: Path, *arguments: str) -> int:
    """Run a command that finds these owners, one after the other; its exit code."""

    @asynccontextmanager
    async def connect(settings: Settings) -> AsyncIterator[ApiDouble]:
        yield next(owners)

    def settings(lang: str | None = None, port: int | None = None) -> Settings:
        return load_settings(data_dir=folder, lang=lang or "en", port=port)

    return run(arguments, CliContext(connect=connect, load_settings=settings))


@pytest.mark.parametrize("arguments", [("documents", "list"), ("ask", "x"), ("ingest", "x")])
def test_the_next_owner_is_asked(api: ApiDouble, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """Nobody took the request: it goes to whoever owns the folder by now, and nobody notices."""
    api.says("GET /v1/documents", {"documents": []})
    api.says("POST /v1/turns", ANSWER)
    api.says("POST /v1/ingest", [*INGESTION[:2], {"type": "totals"}])
    assert command(iter([NOBODY, api]), tmp_path, *arguments) == 0
    assert len(api.seen) == 1


def test_it_is_tried_twice_only(tmp_path: Path, capsys: Capture) -> None:
    """The second one is gone too: one line, exit code 1."""
    assert command(iter([NOBODY, NOBODY]), tmp_path, "documents", "list") == 1
    assert "the server stopped" in capsys.readouterr().err


def test_what_may_have_been_taken_is_not_sent_again(api: ApiDouble, tmp_path: Path) -> None:
    """A stream that breaks off is not begun anew behind the person's back."""
    api.says("POST /v1/ingest", [*INGESTION[:2], CUT])
    assert command(iter([api, api]), tmp_path, "ingest", "x") == 1
    assert len(api.seen) == 1
