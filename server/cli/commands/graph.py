"""`souvenir graph`: the knowledge graph, read-only."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer

from server.cli.client import Client
from server.cli.errors import ApiError, CliError, WrongUsage
from server.cli.options import JsonOption, LangOption
from server.cli.shell import Shell, open_shell
from server.cli.show.diagrams import draw_entity, draw_rows
from server.cli.show.graph import show_entity, show_rows, show_schema

app = typer.Typer(rich_markup_mode=None, help="The knowledge graph: who, with whom, about what and when.")
MOST_OF_A_NAME = 200
MOST_OF_A_QUERY = 4000


class LabelName(StrEnum):
    """What an entity can be."""

    person = "person"
    organization = "organization"
    topic = "topic"
    event = "event"


NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The name, or a part of it.")]
CypherArgument = Annotated[str, typer.Argument(metavar="CYPHER", help="One query that only reads.")]
LabelOption = Annotated[LabelName | None, typer.Option("--label", help="What it is, if that is known.")]
MermaidOption = Annotated[bool, typer.Option("--mermaid", help="Print a Mermaid diagram instead.")]


@app.command()
def schema(ctx: typer.Context, as_json: JsonOption = False, lang: LangOption = None) -> None:
    """Show what the graph is made of: for who writes a query, and to see how much there is."""
    shell = open_shell(ctx, lang=lang, as_json=as_json)
    found = shell.run(_schema(shell))
    if as_json:
        shell.print_json(found)
    else:
        show_schema(shell.out, found, shell.say)


@app.command()
def show(
    ctx: typer.Context,
    name: NameArgument,
    label: LabelOption = None,
    mermaid: MermaidOption = False,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Show somebody or something, and what it is tied to."""
    shell = open_shell(ctx, lang=lang, as_json=as_json)
    _require(shell, name, MOST_OF_A_NAME, mermaid=mermaid)
    found = shell.run(_show(shell, name, label))
    if as_json:
        shell.print_json(found)
    elif mermaid:
        _print_diagram(shell, *draw_entity(found, shell.say))
    else:
        show_entity(shell.out, found, shell.say)


@app.command()
def query(
    ctx: typer.Context,
    cypher: CypherArgument,
    mermaid: MermaidOption = False,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Run one Cypher query, which can only read; `graph schema` tells what there is to ask for."""
    shell = open_shell(ctx, lang=lang, as_json=as_json)
    _require(shell, cypher, MOST_OF_A_QUERY, mermaid=mermaid)
    found, nothing = shell.run(_query(shell, cypher))
    if as_json:
        shell.print_json(found)
    elif nothing:
        shell.out.print(nothing, soft_wrap=True)
    elif mermaid:
        _print_diagram(shell, *draw_rows(found["rows"], shell.say))
    else:
        show_rows(shell.out, found, shell.say)
    if found.get("cut") and not as_json:
        shell.err.print(shell.say("graph-cut", n=len(found["rows"])), style="yellow", soft_wrap=True)


def _require(shell: Shell, text: str, most: int, *, mermaid: bool) -> None:
    if mermaid and shell.as_json:
        raise WrongUsage(shell.say("graph-mermaid-alone"))
    if not 0 < len(text.strip()) <= len(text) <= most:
        raise WrongUsage(shell.say("graph-length", n=shell.say.number(f"{most:,}")))


def _print_diagram(shell: Shell, diagram: str, left_out: int) -> None:
    """Print a diagram for another program to draw; what there was no room for is said beside it."""
    if not diagram:
        raise CliError(shell.say("graph-nothing-to-draw"))
    shell.out.print(diagram, soft_wrap=True)
    if left_out:
        shell.err.print(shell.say("graph-left-out", n=left_out), style="yellow", soft_wrap=True)


async def _schema(shell: Shell) -> dict[str, Any]:
    async with shell.client() as client:
        return await client.get("/v1/graph/schema")


async def _show(shell: Shell, name: str, label: LabelName | None) -> dict[str, Any]:
    more = {"label": label.value.capitalize()} if label else {}
    async with shell.client() as client:
        try:
            return await client.get("/v1/graph/show", name=name, **more)
        except ApiError as error:
            if error.code != "unknown_entity":
                raise
            hint = shell.say("graph-other-label") if label else ""
            raise ApiError(error.code, await _nothing(client, shell, f"{error} {hint}".strip())) from error


async def _query(shell: Shell, cypher: str) -> tuple[dict[str, Any], str]:
    """What a query found, and what to say where that is nothing."""
    async with shell.client() as client:
        found = await client.post("/v1/graph/query", {"cypher": cypher})
        if found.get("rows") or shell.as_json:
            return found, ""
        return found, await _nothing(client, shell, shell.say("graph-no-rows"))


async def _nothing(client: Client, shell: Shell, otherwise: str) -> str:
    """Why nothing was found: the graph holds nothing yet, or else what the caller says."""
    schema = await client.get("/v1/graph/schema")
    if waiting := int((schema.get("documents") or {}).get("pending") or 0):
        return f"{otherwise} {shell.say.count('graph-waiting', waiting)}"
    return otherwise if any((schema.get("nodes") or {}).values()) else shell.say("graph-empty")
