"""Two people with the same names in their documents: nothing is shared, nothing is seen."""

from __future__ import annotations

from memory.knowledge.checksum import checksum
from memory.knowledge.protocol import KnowledgeGraph
from tests.memory.knowledge.samples import EVERYTHING, USER, employed, keys, nodes, works_for


async def test_what_one_does_leaves_the_other_alone(graph: KnowledgeGraph) -> None:
    """Same documents, same names, same keys: two graphs."""
    for user in (USER, "paul"):
        await graph.put([employed("d1", "Ana Ruiz", "Boreas", role=f"for {user}", user=user)])
    before = await checksum(graph, "paul")
    assert [one["role"] for one in await works_for(graph)] == ["for marie"]
    assert [one["role"] for one in await works_for(graph, "paul")] == ["for paul"]
    await graph.put([employed("d2", "Ana Ruiz", "Boreas", chunk="a-0")])
    assert await checksum(graph, "paul") == before
    await graph.forget(USER, ["d1", "d2"])
    assert await keys(graph) == set()
    assert await checksum(graph, "paul") == before


async def test_each_sees_their_own(graph: KnowledgeGraph) -> None:
    """`user` in the parameters is the one who asks, and is not shown."""
    await graph.put([employed("d1", "Ana", "Boreas", user="paul")])
    assert await nodes(graph, "Person") == []
    cypher = "MATCH (n {user: $user}) RETURN n"
    assert (await graph.read(USER, cypher, {"user": "paul"}, limits=EVERYTHING)).rows == ()
    assert all("user" not in one for one in await nodes(graph, "Person", "paul"))


async def test_where_a_query_is_alone_it_meets_nobody_else(graph: KnowledgeGraph) -> None:
    """A query that says nothing of users is run only there."""
    if graph.backend == "arcadedb":
        for user in (USER, "paul"):
            await graph.put([employed("d1", f"Ana {user}", "Boreas", user=user)])
        assert graph.alone("paul")
        found = await graph.read(USER, "MATCH (p:Person) RETURN p.name", verify=True)
        assert found.rows == (("Ana marie",),)
    else:
        assert not graph.alone("paul")
    assert graph.alone(USER)
    assert not graph.alone("")
