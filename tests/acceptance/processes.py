"""Processes as a test holds them: started, waited for, killed, and what they wrote."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).parents[2]
SECONDS = 60.0
_POLL_SECONDS = 0.005


def until(condition: Callable[[], object], within: float = 20.0) -> None:
    """Wait for something that another process does; there is nobody to wake us up."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, f"it did not happen within {within:g} s"
        time.sleep(_POLL_SECONDS)


@dataclass(frozen=True)
class Finished:
    """A process that has ended."""

    code: int
    out: str
    err: str
    seconds: float

    @property
    def json(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.out)

    @property
    def line(self) -> str:
        """The one line on stderr."""
        lines = self.err.strip().splitlines()
        assert len(lines) == 1, f"one line was promised, not:\n{self.err}"
        return lines[0]

    def ok(self) -> Self:
        """Itself, if it ended well."""
        assert self.code == 0, f"exit code {self.code}\n{self.err}\n{self.out}"
        return self


@dataclass
class Running:
    """A process at work; its streams go to files, so that they outlive it."""

    nursery: Nursery
    pid: int
    out: Path
    err: Path
    started: float = field(default_factory=time.monotonic)
    ended: bool = False

    def wait(self, seconds: float = SECONDS) -> Finished:
        """Its end, of itself; killed, and the test failed, when that takes longer than `seconds`."""
        code = self._code(seconds)
        if code is None:
            self.kill()
            raise AssertionError(f"still running after {seconds:g} s\n{self.err.read_text()}")
        return Finished(code, self.out.read_text(), self.err.read_text(), time.monotonic() - self.started)

    def kill_now(self) -> None:
        """End it as a power cut would, kill -9, without waiting for it to be gone; `kill` does that."""
        if not self.ended:
            os.kill(self.pid, signal.SIGKILL)

    def kill(self) -> None:
        """End it as a power cut would: kill -9."""
        self.kill_now()
        if not self.ended:
            self._code(SECONDS)

    def stop(self) -> Finished:
        """Ask it to stop, as `kill` or a service manager does."""
        os.kill(self.pid, signal.SIGTERM)
        return self.wait()

    def _code(self, seconds: float) -> int | None:
        assert not self.ended, "it was waited for already"
        code: int | None = self.nursery.ask({"wait": self.pid, "seconds": seconds})["code"]
        self.ended = code is not None
        return code


class Nursery:
    """Starts processes quickly: see `tests.acceptance.nursery`. `prefix` is a command to run it under."""

    def __init__(self, folder: Path, prefix: Sequence[str] = ()) -> None:
        self._folder = folder
        self._numbers = itertools.count()
        self._turn = threading.Lock()
        self._process = subprocess.Popen(
            [*prefix, sys.executable, "-m", "tests.acceptance.nursery"],
            cwd=ROOT,
            # Without threads of its own, it may fork.
            env={**os.environ, "PYTHONUTF8": "1", "OPENBLAS_NUM_THREADS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._read()

    def start(self, argv: Sequence[str], env: Mapping[str, str], *, exec: bool = False) -> Running:
        """Start `souvenir ARGV…`, or with `exec` the program of `argv`, with this environment only."""
        name = f"{next(self._numbers)}-{argv[0].rpartition('/')[2]}"
        out, err = self._folder / f"{name}.out", self._folder / f"{name}.err"
        out.touch()
        err.touch()
        order = {"argv": list(argv), "env": dict(env), "cwd": str(self._folder), "exec": exec}
        answer = self.ask({**order, "out": str(out), "err": str(err)})
        return Running(self, int(answer["pid"]), out, err)

    def ask(self, order: dict[str, Any]) -> dict[str, Any]:
        """Give an order, return the answer."""
        with self._turn:
            assert self._process.stdin is not None
            self._process.stdin.write(f"{json.dumps(order)}\n")
            self._process.stdin.flush()
            return self._read()

    def close(self) -> None:
        """End it; its children must have ended."""
        self._process.communicate(timeout=SECONDS)

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the nursery has ended"
        answer: dict[str, Any] = json.loads(line)
        return answer
