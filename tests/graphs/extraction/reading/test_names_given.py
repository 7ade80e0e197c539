"""The names that are given to who reads: the same ones until enough are new, then another version."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from graphs.extraction.known_names import KnownNames
from graphs.extraction.unlooked import Unlooked
from memory.knowledge.facts import DocumentFacts, Entity, Link
from memory.knowledge.protocol import Rows
from tests.memory.knowledge.graph_double import GraphDouble

PEOPLE = tuple(Entity("Person", f"Ada {letter}son") for letter in "abcdefghijklmnop")


def graph_of(*names: str) -> GraphDouble:
    """A graph that holds these people."""

    def answer(cypher: str, _: Mapping[str, Any]) -> Rows:
        return Rows(("name",), tuple((name,) for name in names) if "Person" in cypher else ())

    return GraphDouble(answer)


def facts(*people: Entity) -> DocumentFacts:
    """A document that names people."""
    links = tuple(Link("MENTIONS", one, ("c1",)) for one in people)
    return DocumentFacts("ada", "d1", "", "", "en", "rules", links)


async def test_few_new_names_change_nothing(tmp_path: Path) -> None:
    """Who reads is given the very same names, under the same version."""
    names = KnownNames(graph_of("Grace Hopper"), Unlooked(tmp_path / "unlooked.json"))
    first = await names.of("ada")
    assert (first.user, first.entities) == ("ada", (Entity("Person", "Grace Hopper"),))
    names.learned(facts(*PEOPLE[:3]))
    assert await names.of("ada") is first


async def test_many_new_names_are_another_version(tmp_path: Path) -> None:
    """All of them are given, once, under a version that was never given before."""
    names = KnownNames(graph_of("Grace Hopper"), Unlooked(tmp_path / "unlooked.json"))
    first = await names.of("ada")
    names.learned(facts(*PEOPLE))
    second = await names.of("ada")
    assert second.version > first.version
    assert set(second.entities) == {*first.entities, *PEOPLE}
    assert await names.of("ada") is second


async def test_what_was_forgotten_is_another_version(tmp_path: Path) -> None:
    """Names read anew from the graph are never taken for those before; users do not share versions."""
    names = KnownNames(graph_of("Grace Hopper"), Unlooked(tmp_path / "unlooked.json"))
    first = await names.of("ada")
    names.changed("ada")
    assert (await names.of("ada")).version > first.version
    assert (await names.of("bob")).user == "bob"
