"""What the engine complains of, by the names known here, without its classes and the machine's paths."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from memory.knowledge import values
from memory.knowledge.errors import (
    KnowledgeError,
    KnowledgeUnavailable,
    QueryFailed,
    QueryRefused,
    QueryTooSlow,
)

FIX: Final = "it can be made anew from the archive: `souvenir rebuild`"
_CLASS: Final = re.compile(r"\b(?:[a-z_][\w]*\.){2,}[A-Z][\w$]*:?\s*")
_PATH: Final = re.compile(r"(?:[A-Za-z]:)?(?:[\\/][\w.\-]+){2,}")
_REFUSED: Final = frozenset(
    {"QueryNotIdempotentException", "SecurityException", "DatabaseIsReadOnlyException"}
)
_SLOW: Final = frozenset({"TimeoutException"})
_MEMORY: Final = frozenset({"OutOfMemoryError", "HeapLimitExceededException", "StackOverflowError"})
_CHANGED: Final = frozenset(
    {"ConcurrentModificationException", "NeedRetryException", "RecordNotFoundException"}
)
_GONE: Final = frozenset(
    {
        "DatabaseIsClosedException",
        "DatabaseMetadataException",
        "LockException",
        "LockTimeoutException",
        "TransactionException",
        "WALException",
    }
)


class Changed(KnowledgeUnavailable):
    """What a query was looking at was changed meanwhile: the next try sees the graph after the change."""


@contextmanager
def named(jpype: Any, otherwise: type[KnowledgeError] = QueryFailed) -> Iterator[None]:
    """Raise what the engine raises by its name here; `otherwise` where there is none."""
    try:
        yield
    except jpype.JException as error:
        raise _named(error, otherwise) from error


def _named(error: Any, otherwise: type[KnowledgeError]) -> KnowledgeError:
    kind = str(error.getClass().getSimpleName())
    if kind in _CHANGED:
        return Changed(f"the embedded graph is changed all the time, or damaged: {FIX}")
    if kind in _GONE:
        return KnowledgeUnavailable(f"the embedded graph cannot be reached: {_said(error)}")
    if otherwise is KnowledgeUnavailable:
        return KnowledgeUnavailable(f"the embedded graph did not take it: {_said(error)}")
    if kind in _REFUSED:
        return QueryRefused("the engine says that this is not a plain read")
    if kind in _SLOW:
        return QueryTooSlow("the query did not end in its time and was stopped")
    if kind in _MEMORY:
        return QueryFailed("the query takes more memory than it may")
    return otherwise(_said(error))


def _said(error: Any) -> str:
    message = str(error.getMessage() or error.getClass().getSimpleName())
    return values.first_line(_PATH.sub("…", _CLASS.sub("", message)))


def columns(jpype: Any, database: Any, cypher: str) -> tuple[str, ...]:
    """Return the names of the columns of a query, () when the engine cannot tell before there is a row."""
    parser = jpype.JClass("com.arcadedb.query.opencypher.parser.Cypher25AntlrParser")(database)
    statement = parser.parse(cypher)
    clause = statement.getReturnClause()
    if clause is None:
        return ()
    return tuple(str(item.getOutputName()) for item in clause.getReturnItems())
