"""Reading: in time, no more than is wanted, and nothing else."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from neo4j import AsyncResult, Query

from memory.knowledge import values
from memory.knowledge.errors import KnowledgeError, KnowledgeUnavailable, QueryRefused, QueryTooSlow
from memory.knowledge.neo4j import complaints, rows
from memory.knowledge.neo4j.contact import Contact
from memory.knowledge.protocol import Limits, Rows

_LATE_SECONDS: Final = 0.2
"""How much longer than the server the client waits."""
_MOST_FETCHED: Final = 100
_READ: Final = "r"
_FOREIGN: Final = ("LoadCSV", "ProcedureCall", "Show", "Terminate")
"""How steps in a plan begin that look elsewhere than into the graph: reads, says the server."""


async def read(
    contact: Contact, cypher: str, parameters: Mapping[str, Any], limits: Limits, *, verify: bool
) -> Rows:
    """Run one query and return what fits the limits."""
    given = rows.parameters(parameters)
    try:
        await contact.ready(limits.seconds)
        async with asyncio.timeout(limits.seconds + _LATE_SECONDS):
            return await _again_once(contact, cypher, given, limits, verify=verify)
    except TimeoutError as error:
        raise await _late(contact) from error
    except complaints.COMPLAINTS as error:
        raise _named(contact, error) from error


async def _again_once(
    contact: Contact, cypher: str, given: dict[str, Any], limits: Limits, *, verify: bool
) -> Rows:
    """Ask a second time when the connection failed: it may have been one to a server that was restarted."""
    try:
        return await _ask(contact, cypher, given, limits, verify=verify)
    except complaints.COMPLAINTS as error:
        if not complaints.is_of_connection(error):
            raise
    return await _ask(contact, cypher, given, limits, verify=verify)


async def _ask(contact: Contact, cypher: str, given: dict[str, Any], limits: Limits, *, verify: bool) -> Rows:
    async with contact.session("READ", fetch=min(limits.rows + 1, _MOST_FETCHED)) as session:
        if verify:
            await _require_read(await session.run(Query(f"EXPLAIN {cypher}", timeout=limits.seconds), given))
        return await _cut(await session.run(Query(cypher, timeout=limits.seconds), given), limits)


async def _require_read(explained: AsyncResult) -> None:
    summary = await explained.consume()
    if summary.query_type != _READ or _is_foreign(summary.plan or {}):
        raise QueryRefused("the engine says that this is not a plain read")


def _is_foreign(plan: Mapping[str, Any]) -> bool:
    kind = str(plan.get("operatorType", ""))
    return kind.startswith(_FOREIGN) or any(_is_foreign(one) for one in plan.get("children", ()))


async def _cut(found: AsyncResult, limits: Limits) -> Rows:
    """Take rows while they fit; the server is told to forget the others."""
    columns = tuple(found.keys())
    kept: list[tuple[Any, ...]] = []
    room = limits.bytes
    async for record in found:
        row = tuple(rows.plain(value) for value in record.values())
        room -= values.size(row)
        if len(kept) == limits.rows or room < 0:
            return Rows(columns, tuple(kept), cut=True)
        kept.append(row)
    return Rows(columns, tuple(kept))


async def _late(contact: Contact) -> KnowledgeError:
    """Tell a query that takes too long from a server that does not answer anybody."""
    if await contact.answers():
        return QueryTooSlow("the query did not end in its time and was stopped")
    return contact.rest(KnowledgeUnavailable("Neo4j does not answer in time"))


def _named(contact: Contact, error: complaints.Complaint) -> KnowledgeError:
    named = complaints.of_query(error)
    return contact.rest(named) if isinstance(named, KnowledgeUnavailable) else named
