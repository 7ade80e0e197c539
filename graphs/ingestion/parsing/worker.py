"""The child: reads the files that its parent names; `graphs.children.serving` does the rest."""

from __future__ import annotations

import errno
import sys
from typing import Final, NoReturn

from graphs.children.serving import Answers, give_up, serve
from graphs.ingestion.parsing import protocol
from graphs.ingestion.parsing.errors import ParsingError
from graphs.ingestion.parsing.reading import Reading

_UNUSED: Final = ("numpy", "pandas")
"""openpyxl and pypdfium2 import them when they are there: for nothing here, at 200 MB of address space."""


def answer(request: bytes, answers: Answers) -> None:
    """Read one file; whatever is wrong with it is the last line of the answer."""
    reading = Reading(protocol.requested(request))
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
        raise
    except OSError as error:
        if error.errno in {None, errno.ENOMEM}:
            _give_up(answers, error)
        last = protocol.failed(ParsingError("unreadable", str(error)))
    except Exception as error:
        # Any other exception is a format library's answer to a file that it did not expect.
        last = protocol.failed(ParsingError("corrupt", f"{type(error).__name__}: {error}"))
    answers.write(last)


def _give_up(answers: Answers, error: BaseException) -> NoReturn:
    give_up(answers, protocol.failed(ParsingError("memory", str(error))))


if __name__ == "__main__":
    for name in _UNUSED:
        sys.modules[name] = None  # type: ignore[assignment]  # Python's way to say "cannot be imported"
    serve(answer)
