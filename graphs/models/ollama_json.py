"""A model on Ollama that is held to a JSON schema, with the limits and the words for failures of the chat."""

import copy
from collections.abc import Sequence
from typing import Any, Self

from langchain_core.messages import BaseMessage
from langgraph.constants import TAG_NOSTREAM

from graphs.models.chat import ModelFailed, Usage
from graphs.models.ollama_chat import OllamaChat
from graphs.models.routes import ModelSpec
from graphs.models.token_counts import TokenCounts


class OllamaJson(OllamaChat):
    """A `StructuredModel` on Ollama: its `format` lets the model say nothing that the schema forbids.

    The schema is sent as pydantic makes it, `$defs` and `$ref` included. Close it with `aclose`.
    """

    def __init__(self, spec: ModelSpec, base_url: str, counts: TokenCounts | None = None) -> None:
        super().__init__(spec, base_url, counts)
        self._client = self._client.model_copy(
            update={"tags": [TAG_NOSTREAM], "tags_at_start": True}  # It is JSON, for nobody's eyes.
        )

    async def complete(
        self,
        messages: Sequence[BaseMessage],
        json_schema: dict[str, Any],
        *,
        loaded: bool = False,
        usage: Usage | None = None,
    ) -> str:
        """Return the whole answer; raises `ModelFailed`, also for one that was cut: its JSON is not whole."""
        said, reason, usage = "", "", Usage() if usage is None else usage
        async for chunk in self._held_to(json_schema).stream(messages, (), loaded=loaded, usage=usage):
            said += chunk.text
            reason = chunk.response_metadata.get("done_reason") or reason
        if reason == "length":
            raise ModelFailed(f"the answer was cut at {usage.answer_tokens or self.spec.max_tokens} tokens")
        return said

    def _held_to(self, json_schema: dict[str, Any]) -> Self:
        """Return the same model, on the same connections, for one schema: calls may run side by side."""
        twin = copy.copy(self)
        twin._client = self._client.model_copy(update={"format": json_schema})
        return twin
