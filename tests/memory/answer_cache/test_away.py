"""A Redis that is down, slow, or without its modules: said by name, soon, and without any secret."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import subprocess
import sys
import time

import pytest

from memory.answer_cache.errors import AnswerCacheMisconfigured, AnswerCacheUnavailable, ModuleMissing
from memory.answer_cache.meaning import Meaning
from memory.answer_cache.opening import open_answer_cache
from memory.answer_cache.protocol import AnswerCache
from tests.memory.answer_cache.questions import ANSWER, a_question, opened
from tests.memory.long_term.fake_embedder import FakeEmbedder, towards
from tests.services.redis import OwnRedis, RedisServer
from tests.services.redis_binaries import ROOT
from tests.services.redis_process import Options

PASSWORD = "hunter2-only-for-tests"
EVERYTHING = """
import asyncio, json, sys
seen = []
def watch(event, args):
    if event in ("socket.connect", "socket.getaddrinfo"):
        seen.append(str(args[1] if event == "socket.connect" else args[0]))
sys.addaudithook(watch)
from memory.answer_cache.meaning import Meaning
from memory.answer_cache.opening import open_answer_cache
from server.egress import EgressGuard
early = [name for name in ("redis", "redisvl", "langchain_redis") if name in sys.modules]
from tests.memory.answer_cache.questions import a_question
from tests.memory.long_term.fake_embedder import FakeEmbedder
url = sys.argv[1]
EgressGuard([url]).install()
async def main():
    meaning = Meaning(FakeEmbedder({}), 0.1)
    async with open_answer_cache(url, memory="tests", meaning=meaning) as cache:
        await cache.ping()
        await cache.put(a_question(), "{}")
        assert await cache.get(a_question(prompt="other")) == "{}"
        await cache.forget("marie")
asyncio.run(main())
print(json.dumps([early, sorted(set(seen))]))
"""
HELP = """
import sys
from server.cli.main import main
sys.argv = ["souvenir", "--help"]
try:
    main()
except SystemExit:
    pass
print([name for name in ("redis", "redisvl", "langchain_redis") if name in sys.modules])
"""


async def fails(cache: AnswerCache) -> str:
    """Every method fails in the same way; why."""
    said = set()
    for asked in (cache.get(a_question()), cache.put(a_question(), ANSWER), cache.ping()):
        with pytest.raises(AnswerCacheUnavailable) as failed:
            await asked
        said.add(str(failed.value))
    [reason] = said
    return reason


@pytest.mark.parametrize("kind", ["redis_server", "valkey"])
async def test_without_modules_it_says_which_is_missing(request: pytest.FixtureRequest, kind: str) -> None:
    """A plain Redis, or Valkey; nothing is written to it."""
    server: RedisServer = request.getfixturevalue(kind)
    async with opened(server) as cache:
        assert await fails(cache) == "this Redis has no JSON module: answers are not cached"
        with pytest.raises(ModuleMissing):
            await cache.ping()
    with server.client() as client:
        assert client.dbsize() == 0


async def test_killed_and_back(own_redis: OwnRedis) -> None:
    """While it is down that is said at once; once it is back it is used again, without being reopened."""
    server = own_redis("stack")
    async with opened(server) as cache:
        await cache.put(a_question(), ANSWER)
        server.kill()
        begun = time.monotonic()
        assert await fails(cache) == "Redis cannot be reached"
        with pytest.raises(AnswerCacheUnavailable):
            await cache.forget("marie")
        assert time.monotonic() - begun < 5
        server.restart()
        assert await cache.get(a_question()) is None
        await cache.put(a_question(), ANSWER)
        assert await cache.get(a_question()) == ANSWER


async def test_a_redis_that_stands_still_is_not_waited_for(own_redis: OwnRedis) -> None:
    """Three tenths of a second, on a machine that has time; then it goes on where it was."""
    server = own_redis("stack")
    async with opened(server) as cache:
        await cache.put(a_question(), ANSWER)
        with server.stop_cont():
            begun = time.monotonic()
            with pytest.raises(AnswerCacheUnavailable, match=r"not answer within 0\.3 s"):
                await cache.get(a_question())
            assert 0.25 < time.monotonic() - begun < 5
        async with asyncio.timeout(20):
            while await ping(cache) is None:
                pass
        assert await cache.get(a_question()) == ANSWER


async def ping(cache: AnswerCache) -> str | None:
    """What it answers, None while it does not."""
    try:
        return await cache.ping()
    except AnswerCacheUnavailable:
        return None


async def test_what_is_no_redis(own_redis: OwnRedis) -> None:
    """A server that answers something else is named as such, or as one that does not answer."""
    with socket.create_server(("127.0.0.1", 0)) as door:

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(1)
            writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            writer.close()

        async with (
            await asyncio.start_server(answer, sock=door),
            open_answer_cache(f"redis://127.0.0.1:{door.getsockname()[1]}", memory="tests") as cache,
        ):
            with pytest.raises(AnswerCacheUnavailable):
                await cache.ping()


async def test_a_password_is_never_said(own_redis: OwnRedis, caplog: pytest.LogCaptureFixture) -> None:
    """Not in errors, logs or representations; right or wrong, in an address that can be used or not."""
    caplog.set_level(logging.DEBUG)
    server = own_redis("stack", Options(password=PASSWORD))
    meaning = Meaning(FakeEmbedder({}), 0.1)
    async with opened(server, meaning=meaning) as cache:
        await cache.put(a_question(), ANSWER)
        assert await cache.get(a_question()) == ANSWER
        said = [repr(cache), repr(vars(cache))]
        server.kill()
        said.append(await fails(cache))
        server.restart()
    wrong = server.url.replace("hunter2", "hunter3")
    async with open_answer_cache(wrong, memory="tests") as cache:
        said.append(await fails(cache))
    assert "refuses" in said[-1]
    for address in (f"http://:{PASSWORD}@127.0.0.1", f"redis://:{PASSWORD}@127.0.0.1:{PASSWORD}/0"):
        with pytest.raises(AnswerCacheMisconfigured) as failed:
            async with open_answer_cache(address, memory="tests"):
                pass
        said.append(str(failed.value))
    assert "only-for-tests" not in caplog.text + "\n".join(said)


def test_nothing_else_is_connected_to(redis_stack: RedisServer) -> None:
    """Nothing is downloaded or told to anybody: only this Redis is, under the guard that forbids the rest.

    And neither its client nor the libraries around it are imported before a cache is opened.
    """
    told = _python(EVERYTHING, redis_stack.url)
    early, seen = json.loads(told.splitlines()[-1])
    assert early == []
    assert seen == [f"('127.0.0.1', {redis_stack.port})", "127.0.0.1"]


def test_help_imports_none_of_it() -> None:
    """`souvenir --help` is there at once."""
    assert _python(HELP).splitlines()[-1] == "[]"


def _python(code: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


async def test_the_embedding_model_being_away_is_no_riddle(redis_stack: RedisServer) -> None:
    """It is named; answers to the very same question are found all the same."""
    embedder = FakeEmbedder({"Ada": towards(0)})
    async with opened(redis_stack, meaning=Meaning(embedder, 0.1)) as cache:
        await cache.put(a_question(), ANSWER)
        embedder.down = "connection refused"
        assert await cache.get(a_question()) == ANSWER
        with pytest.raises(AnswerCacheUnavailable, match="embedding model does not answer"):
            await cache.get(a_question(prompt="another"))
