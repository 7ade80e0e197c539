"""What models are asked when they are tried out."""

import secrets
from itertools import cycle, islice
from typing import Final

from langchain_core.messages import BaseMessage, HumanMessage
from langchain_core.tools import tool
from pydantic import BaseModel

SHORT: Final[list[BaseMessage]] = [HumanMessage("Say yes, and nothing else.")]
COUNT: Final[list[BaseMessage]] = [
    HumanMessage("Count from one to thirty in words, one after the other, and say nothing else.")
]
HOURS: Final[list[BaseMessage]] = [
    HumanMessage("When does the library open today? You do not know it: call the tool `opening_hours`.")
]
CAPITAL: Final[list[BaseMessage]] = [
    HumanMessage("Ottawa is the capital of Canada. Give the city and its country as JSON.")
]
_WORDS: Final = ("river", "stone", "garden", "window", "bread", "winter", "horse", "music", "paper", "bridge")


@tool
def opening_hours(place: str) -> str:
    """Look up when a place opens today, such as a library or a shop."""
    return f"{place}: nine o'clock"


class Capital(BaseModel):
    """A city and the country whose capital it is."""

    city: str
    country: str


def long_prompt(words: int) -> list[BaseMessage]:
    """Return a prompt of at least so many words, each of them at least one token to any model.

    It begins like no other: what a server remembers of an earlier prompt it may not count.
    """
    text = " ".join(islice(cycle(_WORDS), words))
    return [HumanMessage(f"List {secrets.token_hex(4)}: {text}\n\nSay yes, and nothing else.")]
