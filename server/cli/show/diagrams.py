"""The knowledge graph as Mermaid flowcharts (https://mermaid.js.org/syntax/flowchart.html)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from memory.knowledge.keys import display
from memory.knowledge.ontology import RELATIONSHIPS
from server.cli.messages import Say

MOST_DOCUMENTS = 12
MOST_BESIDE = 8
_LONGEST = 60
_SHAPES: Final = {
    "Document": ("[[", "]]"),
    "Person": ("([", "])"),
    "Organization": ("[", "]"),
    "Topic": ("(", ")"),
    "Event": ("{{", "}}"),
}
_FORWARD: Final = frozenset((one.start, one.type, one.end) for one in RELATIONSHIPS)
# What stays as it is: letters, figures and blanks, and marks where they mean nothing to Markdown, of which
# labels are made. `end` ends a block wherever some versions see it.
_PLAIN: Final = re.compile(r"(?:[^\W_]| |,|’|(?<=[^\W_])[-](?=[^\W_])|(?<=[^\W\d_])\.(?= |$))+")
_END: Final = re.compile(r"\be(?=nd\b)", re.IGNORECASE)


def escaped(name: object) -> str:
    """A name as it stands between the quotes of a Mermaid label: all of it is read as text."""
    shown = display(str(name)).replace("ﬂ", "fl")  # the ligature begins a sign that Mermaid uses itself
    shown = shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 1]}…"
    parts, at = [], 0
    for plain in _PLAIN.finditer(shown):
        parts += [f"#{ord(one)};" for one in shown[at : plain.start()]]
        parts.append(_END.sub(lambda first: f"#{ord(first[0])};", plain[0]))
        at = plain.end()
    return "".join(parts) + "".join(f"#{ord(one)};" for one in shown[at:]) or "#63;"


class Diagram:
    """A flowchart, made node by node and edge by edge; what is there already is not drawn twice."""

    def __init__(self) -> None:
        self._names: dict[tuple[str, str], str] = {}
        self._lines: dict[str, None] = {}

    def node(self, label: object, key: object, name: object) -> str:
        """Draw a node, and return the name that edges know it by."""
        identity = (str(label), str(key))
        if identity not in self._names:
            self._names[identity] = f"n{len(self._names)}"
            before, after = _SHAPES.get(str(label), ("[", "]"))
            self._lines[f'  {self._names[identity]}{before}"{escaped(name)}"{after}'] = None
        return self._names[identity]

    def edge(self, start: str, end: str, says: object, *, arrow: str = "-->") -> None:
        """Draw an edge with a few words on it."""
        self._lines[f'  {start} {arrow}|"{escaped(says)}"| {end}'] = None

    def text(self) -> str:
        """The diagram; "" when nothing was drawn."""
        return "\n".join(["flowchart LR", *self._lines]) if self._lines else ""


def draw_entity(found: dict[str, Any], say: Say) -> tuple[str, int]:
    """An entity and what it is tied to, dotted what else its documents speak of; how many were left out."""
    diagram, entity = Diagram(), found["entity"]
    middle = diagram.node(entity["label"], entity["name"], entity["name"])
    tied = _draw_works(diagram, found.get("works_for") or [], say)
    documents = (found.get("documents") or [])[:MOST_DOCUMENTS]
    for one in documents:
        document = diagram.node("Document", one["document_id"], one["document"])
        diagram.edge(document, middle, say.name("relation", one["relationship"]))
    beside = [one for one in found.get("beside") or [] if (one["label"], one["name"]) not in tied]
    beside.sort(key=lambda one: -int(one["documents"]))
    for one in beside[:MOST_BESIDE]:
        other = diagram.node(one["label"], one["name"], one["name"])
        diagram.edge(middle, other, say.count("documents", int(one["documents"])), arrow="-.-")
    seen = len({one["document_id"] for one in documents})
    left_out = max(0, int(found.get("document_count") or 0) - seen) + max(0, len(beside) - MOST_BESIDE)
    return diagram.text(), left_out


def _draw_works(diagram: Diagram, works: list[dict[str, Any]], say: Say) -> set[tuple[str, str]]:
    """Draw who works where; return whom and what that names."""
    tied: set[tuple[str, str]] = set()
    for one in works:
        ends = [(label, str(one[label.lower()])) for label in ("Person", "Organization")]
        person, organization = (diagram.node(label, name, name) for label, name in ends)
        diagram.edge(person, organization, one.get("role") or say.name("relation", "WORKS_FOR"))
        tied.update(ends)
    return tied


def draw_rows(rows: list[list[Any]], say: Say) -> tuple[str, int]:
    """The nodes of a query's rows, and an edge wherever a relationship stands between two of them."""
    diagram = Diagram()
    for row in rows:
        _draw_row(diagram, list(_flat(row)), say)
    return diagram.text(), 0


def _draw_row(diagram: Diagram, values: list[Any], say: Say) -> None:
    for at, value in enumerate(values):
        if not is_node(value):
            continue
        drawn = _node(diagram, value)
        if at >= 2 and is_relationship(values[at - 1]) and is_node(values[at - 2]):
            between, before = values[at - 1], values[at - 2]
            ends = [_node(diagram, before), drawn]
            if (value["label"], between["type"], before["label"]) in _FORWARD:
                ends.reverse()
            diagram.edge(ends[0], ends[1], say.name("relation", between["type"]))


def _node(diagram: Diagram, node: dict[str, Any]) -> str:
    name = node.get("name") or node.get("key") or "?"
    return diagram.node(node["label"], node.get("key") or name, name)


def _flat(values: list[Any]) -> Iterator[Any]:
    """Paths and lists, which a query may return one inside the other, in one row."""
    for value in values:
        if isinstance(value, list):
            yield None  # What stands in two columns is not tied by standing side by side,
            yield from _flat(value)
            yield None  # unless each is a node or a relationship itself.
        else:
            yield value


def is_node(value: object) -> bool:
    """Whether a value of a row is a node of the graph."""
    return isinstance(value, dict) and isinstance(value.get("label"), str)


def is_relationship(value: object) -> bool:
    """Whether a value of a row is a relationship of the graph."""
    return isinstance(value, dict) and isinstance(value.get("type"), str) and not is_node(value)
