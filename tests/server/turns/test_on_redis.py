"""Turns whose running conversation is on a Redis: what stays there, what is lost there, and what is not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from memory.short_term.redis.fields import checkpoint_field
from server.serving import serving
from server.settings import Settings
from tests.graphs.agent.home import BIG, SMALL, USER, Home, home
from tests.ollama_double import OllamaDouble
from tests.server.turns.redis_home import (
    REBUILT,
    SHORT_TERM,
    check_prompt,
    everything,
    holders,
    key_of,
    notes,
    used_again,
)
from tests.server.v1_client import Api
from tests.services.redis import OwnRedis, RedisServer
from tests.services.redis_process import Options
from tests.waiting import until

PASSWORD = "hunter2-only-for-tests"


@pytest.fixture
async def souvenir(tmp_path: Path, double: OllamaDouble, redis_server: RedisServer) -> AsyncIterator[Home]:
    """An empty Souvenir on an empty Redis."""
    async with home(tmp_path / "memory", double, redis_url=redis_server.url) as opened:
        yield opened


async def talked(souvenir: Home, turns: int = 2) -> str:
    """Begin a conversation; return its thread."""
    thread: str | None = None
    for number in range(turns):
        answer = await souvenir.ask(f"This is fact number {number} of mine.", thread)
        assert notes(answer) == []
        thread = answer["thread_id"]
    assert thread is not None
    return thread


async def test_a_conversation_goes_on(souvenir: Home) -> None:
    """Its checkpoint is in Redis and nowhere else; each turn knows those before it."""
    thread = await talked(souvenir, turns=4)
    assert await holders(souvenir, thread) == ["redis"]
    assert (await souvenir.state(thread))["question"] == "This is fact number 3 of mine."
    assert len(await souvenir.turns(thread)) == 4
    await check_prompt(souvenir, thread, tail=4)


async def test_a_conversation_outlives_its_process(
    tmp_path: Path, double: OllamaDouble, redis_server: RedisServer
) -> None:
    """The next process finds the running conversation in Redis, and has nothing to say about it."""
    async with home(tmp_path / "memory", double, redis_url=redis_server.url) as souvenir:
        thread = await talked(souvenir)
    async with home(tmp_path / "memory", double, redis_url=redis_server.url) as souvenir:
        assert notes(await souvenir.ask("And this is the next one.", thread)) == []
        await check_prompt(souvenir, thread, tail=3)


async def test_only_the_last_turns_stay_in_redis(souvenir: Home) -> None:
    """A session does not grow with the length of its conversation."""
    thread = await talked(souvenir, turns=4)

    async def fields() -> int:
        return len(everything(souvenir_server(souvenir))[key_of(thread)])

    before = await fields()
    for number in range(4):
        await souvenir.ask(f"And number {number}.", thread)

    async def as_before() -> bool:
        return await fields() <= before

    await until(as_before)


def souvenir_server(souvenir: Home) -> RedisServer:
    """The Redis of a Souvenir."""
    return RedisServer(souvenir.services.settings.redis_url or "")


def dropped(server: RedisServer, thread: str) -> None:
    """As when its time has passed."""
    with server.client() as client:
        assert client.delete(key_of(thread).decode()) == 1


def flushed(server: RedisServer, _thread: str) -> None:
    """As somebody does who thinks that a Redis is a cache."""
    with server.client() as client:
        client.flushall()


def filled(server: RedisServer, thread: str) -> None:
    """Until the server has made room by dropping the conversation."""
    with server.client() as client:
        for number in range(5000):
            client.set(f"other:{number}", "x" * 20_000)
            if not client.exists(key_of(thread).decode()):
                return
    raise AssertionError("the conversation was not evicted")


@pytest.mark.parametrize("lost", [dropped, flushed, filled])
async def test_what_redis_lost_is_rebuilt(
    tmp_path: Path, double: OllamaDouble, own_redis: OwnRedis, lost: Callable[[RedisServer, str], None]
) -> None:
    """Expired, flushed or evicted: the next turn says so, knows the whole conversation, and it is back."""
    options = Options(maxmemory="4mb", policy="allkeys-lru") if lost is filled else None
    server = own_redis("plain", options)
    async with home(tmp_path / "memory", double, redis_url=server.url) as souvenir:
        thread = await talked(souvenir, turns=3)
        lost(server, thread)
        assert await holders(souvenir, thread) == []
        assert notes(await souvenir.ask("What do you know of me?", thread)) == [REBUILT]
        await check_prompt(souvenir, thread)
        assert await holders(souvenir, thread) == ["redis"]
        assert notes(await souvenir.ask("And what else?", thread)) == []
        await check_prompt(souvenir, thread)
        assert len(await souvenir.turns(thread)) == 5


async def test_redis_is_not_there_at_the_start(
    tmp_path: Path, double: OllamaDouble, own_redis: OwnRedis
) -> None:
    """Turns are kept in the data folder and say why; Redis is used as soon as it is there."""
    server = own_redis()
    server.kill()
    async with home(tmp_path / "memory", double, redis_url=server.url) as souvenir:
        first = await souvenir.ask("My boat is called Pétrel.")
        thread = first["thread_id"]
        second = await souvenir.ask("It is moored at Douarnenez.", thread)
        for answer in (first, second):
            [note] = notes(answer)
            assert (
                note["reason"]
                == f"Redis at redis://127.0.0.1:{server.port}/0 cannot be used: connection refused"
            )
        async with asyncio.timeout(5):
            assert await souvenir.services.turns.execution.places[1].store.seconds_left(f"{USER}/{thread}")
        server.restart()
        await used_again(souvenir)
        assert notes(await souvenir.ask("The shed is painted blue.", thread)) == [REBUILT]
        assert "redis" in await holders(souvenir, thread)
        assert notes(await souvenir.ask("What do you know of me?", thread)) == []
        await check_prompt(souvenir, thread, tail=4)
        assert [turn.degraded for turn in await souvenir.turns(thread)] == [
            first["degraded"],
            second["degraded"],
            [REBUILT],
            [],
        ]


async def test_a_checkpoint_of_another_version(souvenir: Home, redis_server: RedisServer) -> None:
    """It is not guessed at: the turn is answered from the archive, says so, and the next finds its own."""
    thread = await talked(souvenir, turns=3)
    with redis_server.client(decode_responses=False) as client:
        for field, record in client.hgetall(key_of(thread)).items():
            client.hset(key_of(thread), field, b"9" + record[1:])
    assert notes(await souvenir.ask("What do you know of me?", thread)) == [REBUILT]
    await check_prompt(souvenir, thread)
    assert await holders(souvenir, thread) == ["redis"]
    assert notes(await souvenir.ask("And what else?", thread)) == []
    records = everything(redis_server)[key_of(thread)].values()
    assert {record[:1] for record in records} == {b"1"}


async def test_a_damaged_checkpoint(souvenir: Home, redis_server: RedisServer) -> None:
    """As above, where only the newest checkpoint of a conversation is garbage."""
    thread = await talked(souvenir)
    ours = checkpoint_field("", "")[:2]
    with redis_server.client(decode_responses=False) as client:
        fields = sorted(name for name in client.hkeys(key_of(thread)) if name.startswith(ours))
        client.hset(key_of(thread), fields[-1], b"1z\x00\xff")
    assert notes(await souvenir.ask("What do you know of me?", thread)) == [REBUILT]
    await check_prompt(souvenir, thread)


@pytest.mark.parametrize("away", ["killed", "stands still"])
async def test_forgetting_while_redis_is_away(
    tmp_path: Path, double: OllamaDouble, own_redis: OwnRedis, away: str
) -> None:
    """It is not refused and does not take long; what Redis has of it goes as soon as Redis is there again."""
    server = own_redis("plain", Options(persistent=True))
    async with home(tmp_path / "memory", double, redis_url=server.url) as souvenir:
        thread = await talked(souvenir)
        if away == "killed":
            server.kill()
            assert await forgotten(souvenir, thread)
            server.restart()
        else:
            with server.stop_cont():
                assert await forgotten(souvenir, thread)
        assert key_of(thread) in everything(server), "this test shows nothing"
        await used_again(souvenir)

        async def gone() -> bool:
            return await souvenir.services.projector.drain() and not everything(server)

        await until(gone)
        assert await holders(souvenir, thread) == []


async def forgotten(souvenir: Home, thread: str) -> bool:
    """Forget a conversation, in not more than the time that a person waits for; nobody finds it any more."""
    async with asyncio.timeout(15):
        done = await souvenir.services.forgetter.thread(USER, thread)
    assert await souvenir.turns(thread) == []
    return done


@asynccontextmanager
async def api_on(folder: Path, double: OllamaDouble, redis_url: str) -> AsyncIterator[Api]:
    """A Souvenir on its socket, of which all is well but what is said about Redis."""
    double.install("nomic-embed-text")
    settings = Settings(
        data_dir=folder, ollama_url=double.url, redis_url=redis_url, offline=False, answer_cache="off"
    )
    async with (
        serving(settings, kind="command", port=0) as owner,
        httpx.AsyncClient(base_url=owner.url, trust_env=False, timeout=30) as http,
    ):
        yield Api(http, owner, double)


async def test_health_of_a_redis_that_is_well(
    tmp_path: Path, double: OllamaDouble, redis_server: RedisServer
) -> None:
    """It is named with its version, and nothing is degraded."""
    async with api_on(tmp_path / "memory", double, redis_server.url) as api:
        ready = await api.get("/health/ready")
    assert ready["status"] == "ok"
    [part] = [one for one in ready["components"] if one["component"] == SHORT_TERM]
    assert (part["backend"], part["state"], part["fix"]) == ("redis", "ok", None)
    assert part["version"].startswith("Redis ")


async def a_web_server(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer as one does to what it does not understand."""
    await reader.read(1)
    writer.write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
    writer.close()


