"""What the server and its driver complain of, by the names that everybody here knows."""

import re
from typing import Final

from neo4j.exceptions import AuthError, ConfigurationError, DriverError, Forbidden, Neo4jError

from memory.knowledge import values
from memory.knowledge.errors import (
    KnowledgeError,
    KnowledgeMisconfigured,
    KnowledgeUnavailable,
    QueryFailed,
    QueryRefused,
    QueryTooSlow,
)

Complaint = Neo4jError | DriverError
COMPLAINTS: Final = (Neo4jError, DriverError)
URI: Final = "SOUVENIR_NEO4J_URI"
_AUTH: Final = "Neo4j refuses the name or the password (SOUVENIR_NEO4J_USERNAME, SOUVENIR_NEO4J_PASSWORD)"
_RIGHTS: Final = "the user of SOUVENIR_NEO4J_USERNAME may not do this in Neo4j"
_CLASS: Final = re.compile(r"\b(?:[a-z_][\w]*\.){2,}[A-Z][\w$]*:?\s*")
_PLACE: Final = re.compile(r" *\(line \d+, column \d+ \(offset: \d+\)\)")
"""In the text as the server had it, which is not quite the one that was given."""
_NO_DATABASE: Final = "Neo.ClientError.Database.DatabaseNotFound"
_NO_READ: Final = frozenset({"Neo.ClientError.Statement.AccessMode"})
_MEMORY: Final = frozenset({"MemoryPoolOutOfMemoryError", "TransactionOutOfMemoryError", "OutOfMemoryError"})
_STACK: Final = "StackOverFlowError"
_IN_PLACES_OF_QUERIES: Final = (
    "Neo.ClientError.Statement.",
    "Neo.ClientError.Procedure.",
    "Neo.ClientError.Schema.",
    "Neo.ClientError.Request.",
    "Neo.ClientError.General.",
    "Neo.DatabaseError.Statement.",
)


def of_connection(error: Complaint) -> KnowledgeError:
    """Name what keeps the server from being used at all."""
    if isinstance(error, AuthError):
        return KnowledgeMisconfigured(_AUTH)
    if isinstance(error, Forbidden):
        return KnowledgeMisconfigured(_RIGHTS)
    if isinstance(error, ConfigurationError):
        return KnowledgeMisconfigured(
            f"{URI} is no address of a Neo4j server, or not of one that is known here"
        )
    if isinstance(error, DriverError):
        return KnowledgeUnavailable(f"Neo4j cannot be reached at the address of {URI}")
    if error.code == _NO_DATABASE:
        return KnowledgeMisconfigured("Neo4j has no database of the name in SOUVENIR_NEO4J_DATABASE")
    return KnowledgeUnavailable(f"Neo4j did not take it: {_said(error)}")


def of_query(error: Complaint) -> KnowledgeError:
    """Name what is wrong with a query, where it is the query."""
    code = error.code if isinstance(error, Neo4jError) else ""
    kind = code.rpartition(".")[2]
    if kind.startswith("TransactionTimedOut") or code.endswith(".Transaction.Terminated"):
        return QueryTooSlow("the query did not end in its time and was stopped")
    if code in _NO_READ:
        return QueryRefused("the engine says that this is not a plain read")
    if code == _NO_DATABASE:  # Souvenir's own was there at first contact
        return QueryRefused("the query names another database")
    if kind in _MEMORY:
        return QueryFailed("the query takes more memory than it may")
    if kind == _STACK:
        return QueryFailed("the query is nested too deeply")
    if isinstance(error, Neo4jError) and code.startswith(_IN_PLACES_OF_QUERIES):
        return QueryFailed(_said(error))
    return of_connection(error)


def is_of_connection(error: Complaint) -> bool:
    """Tell whether it was not the server that answered so, but the way to it that failed."""
    return isinstance(error, DriverError) and not isinstance(error, ConfigurationError)


def is_passing(error: Complaint) -> bool:
    """Tell whether the same may succeed in a moment: two in each other's way, a server that starts."""
    return (
        isinstance(error, Neo4jError)
        and error.is_retryable()
        and error.code.rpartition(".")[2] not in _MEMORY
    )


def _said(error: Neo4jError) -> str:
    return values.first_line(_PLACE.sub("", _CLASS.sub("", error.message)))
