"""The embedded engine in processes that are told to end, killed, or not alone."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from memory.knowledge.arcadedb import open_arcadedb
from memory.knowledge.checksum import checksum
from tests.clock import FakeClock
from tests.memory.knowledge.arcadedb_writer import DOCUMENTS, edition
from tests.memory.knowledge.samples import EVERYTHING, USER

ROOT = Path(__file__).parents[3]


def spawn(folder: Path, what: str, first: int = 0) -> subprocess.Popen[str]:
    """Start another process on a folder."""
    command = [sys.executable, "-m", "tests.memory.knowledge.arcadedb_writer", str(folder), what, str(first)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_signals_stay_pythons(tmp_path: Path, sent: signal.Signals) -> None:
    """Its handlers run, it ends cleanly, and Java says nothing."""
    with spawn(tmp_path, "wait") as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "open\n"
        child.send_signal(sent)
        out, err = child.communicate(timeout=30)
    assert (out, err, child.returncode) == ("told\n", "", 0)


async def test_two_processes_do_not_share_a_folder(tmp_path: Path, clock: FakeClock) -> None:
    """The second says who holds it, whatever the first has open; the first goes on."""
    async with open_arcadedb(tmp_path, clock=clock) as graph:
        await graph.put([edition(0, 0)])
        with spawn(tmp_path, "wait") as child:
            out, err = child.communicate(timeout=60)
        assert out.startswith("unavailable: another process holds the knowledge graph")
        assert (err, child.returncode) == ("", 0)
        await graph.put([edition(1, 0)])
    with spawn(tmp_path, "wait") as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "open\n"
        child.terminate()
        child.communicate(timeout=30)


@pytest.mark.parametrize("rounds", [3, pytest.param(40, marks=pytest.mark.soak)])
async def test_killed_at_any_point(tmp_path: Path, clock: FakeClock, seed: int, rounds: int) -> None:
    """Every document is one edition, whole, and no older than was said; or it was being forgotten."""
    rng = random.Random(seed)
    first = 0
    for _ in range(rounds):
        said = write_and_be_killed(tmp_path, first, rng)
        assert said, "the writer never began"
        await check(tmp_path, clock, said)
        first = max(said.values()) + 1


def write_and_be_killed(folder: Path, first: int, rng: random.Random) -> dict[int, int]:
    """Kill a writer somewhere; return the last edition that it said of each document."""
    with spawn(folder, "write", first) as child:
        assert child.stdout is not None
        lines = [child.stdout.readline() for _ in range(rng.randint(1, 40))]
        for _ in range(rng.randint(0, 300_000)):  # somewhere between two acknowledgements, without a clock
            pass
        child.kill()
        lines += child.stdout.readlines()
    told = [line.split() for line in lines if line.startswith("put") and line.endswith("\n")]
    return {int(document): int(number) for _, document, number in told}


async def check(folder: Path, clock: FakeClock, said: dict[int, int]) -> None:
    """Open the graph, and compare it with one to which its documents are given anew."""
    async with open_arcadedb(folder, clock=clock) as graph:
        cypher = "MATCH (d:Document {user: $user}) RETURN d.key, d.name"
        rows = (await graph.read(USER, cypher, limits=EVERYTHING)).rows
        kept = {int(key[1:]): int(name.split()[1]) for key, name in rows}
        assert len(kept) == len(rows) <= DOCUMENTS
        assert all(kept[document] >= said.get(document, 0) for document in kept)
        missing = set(said) - set(kept)
        assert missing <= {said[document] % DOCUMENTS for document in said}
        found = await checksum(graph, USER)
        await graph.clear()
        await graph.put([edition(document, number) for document, number in kept.items()])
        assert await checksum(graph, USER) == found
