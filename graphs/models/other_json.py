"""A model of any provider that is asked for JSON in words: the schema stands in the prompt."""

import json
from collections.abc import Sequence
from typing import Any

from langchain_core.messages import BaseMessage, SystemMessage

from graphs.models.chat import ChatModel, Usage

_ASKED = (
    "Answer with one JSON value that follows this JSON schema, and with nothing before or after it:\n{schema}"
)


class OtherJson:
    """A `StructuredModel` over a chat model; what it says is validated by who asks, and repaired once."""

    def __init__(self, model: ChatModel) -> None:
        self._model = model
        self.component = model.component

    async def complete(
        self,
        messages: Sequence[BaseMessage],
        json_schema: dict[str, Any],
        *,
        loaded: bool = False,
        usage: Usage | None = None,
    ) -> str:
        """Return the whole answer; raises `ModelFailed`."""
        schema = SystemMessage(_ASKED.format(schema=json.dumps(json_schema, ensure_ascii=False)))
        chunks = self._model.stream([schema, *messages], (), loaded=loaded, usage=usage)
        return "".join([str(chunk.text) async for chunk in chunks])

    async def aclose(self) -> None:
        """Leave the connections alone: they are the chat model's."""
