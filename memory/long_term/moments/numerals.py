"""Dates in figures alone, the same in every language."""

from typing import Final

from memory.long_term.moments import readings as read
from memory.long_term.moments.vocabulary import rule

_ALONE: Final = r"(?<![./-])(?<!version\s)(?<!release\s)"
_NO_MORE: Final = r"(?![/-]|\.[0-9])"
_YEAR: Final = "1[0-9]{3}|20[0-9]{2}"

NUMERALS: Final = (
    rule(
        read.digits,
        rf"{_ALONE}(?P<y>{_YEAR})(?P<sep>[-/])(?P<m>0[1-9]|1[0-2])(?:(?P=sep)(?P<d>[0-3][0-9]))?"
        rf"(?:(?=t[0-9])\w+|{_NO_MORE})",
    ),
    rule(
        read.slashes,
        rf"{_ALONE}(?P<one>[0-3]?[0-9])(?P<sep>[/-])(?P<two>[0-3]?[0-9])(?P=sep)(?P<y>{_YEAR}){_NO_MORE}",
    ),
    rule(read.slashes, rf"{_ALONE}(?P<one>[0-3][0-9])\.(?P<two>[01][0-9])\.(?P<y>{_YEAR}){_NO_MORE}"),
    rule(read.slashes, rf"{_ALONE}(?P<one>[0-3][0-9])/(?P<two>[0-3][0-9])/(?P<y>[0-9]{{2}}){_NO_MORE}"),
)
"""ISO 8601 days and months; days, months and years with slashes, hyphens or points."""
