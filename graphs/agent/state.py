"""What the agent's graph takes, keeps and gives. Everything in it is plain data or a message."""

from typing import Annotated, Any

from langchain_core.messages import AnyMessage
from langgraph.graph.message import add_messages
from typing_extensions import TypedDict


class AgentInput(TypedDict):
    """A turn begins with the person's message. Its id, given or minted, is the turn's id."""

    messages: Annotated[list[AnyMessage], add_messages]


class AgentOutput(TypedDict):
    """What a turn ends with."""

    messages: Annotated[list[AnyMessage], add_messages]
    turn_id: str
    answer: str
    served_by: str
    degraded: list[dict[str, str]]
    sources: list[dict[str, Any]]
    timings_ms: dict[str, int]


class AgentState(AgentOutput):
    """What is kept while a turn runs, and between turns of a thread."""

    last_turn_id: str
    """The last turn of this thread that the archive acknowledged."""
    question: str
    lang: str
    """Language of the question, ISO 639-1."""
    started_at: str
    """ISO 8601, UTC."""
    passages: list[dict[str, Any]]
    """Recalled so far; the passage at position i is cited as [i + 1]."""
    quoted: list[int]
    """Numbers of the passages that an answer from memory quotes."""
    read_documents: list[str]
    """Ids of documents read by a tool in this turn."""
    model_index: int
    """Position in the chain of the model to call."""
    tool_rounds: int
    failure: str
    """Why the last call of a model failed; empty when it did not."""
