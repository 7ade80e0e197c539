"""A Neo4j that is down or hangs costs a turn a moment, and the turn says so."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from server.composition import open_services
from server.settings import Settings
from tests.graphs.agent.home import BIG, Home, routes_file
from tests.ollama_double import OllamaDouble, Reply, ToolCall, ollama_double


@pytest.fixture
async def double() -> AsyncIterator[OllamaDouble]:
    """A model that answers."""
    async with ollama_double(BIG) as one:
        yield one


@pytest.fixture(params=["down", "hung"])
def address(request: pytest.FixtureRequest) -> Iterator[str]:
    """A port where nobody listens, or where connections are taken and nothing is ever said."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        if request.param == "hung":
            held.listen()
        yield f"bolt://127.0.0.1:{held.getsockname()[1]}"


@pytest.fixture
async def at(double: OllamaDouble, address: str, tmp_path: Path) -> AsyncIterator[Home]:
    """A Souvenir that was told to use it."""
    settings = Settings(
        data_dir=tmp_path / "memory",
        ollama_url=double.url,
        models_file=routes_file(tmp_path, BIG),
        neo4j_uri=address,
        neo4j_password="of no use",
        offline=False,
    )
    async with open_services(settings) as services:
        await services.graph.opened()
        yield Home(services, double)


async def test_a_turn_goes_on_without_it(at: Home, double: OllamaDouble) -> None:
    """It is answered, names what was missing once, and waited for it less than a second, tools included."""
    double.reply(
        BIG,
        Reply(tool_calls=[ToolCall("find_entity", {"name": "Claire Dubois"})]),
        Reply("I cannot say.", after_tools=True),
    )
    answer = await at.ask("Who is Claire Dubois?")
    assert answer["answer"] == "I cannot say."
    [missing] = answer["degraded"]
    assert missing["component"] == "knowledge"
    assert missing["reason"]
    assert answer["timings_ms"]["recall"] < 1000, "of which the graph has 300 at most"
    assert "does not answer" in double.requests("/api/chat")[-1].messages[-1]["content"]
