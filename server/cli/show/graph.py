"""The knowledge graph in a terminal."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from server.cli.messages import Say
from server.cli.show.diagrams import is_node, is_relationship
from server.cli.show.text import one_line

if TYPE_CHECKING:
    from rich.console import Console, JustifyMethod
    from rich.table import Table

LONGEST_CELL = 300


def show_schema(console: Console, found: dict[str, Any], say: Say) -> None:
    """How many nodes of each label, with their properties; which relationships there are; how far it is."""
    properties, relationships = found.get("properties") or {}, found.get("relationships") or []
    shared = _shared(list(properties.values()))
    nodes = _table("", (say("column-nodes"), "right"), say("column-own"))
    for label, number in (found.get("nodes") or {}).items():
        own = [one for one in properties.get(label) or [] if one not in shared]
        nodes.add_row(*_texts(label, number, ", ".join(own)))
    console.print(nodes)
    _line(console, say("graph-each-node", names=", ".join(shared)), "dim")
    console.print()
    shared = _shared([one.get("properties") or [] for one in relationships])
    edges = _table("", "", "", say("column-own"))
    for one in relationships:
        own = [name for name in one.get("properties") or [] if name not in shared]
        edges.add_row(*_texts(one.get("start"), f"-[:{one.get('type')}]->", one.get("end"), ", ".join(own)))
    console.print(edges)
    _line(console, say("graph-each-relationship", names=", ".join(shared)), "dim")
    console.print()
    _show_reading(console, found, say)


def show_entity(console: Console, found: dict[str, Any], say: Say) -> None:
    """One entity, for whom it works or who works for it, its documents, and what these speak of beside it."""
    entity = found["entity"]
    about = [say.name("label", entity.get("label")), entity.get("date")]
    _line(console, one_line(entity.get("name")), "bold")
    _line(console, " · ".join(one_line(one) for one in about if one), "dim")
    console.print()
    _show_works(console, found, say)
    _show_documents(console, found, say)
    _show_beside(console, found, say)
    others = [
        f"{one_line(one['name'])} ({say.name('label', one['label'])})" for one in found.get("also") or []
    ]
    if others:
        _line(console, say("graph-also", names=", ".join(others)), "yellow")


def show_rows(console: Console, found: dict[str, Any], say: Say) -> None:
    """What a query found, a row each."""
    from rich.text import Text

    table = _table()
    for column in found.get("columns") or []:
        table.add_column(Text(one_line(column, 60)), overflow="fold")
    for row in found.get("rows") or []:
        table.add_row(*_texts(*(_cell(value, say) for value in row)))
    console.print(table)


def _show_reading(console: Console, found: dict[str, Any], say: Say) -> None:
    """How far documents are read, and where the graph is; where it is empty, what to do."""
    states = found.get("documents") or {}
    said = [
        say.count(f"graph-documents-{state}", n)
        for state in ("done", "partial", "pending", "failed")
        if (n := int(states.get(state) or 0))
    ]
    if said:
        _line(console, f"{one_line(found.get('backend'))}: {', '.join(said)}", "dim")
    if not any((found.get("nodes") or {}).values()):
        _line(console, say("graph-empty"), "yellow")


def _show_works(console: Console, found: dict[str, Any], say: Say) -> None:
    works = found.get("works_for") or []
    if not works:
        return
    here = found["entity"].get("label") == "Person"
    table = _table(say("graph-works-for" if here else "graph-who-works"), say("column-role"))
    for one in works:
        table.add_row(*_texts(one.get("organization" if here else "person"), one.get("role") or ""))
    console.print(table)
    console.print()


def _show_documents(console: Console, found: dict[str, Any], say: Say) -> None:
    by_document: dict[str, list[dict[str, Any]]] = {}
    for one in found.get("documents") or []:
        by_document.setdefault(str(one.get("document_id")), []).append(one)
    table = _table(say("column-document"), say("column-relation"), say("column-said"))
    for ties in by_document.values():
        how = dict.fromkeys(say.name("relation", one.get("relationship")) for one in ties)
        names = dict.fromkeys(str(one.get("said") or "") for one in ties)
        table.add_row(*_texts(ties[0].get("document"), ", ".join(how), ", ".join(names)))
    console.print(table)
    if (more := int(found.get("document_count") or 0) - len(by_document)) > 0:
        _line(console, say("graph-more-documents", n=more), "yellow")
    console.print()


def _show_beside(console: Console, found: dict[str, Any], say: Say) -> None:
    by_label: dict[str, list[str]] = {}
    for one in found.get("beside") or []:
        number = int(one.get("documents") or 0)
        name = one_line(one.get("name"))
        by_label.setdefault(str(one.get("label")), []).append(f"{name} ({number})" if number > 1 else name)
    if not by_label:
        return
    _line(console, say("graph-beside"), "bold")
    table = _table("", "")
    table.show_header = False
    for label, names in by_label.items():
        table.add_row(*_texts(say.name("labels", label), ", ".join(names)))
    console.print(table)


def _table(*columns: str | tuple[str, JustifyMethod]) -> Table:
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in columns:
        if isinstance(column, str):
            table.add_column(column, overflow="fold")
        else:
            table.add_column(column[0], overflow="fold", justify=column[1])
    return table


def _texts(*values: object) -> list[Any]:
    """The cells of a row: what a document says is shown, never obeyed."""
    from rich.text import Text

    return [Text(one_line(value, LONGEST_CELL)) for value in values]


def _line(console: Console, text: str, style: str) -> None:
    if text:
        console.print(text, style=style, soft_wrap=True)


def _shared(lists: list[list[str]]) -> list[str]:
    """What all lists have."""
    return [one for one in lists[0] if all(one in other for other in lists)] if lists else []


def _cell(value: object, say: Say) -> str:
    """A value of a row: nodes and relationships by their names, the rest as JSON has it."""
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and is_node(value):
        return f"{value.get('name') or value.get('key') or '?'} ({say.name('label', value['label'])})"
    if isinstance(value, dict) and is_relationship(value):
        return f"–{say.name('relation', value['type'])}–"
    if isinstance(value, list):
        path = any(is_relationship(one) for one in value)
        return (" " if path else ", ").join(_cell(one, say) for one in value)
    return json.dumps(value, ensure_ascii=False)
