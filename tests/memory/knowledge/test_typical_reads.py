"""Queries as models write them for this ontology: the guard lets them pass, both engines answer alike."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from memory.knowledge.protocol import KnowledgeGraph
from tests.memory.knowledge.harbour import harbour
from tests.memory.knowledge.samples import EVERYTHING, USER
from tools.knowledge_graph.guard import guarded

_FILE = Path(__file__).with_name("typical_reads.jsonl")
READS = [json.loads(line) for line in _FILE.read_text(encoding="utf-8").splitlines()]


def test_there_are_enough() -> None:
    """At least forty, each once."""
    assert len({one["cypher"] for one in READS}) == len(READS) >= 40


@pytest.mark.parametrize("read", READS, ids=[one["question"] for one in READS])
def test_the_guard_lets_it_through(read: dict[str, Any]) -> None:
    """As it is written."""
    assert guarded(read["cypher"]) == read["cypher"]


async def test_the_answers_are_the_same(graph: KnowledgeGraph) -> None:
    """Row by row; the order counts where one was asked for."""
    await graph.put(harbour())
    wrong = []
    for read in READS:
        found = await graph.read(USER, read["cypher"], limits=EVERYTHING, verify=True)
        given, right = [list(row) for row in found.rows], read["rows"]
        if not ordered(read["cypher"]):
            given, right = sorted(given, key=json.dumps), sorted(right, key=json.dumps)
        if given != right:
            wrong.append((read["question"], given, right))
    assert not wrong


def ordered(cypher: str) -> bool:
    """Whether the whole answer has an order."""
    return "ORDER BY" in cypher.rpartition("RETURN")[2]
