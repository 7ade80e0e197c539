"""The tools that ask the knowledge graph what it is made for, by fixed queries."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

from langchain_core.tools import BaseTool, tool
from langgraph.prebuilt import ToolRuntime
from pydantic import Field

from memory.knowledge.errors import KnowledgeError, KnowledgeUnavailable
from memory.knowledge.ontology import EntityLabel
from memory.knowledge.protocol import KnowledgeGraph
from memory.knowledge.reader import GraphReader
from memory.long_term.recall import Recall
from tools.context import TurnContext, require_user
from tools.knowledge_graph import templates
from tools.knowledge_graph.nodes import Node, find
from tools.knowledge_graph.results import NOTHING, UNAVAILABLE, Result, fenced, passages

SECONDS: Final = 3.0
"""How long a tool waits for the graph."""
Runtime = ToolRuntime[TurnContext, Any]
Parts = tuple[str, dict[str, Any]]
Name = Annotated[str, Field(min_length=1, max_length=200, description="The name, as people write it.")]
Label = Annotated[EntityLabel | None, Field(description="What it is, if that is known.")]
Day = Annotated[str, Field(max_length=10, pattern=r"^(\d{4}(-\d{2}(-\d{2})?)?)?$", description="2026-04-14")]
Records = list[templates.Record]


@dataclass(frozen=True, slots=True)
class GraphAsker:
    """Asks the graph for one tool call, and makes its result."""

    reader: GraphReader
    recall: Recall

    async def ask(self, user: str, asked: str, work: Callable[[KnowledgeGraph], Awaitable[Records]]) -> Parts:
        """Return the rows and the passages behind them; a graph that does not answer is said, not raised."""
        try:
            records = await self.reader.within(SECONDS, work)
        except KnowledgeUnavailable as error:
            return Result(UNAVAILABLE, unavailable=str(error)).parts()
        except KnowledgeError as error:
            return Result(f"The query failed: {error}").parts()
        if not records:
            return Result(NOTHING).parts()
        chunks = templates.chunks_of(records)
        return Result(fenced(records), await passages(self.recall, user, asked, chunks)).parts()


def graph_tools(reader: GraphReader, recall: Recall) -> Sequence[BaseTool]:
    """Make the tools; each reads the graph of the run's user only."""
    asker = GraphAsker(reader, recall)

    @tool(response_format="content_and_artifact")
    async def find_entity(name: Name, runtime: Runtime, label: Label = None) -> Parts:
        """Find people, organisations, topics and events of the person's documents by name."""
        user = require_user(runtime.context)

        async def work(graph: KnowledgeGraph) -> Records:
            nodes = await find(graph, user, name, label)
            return [{"label": one.label, "name": one.name, "date": one.date} for one in nodes]

        return await asker.ask(user, name, work)

    @tool(response_format="content_and_artifact")
    async def entity_neighbours(name: Name, runtime: Runtime, label: Label = None) -> Parts:
        """List what is tied to somebody or something: employers or staff, documents, what these speak of."""
        user = require_user(runtime.context)

        async def work(graph: KnowledgeGraph) -> Records:
            if not (nodes := await find(graph, user, name, label)):
                return []
            works = await templates.employers(graph, user, nodes[0])
            speaking = await templates.documents(graph, user, nodes[0], 8)
            return [*works, *speaking, *await templates.beside(graph, user, nodes[0])]

        return await asker.ask(user, name, work)

    @tool(response_format="content_and_artifact")
    async def documents_about(name: Name, runtime: Runtime, label: Label = None) -> Parts:
        """List the documents that were written by or speak of somebody or something, with the passages."""
        user = require_user(runtime.context)

        async def work(graph: KnowledgeGraph) -> Records:
            nodes = await find(graph, user, name, label)
            return [one for node in nodes[:3] for one in await templates.documents(graph, user, node)]

        return await asker.ask(user, name, work)

    @tool(response_format="content_and_artifact")
    async def path_between(name: Name, other_name: Name, runtime: Runtime) -> Parts:
        """Show how two people, organisations, topics or events are connected."""
        user = require_user(runtime.context)

        async def work(graph: KnowledgeGraph) -> Records:
            starts, ends = await find(graph, user, name), await find(graph, user, other_name)
            return await templates.path(graph, user, starts[0], ends[0]) if starts and ends else []

        return await asker.ask(user, f"{name} {other_name}", work)

    @tool(response_format="content_and_artifact")
    async def timeline(runtime: Runtime, name: str = "", start: Day = "", end: Day = "") -> Parts:
        """List dated events in order; all of them, or those of documents that speak of somebody or something.

        Args:
            runtime: The run, given by the graph.
            name: Whom or what they are about; empty for everything.
            start: The first day, month or year; empty for no limit.
            end: The last one; empty for no limit.
        """
        user = require_user(runtime.context)

        async def work(graph: KnowledgeGraph) -> Records:
            node: Node | None = None
            if name and not (node := next(iter(await find(graph, user, name)), None)):
                return []
            return await templates.events(graph, user, node, start, end and f"{end}~")

        return await asker.ask(user, name or "events", work)

    return find_entity, entity_neighbours, documents_about, path_between, timeline
