"""`souvenir ingest`: progress, failures, and an end that can be trusted."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

import pytest

from tests.server.cli.api_double import CUT, HANG, ApiDouble
from tests.server.cli.conftest import Run, Start
from tests.server.cli.things import INGESTION, TOTALS, document

Capture = pytest.CaptureFixture[str]


def test_totals_on_stdout_failures_on_stderr_exit_1(api: ApiDouble, souvenir: Run, capsys: Capture) -> None:
    """One file failed: it is named with its reason, the totals are shown, and the exit code is 1."""
    api.says("POST /v1/ingest", INGESTION)
    assert souvenir("ingest", "notes") == 1
    shown = capsys.readouterr()
    assert "1 stored, 0 updated, 0 unchanged, 1 failed; 12 chunks, 0.4 s" in shown.out
    assert "b.pdf: not a PDF" in shown.err
    assert "souvenir: 1 file could not be read; the others are in memory\n" in shown.err


def test_json_is_one_document(api: ApiDouble, souvenir: Run, capsys: Capture) -> None:
    """`--json` gathers the stream into the object of the contract."""
    api.says("POST /v1/ingest", INGESTION)
    assert souvenir("ingest", "notes", "--json") == 1
    found = json.loads(capsys.readouterr().out)
    failed = document(uri="b.pdf", status="failed", chunks=0, error="not a PDF")
    assert found == {"documents": [document(), failed], "totals": TOTALS}


def test_all_read_is_exit_0(api: ApiDouble, souvenir: Run) -> None:
    """Nothing failed: exit code 0."""
    api.says("POST /v1/ingest", [*INGESTION[:2], {"type": "totals", **TOTALS, "failed": 0}])
    assert souvenir("ingest", "notes") == 0


def test_a_folder_without_documents_is_said(api: ApiDouble, souvenir: Run, capsys: Capture) -> None:
    """Nothing to read is not a failure, but people are told which formats there are."""
    api.says("POST /v1/ingest", [{"type": "discovered", "total": 0}, {"type": "totals"}])
    assert souvenir("ingest", "empty") == 0
    assert "DOCX" in capsys.readouterr().out


def test_paths_are_absolute(api: ApiDouble, souvenir: Run) -> None:
    """The server has a working folder of its own: it gets absolute paths, and streams its progress."""
    api.says("POST /v1/ingest", [{"type": "totals"}])
    souvenir("ingest", "notes", "~/x.md")
    (seen,) = api.seen
    assert seen.body == {"paths": [str(Path.cwd() / "notes"), str(Path.home() / "x.md")]}
    assert seen.headers["accept"] == "application/x-ndjson"


@pytest.mark.parametrize("last", [[CUT], []])
def test_a_stream_that_ends_early_is_a_failure(
    api: ApiDouble, souvenir: Run, capsys: Capture, last: list[dict[str, str]]
) -> None:
    """Without totals, nobody is told that all is well."""
    api.says("POST /v1/ingest", [*INGESTION[:2], *last])
    assert souvenir("ingest", "notes", "--json") == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "run the same command again" in shown.err


def test_an_error_in_the_stream_is_its_line(api: ApiDouble, souvenir: Run, capsys: Capture) -> None:
    """The disk fills up half-way: the server's line, exit code 1."""
    api.says(
        "POST /v1/ingest", [INGESTION[0], {"type": "error", "code": "full", "message": "The disk is full."}]
    )
    assert souvenir("ingest", "notes") == 1
    assert "souvenir: The disk is full.\n" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT cannot be sent to one process on Windows")
@pytest.mark.parametrize(
    ("lang", "line"),
    [
        ("en", "interrupted; run the same command again to continue"),
        ("fr", "interrompu ; relancez la même commande pour continuer"),
    ],
)
def test_ctrl_c_is_clean(api: ApiDouble, start: Start, lang: str, line: str) -> None:
    """Ctrl-C ends the command with 130 and one line that says how to go on; no traceback."""
    api.says("POST /v1/ingest", [*INGESTION[:2], HANG])
    process = start("ingest", "notes", lang=lang)
    assert api.hanging.wait(30)
    os.kill(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert out == ""
    assert line in err
    assert "Traceback" not in err
