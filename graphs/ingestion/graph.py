"""The ingestion graph: one document from its file into memory.

START → load → split → commit → project → END
load ── unchanged ──→ project     load, commit ── failed ──→ END
"""

from typing import Literal

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from graphs.ingestion.nodes import IngestionNodes
from graphs.ingestion.state import IngestionContext, IngestionInput, IngestionState

IngestionGraph = CompiledStateGraph[IngestionState, IngestionContext, IngestionInput, IngestionState]


def after_load(state: IngestionState) -> Literal["split", "project", "__end__"]:
    """A file that failed ends here; one that has not changed needs no splitting."""
    return {"failed": "__end__", "unchanged": "project"}.get(state.get("status", ""), "split")  # type: ignore[return-value]  # values of a dict are not narrowed to the literals


def after_commit(state: IngestionState) -> Literal["project", "__end__"]:
    """A document that could not be stored ends here."""
    return "__end__" if state.get("status") == "failed" else "project"


def build_ingestion(nodes: IngestionNodes) -> IngestionGraph:
    """Wire the graph."""
    graph = StateGraph(IngestionState, context_schema=IngestionContext, input_schema=IngestionInput)
    graph.add_node("load", nodes.load)
    graph.add_node("split", nodes.split)
    graph.add_node("commit", nodes.commit)
    graph.add_node("project", nodes.project)

    graph.add_edge(START, "load")
    graph.add_conditional_edges("load", after_load, ["split", "project", END])
    graph.add_edge("split", "commit")
    graph.add_conditional_edges("commit", after_commit, ["project", END])
    graph.add_edge("project", END)
    return graph.compile(name="ingestion")
