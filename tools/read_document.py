"""The tool that reads more of a document than the passages show."""

from typing import Any

from langchain_core.tools import BaseTool, tool
from langgraph.prebuilt import ToolRuntime

from memory.archive.archive import Archive
from tools.context import TurnContext, require_user
from tools.fencing import inert, inert_line

PAGE_CHARS = 4000
NO_DOCUMENT = "There is no document with this id."


def read_document_tool(archive: Archive) -> BaseTool:
    """Make the tool over an archive; it reads the documents of the run's user only."""

    @tool
    async def read_document(document_id: str, runtime: ToolRuntime[TurnContext, Any], start: int = 0) -> str:
        """Read 4,000 characters of one of the person's documents.

        Args:
            document_id: The document's id, as given with a passage.
            runtime: The run, given by the graph.
            start: The first character to read, 0 for the beginning.
        """
        user = require_user(runtime.context)
        async with archive.read() as unit:
            document = await unit.documents.get(user, document_id)
        if document is None:
            return NO_DOCUMENT
        start = max(0, start)
        page = document.text[start : start + PAGE_CHARS]
        more = (
            f"\n(continues at start={start + PAGE_CHARS})" if len(document.text) > start + PAGE_CHARS else ""
        )
        return f"{inert_line(document.title)}\n<document>\n{inert(page)}\n</document>{more}"

    return read_document
