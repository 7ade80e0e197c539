"""The tool for what no fixed query answers: Cypher of the model's own, guarded and read-only."""

import re
import time
from typing import Annotated, Any, Final

import structlog
from langchain_core.messages import AnyMessage, HumanMessage, ToolMessage
from langchain_core.tools import BaseTool, tool
from langgraph.prebuilt import ToolRuntime
from pydantic import Field

from memory.knowledge.errors import KnowledgeUnavailable, QueryFailed, QueryRefused, QueryTooSlow
from memory.knowledge.ontology import schema_text
from memory.knowledge.protocol import Limits, Rows
from memory.knowledge.reader import GraphReader
from tools.context import TurnContext, require_user
from tools.knowledge_graph.guard import QueryNotAllowed, guarded
from tools.knowledge_graph.redaction import without_literals
from tools.knowledge_graph.results import NOTHING, UNAVAILABLE, Result, fenced

SECONDS: Final = 3.0
"""For the query and the engine's verdict on it; the query itself has less."""
QUERY_GRAPH: Final = "query_graph"
REPAIRS: Final = 2
"""In one turn: after so many queries that could not be run, another is not tried."""
_LIMITS: Final = Limits(seconds=2.0)
_FENCE: Final = re.compile(r"```(?:cypher)?[ \t]*\n(.*?)\n?```", re.DOTALL | re.IGNORECASE)
_NOT_HERE: Final = "Queries of your own are not run here: use the other tools."
_STOP: Final = "No further query is run in this turn: answer with what there is."
_audit = structlog.stdlib.get_logger("souvenir.audit")
Parts = tuple[str, dict[str, Any]]


class QueryNotRun(Exception):
    """A query could not be run; the message tells whoever wrote it why."""


async def run_query(reader: GraphReader, user: str, cypher: str) -> Rows:
    """Guard a query, have the engine's verdict on it, run it, and note it in the audit log.

    Raises `QueryNotRun`, or `KnowledgeUnavailable` when the graph does not answer.
    """
    begun, outcome, rows = time.monotonic(), "unavailable", 0
    try:
        query = guarded(_unfenced(cypher))
        found = await reader.within(
            SECONDS, lambda graph: graph.read(user, query, limits=_LIMITS, verify=True)
        )
        outcome, rows = "run", len(found.rows)
    except QueryNotAllowed as refusal:
        outcome = f"refused by the guard: {refusal.rule}"
        raise QueryNotRun(f"The query was refused ({refusal.rule}): {refusal.explanation}") from None
    except QueryRefused as refusal:
        outcome = "refused by the engine"
        raise QueryNotRun(f"The query was refused: {refusal}") from None
    except (QueryFailed, QueryTooSlow) as failure:
        outcome = type(failure).__name__
        raise QueryNotRun(f"The query failed: {failure}") from None
    finally:
        took = round((time.monotonic() - begun) * 1000)
        # Without what it looks for: that is people's own.
        shape = without_literals(cypher)
        _audit.info("graph query", user=user, outcome=outcome, rows=rows, ms=took, cypher=shape)
    return found


def _unfenced(cypher: str) -> str:
    """Take a Markdown fence away, which models like to put around code."""
    found = _FENCE.fullmatch(cypher.strip())
    return found[1] if found else cypher


def query_tool(reader: GraphReader) -> BaseTool:
    """Make the tool; offered only where a query can reach nothing but this user's graph."""

    async def query_graph(
        cypher: Annotated[str, Field(max_length=4000)], runtime: ToolRuntime[TurnContext, Any]
    ) -> Parts:
        user = require_user(runtime.context)
        if not reader.graph.alone(user):
            return Result(_NOT_HERE).parts()
        if _failures(runtime.state.get("messages", [])) > REPAIRS:
            return Result(_STOP).parts()
        try:
            found = await run_query(reader, user, cypher)
        except QueryNotRun as error:
            return Result(f"{FAILED} {error}").parts()
        except KnowledgeUnavailable as error:
            return Result(UNAVAILABLE, unavailable=str(error)).parts()
        return Result(fenced(found.records(), cut=found.cut) if found.rows else NOTHING).parts()

    description = (
        "Ask the knowledge graph of the person's documents with one read-only Cypher query, when no other "
        "tool answers. Return properties, never whole nodes; keys are lower case without accents.\n"
        f"{schema_text()}"
    )
    return tool(query_graph, description=description, response_format="content_and_artifact")


FAILED: Final = "Not run."


def _failures(messages: list[AnyMessage]) -> int:
    """Return how many queries of this turn could not be run."""
    asked = max((at for at, one in enumerate(messages) if isinstance(one, HumanMessage)), default=0)
    return sum(
        isinstance(one, ToolMessage) and one.name == QUERY_GRAPH and str(one.content).startswith(FAILED)
        for one in messages[asked:]
    )
