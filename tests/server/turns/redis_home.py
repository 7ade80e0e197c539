"""A Souvenir on a Redis: where its conversations are, and what its answers admit."""

from __future__ import annotations

from typing import Any

from graphs.agent.history import KEPT_TURNS
from memory.short_term.keys import thread_key
from memory.short_term.protocol import SessionStore
from memory.short_term.redis.fields import session_key
from tests.graphs.agent.home import USER, Event, Home, conversation
from tests.services.redis import RedisServer
from tests.waiting import until

SHORT_TERM = "short_term"
REBUILT = {
    "component": SHORT_TERM,
    "reason": "the running conversation was not at hand: it was rebuilt from the archive",
}
BACK_SECONDS = 30.0
"""How soon a Redis that is there again must be used."""


def stores_of(home: Home) -> tuple[SessionStore, SessionStore]:
    """The store on Redis, and the spare in the data folder."""
    redis, embedded = (place.store for place in home.services.turns.execution.places)
    assert (redis.backend, embedded.backend) == ("redis", "sqlite")
    return redis, embedded


async def holders(home: Home, thread: str) -> list[str]:
    """The backends that hold a checkpoint of a conversation."""
    key = thread_key(USER, thread)
    return [one.backend for one in stores_of(home) if await one.seconds_left(key) is not None]


def key_of(thread: str) -> bytes:
    """The key of a conversation in Redis."""
    return session_key(thread_key(USER, thread))


async def used_again(home: Home, within: float = BACK_SECONDS) -> None:
    """Wait until turns go to Redis."""
    place = home.services.turns.execution.places[0]

    async def there() -> bool:
        return not place.why_not

    await until(there, within)


def notes(answer: Event) -> list[dict[str, str]]:
    """What an answer says was degraded, which is short-term memory or nothing."""
    found: list[dict[str, str]] = answer["degraded"]
    assert {one["component"] for one in found} <= {SHORT_TERM}
    return found


async def check_prompt(home: Home, thread: str, *, tail: int = 1) -> None:
    """The last prompt of each of the last turns held the conversation before it, whole and in order."""
    turns = await home.turns(thread)
    prompts = {conversation(request)[-1][1]: conversation(request) for request in home.prompts()}
    for at in range(len(turns) - tail, len(turns)):
        before = turns[max(0, at - KEPT_TURNS) : at]
        said = [pair for turn in before for pair in (("user", turn.question), ("assistant", turn.answer))]
        assert prompts[turns[at].question] == [*said, ("user", turns[at].question)]


def everything(server: RedisServer) -> dict[bytes, Any]:
    """Every key of a Redis but the word that is written to try it, with the fields of hashes."""
    with server.client(decode_responses=False) as client:
        names: Any = client.keys("*")
        found = {name: client.hgetall(name) if client.type(name) == b"hash" else None for name in names}
    return {name: value for name, value in found.items() if name != b"session:ping"}
