"""The knowledge graph on Neo4j."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from typing import Any

from memory.knowledge import assertions
from memory.knowledge.facts import DocumentFacts
from memory.knowledge.neo4j import reading, writing
from memory.knowledge.neo4j.contact import DATABASE, Address, Contact, open_contact
from memory.knowledge.protocol import Limits, Rows

_COMPONENTS = "CALL dbms.components() YIELD versions, edition RETURN versions[0] AS version, edition LIMIT 1"


class Neo4jKnowledge:
    """A `KnowledgeGraph` in one database of a server, shared by all users."""

    def __init__(self, contact: Contact, only_user: str | None, clock: Callable[[], datetime]) -> None:
        self._contact = contact
        self._only_user = only_user
        self._clock = clock

    @property
    def backend(self) -> str:
        """`neo4j`."""
        return "neo4j"

    def alone(self, user: str) -> bool:
        """Tell whether the one user has the database alone, as found when the server was first reached."""
        return bool(user) and user == self._only_user and self._contact.lonely

    async def put(self, facts: Sequence[DocumentFacts]) -> None:
        """Make what each document says what the graph has of it."""
        for one in facts:
            await self._change(one.user, partial(assertions.put, one, self._now()))

    async def forget(self, user: str, document_ids: Sequence[str]) -> None:
        """Remove these documents and what only they said."""
        for key in document_ids:
            await self._change(user, partial(assertions.forget, user, key, self._now()))

    async def scrub(self, user: str) -> None:
        """Do nothing: the files are the server's."""

    async def read(
        self,
        user: str,
        cypher: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        limits: Limits | None = None,
        verify: bool = False,
    ) -> Rows:
        """Run one read-only query; what it reaches is for who wrote it to limit to `$user`."""
        given = {**(parameters or {}), "user": user}
        return await reading.read(self._contact, cypher, given, limits or Limits(), verify=verify)

    async def clear(self) -> None:
        """Remove everybody's graph."""
        await writing.clear(self._contact)

    async def ping(self) -> str:
        """Return the server's name, version and edition."""
        version, edition = (await self.read("", _COMPONENTS)).rows[0]
        return f"Neo4j {version} ({edition})"

    async def _change(self, user: str, make: Callable[[], assertions.Change]) -> None:
        if user != self._only_user:
            self._contact.lonely = False
        await writing.change(self._contact, user, make)

    def _now(self) -> str:
        return self._clock().isoformat()


@asynccontextmanager
async def open_neo4j(
    uri: str,
    username: str,
    password: str,
    *,
    database: str | None = None,
    only_user: str | None = None,
    clock: Callable[[], datetime],
) -> AsyncIterator[Neo4jKnowledge]:
    """Open the knowledge graph on a server; it is reached when first asked, and need not be there before.

    `only_user` is whose graph the database is to hold alone, if it is to. `clock` gives the time that is
    written beside what is said. Raises `KnowledgeMisconfigured` when `uri` is no address.
    """
    address = Address(uri, username, password, database or DATABASE)
    async with open_contact(address, only_user) as contact:
        yield Neo4jKnowledge(contact, only_user, clock)
