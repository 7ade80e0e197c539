"""What a cache of answers promises, and what tells one question from another."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Question:
    """Everything that an answer depends on."""

    user: str
    task: str
    model: str
    """`provider:name`."""
    parameters: Any
    """What the model is asked with and the answer may depend on, as JSON would say it."""
    schema: Any
    """The JSON schema of the answer."""
    prompt: Any
    """The messages, as JSON would say them."""
    text: str = ""
    """What the messages are about, for who compares meanings; without the instructions."""

    @property
    def kind(self) -> str:
        """What questions must share for the answer to one to be of use for another."""
        return digest(self.task, self.model, self.parameters, self.schema)

    @property
    def key(self) -> str:
        """What only the same question has; nothing can be read in it."""
        return digest(self.kind, self.prompt)


class AnswerCache(Protocol):
    """Keeps answers for each user by himself; what one asked is never found by another.

    Every method raises `AnswerCacheError` where it cannot do what it promises, and none takes long.
    """

    async def get(self, question: Question) -> str | None:
        """Return the answer that was kept, None when there is none; the caller judges what it is worth."""
        ...

    async def put(self, question: Question, answer: str) -> None:
        """Keep an answer that was found valid."""
        ...

    async def forget(self, user: str) -> None:
        """Drop all that is kept for a user: nothing of it is there when this returns."""
        ...

    async def ping(self) -> str:
        """Return what keeps the answers, having asked it; `ModuleMissing` says what it lacks."""
        ...


def digest(*parts: Any) -> str:  # noqa: ANN401  # whatever JSON can say
    """Return a digest that two different lists of parts do not share."""
    said = json.dumps(parts, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(said.encode("ascii")).hexdigest()
