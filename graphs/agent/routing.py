"""The conditional edges: pure functions of the state."""

from typing import Literal

from langchain_core.messages import AIMessage

from graphs.agent.state import AgentState


def after_model(state: AgentState) -> Literal["use_tools", "remember", "step_down"]:
    """A failed call steps down; tool calls are carried out; an answer is remembered."""
    if state["failure"]:
        return "step_down"
    last = state["messages"][-1]
    if isinstance(last, AIMessage) and last.tool_calls:
        return "use_tools"
    return "remember"


def after_step_down(state: AgentState, models: int) -> Literal["call_model", "answer_from_memory"]:
    """The next model of the chain, or memory alone when none is left."""
    return "call_model" if state["model_index"] < models else "answer_from_memory"
