"""Souvenir in a few lines, for notebooks and scripts: a client of the API, as the command line is.

    async with open_souvenir() as souvenir:
        await souvenir.ingest("samples/documents")
        answer = await souvenir.ask("Who looks after the workshop?")

It goes through the owner of the data folder (`souvenir serve`, when it runs), or owns the folder for as
long as the block runs. What is returned is the JSON of the API; what goes wrong is a `CliError`, whose text
is one line for people.
"""

import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from graphs.agent.graph import build_agent
from graphs.agent.nodes import AgentNodes
from graphs.agent.speaking import Speaker
from graphs.models.router import Make, Router
from graphs.models.routes import Routes
from graphs.models.token_counts import TokenCounts
from memory.archive.archive import Archive
from memory.long_term.recall import Recall
from server.cli.client import Client, Json, open_client
from server.cli.context import connect, load_settings
from server.cli.messages import Say
from server.composition import utc_now
from server.settings import Settings


@dataclass(frozen=True)
class Souvenir:
    """A memory to talk to. Every method raises `ApiError` with one line for people."""

    folder: Path
    """Where the memory is."""
    url: str
    """The process that holds it: `souvenir serve`, or this one for the time being."""
    client: Client

    async def ingest(self, *paths: str | Path) -> Json:
        """Take in files and folders; safe to repeat."""
        return await self.client.post("/v1/ingest", {"paths": _absolute(paths)})

    async def ask(self, question: str, thread_id: str | None = None) -> Json:
        """Run one turn, in a conversation that exists or in a new one."""
        body = {"question": question, "thread_id": thread_id} if thread_id else {"question": question}
        return await self.client.post("/v1/turns", body)

    async def recall(self, query: str, limit: int = 8) -> Json:
        """Look at what long-term memory holds on something, without asking a model."""
        return await self.client.get("/v1/recall", query=query, limit=limit)

    async def thread(self, thread_id: str) -> Json:
        """Return a conversation's turns, in order."""
        return await self.client.get(f"/v1/threads/{thread_id}")

    async def forget_document(self, document_id: str) -> None:
        """Forget a document, everywhere."""
        await self.client.delete(f"/v1/documents/{document_id}")

    async def forget_thread(self, thread_id: str) -> None:
        """Forget a conversation, everywhere."""
        await self.client.delete(f"/v1/threads/{thread_id}")


def _absolute(paths: Sequence[str | Path]) -> list[str]:
    return [str(Path(path).expanduser().absolute()) for path in paths]


@asynccontextmanager
async def open_souvenir(*, trial: bool = False) -> AsyncIterator[Souvenir]:
    """Open the memory that the settings name.

    A `trial` leaves the person's own memory alone: it has a temporary folder, removed at the end, unless
    `SOUVENIR_DATA_DIR` names one. Raises `CliError` when the memory cannot be used.
    """
    async with AsyncExitStack() as stack:
        settings = load_settings()
        if trial and "data_dir" not in settings.model_fields_set:
            folder = stack.enter_context(
                tempfile.TemporaryDirectory(prefix="souvenir-trial-", ignore_cleanup_errors=True)
            )
            settings = load_settings(data_dir=Path(folder))
        yield await _opened(settings, stack)


async def _opened(settings: Settings, stack: AsyncExitStack) -> Souvenir:
    address = await stack.enter_async_context(connect(settings))
    client = await stack.enter_async_context(open_client(address, Say(settings.lang)))
    return Souvenir(settings.data_dir, address.base_url, client)


def picture() -> str:
    """Return the agent's graph as Mermaid text (https://mermaid.js.org). Nothing is opened or connected."""
    nothing = AgentNodes(
        # Only the shape is wanted, and it depends on nothing: there is nobody behind the nodes.
        archive=cast(Archive, None),
        recall_service=cast(Recall, None),
        speaker=Speaker(Router(Routes(), cast(Make, None), {}, str, TokenCounts()), utc_now),
        tools=(),
        clock=utc_now,
        turn_committed=lambda: None,
    )
    return build_agent(nothing, None).get_graph().draw_mermaid()
