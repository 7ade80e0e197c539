"""A child for tests: does one small thing for each word that it is sent."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable

from graphs.children.serving import Answers, serve


def spin() -> object:
    """Work for ever."""
    while True:
        pass


def die() -> object:
    """End at once."""
    os._exit(3)


ACTS: dict[str, Callable[[], object]] = {
    "pid": os.getpid,
    "environ": lambda: dict(os.environ),
    "listen": lambda: socket.create_server(("127.0.0.1", 0)).getsockname(),
    "look up": lambda: socket.getaddrinfo("localhost", 80),
    "run": lambda: subprocess.run([sys.executable, "-c", ""], check=True).returncode,
    "shell": lambda: os.system("true"),
    "fork": lambda: os.fork(),
    "print": lambda: print("not for the parent", flush=True),
    "fill": lambda: len(bytearray(1 << 40)),
    "nice": lambda: os.nice(0),
    "spin": spin,
    "die": die,
}


def answer(request: bytes, answers: Answers) -> None:
    """Say what came of it, or which error."""
    try:
        said = ACTS[json.loads(request)]()
    except Exception as error:  # whatever it is: the test wants to know its name
        said = type(error).__name__
    answers.write(json.dumps(said).encode() + b"\n")


if __name__ == "__main__":
    serve(answer)
