"""Reaching Redis: addresses are read strictly, and each way of not reaching it has words of its own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from memory.short_term.errors import RedisUrlRefused, ShortTermUnavailable
from memory.short_term.redis.connection import open_redis
from memory.short_term.redis.url import read_address
from tests.memory.short_term.talking import config_of, last, put
from tests.services.redis import OwnRedis, RedisServer
from tests.services.redis_process import Options

SECRET = "hunter2"


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "must begin with"),
        (SECRET, "must begin with"),
        (f"http://:{SECRET}@h", "must begin with"),
        (f"redis://:{SECRET}@h/one", "database is not a number"),
        (f"redis://:{SECRET}@h/-1", "database is not a number"),
        (f"redis://:{SECRET}@h/1/2", "more parts"),
        (f"redis://:{SECRET}@h:port", "port is not a number"),
        (f"redis://:{SECRET}@h:65536", "port is not a number"),
        (f"redis://:{SECRET}@", "names no host"),
        ("redis://", "names no host"),
        (f"redis://:a/{SECRET}@h", "%2F"),
        (f"redis://:a#{SECRET}@h", "%23"),
        (f"redis://:{SECRET}@h?ssl=no", "after '?'"),
        (f"redis://:{SECRET}@a,b", "several hosts"),
        (f"redis://:{SECRET}@[::1", "brackets"),
        (f"unix://:{SECRET}@/", "names no socket"),
        (f"unix://:{SECRET}@/s?db=x", "database is not a number"),
        (f"unix://:{SECRET}@/s?database=1", "only the database"),
        (f"redis+sentinel://:{SECRET}@h:1", "names no service"),
        (f"redis+cluster://:{SECRET}@h/2", "only database 0"),
    ],
)
def test_an_address_that_cannot_be_used_says_why(url: str, says: str) -> None:
    """In one line, without the password."""
    with pytest.raises(RedisUrlRefused) as caught:
        read_address(url)
    assert says in str(caught.value)
    assert SECRET not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "place"),
    [
        (f"redis://ada:{SECRET}@h", "redis://h:6379/0"),
        ("REDIS://h:7/3", "redis://h:7/3"),
        ("rediss://[::1]:7", "rediss://[::1]:7/0"),
        (f"unix://:{SECRET}@/run/redis.sock?db=2", "unix:///run/redis.sock"),
        (f"redis+sentinel://:{SECRET}@a,b:7/mine/2", "redis+sentinel://a:26379,b:7/mine/2"),
        (f"rediss+cluster://:{SECRET}@a:1,b:2", "rediss+cluster://a:1,b:2"),
    ],
)
def test_an_address_is_shown_without_its_password(url: str, place: str) -> None:
    """In errors, and when somebody prints it."""
    address = read_address(url)
    assert address.place == place
    assert SECRET not in repr(address)


def test_a_password_may_hold_anything() -> None:
    """Percent-encoded, as addresses have it."""
    address = read_address("redis://us%3Aer:p%40s%2Fs%23%3F@h/1")
    assert (address.username, address.password, address.database) == ("us:er", "p@s/s#?", 1)


async def complaint(url: str) -> str:
    """What is said when this server is used."""
    async with open_redis(url, ttl_seconds=60, connect_seconds=0.5, answer_seconds=0.5) as sessions:
        with pytest.raises(ShortTermUnavailable) as caught:
            await sessions.ping()
        with pytest.raises(ShortTermUnavailable) as again:
            await put(sessions.saver, config_of("t"), {"a": SECRET})
    for error in (caught, again):
        assert SECRET not in str(error.value)
        assert "\n" not in str(error.value)
    assert str(again.value) == str(caught.value)
    return str(caught.value)


async def test_nobody_listens(own_redis: OwnRedis) -> None:
    """Opening is no error; using it is, and it works as soon as the server does."""
    server = own_redis()
    server.kill()
    assert "connection refused" in await complaint(server.url)
    async with open_redis(server.url, ttl_seconds=60) as sessions:
        with pytest.raises(ShortTermUnavailable):
            await sessions.ping()
        server.restart()
        assert (await sessions.ping()).startswith("Redis ")


async def test_a_server_that_restarts_is_used_again(own_redis: OwnRedis) -> None:
    """Connections that went stale meanwhile are no error for who comes after."""
    server = own_redis()
    async with open_redis(server.url, ttl_seconds=60) as sessions:
        await put(sessions.saver, config_of("t"), {"a": 1})
        server.restart()
        assert await sessions.saver.aget_tuple(config_of("t")) is None
        await put(sessions.saver, config_of("t"), {"a": 2})


async def test_a_password_that_is_wrong_or_missing(own_redis: OwnRedis) -> None:
    """Both are said to be that; the right one is let in."""
    server = own_redis("plain", Options(password="right"))
    for login in ("", f":{SECRET}@", f"nobody:{SECRET}@"):
        url = f"redis://{login}127.0.0.1:{server.port}"
        assert "the password is wrong or missing" in await complaint(url)
    async with open_redis(server.url, ttl_seconds=60) as sessions:
        await sessions.ping()


async def test_a_password_that_nobody_asked_for(redis_server: RedisServer) -> None:
    """A server without one says so."""
    assert "the server has none" in await complaint(f"redis://:{SECRET}@127.0.0.1:{redis_server.port}")


async def test_a_database_that_is_not_there(redis_server: RedisServer) -> None:
    """The number is too high for the server."""
    said = await complaint(f"redis://127.0.0.1:{redis_server.port}/99")
    assert "no database of this number" in said


async def test_a_server_without_room(own_redis: OwnRedis) -> None:
    """It can be read from, and says that it is full."""
    server = own_redis("plain", Options(maxmemory="1"))
    assert "out of memory" in await complaint(server.url)


async def test_a_replica(own_redis: OwnRedis) -> None:
    """It can be read from, and says what it is."""
    first, second = own_redis(), own_redis()
    with second.client() as client:
        client.replicaof("127.0.0.1", first.port)
    assert "a replica that can only be read" in await complaint(second.url)


@asynccontextmanager
async def answering(answer: bytes) -> AsyncIterator[str]:
    """Something else on a port, which says the same to everybody."""

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(answer)
        await writer.drain()
        writer.close()

    listener = await asyncio.start_server(say, "127.0.0.1", 0)
    async with listener:
        yield f"redis://127.0.0.1:{listener.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"220 mail ESMTP\r\n", b"\x00\xff\xfe\r\n", b":abc\r\n"]
)
async def test_something_else_listens(answer: bytes) -> None:
    """A web server, a mail server, garbage: it is not Redis."""
    async with answering(answer) as url:
        assert "is not Redis" in await complaint(url)


async def test_a_server_that_stands_still_is_not_waited_for(own_redis: OwnRedis) -> None:
    """Not longer than was set, and afterwards all works."""
    server = own_redis()
    async with open_redis(server.url, ttl_seconds=60, answer_seconds=0.3) as sessions:
        await put(sessions.saver, config_of("t"), {"a": 1})
        with server.stop_cont():
            began = time.monotonic()
            with pytest.raises(ShortTermUnavailable, match="no answer in time"):
                await last(sessions.saver, "t")
            assert time.monotonic() - began < 3
        assert (await last(sessions.saver, "t")).checkpoint["channel_values"] == {"a": 1}


async def test_a_socket_that_is_not_there(tmp_path: Path) -> None:
    """Its place is said."""
    assert f"unix://{tmp_path}/none.sock cannot be used: no such socket" in await complaint(
        f"unix://{tmp_path}/none.sock"
    )
