"""What a server must be and have before it is used: a version that is known here, and the constraints."""

import asyncio
import re
from typing import TYPE_CHECKING, Final

from neo4j import AsyncDriver
from neo4j.exceptions import ClientError

from memory.knowledge.errors import KnowledgeMisconfigured
from memory.knowledge.ontology import OWN

if TYPE_CHECKING:
    from memory.knowledge.neo4j.contact import Address

WRITER: Final = "SouvenirWriter"
"""The label of what writers of one user take turns by; no such node outlives its transaction."""
_OLDEST: Final = 5
CONSTRAINTS: Final = {f"souvenir_{label.lower()}": (label, "(n.user, n.key)") for label in OWN} | {
    "souvenir_writer": (WRITER, "n.user")
}


def require_version(agent: str) -> None:
    """Raise KnowledgeMisconfigured unless a server names itself Neo4j 5 or later."""
    found = re.match(r"Neo4j/(\d+)", agent)
    if found is None or int(found[1]) < _OLDEST:
        raise KnowledgeMisconfigured(
            f"the server at SOUVENIR_NEO4J_URI is {agent or 'no Neo4j'}: Neo4j {_OLDEST} or later is needed"
        )


async def prepare(driver: AsyncDriver, address: "Address") -> None:
    """Make the constraints that are missing."""
    async with driver.session(database=address.database) as session:
        found = await session.run(
            "SHOW CONSTRAINTS YIELD name WHERE name STARTS WITH 'souvenir_' RETURN name"
        )
        there = {record["name"] async for record in found}
    missing = [name for name in CONSTRAINTS if name not in there]
    if missing:
        await asyncio.to_thread(_make, address, missing)


def _make(address: "Address", names: list[str]) -> None:
    """Make constraints; two processes may do so at once. Blocks."""
    # It takes two seconds to load, and is needed once in the life of a database.
    from langchain_neo4j import Neo4jGraph

    graph = Neo4jGraph(
        url=address.uri,
        username=address.username,
        password=address.password,
        database=address.database,
        timeout=30.0,
        refresh_schema=False,
        driver_config=address.driver_settings(),
    )
    try:
        for name in names:
            label, properties = CONSTRAINTS[name]
            graph.query(
                f"CREATE CONSTRAINT {name} IF NOT EXISTS FOR (n:{label}) REQUIRE {properties} IS UNIQUE"
            )
    except ClientError as error:
        if error.code.startswith("Neo.ClientError.Schema."):
            raise KnowledgeMisconfigured(
                "the database of SOUVENIR_NEO4J_DATABASE holds other data that is in the way: "
                "give Souvenir one of its own"
            ) from error
        raise
    finally:
        graph.close()
