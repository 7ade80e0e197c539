"""Sessions on a Redis server: they expire whole, are evicted whole, and are never guessed at."""

from __future__ import annotations

import asyncio
import random
import zlib
from collections.abc import AsyncIterator

import ormsgpack
import pytest
from redis import Redis

from memory.short_term.errors import CheckpointUnreadable
from memory.short_term.protocol import FOREVER
from memory.short_term.redis.connection import open_redis
from memory.short_term.redis.fields import session_key
from memory.short_term.redis.store import RedisSessions
from tests.memory.short_term.conftest import SERVERS
from tests.memory.short_term.talking import config_of, every, last, put
from tests.services.redis import OwnRedis, RedisServer
from tests.services.redis_process import Options

KEY = session_key("t")


@pytest.fixture(params=[*SERVERS])
def server(request: pytest.FixtureRequest) -> RedisServer:
    """Each kind of server, empty."""
    found: RedisServer = request.getfixturevalue(SERVERS[request.param])
    return found


@pytest.fixture
async def sessions(server: RedisServer) -> AsyncIterator[RedisSessions]:
    """Sessions that expire after a minute."""
    async with open_redis(server.url, ttl_seconds=60) as opened:
        yield opened


@pytest.fixture
def raw(server: RedisServer) -> Redis:
    """The server, asked directly."""
    return Redis.from_url(server.url)


async def test_a_session_is_one_key(sessions: RedisSessions, raw: Redis) -> None:
    """Checkpoints of every namespace, values, writes: there is nothing that could be left behind."""
    for namespace in ("", "child:1"):
        config = await put(sessions.saver, config_of("t", namespace), {"a": 1, "b": "x" * 5000})
        await sessions.saver.aput_writes(config, [("a", 2), ("__interrupt__", 3)], "task")
    assert raw.keys() == [KEY]


@pytest.mark.parametrize("use", ["read", "list", "put", "write", "retain"])
async def test_every_use_makes_its_time_start_anew(sessions: RedisSessions, raw: Redis, use: str) -> None:
    """Reading and writing alike, for the whole session."""
    config = await put(sessions.saver, config_of("t"), {"a": 1})
    raw.pexpire(KEY, 5000)
    if use == "read":
        await last(sessions.saver, "t")
    elif use == "list":
        await every(sessions.saver, config_of("t"))
    elif use == "put":
        await put(sessions.saver, config, {"a": 2})
    elif use == "write":
        await sessions.saver.aput_writes(config, [("a", 2)], "task")
    else:
        await sessions.retain("t", 3)
    assert 50_000 < raw.pttl(KEY) <= 60_000


async def test_looking_at_all_sessions_keeps_none_alive(sessions: RedisSessions, raw: Redis) -> None:
    """A walk over everything is nobody's use of a conversation."""
    await put(sessions.saver, config_of("t"), {"a": 1})
    raw.pexpire(KEY, 5000)
    assert len(await every(sessions.saver, None)) == 1
    assert await sessions.mentioning("", ["x"]) == []
    assert raw.pttl(KEY) <= 5000


async def test_a_session_expires_whole(sessions: RedisSessions, raw: Redis) -> None:
    """After its time there is no checkpoint, no write, no key, and no error."""
    config = await put(sessions.saver, config_of("t"), {"a": 1})
    await sessions.saver.aput_writes(config, [("a", 2)], "task")
    raw.pexpire(KEY, 1)
    for _ in range(5000):
        if not raw.exists(KEY):
            break
        await asyncio.sleep(0.001)
    assert await sessions.saver.aget_tuple(config_of("t")) is None
    assert await sessions.seconds_left("t") is None
    assert raw.keys() == []


async def test_without_a_limit_nothing_expires(server: RedisServer, raw: Redis) -> None:
    """Not what an earlier setting had given a limit either, once it is written to."""
    async with open_redis(server.url, ttl_seconds=None) as sessions:
        await put(sessions.saver, config_of("t"), {"a": 1})
        assert await sessions.seconds_left("t") == FOREVER
        raw.pexpire(KEY, 5000)
        await put(sessions.saver, config_of("t"), {"a": 2})
        assert raw.pttl(KEY) == -1


async def test_an_evicted_session_is_no_checkpoint_and_no_error(own_redis: OwnRedis, seed: int) -> None:
    """A server that makes room takes whole sessions: each that is left has all its values."""
    server = own_redis("plain", Options(maxmemory="4mb", policy="allkeys-lru"))
    rng = random.Random(seed)
    async with open_redis(server.url, ttl_seconds=None) as sessions:
        for number in range(200):
            values = {"a": number, "noise": rng.randbytes(50_000)}
            await put(sessions.saver, config_of(f"t{number}"), values)
        left = [number for number in range(200) if await sessions.saver.aget_tuple(config_of(f"t{number}"))]
        assert 0 < len(left) < 200
        for number in left:
            assert (await last(sessions.saver, f"t{number}")).checkpoint["channel_values"]["a"] == number
        config = await put(sessions.saver, config_of("t0"), {"a": "again"})
        assert await sessions.saver.aget_tuple(config) is not None


