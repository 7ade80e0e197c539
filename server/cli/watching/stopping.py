"""Ctrl-C, and the system's wish to end, as a good end of what has none of its own."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any


async def until_stopped(work: Coroutine[Any, Any, None]) -> None:
    """Do the work until SIGINT or SIGTERM, then cancel it and wait until it has tidied up.

    A second signal does what it always does. On Windows the loop takes no handlers, and Ctrl-C is
    KeyboardInterrupt.
    """
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    stopped = False

    def stop() -> None:
        nonlocal stopped
        stopped = True
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(name)
        task.cancel()

    try:
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(name, stop)
    except NotImplementedError:
        pass
    try:
        await task
    except asyncio.CancelledError:
        if not stopped:
            raise
