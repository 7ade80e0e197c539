"""Ending a task that speaks to Redis."""

import asyncio
from typing import Any, Final

_AGAIN_SECONDS: Final = 0.02


async def ended(task: "asyncio.Task[Any]") -> None:
    """Cancel a task until it has ended.

    Once is not always enough: Redis's client sends with `asyncio.wait_for`, which before Python 3.12 loses a
    cancellation that comes together with its result. What the task ended with is not raised.
    """
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=_AGAIN_SECONDS)
