"""From what models said to facts: only what stands in the text, each with the chunks that say it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from graphs.extraction.grounding import grounded
from graphs.extraction.said import Said
from memory.archive.entities import Chunk
from memory.knowledge.facts import Employment, Entity, Link
from memory.knowledge.keys import is_name
from memory.knowledge.ontology import EntityLabel, link_type


@dataclass(slots=True)
class Grounding:
    """Collects the facts of one document, group by group."""

    links: list[Link] = field(default_factory=list)
    employments: list[Employment] = field(default_factory=list)
    dropped: int = 0
    """Names that stand nowhere in the text: they were not written."""

    def add(self, said: Said, chunks: Sequence[Chunk]) -> None:
        """Add what was said of these chunks."""
        for person in said.people:
            self._link("Person", person.name, chunks, author=person.author)
        for organization in said.organizations:
            self._link("Organization", organization.name, chunks)
        for topic in said.topics:
            self._link("Topic", topic.name, chunks)
        for event in said.events:
            known = event.date if event.date[:4] and _stands(event.date[:4], chunks) else ""
            self._link("Event", event.name, chunks, date=known)
        for one in said.employments:
            worker = self._link("Person", one.person, chunks)
            employer = self._link("Organization", one.organization, chunks) if worker else None
            if worker and employer:
                role = one.role if one.role and _stands(one.role, chunks) else ""
                self.employments.append(Employment(worker.entity, employer.entity, worker.chunks, role))

    def _link(
        self, label: EntityLabel, name: str, chunks: Sequence[Chunk], *, author: bool = False, date: str = ""
    ) -> Link | None:
        saying = tuple(chunk.id for chunk in chunks if is_name(name) and grounded(name, _with_place(chunk)))
        if not saying:
            self.dropped += 1
            return None
        link = Link(link_type(label, author=author), Entity(label, name, date), saying)
        self.links.append(link)
        return link


def ungrounded(said: Said, chunks: Iterable[Chunk]) -> str | None:
    """Return what is wrong with an answer of which most is not in the text; None when it may be used."""
    pieces = [_with_place(chunk) for chunk in chunks]
    names = said.names()
    missing = [name for name in names if not any(is_name(name) and grounded(name, one) for one in pieces)]
    if len(missing) * 2 <= len(names):
        return None
    shown = ", ".join(repr(name[:60]) for name in missing[:5])
    return (
        f"These names do not stand in the text: {shown}. Copy names exactly, and leave out what is not there."
    )


def _stands(words: str, chunks: Iterable[Chunk]) -> bool:
    return any(grounded(words, _with_place(chunk)) for chunk in chunks)


def _with_place(chunk: Chunk) -> str:
    """Return the text with its place: in a transcript, that is who speaks."""
    return f"{chunk.locator}\n{chunk.text}"
