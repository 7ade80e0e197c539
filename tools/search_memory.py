"""The tool that searches memory again, with words of the model's own."""

import asyncio
from dataclasses import asdict
from typing import Any

from langchain_core.tools import BaseTool, tool
from langgraph.prebuilt import ToolRuntime

from memory.long_term.entries import Question
from memory.long_term.language import detect
from memory.long_term.recall import Recall
from tools.context import TurnContext, require_user

LIMIT = 5


def search_memory_tool(recall: Recall) -> BaseTool:
    """Make the tool over a recall; it reads the memory of the run's user only."""

    @tool(response_format="content_and_artifact")
    async def search_memory(
        query: str, runtime: ToolRuntime[TurnContext, Any]
    ) -> tuple[str, list[dict[str, Any]]]:
        """Search the person's documents and past conversations for other words than the question's.

        Args:
            query: What to look for, in a few words, in the language of the documents.
            runtime: The run, given by the graph.
        """
        user = require_user(runtime.context)
        lang = await asyncio.to_thread(detect, query)  # its model is read from a file, the first time
        passages = (await recall.search(user, Question(query[:2000], lang), LIMIT)).passages
        return f"{len(passages)} passages", [asdict(passage) for passage in passages]

    return search_memory
