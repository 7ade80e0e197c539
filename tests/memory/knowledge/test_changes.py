"""What putting and forgetting documents makes of a graph: the same on both engines, whatever came first."""

from __future__ import annotations

import itertools

import pytest

from memory.knowledge.checksum import checksum
from memory.knowledge.facts import Employment, Entity
from memory.knowledge.protocol import KnowledgeGraph
from tests.clock import FakeClock
from tests.memory.knowledge.conftest import Opening
from tests.memory.knowledge.samples import EVERYTHING, USER, employed, facts, keys, link, nodes, works_for


async def test_a_document_leads_to_what_it_says(graph: KnowledgeGraph, clock: FakeClock) -> None:
    """Every node and relationship says where it was read, by what, and when."""
    await graph.put([facts("d1", link("Person", "Claire Dubois", "d1-2", "d1-5", author=True))])
    written = clock().isoformat()
    [document] = await nodes(graph, "Document")
    [claire] = await nodes(graph, "Person")
    assert claire == {
        "label": "Person",
        "key": "claire dubois",
        "name": "Claire Dubois",
        "source": "d1-2",
        "extractor": "rules",
        "created_at": written,
        "updated_at": written,
    }
    assert (document["key"], document["name"], document["source"]) == ("d1", "Title of d1", "d1-0")
    assert (document["uri"], document["lang"]) == ("file:///d1.md", "en")
    cypher = "MATCH (:Document {user: $user})-[r]->(:Person) RETURN r"
    [[edge]] = (await graph.read(USER, cypher)).rows
    assert (edge["type"], edge["chunks"], edge["source"]) == ("WRITTEN_BY", ["d1-2", "d1-5"], "d1-2")
    assert (edge["said"], edge["extractor"]) == ("Claire Dubois", "rules")


async def test_what_a_document_said_before_goes(graph: KnowledgeGraph) -> None:
    """And what it still says keeps the day it came."""
    await graph.put([facts("d1", link("Person", "Ana Old", "c1"), link("Topic", "tides", "c1"))])
    [before] = await nodes(graph, "Topic")
    await graph.put([facts("d1", link("Topic", "tides", "c2"), link("Event", "Fair", "c2", date="2026"))])
    assert await keys(graph) == {"d1", "tides", "fair 2026"}
    [after] = await nodes(graph, "Topic")
    assert after["source"] == "c2"
    assert after["created_at"] == before["created_at"]


async def test_what_nobody_says_any_more_goes(graph: KnowledgeGraph) -> None:
    """An entity stays as long as one document leads to it, and no longer."""
    await graph.put([facts("d1", link("Topic", "tides", "a")), facts("d2", link("Topic", "Tides", "b"))])
    await graph.forget(USER, ["d1"])
    assert await keys(graph) == {"d2", "tides"}
    await graph.forget(USER, ["d2", "never was"])
    assert await keys(graph) == set()
    await graph.forget("nobody yet", ["d1"])


async def test_one_employment_for_all_who_say_so(graph: KnowledgeGraph) -> None:
    """It lists the documents, speaks as the first chunk does, and goes with the last of them."""
    await graph.put(
        [
            employed("d2", "Ana Ruiz", "Boreas Ltd", role="clerk", chunk="c2"),
            employed("d1", "ana ruiz", "BOREAS LTD", role="treasurer", chunk="c1"),
        ]
    )
    [works] = await works_for(graph)
    assert (works["documents"], works["role"], works["chunks"]) == (["d1", "d2"], "treasurer", ["c1", "c2"])
    assert "evidence" not in works
    assert "user" not in works
    await graph.forget(USER, ["d1"])
    [works] = await works_for(graph)
    assert (works["documents"], works["role"], works["source"]) == (["d2"], "clerk", "c2")
    await graph.put([facts("d2", link("Person", "Ana Ruiz", "c2"), link("Organization", "Boreas Ltd", "c2"))])
    assert await works_for(graph) == []
    assert await keys(graph) == {"d2", "ana ruiz", "boreas ltd"}


async def test_an_employment_stands_on_its_document(graph: KnowledgeGraph) -> None:
    """One between those that its document does not lead to is refused, and nothing of it is written."""
    alone = Employment(Entity("Person", "Ana"), Entity("Organization", "Boreas"), ("c",))
    with pytest.raises(ValueError, match="does not lead to"):
        await graph.put([facts("d1", link("Person", "Ana", "c"), employments=(alone,))])
    assert await keys(graph) == set()


