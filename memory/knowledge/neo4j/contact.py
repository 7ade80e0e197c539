"""The way to the server: made when first needed, left alone for a moment when it fails."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from neo4j import AsyncDriver, AsyncGraphDatabase, AsyncSession, NotificationMinimumSeverity, Query

from memory.knowledge.errors import KnowledgeError, KnowledgeMisconfigured, KnowledgeUnavailable
from memory.knowledge.neo4j import complaints, schema

DATABASE: Final = "neo4j"
_CONNECT_SECONDS: Final = 1.5
_POOL: Final = 16
_REST_SECONDS: Final = 1.0
"""How long a server that was not reached is not tried again: who comes meanwhile is told at once."""
_REST_AFTER_REFUSAL_SECONDS: Final = 5.0
"""The same after a wrong password: Neo4j locks a user out who comes back too often."""
_CLOSE_SECONDS: Final = 2.0
_PREPARE_SECONDS: Final = 60.0
_PROBE_SECONDS: Final = 0.5


@dataclass(frozen=True, slots=True)
class Address:
    """Where the server is, and who asks; shown without the password."""

    uri: str
    username: str
    password: str = field(repr=False)
    database: str = DATABASE

    def driver_settings(self) -> dict[str, Any]:
        """Return what every driver here is made with."""
        return {
            "connection_timeout": _CONNECT_SECONDS,
            "connection_acquisition_timeout": _CONNECT_SECONDS + 0.5,
            "connection_write_timeout": _CONNECT_SECONDS,
            "max_transaction_retry_time": _CONNECT_SECONDS,
            "max_connection_pool_size": _POOL,
            "telemetry_disabled": True,
            "notifications_min_severity": NotificationMinimumSeverity.OFF,
        }


class Contact:
    """Gives sessions on a server that has answered, is new enough and has its constraints."""

    def __init__(self, driver: AsyncDriver, address: Address, only_user: str | None) -> None:
        self._driver = driver
        self._address = address
        self._only_user = only_user
        self._prepared = False
        self._preparing: asyncio.Task[None] | None = None
        self._failed: KnowledgeError | None = None
        self._not_before = 0.0
        self.lonely = False
        """Proved: every node is that of the one user."""

    async def ready(self, seconds: float) -> None:
        """Return when the server is prepared. Raises at once what a moment ago kept it from being reached."""
        if self._failed is not None and asyncio.get_running_loop().time() < self._not_before:
            raise type(self._failed)(str(self._failed))
        if self._prepared:
            return
        if self._preparing is None:
            self._preparing = asyncio.create_task(self._prepare(), name="knowledge-contact")
            self._preparing.add_done_callback(_heard)
        try:
            async with asyncio.timeout(seconds):
                # Who stops waiting does not stop the preparation.
                await asyncio.shield(self._preparing)
        except TimeoutError as error:
            raise KnowledgeUnavailable("Neo4j is still being prepared") from error

    @asynccontextmanager
    async def session(self, mode: str, fetch: int = 1000) -> AsyncIterator[AsyncSession]:
        """Give a session, `READ` or `WRITE`; cancelled within, its connection is not used again."""
        async with self._driver.session(
            database=self._address.database, default_access_mode=mode, fetch_size=fetch
        ) as session:
            yield session

    def rest(self, error: KnowledgeError) -> KnowledgeError:
        """Let the server alone for a moment, and return the error."""
        if isinstance(error, KnowledgeUnavailable):
            refused = isinstance(error, KnowledgeMisconfigured)
            seconds = _REST_AFTER_REFUSAL_SECONDS if refused else _REST_SECONDS
            self._failed, self._not_before = error, asyncio.get_running_loop().time() + seconds
        return error

    async def answers(self) -> bool:
        """Tell whether the server answers anybody, at once."""
        try:
            async with asyncio.timeout(_PROBE_SECONDS), self.session("READ") as session:
                await (await session.run("RETURN 1")).consume()
        except (TimeoutError, *complaints.COMPLAINTS):
            return False
        return True

    async def prove_lonely(self) -> None:
        """Find out whether there is anything of another user, or of none."""
        if self._only_user is None:
            return
        async with self.session("READ") as session:
            found = await session.run(Query(_OTHERS, timeout=_PREPARE_SECONDS), {"user": self._only_user})
            self.lonely = await found.peek() is None

    async def _prepare(self) -> None:
        try:
            async with asyncio.timeout(_PREPARE_SECONDS):
                await self._reach()
                await schema.prepare(self._driver, self._address)
                await self.prove_lonely()
        except TimeoutError as error:
            raise self.rest(KnowledgeUnavailable("Neo4j does not answer")) from error
        except complaints.COMPLAINTS as error:
            raise self.rest(complaints.of_connection(error)) from error
        except KnowledgeError as error:
            raise self.rest(error) from error
        finally:
            self._preparing = None
        self._prepared, self._failed = True, None

    async def _reach(self) -> None:
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                server = await self._driver.get_server_info()
        except TimeoutError as error:
            raise KnowledgeUnavailable(
                f"Neo4j does not answer at the address of {complaints.URI} within {_CONNECT_SECONDS:g} s"
            ) from error
        schema.require_version(server.agent)

    async def close(self) -> None:
        """Let the preparation and the connections go."""
        if self._preparing is not None:
            self._preparing.cancel()
            await asyncio.wait([self._preparing])


_OTHERS: Final = "MATCH (n) WHERE n.user IS NULL OR n.user <> $user RETURN 1 LIMIT 1"


def _heard(task: "asyncio.Task[None]") -> None:
    """Those who waited have the error; when they have all left, nobody misses it: it is kept for the next."""
    if not task.cancelled():
        task.exception()


@asynccontextmanager
async def open_contact(address: Address, only_user: str | None) -> AsyncIterator[Contact]:
    """Yield the way to a server that need not be there yet. Raises KnowledgeMisconfigured for no address."""
    try:
        driver = AsyncGraphDatabase.driver(
            address.uri, auth=(address.username, address.password), **address.driver_settings()
        )
    except (ValueError, *complaints.COMPLAINTS) as error:
        raise KnowledgeMisconfigured(f"{complaints.URI} is no address of a Neo4j server") from error
    contact = Contact(driver, address, only_user)
    try:
        yield contact
    finally:
        await contact.close()
        try:
            async with asyncio.timeout(_CLOSE_SECONDS):
                await driver.close()
        except (TimeoutError, *complaints.COMPLAINTS):
            pass  # a server that hangs does not keep anybody from leaving
