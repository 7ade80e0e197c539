"""The child: reads the files that its parent names, one at a time, until the parent closes the pipe or dies.

Started by `client` as `python -m graphs.ingestion.parsing.worker MEMORY_BYTES SECONDS`.
"""

from __future__ import annotations

import errno
import os
import sys
import threading
from pathlib import Path
from queue import SimpleQueue
from typing import BinaryIO, Final, NoReturn

from graphs.ingestion.parsing import protocol, sandbox
from graphs.ingestion.parsing.errors import ParsingError
from graphs.ingestion.parsing.reading import Reading

_UNUSED: Final = ("numpy", "PIL", "pandas")
"""openpyxl and pypdfium2 import them when they are there: for nothing here, at 200 MB of address space."""


def main(memory_bytes: int, seconds: float) -> None:
    """Serve requests from stdin to stdout for the life of the parent."""
    answers = _take_stdout()
    requests: SimpleQueue[bytes] = SimpleQueue()
    # Started before the limit on memory: a thread's stack and arena count as address space.
    threading.Thread(target=_listen, args=(sys.stdin.buffer, requests), daemon=True).start()
    sandbox.enter(memory_bytes)
    for name in _UNUSED:
        sys.modules[name] = None  # type: ignore[assignment]  # Python's way to say "cannot be imported"
    answers.write(protocol.READY)
    answers.flush()
    while True:
        path = protocol.requested(requests.get())
        sandbox.allow_seconds(seconds)
        answers.write(protocol.TAKEN)
        answers.flush()
        _serve(path, answers)


def _take_stdout() -> BinaryIO:
    """Keep the pipe for answers; whatever else a library prints goes nowhere."""
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return answers


def _listen(stdin: BinaryIO, requests: SimpleQueue[bytes]) -> None:
    """Pass requests on; at the end of stdin the parent is gone: stop, even in the middle of a file."""
    for line in stdin:
        requests.put(line)
    os._exit(0)


def _serve(path: Path, answers: BinaryIO) -> None:
    reading = Reading(path)
    try:
        for section in reading:
            answers.write(protocol.section(section))
        last = protocol.done(reading.title, reading.media_type)
    except ParsingError as error:
        last = protocol.failed(error)
    except (MemoryError, ImportError) as error:
        # A library of a format that cannot be mapped is out of memory too: it is installed.
        _give_up(answers, error)
    except BrokenPipeError:
        os._exit(0)
    except OSError as error:
        if error.errno in {None, errno.ENOMEM}:
            _give_up(answers, error)
        last = protocol.failed(ParsingError("unreadable", str(error)))
    except Exception as error:
        # Any other exception is a format library's answer to a file that it did not expect.
        last = protocol.failed(ParsingError("corrupt", f"{type(error).__name__}: {error}"))
    answers.write(last)
    answers.flush()


def _give_up(answers: BinaryIO, error: BaseException) -> NoReturn:
    """Say that memory ran out and end: what is left of the heap is no place to read another file."""
    answers.write(protocol.failed(ParsingError("memory", str(error))))
    answers.flush()
    os._exit(1)


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
