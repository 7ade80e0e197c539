"""Names that try to be something else: they are data, whatever stands in them."""

from __future__ import annotations

import pytest

from memory.knowledge.checksum import checksum
from memory.knowledge.facts import Entity
from memory.knowledge.keys import display
from memory.knowledge.protocol import KnowledgeGraph
from tests.memory.knowledge.samples import EVERYTHING, USER, employed, facts, keys, link, nodes, works_for

HOSTILE = {
    "quotes": "Robert'); MATCH (n) DETACH DELETE n; //",
    "double quotes": 'Ana "Quick" Ruiz" SET x = "1',
    "backticks": "`Person`) DELETE (`n`",
    "backslashes": "back\\slash \\u0027 \\' \\\\",
    "newlines": "two\nlines\r\nand\ttabs",
    "comments": "/* not */ a // comment",
    "braces": "{user: 'paul'} ${x} $user #{y} %s {0}",
    "right to left": "\u202eevil\u202c שלום مرحبا",
    "emoji": "👩‍👩‍👧‍👦 family 🇫🇷 é́́",
    "nul": "nul\x00byte",
    "lone surrogates": "half \ud83d of \udc00 it",
    "controls": "\x01\x02bell\x07\x1b[31mred",
    "no character": "not \uffff a \ufffe character",
    "long": "n" * 200,
    "key words": "null true CREATE NaN -0 1e999",
}


async def test_a_name_is_data(graph: KnowledgeGraph) -> None:
    """It is kept as it is shown, found by its key, and goes again; nothing else happens."""
    await graph.put([facts("other", link("Topic", "tides", "o-1"))])
    before = await checksum(graph, USER)
    for name in HOSTILE.values():
        await is_data(graph, name)
        assert await checksum(graph, USER) == before, name


async def is_data(graph: KnowledgeGraph, name: str) -> None:
    """Put it everywhere, find it, and forget it."""
    said = employed("d1", name, f"{name[:190]} Ltd", role=name)
    await graph.put([facts("d1", *said.links, employments=said.employments, title=name)])
    [person] = await nodes(graph, "Person")
    assert (person["name"], person["key"]) == (display(name), Entity("Person", name).key)
    [works] = await works_for(graph)
    assert (works["role"], works["said"]) == (display(name), display(f"{name[:190]} Ltd"))
    cypher = "MATCH (p:Person {user: $user, key: $key})<--(d:Document {user: $user}) RETURN d.name"
    found = await graph.read(USER, cypher, {"key": Entity("Person", name).key})
    assert found.rows == ((display(name),),)
    await graph.forget(USER, ["d1"])


async def test_whatever_is_asked_for(graph: KnowledgeGraph) -> None:
    """A parameter is never part of the query, and half a character is no failure."""
    await graph.put([facts("d1", link("Topic", "tides", "c"))])
    cypher = "MATCH (t:Topic {user: $user}) WHERE t.name <> $name RETURN t.name, $name = $name AS same"
    for name in HOSTILE.values():
        assert (await graph.read(USER, cypher, {"name": name})).rows == (("tides", True),), name
    assert await keys(graph) == {"d1", "tides"}


@pytest.mark.parametrize("user", ["../../o'brien\\`", "🦀" * 100])
async def test_whoever_it_is(graph: KnowledgeGraph, user: str) -> None:
    """The name of a user is data as well."""
    await graph.put([facts("d1", link("Topic", "tides", "c"), user=user)])
    assert await keys(graph, user) == {"d1", "tides"}
    assert await keys(graph) == set()
    await graph.forget(user, ["d1"])
    await graph.scrub(user)
    assert (await graph.read(user, "MATCH (n {user: $user}) RETURN n", limits=EVERYTHING)).rows == ()


@pytest.mark.parametrize("name", ["", "  ", "\x00", "?!", "\u202e", "n" * 201, "n" * 10_000])
def test_what_is_no_name_is_refused(name: str) -> None:
    """Nothing to know a node by, or a page of text."""
    with pytest.raises(ValueError, match="no name"):
        Entity("Person", name)
