"""Writing: a change is one transaction, and those of one user take turns."""

import asyncio
import random
from collections.abc import Callable
from typing import Any, Final

from neo4j import AsyncSession, AsyncTransaction

from memory.knowledge.assertions import Change
from memory.knowledge.errors import KnowledgeError, KnowledgeUnavailable
from memory.knowledge.neo4j import complaints, rows
from memory.knowledge.neo4j.contact import Contact
from memory.knowledge.neo4j.schema import WRITER
from memory.knowledge.ontology import OWN

_SECONDS: Final = 60.0
"""For one document, the turns of others before it among them."""
_FIRST_PAUSE_SECONDS: Final = 0.02
_LONGEST_PAUSE_SECONDS: Final = 1.0
_AT_ONCE: Final = 2000
_TURN: Final = f"MERGE (w:{WRITER} {{user: $user}}) DELETE w"
"""Made and removed in one breath: the lock on it lasts until the transaction ends, and nobody sees it."""
_LABELS: Final = "|".join((*OWN, WRITER))
_CLEAR: Final = (
    f"MATCH (n:{_LABELS}) WHERE n.user IS NOT NULL WITH n LIMIT {_AT_ONCE} DETACH DELETE n "
    "RETURN count(*) AS gone"
)


async def change(contact: Contact, user: str, make: Callable[[], Change]) -> None:
    """Carry out a change: when this returns the server keeps it, or else nothing of it.

    `make` gives it anew for each trial; trials end after a minute.
    """
    pause = _FIRST_PAUSE_SECONDS
    lost = False
    try:
        async with asyncio.timeout(_SECONDS):
            await contact.ready(_SECONDS)
            while True:
                try:
                    return await _once(contact, user, make())
                except complaints.COMPLAINTS as error:
                    gone = complaints.is_of_connection(error)
                    if not complaints.is_passing(error) and (lost or not gone):
                        raise
                    lost = lost or gone
                await asyncio.sleep(random.uniform(pause / 2, pause))
                pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
    except TimeoutError as error:
        raise contact.rest(KnowledgeUnavailable("Neo4j does not come to an end of writing")) from error
    except complaints.COMPLAINTS as error:
        raise _named(contact, error) from error


async def clear(contact: Contact) -> None:
    """Remove every node of the ontology that has a user, some at a time."""
    try:
        async with asyncio.timeout(_SECONDS):
            await contact.ready(_SECONDS)
            async with contact.session("WRITE") as session:
                while await _clear_some(session):
                    pass
            await contact.prove_lonely()
    except TimeoutError as error:
        raise KnowledgeUnavailable("Neo4j does not come to an end of clearing") from error
    except complaints.COMPLAINTS as error:
        raise _named(contact, error) from error


async def _clear_some(session: AsyncSession) -> bool:
    record = await (await session.run(_CLEAR)).single(strict=True)
    return bool(record["gone"])


async def _once(contact: Contact, user: str, change: Change) -> None:
    async with (
        contact.session("WRITE") as session,
        await session.begin_transaction(timeout=_SECONDS) as transaction,
    ):
        await _run(transaction, _TURN, {"user": user})
        try:
            statement = next(change)
            while True:
                statement = change.send(await _run(transaction, statement.cypher, statement.parameters))
        except StopIteration:
            await transaction.commit()


async def _run(transaction: AsyncTransaction, cypher: str, given: dict[str, Any]) -> list[dict[str, Any]]:
    # The text is that of memory/knowledge: labels and types of the ontology, all else a parameter.
    found = await transaction.run(cypher, rows.parameters(given))
    return [record.data() async for record in found]


def _named(contact: Contact, error: complaints.Complaint) -> KnowledgeError:
    named = complaints.of_connection(error)
    return contact.rest(named) if complaints.is_of_connection(error) else named
