"""Nothing acknowledged is lost, nothing is doubled, nothing is half there, wherever the process is killed."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from memory.archive.archive import FILE_NAME, open_archive
from tests.clock import FakeClock

ROOT = Path(__file__).parents[3]


def spawn(folder: Path, round: int) -> subprocess.Popen[str]:
    """Start a writer; it waits for a line before it opens the archive, so it can start early."""
    command = [sys.executable, "-m", "tests.memory.archive.writer_to_kill", str(folder), f"r{round}"]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def write_and_be_killed(child: subprocess.Popen[str], rng: random.Random) -> list[str]:
    """Let a writer go, kill it after a few acknowledgements, return all that it acknowledged."""
    with child:
        assert child.stdin is not None and child.stdout is not None
        child.stdin.write("go\n")
        child.stdin.flush()
        said = [child.stdout.readline() for _ in range(rng.randint(1, 30))]
        for _ in range(rng.randint(0, 200_000)):  # somewhere between two acknowledgements, without a clock
            pass
        child.kill()
        said += child.stdout.readlines()
    assert said[0], "the writer never began"
    return [line.strip() for line in said if line.endswith("\n")]


async def check(folder: Path, clock: FakeClock, acknowledged: list[str]) -> None:
    """Reopen and compare: all that was acknowledged is kept, all that is kept is whole and there once."""
    async with open_archive(folder, clock=clock) as archive:
        async with archive.read() as work:
            turns = await work.threads.turns("marie", "c1")
            documents = await work.documents.list("marie")
            counts = await work.ledger.counts("marie")
            kept = Counter(turn.id for turn in turns)
            assert not set(acknowledged) - set(kept), "acknowledged, and lost"
            assert set(kept.values()) <= {1}, "doubled"
            assert {document.id for document in documents} == set(kept)
            assert counts == {"recall": {"pending": len(kept)}}
            for turn in turns:
                assert turn.references == [turn.id, "other"]
            for document in documents:
                assert len(await work.documents.chunks("marie", document.id)) == 3
        order = [id for id in (turn.id for turn in turns) if id in set(acknowledged)]
        assert order == acknowledged, "the order of acknowledgement is the order of turns"
        async with archive.unit() as work:
            await work.ledger.release_all()
            assert len(await work.ledger.claim("recall", limit=10**6, lease_seconds=1)) == len(kept)
            await work.ledger.release_all()
    with closing(sqlite3.connect(folder / FILE_NAME)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.mark.parametrize("rounds", [10, pytest.param(100, marks=pytest.mark.soak)])
async def test_killed_at_any_point(tmp_path: Path, clock: FakeClock, seed: int, rounds: int) -> None:
    """Round after round on one folder: killed at a random point, opened again and checked."""
    rng = random.Random(seed)
    acknowledged: list[str] = []
    ready = spawn(tmp_path, 0)
    try:
        for round in range(rounds):
            child, ready = ready, spawn(tmp_path, round + 1)
            acknowledged += write_and_be_killed(child, rng)
            await check(tmp_path, clock, acknowledged)
    finally:
        with ready:
            ready.kill()
    assert len(acknowledged) >= rounds
