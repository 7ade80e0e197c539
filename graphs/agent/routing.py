"""The conditional edges: pure functions of the state."""

from collections.abc import Awaitable, Callable
from typing import Literal, TypeVar

from langchain_core.messages import AIMessage

from graphs.agent.state import AgentState

Next = TypeVar("Next", bound=str)


def at_once(edge: Callable[[AgentState], Next]) -> Callable[[AgentState], Awaitable[Next]]:
    """Return the edge as a coroutine: LangGraph sends a plain function to a thread, to return a word."""

    async def decide(state: AgentState) -> Next:
        return edge(state)

    return decide


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
