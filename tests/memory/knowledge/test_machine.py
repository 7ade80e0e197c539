"""What the embedded engine's machine does not do: write where it should not, offer what cannot be stopped."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from memory.knowledge.arcadedb import open_arcadedb
from memory.knowledge.errors import KnowledgeError
from memory.knowledge.protocol import Limits
from tests.clock import FakeClock

ROOT = Path(__file__).parents[3]


def test_java_is_neither_seen_nor_heard(tmp_path: Path) -> None:
    """Nothing on the terminal, no log in the graph's folder, and none where the process was started."""
    here = tmp_path / "here"
    here.mkdir()
    child = subprocess.run(
        [sys.executable, "-m", "tests.memory.knowledge.machine_to_end", str(tmp_path / "knowledge")],
        cwd=here,
        env={"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (child.stdout, child.stderr, child.returncode) == ("(('Claire Dubois',),)\n", "", 0)
    assert list(here.iterdir()) == []
    assert [one.name for one in (tmp_path / "knowledge").iterdir() if one.is_file()] == []


@pytest.mark.parametrize(
    "call", ["util.sleep(60000)", "apoc.util.sleep(60000)", "create.vnode(['Person'], {})"]
)
async def test_functions_that_no_question_needs_are_gone(tmp_path: Path, clock: FakeClock, call: str) -> None:
    """A query that sleeps could not be stopped. Whether the engine is asked first or not."""
    async with open_arcadedb(tmp_path, clock=clock) as graph:
        for verify in (False, True):
            with pytest.raises(KnowledgeError) as refused:
                await graph.read("marie", f"RETURN {call} AS x", limits=Limits(seconds=30), verify=verify)
            assert "in its time" not in str(refused.value)
