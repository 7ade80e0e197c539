"""The child's side: answers what its parent asks, line by line, until the parent closes the pipe or dies.

Started by `child` as `python -m MODULE MEMORY_BYTES SECONDS FOLDER`.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import BinaryIO, NoReturn

from graphs.children import lines, sandbox

Answers = BinaryIO
Answer = Callable[[bytes, Answers], None]
"""Answers one request, in lines; raises nothing but BrokenPipeError."""


def serve(answer: Answer) -> NoReturn:
    """Serve requests from stdin to stdout for the life of the parent, within the limits of the command line.

    The folder named there is for temporary files.
    """
    memory_bytes, seconds, folder = int(sys.argv[1]), float(sys.argv[2]), sys.argv[3]
    answers = _take_stdout()
    tempfile.tempdir = folder
    requests: SimpleQueue[bytes] = SimpleQueue()
    # Started before the limit on memory: a thread's stack and arena count as address space.
    threading.Thread(target=_listen, args=(sys.stdin.buffer, requests, folder), daemon=True).start()
    sandbox.enter(memory_bytes)
    _say(answers, lines.READY)
    while True:
        request = requests.get()
        sandbox.allow_seconds(seconds)
        _say(answers, lines.TAKEN)
        try:
            answer(request, answers)
            answers.flush()
        except BrokenPipeError:
            os._exit(0)


def give_up(answers: Answers, last: bytes) -> NoReturn:
    """Say that memory ran out and end: what is left of the heap is no place for another request."""
    answers.write(last)
    answers.flush()
    os._exit(1)


def _say(answers: Answers, line: bytes) -> None:
    answers.write(line)
    answers.flush()


def _take_stdout() -> Answers:
    """Keep the pipe for answers; whatever else a library prints goes nowhere."""
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return answers


def _listen(stdin: BinaryIO, requests: SimpleQueue[bytes], folder: str) -> None:
    """Pass requests on; at the end of stdin the parent is gone: stop, even in the middle of a request."""
    try:
        for line in stdin:
            requests.put(line)
    finally:  # also when a line is too long for the memory: nobody would listen any more
        shutil.rmtree(folder, ignore_errors=True)  # else the parent does it
        os._exit(0)
