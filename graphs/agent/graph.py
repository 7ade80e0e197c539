"""The agent's graph, drawn as it runs.

START → begin → recall → call_model
call_model ── tool calls ─────→ use_tools → call_model
call_model ── answer ─────────→ remember → END
call_model ── failed ─────────→ step_down
step_down ─── a model is left → call_model
step_down ─── none is left ───→ answer_from_memory → remember
"""

from functools import partial
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from graphs.agent.nodes import AgentNodes
from graphs.agent.routing import after_model, after_step_down, at_once
from graphs.agent.state import AgentInput, AgentOutput, AgentState
from tools.context import TurnContext

AgentGraph = CompiledStateGraph[AgentState, TurnContext, AgentInput, AgentOutput]


def build_agent(nodes: AgentNodes, checkpointer: BaseCheckpointSaver[Any] | None) -> AgentGraph:
    """Wire the graph. Its shape never depends on what is installed or reachable.

    Without a checkpointer it can be given to LangGraph Studio, which brings its own.
    """
    graph = StateGraph(
        AgentState, context_schema=TurnContext, input_schema=AgentInput, output_schema=AgentOutput
    )
    graph.add_node("begin", nodes.begin)
    graph.add_node("recall", nodes.recall)
    graph.add_node("call_model", nodes.call_model)
    graph.add_node("use_tools", nodes.use_tools)
    graph.add_node("step_down", nodes.step_down)
    graph.add_node("answer_from_memory", nodes.answer_from_memory)
    graph.add_node("remember", nodes.remember)

    graph.add_edge(START, "begin")
    graph.add_edge("begin", "recall")
    graph.add_edge("recall", "call_model")
    graph.add_conditional_edges("call_model", at_once(after_model), ["use_tools", "remember", "step_down"])
    graph.add_edge("use_tools", "call_model")
    graph.add_conditional_edges(
        "step_down",
        at_once(partial(after_step_down, models=nodes.speaker.router.length("chat"))),
        ["call_model", "answer_from_memory"],
    )
    graph.add_edge("answer_from_memory", "remember")
    graph.add_edge("remember", END)
    return graph.compile(checkpointer=checkpointer, name="agent")