@pytest.mark.parametrize("record", [b"0-old", b"2-new", b"", b"1zdamaged", b"1-\xc1", b"1-\x91\x01"])
async def test_another_format_is_refused_by_name(sessions: RedisSessions, raw: Redis, record: bytes) -> None:
    """Nothing is guessed; the message says the way out, and the way out works."""
    config = await put(sessions.saver, config_of("t"), {"a": 1})
    for field in raw.hkeys(KEY):
        raw.hset(KEY, field, record)
    with pytest.raises(CheckpointUnreadable, match="rebuilds them from the archive"):
        await sessions.saver.aget_tuple(config_of("t"))
    with pytest.raises(CheckpointUnreadable):
        await every(sessions.saver, config)
    await sessions.forget(["t"])
    assert await sessions.saver.aget_tuple(config_of("t")) is None


async def test_what_cannot_be_read_might_mention_anything(sessions: RedisSessions, raw: Redis) -> None:
    """A session of another version is among those that forgetting drops."""
    await put(sessions.saver, config_of("marie/t"), {"a": 1})
    raw.hset(session_key("marie/t"), "c//x", b"9-unknown")
    assert await sessions.mentioning("marie", ["doc"]) == ["t"]


async def test_objects_written_into_the_store_by_hand_stay_data(sessions: RedisSessions, raw: Redis) -> None:
    """Whoever can write to the server cannot have Souvenir call anything."""
    await put(sessions.saver, config_of("t"), {"a": 1})
    [field] = raw.hscan(KEY, match="v/*")[1]
    evil = ormsgpack.packb(ormsgpack.Ext(0, ormsgpack.packb(["os", "system", "false"])))
    raw.hset(KEY, field, b"1-" + ormsgpack.packb(["msgpack", evil]))
    assert (await last(sessions.saver, "t")).checkpoint["channel_values"] == {"a": "false"}
    raw.hset(KEY, field, b"1z" + zlib.compress(ormsgpack.packb(["pickle", b"\x80\x04N."])))
    with pytest.raises(CheckpointUnreadable):
        await last(sessions.saver, "t")


async def test_a_checkpoint_takes_one_request_to_keep_and_two_to_read(
    sessions: RedisSessions, raw: Redis
) -> None:
    """However much is in it, and however long the conversation is."""
    config = config_of("t")
    for number in range(10):
        config = await put(sessions.saver, config, {"a": number, "b": 1}, {"a": f"{number:03}"})
        await sessions.saver.aput_writes(config, [("a", 1), ("b", 2)], "task")
    before = {name: _calls(raw, name) for name in ("hmget", "hkeys", "pexpire", "exec", "hset", "hsetnx")}
    await last(sessions.saver, "t")
    assert {
        name: _calls(raw, name) - number for name, number in before.items() if _calls(raw, name) > number
    } == {
        "hkeys": 1,
        "pexpire": 1,
        "hmget": 1,
    }
    await put(sessions.saver, config, {"a": 1, "b": 2})
    assert (_calls(raw, "exec") - before["exec"], _calls(raw, "hset") - before["hset"]) == (1, 1)


def _calls(raw: Redis, name: str) -> int:
    return int(raw.info("commandstats").get(f"cmdstat_{name}", {"calls": 0})["calls"])


async def test_only_core_commands_are_used(sessions: RedisSessions, raw: Redis) -> None:
    """No module, no script, no KEYS."""
    raw.config_resetstat()
    config = await put(sessions.saver, config_of("a/t"), {"a": 1})
    await sessions.saver.aput_writes(config, [("a", 2)], "task")
    await every(sessions.saver, None)
    await sessions.saver.acopy_thread("a/t", "a/u")
    await sessions.saver.aprune(["a/t"])
    await sessions.saver.adelete_for_runs(["run"])
    await sessions.retain("a/u", 0)
    await sessions.mentioning("a", ["x"])
    await sessions.ping()
    await sessions.forget(["a/t"])
    used = {name.removeprefix("cmdstat_") for name in raw.info("commandstats")}
    assert used <= {
        *(
            "hset",
            "hsetnx",
            "hkeys",
            "hmget",
            "hgetall",
            "hdel",
            "pexpire",
            "persist",
            "pttl",
            "unlink",
            "scan",
        ),
        *("multi", "exec", "watch", "unwatch", "set", "info", "client|setinfo", "select", "ping", "command"),
        *("config|resetstat", "hello", "auth"),
    }
