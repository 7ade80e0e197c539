"""`serve` killed during turns and between the commits of the archive and of the checkpoint."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from memory.archive.archive import open_archive
from memory.archive.entities import Turn
from tests.acceptance.conversations import MODEL, Conversations, check_prompts, check_turns, echo, kill_when
from tests.acceptance.memory_checks import USER, check_whole, now
from tests.acceptance.souvenir import Server, Souvenir
from tests.ollama_double import Fault, OllamaDouble, Reply
from tests.services.redis import RedisServer, redis_server

__all__ = ["redis_server"]

READY_SECONDS = 10.0
"""How soon a server that was killed answers again once it is started."""
REBUILT = {
    "component": "short_term",
    "reason": "the running conversation was not at hand: it was rebuilt from the archive",
}


KILLS = int(os.environ.get("SOUVENIR_TEST_KILLS", "10"))
"""How often the server is killed over each store; `make kills` has it done a hundred times."""
SPEAKERS = 20


def rounds(many: int, few: int) -> pytest.MarkDecorator:
    """`many` rounds with conversations in the data folder, `few` with them on a Redis; 1,000 in a soak."""
    longer = pytest.mark.timeout(120 + 20 * many)
    soak = [pytest.mark.soak, pytest.mark.timeout(6 * 3600)]
    return pytest.mark.parametrize(
        ("memory", "rounds"),
        [
            pytest.param("sqlite", many, marks=longer),
            pytest.param("redis", few, marks=longer),
            pytest.param("sqlite", 1000, marks=soak),
            pytest.param("redis", 1000, marks=soak),
        ],
        indirect=["memory"],
    )


@pytest.fixture
def double() -> Iterator[OllamaDouble]:
    """An Ollama that answers at once."""
    with OllamaDouble(MODEL) as double:
        double.reply(MODEL, Reply(text=echo))
        yield double


@pytest.fixture
def memory(request: pytest.FixtureRequest, souvenir: Souvenir, double: OllamaDouble) -> Souvenir:
    """An empty memory on a machine with that Ollama, its conversations on a Redis where that is asked."""
    settings: dict[str, str] = {}
    if getattr(request, "param", "sqlite") == "redis":
        server: RedisServer = request.getfixturevalue("redis_server")
        settings["REDIS_URL"] = server.url
    return replace(souvenir, ollama_url=double.url, settings=settings)


def ready(memory: Souvenir) -> Server:
    """Start the server; it is ready soon, whatever was done to the one before."""
    began = time.monotonic()
    server = memory.serve()
    assert server.get("/health/ready")["status"] != "failed"
    took = time.monotonic() - began
    assert took < READY_SECONDS, f"ready after {took:.1f} s"
    return server


async def finish(memory: Souvenir, double: OllamaDouble, said: Conversations) -> None:
    """Start once more: each thread answers its next turn from its whole history, nothing is left to do."""
    with memory.serving() as server:
        for thread in filter(None, said.threads):
            answer = server.ask(f"What did I say on {thread}?", thread)
            assert answer["served_by"] == f"ollama:{MODEL}"
            noted = [note for note in answer["degraded"] if note["component"] != "knowledge"]
            assert noted in ([], [REBUILT]), "the graph may be late just after a start; nothing else is"
            shown = server.get(f"/v1/threads/{thread}")["turns"]
            assert shown[-1]["turn_id"] == answer["turn_id"]
            assert {turn["status"] for turn in shown} == {"done"}
    kept = await check_turns(memory, said)
    checked = check_prompts(double, kept)
    print(f"{len(said.acknowledged)} turns acknowledged of {said.asked}, {checked} prompts compared")
    await check_whole(memory.data)


@rounds(KILLS, KILLS)
async def test_killed_during_turns(memory: Souvenir, double: OllamaDouble, seed: int, rounds: int) -> None:
    """Twenty conversations at once, the server killed at a random moment of some turn, again and again."""
    rng = random.Random(seed)
    said = Conversations([None] * SPEAKERS)
    for _ in range(rounds):
        server = ready(memory)
        left = rng.randint(1, 50 * SPEAKERS)  # events: each conversation has three or four turns of these

        def chosen(event: dict[str, Any]) -> bool:
            nonlocal left
            left -= 1
            return left == 0

        said.until_death(server, kill_when(server, chosen, rng.uniform(0, 0.05)))
        await check_turns(memory, said)
    assert len(said.acknowledged) >= rounds
    await finish(memory, double, said)


@rounds(10, 5)
async def test_killed_around_the_acknowledgement(
    memory: Souvenir, double: OllamaDouble, seed: int, rounds: int
) -> None:
    """Killed from just before the archive's commit to just after the checkpoint's, microseconds apart.

    The last word of an answer is streamed right before both commits, the acknowledgement comes right after.
    """
    rng = random.Random(seed)
    said = Conversations()
    for round in range(rounds):
        server = ready(memory)
        at = "token" if round % 3 else "answer"
        spin = rng.uniform(0, 0.03 if at == "token" else 0.002)
        left = rng.randint(1, 8)

        def chosen(event: dict[str, Any], at: str = at) -> bool:
            nonlocal left
            left -= event["type"] == at and (at == "answer" or event["text"].endswith("."))
            return left == 0

        said.until_death(server, kill_when(server, chosen, spin))
        await check_turns(memory, said)
    await finish(memory, double, said)


def kept_by_hand(last: Turn, number: int) -> Turn:
    """A turn as `remember` commits it, right before a power cut."""
    later = last.finished_at + timedelta(seconds=number)
    return replace(
        last,
        id=f"by-hand-{number}",
        question=f"By hand, question {number}: the shed is painted blue.",
        answer=f"By hand, answer {number}.",
        references=[],
        sources=[],
        started_at=later,
        finished_at=later,
    )


async def test_the_archive_is_ahead_of_the_checkpoint(memory: Souvenir, double: OllamaDouble) -> None:
    """A turn that only the archive has, as after a kill between the commits: the next one knows it, once."""
    with memory.serving() as server:
        first = server.ask("My boat is called Pétrel.")
    thread = first["thread_id"]
    async with open_archive(memory.data, clock=now) as archive, archive.unit() as unit:
        last = (await unit.threads.turns(USER, thread))[-1]
        assert await unit.threads.add_turn(kept_by_hand(last, 1))
        await unit.ledger.enqueue(USER, "turn", "by-hand-1", "recall")
    with memory.serving() as server:
        server.ask("What colour is the shed?", thread)
        server.ask("And what is my boat called?", thread)
        shown = [turn["question"] for turn in server.get(f"/v1/threads/{thread}")["turns"]]
    assert shown == [
        "My boat is called Pétrel.",
        kept_by_hand(last, 1).question,
        "What colour is the shed?",
        "And what is my boat called?",
    ]
    kept = await check_turns(memory, Conversations())
    assert check_prompts(double, kept) == 3
    await check_whole(memory.data)


async def test_the_checkpoints_are_gone(memory: Souvenir, double: OllamaDouble) -> None:
    """Without `checkpoints.db`, and with yesterday's, the conversation is rebuilt from the archive."""
    with memory.serving() as server:
        thread = server.ask("My boat is called Pétrel.")["thread_id"]
    yesterday = (memory.data / "checkpoints.db").read_bytes()
    with memory.serving() as server:
        server.ask("It is moored at Douarnenez.", thread)
    (memory.data / "checkpoints.db").write_bytes(yesterday)
    with memory.serving() as server:
        server.ask("The shed is painted blue.", thread)
    for file in memory.data.glob("checkpoints.db*"):
        file.unlink()
    with memory.serving() as server:
        server.ask("What do you know about me?", thread)
    kept = await check_turns(memory, Conversations())
    assert [len(turns) for turns in kept.values()] == [4]
    assert check_prompts(double, kept) == 4


async def test_killed_while_the_model_thinks(memory: Souvenir, double: OllamaDouble) -> None:
    """A question whose turn was cut before its answer is in no later prompt, and in no memory."""
    with memory.serving() as server:
        thread = server.ask("My boat is called Pétrel.")["thread_id"]
    double.fault(MODEL, Fault("hang_before_first_token", calls=1))
    server = memory.serve()
    body = {"question": "Is anybody there?", "thread_id": thread}
    headers = {"Accept": "application/x-ndjson"}
    with server.http.stream("POST", "/v1/turns", json=body, headers=headers) as response:
        next(response.iter_lines())
        await double.wait_for("/api/chat", count=2)
        server.running.kill()
    server.http.close()
    double.release()
    with memory.serving() as server:
        server.ask("What is my boat called?", thread)
    kept = await check_turns(memory, Conversations())
    assert [turn.question for turn in kept[thread]] == [
        "My boat is called Pétrel.",
        "What is my boat called?",
    ]
    assert check_prompts(double, kept) == 2
    assert "anybody" not in str(double.requests("/api/chat")[-1].body)
    await check_whole(memory.data)
