"""What the knowledge graph's leg does to recall: `--only knowledge-recall`.

The sets are those of `--only recall`, in stores filled the same way. Every document is read by rules twice,
the second time with the names that the first found in any: so the graph ends as ingestion leaves it. Of a
conversation each meeting is a transcript with its speakers; each conversation is a user of its own.
"""

import itertools
import random
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from graphs.extraction.rules import Gazetteer, read_by_rules
from memory.archive.archive import Archive
from memory.archive.entities import Chunk, Document
from memory.archive.ids import chunk_id, document_id
from memory.knowledge.arcadedb import open_arcadedb
from memory.knowledge.facts import DocumentFacts, Employment, Entity, Link
from memory.knowledge.named import NamedPassages
from memory.knowledge.ontology import EntityLabel, link_type
from memory.knowledge.protocol import KnowledgeGraph
from memory.knowledge.reader import GraphReader
from memory.long_term.entries import Question
from memory.long_term.fusion import Weights
from memory.long_term.language import detect
from memory.long_term.recall import Recall
from server.composition import utc_now
from server.evaluation.embedders import reach
from server.evaluation.metrics import Outcome, report
from server.evaluation.sets import Case, Item, read_cases, read_items
from server.evaluation.store import Store, open_store
from server.settings import Settings, load_settings
from tests.bench.passages import passage_questions
from tests.bench.recall_sets import NOBODY, SETS
from tools.knowledge_graph.nodes import Node

USER = "bench"
DOCUMENTS = 10_000
WEIGHTS = (0.0, 0.05, 0.1, 0.2, 0.3)
_CELLS = ("recall@1", "recall@5", "recall@10", "mrr")
_PATIENCE = 10.0
"""Seconds for the leg: here its time decides nothing."""
_NAMES = ("Person", "Organization")
_SIZES: dict[EntityLabel, tuple[int, int]] = {
    "Person": (3_000, 10),
    "Organization": (300, 5),
    "Topic": (5_000, 3),
    "Event": (2_000, 20),
}
"""How many there are of each, and how flat the head of their distribution is (1 / (rank + this))."""
_LINKED: dict[EntityLabel, int] = {"Person": 4, "Organization": 2, "Topic": 3, "Event": 1}
_ENDINGS: dict[EntityLabel, tuple[str, ...]] = {
    "Person": ("",),
    "Organization": ("Institute", "Works", "Council", "Press"),
    "Topic": ("", " studies", " law"),
    "Event": ("meeting", "launch", "review"),
}
_AT_HOME = 0.6
"""Of the documents say where their author works."""