async def test_the_name_shown_is_the_first_chunks(graph: KnowledgeGraph) -> None:
    """Whatever order documents came in, and after the one that was shown has gone."""
    spelt = {"a": "Acme Ltd", "b": "ACME LTD", "c": "acme ltd."}
    for order in itertools.permutations("abc"):
        await graph.put([facts(f"d{one}", link("Organization", spelt[one], f"{one}-1")) for one in order])
        for shown in "abc":
            [acme] = await nodes(graph, "Organization")
            assert (acme["name"], acme["source"]) == (spelt[shown], f"{shown}-1")
            await graph.forget(USER, [f"d{shown}"])
        assert await keys(graph) == set()


async def test_the_name_shown_follows_when_its_document_says_otherwise(graph: KnowledgeGraph) -> None:
    """Put again with a later chunk, another document's is the first."""
    await graph.put([facts("d1", link("Topic", "Tides", "a")), facts("d2", link("Topic", "TIDES", "b"))])
    await graph.put([facts("d1", link("Topic", "Tides", "z"))])
    [tides] = await nodes(graph, "Topic")
    assert (tides["name"], tides["source"]) == ("TIDES", "b")


async def test_ways_of_writing_a_name_are_one_node(graph: KnowledgeGraph) -> None:
    """Case, accents, punctuation; but not another label or another date."""
    links = [link("Person", name, "c1") for name in ("José O'Neil", "JOSE O’NEIL", "jose o neil")]
    links += [link("Organization", "Jose O Neil", "c1")]
    links += [link("Event", "Fair", "c1", date=date) for date in ("2025", "2026")]
    await graph.put([facts("d1", *links)])
    assert [one["key"] for one in await nodes(graph, "Person")] == ["jose o neil"]
    assert [one["key"] for one in await nodes(graph, "Organization")] == ["jose o neil"]
    assert [(one["key"], one["date"]) for one in await nodes(graph, "Event")] == [
        ("fair 2025", "2025"),
        ("fair 2026", "2026"),
    ]


async def test_a_document_may_say_nothing(graph: KnowledgeGraph) -> None:
    """Then it is there alone, and what it said before is gone."""
    await graph.put([employed("d1", "Ana", "Boreas")])
    await graph.put([facts("d1")])
    assert await keys(graph) == {"d1"}
    await graph.put([])


async def test_twice_is_once(graph: KnowledgeGraph, clock: FakeClock) -> None:
    """Putting the same again changes nothing but when it was confirmed."""
    said = [employed("d1", "Ana", "Boreas", role="clerk"), facts("d2", link("Person", "Ana", "d2-1"))]
    await graph.put(said)
    before, created = await checksum(graph, USER), (await nodes(graph, "Person"))[0]["created_at"]
    clock.advance(60)
    await graph.put([*said, *said])
    assert await checksum(graph, USER) == before
    [ana] = await nodes(graph, "Person")
    assert (ana["created_at"], ana["updated_at"]) == (created, clock().isoformat())
    await graph.put([employed("d1", "Ana", "Boreas", role="chair")])
    assert await checksum(graph, USER) != before


async def test_it_is_there_after_opening_again(opening: Opening) -> None:
    """What was put is durable."""
    async with opening() as graph:
        await graph.clear()
        await graph.put([employed("d1", "Ana", "Boreas", role="clerk")])
        before = await checksum(graph, USER)
    async with opening() as graph:
        assert await checksum(graph, USER) == before
        await graph.scrub(USER)
        assert await checksum(graph, USER) == before


async def test_clear_removes_everybody(graph: KnowledgeGraph) -> None:
    """And the graph is ready for what comes next."""
    for user in (USER, "paul"):
        await graph.put([facts("d1", link("Topic", "tides", "c"), user=user)])
    await graph.clear()
    for user in (USER, "paul"):
        assert (await graph.read(user, "MATCH (n {user: $user}) RETURN n", limits=EVERYTHING)).rows == ()
    await graph.put([facts("d1")])
    assert await keys(graph) == {"d1"}
