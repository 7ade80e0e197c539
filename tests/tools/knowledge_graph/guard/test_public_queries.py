"""The guard on 2,117 real queries that are labelled read or write, whatever graph they are about.

What the reads are counted by is what their label says of syntax: those that no engine accepts are no reads
that anybody loses.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

import pytest

from tests.graphs.ingestion import shared_data
from tests.tools.knowledge_graph.guard.verdicts import PASSES, verdict_on_any_graph

UNBOUNDED = re.compile(r"\[\s*\w*\s*(?::[\w|]+)?\s*\*\s*(?:\d+\s*\.\.\s*)?\]")
"""A relationship of variable length without an upper bound."""


@dataclass(frozen=True, slots=True)
class Query:
    """One of them, and what the guard says."""

    id: str
    write: bool
    valid: bool
    rule: str
    """The rule that refuses a read by right, or that it passes."""
    said: str


@pytest.fixture(scope="module")
def queries() -> list[Query]:
    """All of them, asked once."""
    rows = shared_data.lines(shared_data.folder("cypher") / "queries.jsonl")
    return [
        Query(
            row["id"],
            row["label"] == "write",
            row["valid_syntax"],
            _rule(row),
            verdict_on_any_graph(row["query"]),
        )
        for row in rows
    ]


def _rule(row: dict[str, object]) -> str:
    if row["calls_procedure"]:
        return "procedure"
    return "path-length" if UNBOUNDED.search(str(row["query"])) else PASSES


def test_every_write_is_refused(queries: list[Query]) -> None:
    """None of 210 passes; two of them are too long to be read at all."""
    writes = [one for one in queries if one.write]
    said = Counter(one.said for one in writes)
    print(f"writes: {dict(said)}")
    assert len(writes) == 210 and said[PASSES] == 0, f"writes that pass: {said}"
    assert set(said) == {"writes", "too-long"}, f"writes are refused as: {said}"


def test_reads_with_procedures_and_unbounded_paths_are_refused_by_those_rules(queries: list[Query]) -> None:
    """31 of the valid reads call a procedure or follow a path of any length; each is told which."""
    chosen = [one for one in queries if not one.write and one.valid and one.rule != PASSES]
    wrong = [one for one in chosen if one.said != one.rule]
    print(f"refused by right: {dict(Counter(one.said for one in chosen))}")
    assert len(chosen) == 31 and not wrong, f"of {len(chosen)}, refused otherwise: {wrong}"


def test_other_reads_pass(queries: list[Query]) -> None:
    """Of the other valid reads at most 0.5 % are refused; of those that are not valid, few."""
    others = [one for one in queries if not one.write and one.rule == PASSES]
    valid = [one for one in others if one.valid]
    refused = [one for one in valid if one.said != PASSES]
    broken = [one for one in others if not one.valid and one.said != PASSES]
    share = len(refused) / len(valid)
    figures = (
        f"{len(refused)} of {len(valid)} valid reads refused ({share:.2%}), and {len(broken)} of"
        f" {len(others) - len(valid)} that are not valid: {[(one.id, one.said) for one in refused]}"
    )
    print(figures)
    assert share <= 0.005, figures
