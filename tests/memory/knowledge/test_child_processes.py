"""The Java machine leaves the event loop's child processes to it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

_PROGRAM = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from memory.knowledge.arcadedb import open_arcadedb
from server.loop import loop_factory

async def main():
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", "input()", stdin=pipe, stdout=pipe)
    async with open_arcadedb(Path(sys.argv[1]), clock=lambda: datetime.now(UTC)) as graph:
        await graph.ping()
        child.kill()
        await asyncio.wait_for(child.communicate(), 20)
    print("ended")

with asyncio.Runner(loop_factory=loop_factory()) as runner:
    runner.run(main())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGCHLD on Windows")
def test_a_child_that_was_there_before_is_seen_to_end(tmp_path: Path) -> None:
    """Whoever waits for it is told, though the machine was started meanwhile: else nothing would ever end."""
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(tmp_path / "graph")],
        cwd=tmp_path,
        env={"PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert (done.stdout, done.stderr) == ("ended\n", "")
    assert [one.name for one in tmp_path.iterdir()] == ["graph"], "something was written beside the folder"
