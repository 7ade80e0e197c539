"""Turns in Studio, as its page asks for them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from langgraph_sdk.client import LangGraphClient


async def run(client: LangGraphClient, thread_id: str, question: str) -> AsyncIterator[tuple[str, Any]]:
    """One turn, streamed as events and their data."""
    message: Any = {"role": "user", "content": question}
    async for part in client.runs.stream(
        thread_id,
        "agent",
        input={"messages": [message]},
        stream_mode=["messages-tuple", "custom", "values"],
    ):
        assert part.event != "error", part.data
        yield part.event, part.data


async def new_thread(client: LangGraphClient) -> str:
    """A new thread's id."""
    return str((await client.threads.create())["thread_id"])


async def answer(client: LangGraphClient, thread_id: str, question: str) -> dict[str, Any]:
    """What a turn ends with."""
    values: dict[str, Any] = {}
    async for event, data in run(client, thread_id, question):
        values = data if event == "values" else values
    return values
