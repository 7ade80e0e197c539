"""Waiting for what happens elsewhere, where nobody can wake us up: asked again and again, with a limit."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

_PAUSE_SECONDS: Final = 0.01


async def until(condition: Callable[[], Awaitable[object]], within: float = 20.0) -> None:
    """Wait until `condition` says so; the test fails when that takes longer than `within` seconds."""
    try:
        async with asyncio.timeout(within):
            while not await condition():  # noqa: ASYNC110 - nobody here is told
                await asyncio.sleep(_PAUSE_SECONDS)
    except TimeoutError:
        raise AssertionError(f"it did not happen within {within:g} s") from None
