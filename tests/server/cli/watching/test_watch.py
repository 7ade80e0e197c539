"""`souvenir ingest --watch` in front of a double of the API: what it prints, and how it ends."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from server.cli.context import CliContext
from server.cli.shell import Shell
from server.cli.watching.watcher import Watcher
from server.settings import Settings, load_settings
from tests.server.cli.api_double import CUT, ApiDouble
from tests.server.cli.conftest import Run, Start
from tests.server.cli.things import INGESTION, document

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="SIGINT cannot be sent to one process there")
ONE = [
    {"type": "discovered", "total": 1},
    {"type": "document", **document(chunks=3, status="updated")},
    {"type": "totals", "updated": 1, "chunks": 3, "seconds": 0.1},
]


def lines_until(process: subprocess.Popen[str], words: str) -> list[str]:
    """What the process says on stderr, up to a line with these words."""
    assert process.stderr is not None
    said: list[str] = []
    while not said or words not in said[-1]:
        line = process.stderr.readline()
        assert line, f"it ended before it said {words!r}: {said}"
        said.append(line)
    return said


def ended(process: subprocess.Popen[str], number: int = signal.SIGINT) -> tuple[str, str]:
    """What was left to read of stdout and stderr, after a good end."""
    os.kill(process.pid, number)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    assert "Traceback" not in err
    return out, err


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """A folder with a document."""
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "a.md").write_text("one")
    return folder


def test_json_is_one_document_per_line_and_batch(api: ApiDouble, start: Start, notes: Path) -> None:
    """The first line is what was there; each line is the object of `ingest`, with what is gone."""
    for reply in (INGESTION, ONE):
        api.says("POST /v1/ingest", reply)
    api.says("GET /v1/documents", {"documents": [document(uri=(notes / "a.md").as_uri())]})
    process = start("ingest", "--watch", "--json", str(notes))
    assert process.stdout is not None
    first = json.loads(process.stdout.readline())
    assert [found["status"] for found in first["documents"]] == ["stored", "failed"]
    assert first["totals"] == {
        "stored": 1,
        "unchanged": 0,
        "updated": 0,
        "failed": 1,
        "chunks": 12,
        "seconds": 0.4,
    }
    lines_until(process, "Ctrl-C")
    (notes / "b.md").write_text("two")
    second = json.loads(process.stdout.readline())
    assert [found["status"] for found in second["documents"]] == ["updated"]
    assert api.seen[-1].body == {"paths": [str(notes / "b.md")]}
    (notes / "a.md").unlink()
    third = json.loads(process.stdout.readline())
    assert (third["documents"], third["totals"]["updated"]) == ([], 0)
    assert third["gone"] == [{"uri": (notes / "a.md").as_uri(), "document_id": "d1"}]
    assert ended(process)[0] == ""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_well(api: ApiDouble, start: Start, notes: Path, number: int) -> None:
    """Ctrl-C, and the system's wish to end: exit code 0, one line, though a file had failed."""
    api.says("POST /v1/ingest", INGESTION)
    process = start("ingest", "--watch", str(notes))
    said = lines_until(process, "Ctrl-C")
    assert any("b.pdf: not a PDF" in line for line in said)
    assert "1 stored, 0 updated, 0 unchanged, 1 failed; 12 chunks, 0.4 s\n" in said
    assert ended(process, number) == ("", "stopped watching\n")


def test_a_server_that_goes_is_tried_again(api: ApiDouble, start: Start, notes: Path) -> None:
    """Said once, however often it takes; what was told before the cut is not told twice."""
    for reply in (INGESTION, [*ONE[:2], CUT], [ONE[0], CUT], [ONE[0], CUT]):
        api.says("POST /v1/ingest", reply)
    again = [ONE[0], {"type": "document", **document(chunks=3, status="unchanged")}, {"type": "totals"}]
    api.says("POST /v1/ingest", again)
    process = start("ingest", "--watch", str(notes), "--json")
    lines_until(process, "Ctrl-C")
    (notes / "b.md").write_text("two")
    said = lines_until(process, "going on")
    assert [line.split()[0] for line in said] == ["updated", "not", "going"]
    assert "the server stopped before the end" in said[1]
    out, _ = ended(process)
    last = json.loads(out.splitlines()[-1])
    assert [found["status"] for found in last["documents"]] == ["updated"]
    assert last["totals"]["updated"] == 1


def test_what_is_not_there_is_said(api: ApiDouble, start: Start, tmp_path: Path) -> None:
    """A path that does not exist yet, in French too; nothing is asked of the server for it."""
    process = start("ingest", "--watch", str(tmp_path / "absent"), "--lang", "fr")
    said = lines_until(process, "Ctrl-C")
    assert f"{tmp_path / 'absent'} n’existe pas encore" in said[0]
    assert ended(process) == ("", "surveillance arrêtée\n")
    assert api.seen == []


async def test_a_cancellation_that_is_swallowed_counts(api: ApiDouble, notes: Path, tmp_path: Path) -> None:
    """Ctrl-C while somebody closes the connection who does not pass it on: it ends all the same."""
    leaving = asyncio.Event()

    async def deaf() -> None:
        leaving.set()
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()

    @asynccontextmanager
    async def connect(settings: Settings) -> AsyncIterator[ApiDouble]:
        yield api
        await asyncio.create_task(deaf())

    api.says("POST /v1/ingest", INGESTION)
    shell = Shell(CliContext(connect=connect), load_settings(data_dir=tmp_path / "memory", lang="en"))
    watching = asyncio.create_task(Watcher(shell, [notes], poll=False).run())
    await leaving.wait()
    watching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(watching, 30)


def test_poll_needs_watch(souvenir: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """`--poll` alone is wrong usage."""
    assert souvenir("ingest", "--poll", "x") == 2
    assert "--watch" in capsys.readouterr().err
