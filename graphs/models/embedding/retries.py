"""Trying again what may succeed: with pauses that grow, and chance in them so that callers do not march."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import stamina

from graphs.models.embedding.calls import CallFailed

_T = TypeVar("_T")

ATTEMPTS = 4
_SECONDS = 90.0
"""No further attempt after so long: calls that run into their own limit are not made four times."""


async def retried(call: Callable[[], Awaitable[_T]], *, refused: bool, attempts: int = ATTEMPTS) -> _T:
    """Return what the call gives, however often it has to be made; raises its last `CallFailed`.

    `refused` says whether a server that is not there is waited for as well.
    """

    def worth_it(error: Exception) -> bool:
        return isinstance(error, CallFailed) and error.again and (error.alive or refused)

    pauses = stamina.retry_context(
        on=worth_it, attempts=attempts, timeout=_SECONDS, wait_initial=0.05, wait_max=2.0, wait_jitter=0.1
    )
    async for attempt in pauses:
        with attempt:
            return await call()
    raise AssertionError("the last attempt returns or raises")


def keep_quiet() -> None:
    """Log no retry: whoever waits for the answer says once that it does not come, and why."""
    stamina.instrumentation.set_on_retry_hooks(())