async def section(folder: Path) -> str:
    """Measure the sets that are in `folder`, and return the table."""
    lines = [
        "| set (n), searched | leg | R@1 | R@5 | R@10 | MRR | better, worse | questions it spoke to |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, (documents, questions) in SETS.items():
        if not (folder / documents).exists():
            lines.append(f"| {name} | not measured: {documents} is not in the folder of public sets |")
            continue
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
            asked = folder / questions
            if "passages" in documents:
                asked = passage_questions(asked, Path(scratch, "questions.jsonl"))
            cases = [one for one in read_cases(asked) if not one.adversarial]
            lines += await _set(name, read_items(folder / documents), cases, Path(scratch, "graph"))
    return "\n".join(lines)


async def _set(name: str, items: Sequence[Item], cases: Sequence[Case], folder: Path) -> list[str]:
    """Measure one set without and with an embedder; the graph is the same."""
    lines: list[str] = []
    async with open_arcadedb(folder, clock=utc_now) as graph:
        for settings in (load_settings(ollama_url=NOBODY), load_settings()):
            async with _filled(settings, items) as store:
                if not lines:
                    lines.append(f"| {name}: {await _read(store, graph, {one.user for one in items})} |")
                if settings.ollama_url != NOBODY and store.embedder is None:
                    lines.append(f"| {name} | no embedder at {settings.ollama_url} |")
                    continue
                searched = "by words" if store.embedder is None else "by both"
                lines += await _rows(f"{name} ({len(cases)}), {searched}", store, graph, cases)
    return lines


@asynccontextmanager
async def _filled(settings: Settings, items: Sequence[Item]) -> AsyncIterator[Store]:
    async with reach(settings) as reached, open_store(reached.embedder) as store:
        await store.fill(items, lambda _: None)
        yield store


async def _read(store: Store, graph: KnowledgeGraph, users: Iterable[str]) -> str:
    """Read every document by rules into the graph; return how many, what came of it, and how long it took."""
    begun, documents, links = time.perf_counter(), 0, 0
    for user in sorted(users):
        facts = _facts(await _texts(store.archive, user))
        await graph.put(facts)
        documents += len(facts)
        links += sum(len(one.links) for one in facts)
    return f"{documents:,} documents, {links:,} links, read in {time.perf_counter() - begun:.0f} s"


async def _texts(archive: Archive, user: str) -> list[tuple[Document, list[Chunk]]]:
    async with archive.unit() as unit:
        documents = await unit.documents.list(user)
        chunks = await unit.documents.chunks_of(user, [one.id for one in documents])
    return [(one, chunks[one.id]) for one in documents if one.id in chunks]


def _facts(texts: Sequence[tuple[Document, list[Chunk]]]) -> list[DocumentFacts]:
    first = [read_by_rules(*one) for one in texts]
    names = {link.entity for one in first for link in one.links if link.entity.label in _NAMES}
    known = Gazetteer(sorted(names))
    return [read_by_rules(*one, known) for one in texts]


async def _rows(title: str, store: Store, graph: KnowledgeGraph, cases: Sequence[Case]) -> list[str]:
    """Ask everything without the leg, then with each weight of it."""
    plain = Recall(store.index, store.archive, utc_now, store.embedder)
    before = [await _ask(case, plain, store) for case in cases]
    lines = [_row(title, "without", before, before)]
    for weight in WEIGHTS:
        named = NamedPassages(GraphReader(graph), _PATIENCE)
        recall = replace(plain, weights=Weights(named=weight), named=named)
        after = [await _ask(case, recall, store) for case in cases]
        own = " (Souvenir's)" if weight == Weights().named else ""
        lines.append(_row(title, f"{weight:g}{own}", after, before))
    return lines


async def _ask(case: Case, recall: Recall, store: Store) -> Outcome:
    """Return what was found; under "named", whether the leg proposed anything or did not answer."""
    found = await recall.rank(case.user, Question(case.text, case.lang or detect(case.text)))
    ranking = dict.fromkeys(store.pieces[passage.item_id] for passage in found.passages)
    said = ["named"] if any(one.named for one in found.signals.values()) else []
    return Outcome(case, {"fused": list(ranking), "named": said, "failed": list(found.degraded)})


def _row(title: str, leg: str, outcomes: Sequence[Outcome], before: Sequence[Outcome]) -> str:
    scores = report(outcomes, ["fused"])
    cells = [f"{scores[cell]:.3f}".lstrip("0") for cell in _CELLS]
    ranks = [(_rank(one), _rank(other)) for one, other in zip(outcomes, before, strict=True)]
    better, worse = sum(new < old for new, old in ranks), sum(new > old for new, old in ranks)
    spoke = sum(bool(one.rankings["named"]) for one in outcomes)
    failed = sum("knowledge" in one.rankings["failed"] for one in outcomes)
    told = f"{spoke}, and failed for {failed}" if failed else str(spoke)
    return f"| {title} | {leg} | {' | '.join(cells)} | {better}, {worse} | {told} |"


def _rank(outcome: Outcome) -> float:
    """Return the place of the first right one."""
    places = (place for place, one in enumerate(outcome.rankings["fused"]) if one in outcome.case.gold)
    return next(places, float("inf"))


class World:
    """Documents and what they speak of, the same for the same seed."""

    def __init__(self, documents: int = DOCUMENTS, seed: int = 1) -> None:
        self._random = random.Random(seed)
        self._made = self._words()
        self.entities = {label: self._entities(label, size) for label, (size, _) in _SIZES.items()}
        self._drawn = {
            label: list(itertools.accumulate(1 / (rank + flat) for rank in range(size)))
            for label, (size, flat) in _SIZES.items()
        }
        self._homes = {one: self.draw("Organization") for one in self.entities["Person"]}
        self.documents = [self._document(number) for number in range(documents)]

    def described(self) -> str:
        """Return how large it is, and how long its tails are, in words."""
        ends = Counter(link.entity for one in self.documents for link in one.links)
        told = []
        for label in _SIZES:
            some = [count for entity, count in ends.items() if entity.label == label]
            told.append(f"{len(some):,} of {label} (one in {max(some):,} documents)")
        return f"{len(self.documents):,} documents with ten links each, to {', '.join(told)}"

    def draw(self, label: EntityLabel) -> Entity:
        """Return one, the frequent ones more often."""
        return self._random.choices(self.entities[label], cum_weights=self._drawn[label])[0]

    def asked(self, label: EntityLabel) -> Node:
        """Return what a question is about: something that some document speaks of."""
        links = self._random.choice(self.documents).links
        entity = self._random.choice([one.entity for one in links if one.entity.label == label])
        return Node(label, entity.key, entity.name, entity.date)

    def question(self) -> str:
        """Return a question that names two things."""
        person, other, topic = (self.asked(one).name for one in ("Person", "Organization", "Topic"))
        told = (f"What did {person} write on {topic}?", f"Who met {person} of {other} last year, and why?")
        return self._random.choice(told)

    def _words(self) -> list[str]:
        syllables = [a + b for a in "bdfgklmnprstvz" for b in ("a", "e", "i", "o", "u", "an", "el", "or")]
        return ["".join(self._random.choices(syllables, k=3)).capitalize() for _ in range(4_000)]

    def _entities(self, label: EntityLabel, size: int) -> list[Entity]:
        found: dict[str, Entity] = {}
        while len(found) < size:
            first, last = self._random.choice(self._made[:300]), self._random.choice(self._made)
            end = self._random.choice(_ENDINGS[label])
            name = f"{last}{end}".lower() if label == "Topic" else f"{first} {last} {end}".strip()
            day = date(2015, 1, 1) + timedelta(self._random.randrange(4_000)) if label == "Event" else ""
            one = Entity(label, name, str(day))
            found.setdefault(one.key, one)
        return list(found.values())

    def _document(self, number: int) -> DocumentFacts:
        identity = document_id(USER, str(number))
        chunks = (chunk_id(identity, "", 0),)
        hired: tuple[Employment, ...] = ()
        drawn = {label: self._some(label, count) for label, count in _LINKED.items()}
        author = drawn["Person"][0]
        if self._random.random() < _AT_HOME:
            home = self._homes[author]
            drawn["Organization"] = [home, *(one for one in drawn["Organization"] if one != home)][:2]
            hired = (Employment(author, home, chunks, "engineer"),)
        links = tuple(
            Link(link_type(one.label, author=one is author), one, chunks)
            for one in itertools.chain.from_iterable(drawn.values())
        )
        return DocumentFacts(
            USER, identity, f"Report {number}", f"bench:{number}", "en", "rules", links, hired, chunks[0]
        )

    def _some(self, label: EntityLabel, count: int) -> list[Entity]:
        found: dict[Entity, None] = {}
        while len(found) < count:
            found[self.draw(label)] = None
        return list(found)
