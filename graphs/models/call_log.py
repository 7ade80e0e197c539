"""The log of calls that belong to no turn: noted at once, kept in the archive a few seconds later."""

import asyncio
import contextlib
import time
import uuid
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Final

import structlog

from graphs.models.chat import Usage
from memory.archive.archive import Archive
from memory.archive.entities import CallOutcome, ModelCall
from memory.archive.errors import ArchiveError

FLUSH_SECONDS: Final = 5.0
CALLS_KEPT: Final = timedelta(days=90)
_DAY: Final = 24 * 3600.0
_MOST: Final = 2000
"""Calls that wait; of more, the oldest are lost: the log is for people, nothing depends on it."""
_log = structlog.stdlib.get_logger("souvenir.models")


class CallLog:
    """Notes calls for one user; `flush` keeps them."""

    def __init__(self, archive: Archive, user: str, clock: Callable[[], datetime]) -> None:
        self._archive, self._user, self._clock = archive, user, clock
        self._waiting: deque[ModelCall] = deque(maxlen=_MOST)

    def note(
        self,
        task: str,
        model: str,
        outcome: CallOutcome,
        *,
        total_ms: int,
        reason: str = "",
        usage: Usage | None = None,
        abroad: bool = False,
    ) -> None:
        """Note a call that has just ended, with what it cost where that is known."""
        cost = usage or Usage()
        self._waiting.append(
            ModelCall(
                id=str(uuid.uuid4()),
                user=self._user,
                task=task,
                model=model,
                outcome=outcome,
                reason=reason,
                prompt_tokens=cost.prompt_tokens,
                answer_tokens=cost.answer_tokens,
                load_ms=cost.load_ms,
                first_token_ms=cost.first_token_ms,
                total_ms=total_ms,
                abroad=abroad,
                at=self._clock(),
            )
        )

    async def flush(self) -> None:
        """Keep what was noted; an archive that does not answer is asked again with the next ones."""
        noted = list(self._waiting)
        if not noted:
            return
        try:
            await self._archive.write(lambda unit: unit.calls.add(noted))
        except ArchiveError as error:
            _log.warning("the log of calls waits", reason=str(error))
            return
        for _ in noted:
            with contextlib.suppress(IndexError):  # the oldest went meanwhile
                self._waiting.popleft()


@asynccontextmanager
async def open_call_log(archive: Archive, user: str, clock: Callable[[], datetime]) -> AsyncIterator[CallLog]:
    """Yield a log that is kept every few seconds, and at the end."""
    log = CallLog(archive, user, clock)

    async def again_and_again() -> None:
        pruned = -float("inf")
        while True:
            try:
                await log.flush()
                if time.monotonic() - pruned > _DAY:
                    await archive.write(lambda unit: unit.calls.prune(clock() - CALLS_KEPT))
                    pruned = time.monotonic()
            except Exception:  # A defect, or an archive that does not answer: the next round is the remedy.
                _log.exception("the log of calls could not be kept")
            await asyncio.sleep(FLUSH_SECONDS)

    task = asyncio.create_task(again_and_again(), name="call-log")
    try:
        yield log
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await log.flush()
