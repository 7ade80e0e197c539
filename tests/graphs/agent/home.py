"""A Souvenir for tests: everything opened for real in a folder, in front of a scripted Ollama."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from graphs.agent.graph import AgentGraph, build_agent
from graphs.models.ollama_chat import OllamaChat
from graphs.models.router import TRIAL_SECONDS, Router
from graphs.models.routes import ModelSpec, load_routes
from graphs.models.servers import OllamaServer
from graphs.models.token_counts import TokenCounts
from memory.archive.entities import Chunk, Document, Turn
from memory.archive.ids import chunk_id, document_id
from memory.short_term.keys import thread_key
from server.composition import Services, open_services, utc_now
from server.settings import Settings
from server.turns import Execution, Place, TurnRunner
from tests.ollama_double import OllamaDouble, Received

BIG, SMALL, THIRD = "llama3.1:8b", "llama3.2:3b", "mistral:7b"
USER = "local"
QUICK = "{connect: 2, first_token: 20, between_tokens: 20, total: 40}"

Event = dict[str, Any]


def routes_file(
    folder: Path,
    *models: str,
    budget: str = QUICK,
    each: Mapping[str, str] | None = None,
    extraction: bool = False,
    **rest_of: object,
) -> Path:
    """Write a `models.yaml` with these chat models, with the same budget and settings, and some of `each`.

    They read documents for the knowledge graph too, if so asked.
    """
    rest = "".join(f", {name}: {value}" for name, value in rest_of.items())
    own = {name: f"{rest}{(each or {}).get(name, '')}" for name in models}
    lines = [f"  - {{model: 'ollama:{name}', budget: {budget}{more}}}\n" for name, more in own.items()]
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "models.yaml"
    off = "" if extraction else "extraction: none\n"
    file.write_text("chat:\n" + "".join(lines) + off, encoding="utf-8")
    return file


@dataclass(frozen=True)
class Home:
    """Opened services, the scripted Ollama behind them, and short ways to use both."""

    services: Services
    double: OllamaDouble

    async def events(self, question: str, thread: str | None = None, user: str = USER) -> list[Event]:
        """Run a turn as the doors do, and return its events."""
        return [event async for event in self.services.turns.stream(user, question, thread)]

    async def ask(self, question: str, thread: str | None = None, user: str = USER) -> Event:
        """Run a turn as the doors do, and return its answer."""
        last = (await self.events(question, thread, user))[-1]
        assert last["type"] == "answer"
        return last

    async def know(self, *texts: str, title: str = "Notes", lang: str = "en", user: str = USER) -> str:
        """Put a document into the archive and the index, a chunk for each text; return its id."""
        identity, now = document_id(user, f"file:///{title}"), self.services.clock()
        text = "\n\n".join(texts)
        document = Document(
            id=identity,
            user=user,
            uri=f"file:///{title}",
            title=title,
            media_type="text/plain",
            lang=lang,
            content_hash="hash",
            size=len(text),
            text=text,
            created_at=now,
            updated_at=now,
            chunk_count=len(texts),
        )
        chunks = [
            Chunk(chunk_id(identity, "hash", n), identity, user, n, one, f"page {n + 1}", lang)
            for n, one in enumerate(texts)
        ]
        async with self.services.archive.unit() as unit:
            await unit.documents.put(document, chunks)
            await unit.ledger.enqueue(user, "document", identity, "recall")
            await unit.ledger.enqueue(user, "document", identity, "knowledge")
        await self.settle()
        return identity

    async def settle(self) -> None:
        """Wait until the index holds all that the archive does."""
        assert await self.services.projector.drain()

    async def understand(self) -> None:
        """Wait until the knowledge graph holds what rules, and a model where there is one, read."""
        assert await self.services.projector.read_by_rules()
        assert await self.services.projector.read_by_model()

    async def turns(self, thread: str, user: str = USER) -> list[Turn]:
        """The turns of a thread that the archive acknowledged."""
        async with self.services.archive.read() as unit:
            return await unit.threads.turns(user, thread)

    async def state(self, thread: str, user: str = USER) -> dict[str, Any]:
        """What short-term memory holds of a thread."""
        config = {"configurable": {"thread_id": thread_key(user, thread)}}
        snapshot = await self.services.turns.agent.aget_state(config)  # type: ignore[arg-type]  # a plain dict will do
        return dict(snapshot.values)

    def prompts(self, model: str | None = None) -> list[Received]:
        """The chat requests that Ollama received, of one model only when asked."""
        return self.double.requests("/api/chat", model=model)

    def agent_with(self, **changes: Any) -> tuple[AgentGraph, TurnRunner]:
        """The agent with other resources on the same memory, and what runs its turns."""
        agent = build_agent(replace(self.services.nodes, **changes), self.services.sessions.saver)
        place = Place(agent, self.services.sessions)
        return agent, replace(self.services.turns, execution=Execution([place]), _runs={})


@asynccontextmanager
async def router_of(
    file: Path, double: OllamaDouble, trial_seconds: float = TRIAL_SECONDS
) -> AsyncIterator[Router]:
    """A router for a file of routes, with nothing known of its models, nobody looking after them."""
    counts, url = TokenCounts(), double.url

    def address(spec: ModelSpec) -> str:
        return spec.base_url or url

    router = Router(
        load_routes(file),
        lambda spec: OllamaChat(spec, url, counts),
        {url: OllamaServer(url)},
        address,
        counts,
        trial_seconds=trial_seconds,
    )
    try:
        yield router
    finally:
        await router.aclose()


def conversation(request: Received) -> list[tuple[str, str]]:
    """Role and text of each message of a prompt after the system prompt."""
    system, *rest = request.messages
    assert system["role"] == "system"
    return [(message["role"], message.get("content") or "") for message in rest]


def system_prompt(request: Received) -> str:
    """The system prompt of a request, which comes first and only once."""
    assert [message["role"] for message in request.messages].count("system") == 1
    return str(request.messages[0]["content"])


def tokens(events: Sequence[Event]) -> str:
    """What a person saw being written."""
    return "".join(event["text"] for event in events if event["type"] == "token")


@asynccontextmanager
async def home(
    folder: Path,
    double: OllamaDouble,
    models_file: Path | None = None,
    clock: Callable[[], datetime] = utc_now,
    graph_seconds: float = 10.0,
    redis_url: str | None = None,
    **settings: Any,
) -> AsyncIterator[Home]:
    """Open a Souvenir in `folder`; the tests' guard on the network does for `OFFLINE`.

    The knowledge graph is waited for longer than usual: how busy the machine is decides no test.
    """
    chosen = Settings(
        data_dir=folder,
        ollama_url=double.url,
        models_file=models_file,
        offline=False,
        redis_url=redis_url,
        **settings,
    )
    async with open_services(chosen, clock=clock, graph_seconds=graph_seconds) as services:
        yield Home(services, double)
