"""Rounds of the projector: a few at once, then spaced."""

from __future__ import annotations

import time

from graphs.ingestion.rounds import AT_ONCE, EACH_SECONDS, Spacing


async def test_a_few_pass_at_once_and_more_are_spaced() -> None:
    """What is said now and then is found at once; in a crowd a quarter of a second passes between rounds."""
    spacing = Spacing()
    begun = time.monotonic()
    for _ in range(AT_ONCE):
        await spacing.wait()
    assert time.monotonic() - begun < EACH_SECONDS
    for _ in range(2):
        await spacing.wait()
    assert time.monotonic() - begun >= 1.9 * EACH_SECONDS
