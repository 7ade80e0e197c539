"""A process that has imported Souvenir and waits: each `souvenir` that a test needs is forked from it.

Importing takes seconds, the tests start and kill some hundred processes. Nothing is open and no thread runs
when it forks, so each child is a process like any other: its own folder, environment, streams and end.

Started by `tests.acceptance.processes`; one JSON object a line on stdin, one answer each on stdout:
`{"argv", "env", "cwd", "out", "err", "exec"}` starts a process and answers `{"pid"}`; `exec` true runs
another program than `souvenir`. `{"wait", "seconds"}` answers `{"code"}`, null when it has not ended by then.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

from memory.long_term.language import detect
from server.cli import main as program
from server.cli.context import CliContext

Order = dict[str, Any]
POLL_SECONDS = 0.005
LATER = (
    "server.serve",
    "alembic.command",
    "alembic.runtime.migration",
    "anyio._backends._asyncio",
    "rich.progress",
)
"""Imported by Souvenir when it first needs them."""


def main() -> int:
    """Serve orders until stdin ends; in a child, the exit code of `souvenir`."""
    for name in LATER:
        importlib.import_module(name)
    detect("ut labore et dolore magna aliqua")  # no stop words that it knows: this loads the large model
    assert threading.active_count() == 1, "a library starts threads when it is imported: forking is not safe"
    gc.freeze()  # a child that ends does not walk through all that it shares
    answer({"pid": os.getpid()})
    alive: set[int] = set()
    while line := sys.stdin.readline():
        order = json.loads(line)
        if "wait" in order:
            code = waited(int(order["wait"]), float(order["seconds"]))
            alive -= {int(order["wait"])} if code is not None else set()
            answer({"code": code})
        elif pid := os.fork():
            alive.add(pid)
            answer({"pid": pid})
        else:
            return live(order)
    for pid in alive:  # what a failed test left behind
        os.kill(pid, signal.SIGKILL)
    return 0


def answer(content: Order) -> None:
    """Tell the test."""
    sys.stdout.write(f"{json.dumps(content)}\n")
    sys.stdout.flush()


def waited(pid: int, seconds: float) -> int | None:
    """The exit code of a child (negative: the signal that ended it), None when it goes on for too long."""
    deadline = time.monotonic() + seconds
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() > deadline:
            return None
        time.sleep(POLL_SECONDS)


def live(order: Order) -> int:
    """Be the process that was ordered."""
    os.environ.clear()
    os.environ.update(order["env"])
    os.chdir(order["cwd"])
    streams = {0: (os.devnull, os.O_RDONLY), 1: (order["out"], os.O_WRONLY), 2: (order["err"], os.O_WRONLY)}
    for number, (path, mode) in streams.items():
        opened = os.open(path, mode)
        os.dup2(opened, number)
        os.close(opened)
    argv: list[str] = order["argv"]
    if order["exec"]:
        os.execvp(argv[0], argv)
    sys.argv = ["souvenir", *argv]
    return program.run(argv, CliContext())


if __name__ == "__main__":
    sys.path.insert(0, str(Path.cwd()))
    sys.exit(main())
