"""What a model is told when its structured answer cannot be used."""

from collections.abc import Sequence

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

LONGEST_ANSWER = 2_000
"""Characters of the model's own answer that are shown to it again."""
LONGEST_ERROR = 1_000
"""Characters of what was wrong with it."""
_CUT = " […]"
_REPAIR = (
    "Your answer cannot be used. What is wrong with it:\n"
    "{error}\n\n"
    "Answer the request again, corrected: the whole JSON value that follows the schema, and nothing before "
    "or after it."
)


def repair(prompt: Sequence[BaseMessage], answer: str, error: str) -> list[BaseMessage]:
    """Return the conversation, what the model said, and what is wrong with it; both are bounded."""
    said = AIMessage(_bounded(answer, LONGEST_ANSWER) or "(nothing)")
    return [*prompt, said, HumanMessage(_REPAIR.format(error=_bounded(error, LONGEST_ERROR)))]


def _bounded(text: str, longest: int) -> str:
    """Cut a text, and take away what cannot be sent: half of a character."""
    sendable = text.strip()[: longest + 1].encode(errors="replace").decode()
    return sendable if len(sendable) <= longest else sendable[: longest - len(_CUT)] + _CUT
