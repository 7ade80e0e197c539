"""What the Java machine does to signals, undone.

Its class for processes sets SIGCHLD back to the default when it is loaded (OpenJDK, ProcessImpl_md.c), and
an event loop that waits for child processes (libuv's) never learns that they ended. Its handler is C's, so it
is kept as C has it; Python's `signal` does not see it.
"""

import ctypes
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

_ROOM: Final = 512
"""Bytes; `struct sigaction` takes 152 with glibc, and less elsewhere."""


@contextmanager
def child_signal_kept() -> Iterator[None]:
    """Put the handler of SIGCHLD back after the block, as it was before."""
    if sys.platform == "win32":
        yield
        return
    sigaction = ctypes.CDLL(None, use_errno=True).sigaction
    kept = ctypes.create_string_buffer(_ROOM)
    known = sigaction(int(signal.SIGCHLD), None, kept) == 0
    try:
        yield
    finally:
        if known:
            sigaction(int(signal.SIGCHLD), kept, None)


def keep_child_signal(jpype: Any) -> None:
    """Have the class loaded now, once for all, and put the handler back.

    In the thread of the event loop, so that no child is started, and no handler set, in between. It takes
    some milliseconds; before it, nothing else may have been asked of the engine.
    """
    with child_signal_kept():
        jpype.JClass("java.lang.Class").forName("java.lang.ProcessImpl")
