"""Killed while documents are read for the knowledge graph: in the end it is what it would have been."""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from memory.knowledge.arcadedb import open_arcadedb
from memory.knowledge.checksum import checksum
from tests.acceptance.memory_checks import USER, now
from tests.acceptance.processes import Nursery, until
from tests.acceptance.souvenir import NOBODY, Server, Souvenir
from tests.ollama_double import OllamaDouble, Reply

FILES = 12
PEOPLE = ("Zorvan Quimby", "Anne Le Gall", "Paul Martin", "Tavik Oslund", "Nadia Benali")
FIRMS = ("Boreas Shipping Ltd", "Coopérative du Ponant SCOP", "Harbour Bank plc", "Atelier Rivoli SARL")
_NAMED = re.compile("|".join((*PEOPLE, *FIRMS)))


def paper(number: int, edition: int) -> str:
    """A document that names a few of all people and firms, in the words of its edition."""
    rng = random.Random(f"{number}:{edition}")
    lines = [f"# Paper {number}, edition {edition}"]
    for _ in range(6):
        person, firm = rng.choice(PEOPLE), rng.choice(FIRMS)
        lines.append(f"Mrs {person}, treasurer of {firm}, wrote to {rng.choice(PEOPLE)} about the lease.")
        # Nothing but what other papers say tells that this is a name.
        lines.append(f"Nobody knew why {rng.choice(PEOPLE)} stayed until the end of the winter.")
    return "\n\n".join(lines)


def said(request: dict[str, object]) -> str:
    """What the model says of a piece of text: the names that stand in it."""
    text = json.dumps(request["messages"], ensure_ascii=False)
    names = sorted(set(_NAMED.findall(text)))
    people = [{"name": name} for name in names if name in PEOPLE]
    return json.dumps({"people": people, "organizations": [{"name": n} for n in names if n in FIRMS]})


@pytest.fixture
def double() -> Iterator[OllamaDouble]:
    """A model that reads slowly enough to be killed in the middle."""
    with OllamaDouble("llama3.1:8b", "llama3.2:3b") as one:
        one.reply("llama3.1:8b", Reply(text=said, in_background=True, delay_between=0.005))
        yield one


def is_read(server: Server, state: str) -> bool:
    """Whether the graph holds all that can be read."""
    documents = server.get("/v1/documents")["documents"]
    states = [one["projections"]["knowledge"]["state"] for one in documents]
    return len(states) == FILES and set(states) == {state}


@pytest.mark.parametrize("reads", ["rules", "model"])
@pytest.mark.parametrize("rounds", [5, pytest.param(25, marks=[pytest.mark.soak, pytest.mark.timeout(3600)])])
async def test_killed_while_reading(
    nursery: Nursery, tmp_path: Path, double: OllamaDouble, seed: int, rounds: int, reads: str
) -> None:
    """Each round the server is killed while it reads; what it ends with is what it would have been.

    With a model the papers change from round to round; rules read the same ones again, from an empty graph.
    """
    rng = random.Random(seed)
    url, last = (double.url, "done") if reads == "model" else (NOBODY, "partial")
    papers = tmp_path / "papers"
    papers.mkdir()
    souvenir = Souvenir(nursery, tmp_path / "killed", url)
    cut = 0
    for round_ in range(rounds):
        if not round_ or reads == "model":
            for number in range(FILES):
                (papers / f"paper{number}.md").write_text(paper(number, round_), "utf-8")
        server = souvenir.serve()
        server.ingest(papers)
        server.http.post("/v1/documents/rebuild").raise_for_status()
        cut += killed(server, rng.uniform(0, 1.5), last)
    print(f"{rounds} rounds, {cut} of them cut before the end")
    assert await read_to_the_end(souvenir, papers, last) == await read_to_the_end(
        Souvenir(nursery, tmp_path / "clean", url), papers, last
    )


def killed(server: Server, seconds: float, last: str) -> bool:
    """Kill the server so much later, or when it has read everything; tell whether it had not."""
    moment = time.monotonic() + seconds
    while time.monotonic() < moment and not is_read(server, last):
        time.sleep(0.01)  # there is nobody to tell us that it is time
    cut = not is_read(server, last)
    server.kill()
    return cut


async def read_to_the_end(souvenir: Souvenir, papers: Path, last: str) -> str:
    """Have everything read, in peace; return the graph's checksum."""
    with souvenir.serving() as server:
        server.ingest(papers)
        until(lambda: is_read(server, last), within=60)
    looked = souvenir.data / "knowledge" / "unlooked.json"
    with souvenir.serving() as server:  # the second look, which nothing else shows
        until(lambda: not json.loads(looked.read_text()) and is_read(server, last), within=60)
    async with open_arcadedb(souvenir.data / "knowledge", clock=now) as graph:
        return await checksum(graph, USER)
