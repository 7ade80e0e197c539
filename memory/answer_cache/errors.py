"""What can go wrong with the cache of answers; everything else works without it."""

from typing import Final


class AnswerCacheError(Exception):
    """Base of the named errors of the cache; the message is for people, and holds no secret and no text."""


class AnswerCacheUnavailable(AnswerCacheError):
    """It does not answer, or not in time."""


class ModuleMissing(AnswerCacheUnavailable):
    """This Redis lacks a module that the cache needs; the message names it."""


NO_JSON: Final = "this Redis has no JSON module: answers are not cached"
NO_SEARCH: Final = "this Redis has no Search module: answers are not found by meaning"


class AnswerCacheMisconfigured(AnswerCacheError):
    """The address cannot be used; the message says why, without the address."""
