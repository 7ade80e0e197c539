"""The event loop of the server: uvloop's where there is one (not on Windows), watched like any other."""

import asyncio
import sys
from collections.abc import Callable


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return what makes the server's loop; None for Python's own."""
    if sys.platform == "win32":
        return None
    from server.audited_loop import AuditedLoop

    return AuditedLoop
