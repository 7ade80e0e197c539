"""What models answer in the background, kept on the Redis of the settings where that can keep it."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.health import examine
from tests.graphs.agent.home import BIG, USER, home, routes_file
from tests.ollama_double import OllamaDouble, Reply
from tests.server.turns.redis_home import everything
from tests.services.redis import RedisServer, redis_stack

__all__ = ["redis_stack"]
SAID = '{"people": [{"name": "Odile Garnier"}]}'


@pytest.fixture
def routes(tmp_path: Path, double: OllamaDouble) -> Path:
    """A file in which one model talks and reads."""
    double.reply(BIG, Reply(text=SAID, in_background=True), Reply("Yes."))
    return routes_file(tmp_path / "routes", BIG, extraction=True)


async def test_they_are_kept_and_go_with_what_is_forgotten(
    tmp_path: Path, double: OllamaDouble, redis_stack: RedisServer, routes: Path
) -> None:
    """A document that a model read leaves its answer on Redis; forgetting the document takes it away."""
    async with home(tmp_path / "memory", double, routes, redis_url=redis_stack.url) as souvenir:
        document = await souvenir.know("Odile Garnier makes the badges.")
        await souvenir.understand()
        assert everything(redis_stack)
        [doctor] = [
            part for part in await examine(souvenir.services, "en") if part["component"] == "answer_cache"
        ]
        assert (doctor["state"], doctor["detail"]) == ("ok", "answered 0 of 1 question(s) since the start")
        assert await souvenir.services.forgetter.document(USER, document)
        assert not everything(redis_stack)


async def test_they_may_be_switched_off(
    tmp_path: Path, double: OllamaDouble, redis_stack: RedisServer, routes: Path
) -> None:
    """Then Redis has conversations only."""
    async with home(
        tmp_path / "memory", double, routes, redis_url=redis_stack.url, answer_cache="off"
    ) as souvenir:
        assert souvenir.services.answers is None
        await souvenir.know("Odile Garnier makes the badges.")
        await souvenir.understand()
        assert not everything(redis_stack)
