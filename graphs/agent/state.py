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
    status: str
    """`done`, or `interrupted` when the model failed in the middle of what it was saying."""
    degraded: list[dict[str, str]]
    sources: list[dict[str, Any]]
    timings_ms: dict[str, int]


class AgentState(AgentOutput):
    """What is kept while a turn runs, and between turns of a thread."""

    revision: int
    """How often the archive had continued this thread when the turn began: what it is made on."""
    last_turn_id: str
    """The last turn of this thread that the archive acknowledged."""
    question: str
    lang: str
    """Language of the question, ISO 639-1."""
    started_at: str
    """ISO 8601, UTC."""
    passages: list[dict[str, Any]]
    """Recalled so far; the passage at position i is cited as [i + 1]."""
    summary: str
    """What the person stated in turns that left `messages`, one dated line each, the newest last."""
    said_on: dict[str, str]
    """The day of each turn in `messages`, by its id: ISO 8601."""
    quoted: list[int]
    """Numbers of the passages that an answer from memory quotes."""
    read_documents: list[str]
    """Ids of documents read by a tool in this turn."""
    model_index: int
    """Position in the chain of the model to call."""
    tool_rounds: int
    calls: list[dict[str, Any]]
    """What each call to a model cost in this turn, for the log."""
    failure: str
    """Why the last call of a model failed; empty when it did not."""
