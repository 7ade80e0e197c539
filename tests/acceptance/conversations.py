"""Several conversations with a server that dies: what was said, what was acknowledged, what models saw."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx

from graphs.agent.history import KEPT_TURNS
from memory.archive.archive import open_archive
from memory.archive.entities import Turn
from tests.acceptance.memory_checks import now, turns_of
from tests.acceptance.souvenir import Server, Souvenir
from tests.ollama_double import OllamaDouble
from tests.ollama_double.script import Json, question

MODEL = "llama3.1:8b"
SPEAKERS = 4


def echo(request: Json) -> str:
    """What the scripted model answers: something that tells which question it was asked."""
    return f"Noted, then: {question(request)}"


class Pulse(Protocol):
    """Told of each event of each turn, with its speaker."""

    def __call__(self, speaker: int, event: dict[str, Any]) -> None:
        """Look at an event of a turn that runs."""


@dataclass
class Conversations:
    """Speakers, each on a thread of their own that goes on from one server to the next."""

    threads: list[str | None] = field(default_factory=lambda: [None] * SPEAKERS)
    acknowledged: list[dict[str, Any]] = field(default_factory=list)
    asked: int = 0
    refusals: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def until_death(self, server: Server, pulse: Pulse) -> None:
        """Have all speakers ask, one question after the other, until `pulse` has killed the server."""
        speakers = range(len(self.threads))
        with ThreadPoolExecutor(len(speakers)) as pool:
            talks = [pool.submit(self._talk, server.owner.url, speaker, pulse) for speaker in speakers]
            for talk in talks:
                talk.result(timeout=60)
        server.kill()

    def _talk(self, url: str, speaker: int, pulse: Pulse) -> None:
        with httpx.Client(base_url=url, trust_env=False, timeout=30) as http:
            while True:
                with self._lock:
                    self.asked += 1
                    text = (
                        f"Please note fact {self.asked}: locker {speaker} opens with code {7 * self.asked}."
                    )
                try:
                    self._turn(http, speaker, text, pulse)
                except httpx.TransportError:
                    return  # the server was killed

    def _turn(self, http: httpx.Client, speaker: int, text: str, pulse: Pulse) -> None:
        body = {"question": text} | ({"thread_id": thread} if (thread := self.threads[speaker]) else {})
        headers = {"Accept": "application/x-ndjson"}
        with http.stream("POST", "/v1/turns", json=body, headers=headers) as response:
            if response.is_error:
                self.refusals.append(response.read().decode())
                return
            for line in response.iter_lines():
                event = json.loads(line)
                if event["type"] == "error":
                    self.refusals.append(line)
                if event["type"] == "answer":
                    self.threads[speaker] = event["thread_id"]
                    self.acknowledged.append({**event, "question": text})
                pulse(speaker, event)


def kill_when(server: Server, chosen: Callable[[dict[str, Any]], bool], spin_seconds: float) -> Pulse:
    """Kill the server a moment after the first event that is the chosen one."""

    def pulse(speaker: int, event: dict[str, Any]) -> None:
        if chosen(event):
            moment = time.perf_counter() + spin_seconds
            while time.perf_counter() < moment:
                pass
            server.running.kill_now()

    return pulse


async def check_turns(souvenir: Souvenir, said: Conversations) -> dict[str, list[Turn]]:
    """Every acknowledged turn is there once, in its order, as it was acknowledged."""
    assert not said.refusals, said.refusals[0]
    async with open_archive(souvenir.data, clock=now) as archive:
        kept = await turns_of(archive)
    ids = [turn.id for turns in kept.values() for turn in turns]
    questions = [turn.question for turns in kept.values() for turn in turns]
    assert len(ids) == len(set(ids)), "a turn twice"
    assert len(questions) == len(set(questions)), "a question twice"
    by_id = {turn.id: turn for turns in kept.values() for turn in turns}
    for event in said.acknowledged:
        turn = by_id.get(event["turn_id"])
        assert turn is not None, f"acknowledged, and lost: {event['question']}"
        assert (turn.thread_id, turn.question, turn.answer) == (
            event["thread_id"],
            event["question"],
            event["answer"],
        )
    for thread, turns in kept.items():
        mine = [event["turn_id"] for event in said.acknowledged if event["thread_id"] == thread]
        assert [turn.id for turn in turns if turn.id in set(mine)] == mine, "out of order"
    return kept


def check_prompts(double: OllamaDouble, kept: dict[str, list[Turn]]) -> int:
    """What models were shown: the conversation as it is kept, each turn once, then the question."""
    places = {turn.question: (turns, at) for turns in kept.values() for at, turn in enumerate(turns)}
    checked = 0
    for request in double.requests("/api/chat"):
        messages = [message for message in request.body["messages"] if message["role"] != "system"]
        asked = messages[-1]["content"]
        roles = [message["role"] for message in messages]
        assert roles == [*["user", "assistant"] * (len(messages) // 2), "user"]
        if asked not in places:
            continue  # a turn that was cut, and never acknowledged
        turns, at = places[asked]
        before = turns[max(0, at - KEPT_TURNS) : at]
        expected = [text for turn in before for text in (turn.question, turn.answer)]
        assert [message["content"] for message in messages] == [*expected, asked]
        checked += 1
    return checked
