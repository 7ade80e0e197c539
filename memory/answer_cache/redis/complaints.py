"""What Redis and its libraries complain of, in words for people.

Their own words are not passed on: they may hold the command that failed, and with it an answer.
"""

import re
from collections.abc import Iterator
from typing import Final

from redis import exceptions

from memory.answer_cache.errors import (
    NO_JSON,
    NO_SEARCH,
    AnswerCacheError,
    AnswerCacheUnavailable,
    ModuleMissing,
)

_UNKNOWN: Final = re.compile(r"unknown command\W+(JSON|FT)\b", re.IGNORECASE)


def named(error: BaseException, seconds: float) -> AnswerCacheError:
    """Return the named error for what was raised while Redis was asked for so many seconds at most."""
    for one in _causes(error):
        if isinstance(one, AnswerCacheError):
            return one
        if found := _UNKNOWN.search(str(one)):
            return ModuleMissing(NO_JSON if found[1].upper() == "JSON" else NO_SEARCH)
        if isinstance(one, (exceptions.TimeoutError, TimeoutError)):
            return AnswerCacheUnavailable(f"Redis does not answer within {seconds:g} s")
        if isinstance(one, (exceptions.AuthenticationError, exceptions.NoPermissionError)):
            return AnswerCacheUnavailable("Redis refuses the user, the password or the command")
        if isinstance(one, exceptions.OutOfMemoryError):
            return AnswerCacheUnavailable("Redis has no memory left")
        if isinstance(one, (exceptions.ConnectionError, OSError)):
            return AnswerCacheUnavailable("Redis cannot be reached")
        if isinstance(one, exceptions.RedisError):
            return AnswerCacheUnavailable(f"Redis refuses ({type(one).__name__})")
    return AnswerCacheUnavailable(f"what Redis keeps cannot be used ({type(error).__name__})")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield the error and what it was raised for: libraries wrap those of Redis."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
