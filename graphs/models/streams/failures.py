"""What went wrong with a stream, in words for people; of an error's own text only what cannot quote."""

import re
from collections.abc import Iterator
from types import MappingProxyType
from typing import Final

from graphs.models.routes import Budget
from graphs.models.transport import Trouble

_BY_NAME: Final = MappingProxyType(
    {
        "ConnectTimeout": Trouble.NO_CONNECTION,
        "ConnectionTimeoutError": Trouble.NO_CONNECTION,
        "PoolTimeout": Trouble.NO_CONNECTION,
        "ServerTimeoutError": Trouble.LATE,
        "TimeoutException": Trouble.LATE,
        "TimeoutError": Trouble.LATE,
        "ConnectError": Trouble.REFUSED,
        "ClientConnectorError": Trouble.REFUSED,
        "ConnectionRefusedError": Trouble.REFUSED,
        "TransportError": Trouble.BROKEN,
        "ClientError": Trouble.BROKEN,
        "ConnectionError": Trouble.BROKEN,
    }
)
"""By the names of classes: each provider brings an HTTP library of its own, and not always the same."""

SAID_CHARS: Final = 200
"""Of a server's own words, at most."""
_TOOL_CALL: Final = re.compile(r"\bpars(?:e|ing)\b[^:]*\btool", re.IGNORECASE)
_APOSTROPHE: Final = re.compile(r"(?<=[A-Za-z]{2})['’](?:t|s|re|ve|ll)(?= |\Z)")
_NAME: Final = re.compile(r"""(?P<open>['"`“‘])[A-Za-z0-9.:/_-]{1,80}(?P<close>['"`”’])(?![A-Za-z0-9])""")
"""A quoted word, such as the name of a model."""
_QUOTE: Final = re.compile(r"""raw=|['"`“”„‘’«»‹›<{]""")
"""Where a text begins to quote; Ollama also shows the tags and the JSON that it could not read."""
_CLOSING: Final = {"“": "”", "‘": "’"}


def in_words(trouble: Trouble, budget: Budget, too_late: str) -> str:
    """Return the reason for people; `too_late` is what to say when nothing came in time."""
    return {
        Trouble.NO_CONNECTION: f"no connection within {budget.connect:g} s",
        Trouble.LATE: too_late,
        Trouble.REFUSED: "connection refused",
        Trouble.BROKEN: "the connection broke",
    }[trouble]


def inert_error(text: str) -> str:
    """Return what of a server's own error text cannot be the words of a person, a document or a model.

    Reasons are kept longer than what is forgotten. Empty when nothing is left.
    """
    said = " ".join(text.split())
    if _TOOL_CALL.search(said):
        return "the tool call was not understood"
    return said[: _quote_in(said)][:SAID_CHARS].rstrip(" :;,=([-")


def _quote_in(said: str) -> int:
    """Return where a text begins to quote more than a name; its length when it does not."""
    at = 0
    while quote := _QUOTE.search(said, at):
        start = quote.start()
        name = _NAME.match(said, start)
        if name and name["close"] == _CLOSING.get(name["open"], name["open"]):
            at = name.end()
        elif apostrophe := _APOSTROPHE.match(said, start):
            at = apostrophe.end()
        else:
            return start
    return len(said)


def trouble_in(error: BaseException) -> Trouble | None:
    """Return what is wrong with the connection, for an error of any provider's library; else None."""
    for one in _causes(error):
        for kind in type(one).__mro__:
            if kind.__name__ in _BY_NAME:
                return _BY_NAME[kind.__name__]
    return None


def status_in(error: BaseException) -> int | None:
    """Return the HTTP status that an error of any provider's library tells of, if it does."""
    for one in _causes(error):
        answer = getattr(one, "response", None)
        found = (
            getattr(one, "status_code", None),
            getattr(answer, "status_code", None),
            getattr(one, "code", 0),
        )
        for status in found:
            if isinstance(status, int) and 300 <= status <= 599:
                return status
    return None


def refusal(status: int, who: str, model: str) -> str:
    """Return what an HTTP status of a provider means."""
    if status in (401, 403):
        return f"{who} refused the key"
    if status == 404:
        return f"{who} does not have the model {model}"
    if status == 429:
        return f"{who} was asked too often, or its credit is used up"
    return f"{who} answered an error: HTTP {status}"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what caused it, the outermost first."""
    one: BaseException | None = error
    for _ in range(10):
        if one is None:
            return
        yield one
        one = one.__cause__