@pytest.fixture(params=["wrong password", "no password", "wrong database", "not Redis", "not there"])
async def wrong(request: pytest.FixtureRequest, own_redis: OwnRedis) -> AsyncIterator[tuple[str, str]]:
    """An address of a Redis that cannot be used, and what must be said of it."""
    if request.param == "not Redis":
        async with await asyncio.start_server(a_web_server, "127.0.0.1", 0) as listener:
            port = listener.sockets[0].getsockname()[1]
            yield f"redis://:{PASSWORD}@127.0.0.1:{port}/0", "what answers there is not Redis"
        return
    password = "right" if "password" in request.param else ""
    server = own_redis("plain", Options(password=password))
    if request.param == "not there":
        server.kill()
    yield {
        "wrong password": (
            f"redis://:{PASSWORD}@127.0.0.1:{server.port}/0",
            "the password is wrong or missing",
        ),
        "no password": (f"redis://127.0.0.1:{server.port}/0", "the password is wrong or missing"),
        "wrong database": (f"{server.url[:-1]}99", "the server has no database of this number"),
        "not there": (server.url, "connection refused"),
    }[request.param]


async def test_a_redis_that_cannot_be_used(
    tmp_path: Path, double: OllamaDouble, wrong: tuple[str, str]
) -> None:
    """A turn is answered and says which and why; so does `doctor`, with the setting; nothing has failed."""
    url, why = wrong
    async with api_on(tmp_path / "memory", double, url) as api:
        answer = await api.post("/v1/turns", {"question": "My boat is called Pétrel."})
        again = await api.post(
            "/v1/turns", {"question": "What is it called?", "thread_id": answer["thread_id"]}
        )
        ready = await api.get("/health/ready")
        doctor = await api.get("/v1/doctor")
        french = await api.get("/v1/doctor", headers={"Accept-Language": "fr"})
    for said in (answer, again):
        assert said["served_by"] in (f"ollama:{BIG}", f"ollama:{SMALL}")
        [note] = notes(said)
        assert why in note["reason"]
    assert ready["status"] == "degraded"
    for components, words in ((doctor, "until then"), (french, "en attendant"), (ready, "")):
        states = {one["component"]: one["state"] for one in components["components"]}
        assert states.pop(SHORT_TERM) == "degraded"
        assert set(states.values()) == {"ok"}
        [part] = [one for one in components["components"] if one["component"] == SHORT_TERM]
        assert part["backend"] == "redis"
        assert why in part["detail"]
        assert "SOUVENIR_REDIS_URL" in part["fix"]
        assert words in part["fix"]
    assert "only-for-tests" not in str((answer, again, ready, doctor, french))
