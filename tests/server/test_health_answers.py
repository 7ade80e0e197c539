"""What `doctor` says of the cache of answers."""

from __future__ import annotations

from memory.answer_cache.figures import CacheFigures
from server.health_answers import Lang, answer_cache
from tests.memory.answer_cache.questions import opened
from tests.services.redis import OwnRedis, RedisServer, own_redis, redis_server, redis_stack

__all__ = ["own_redis", "redis_server", "redis_stack"]

LANGS: tuple[Lang, ...] = ("en", "fr")


async def test_it_is_well(redis_stack: RedisServer) -> None:
    """With the server's name and version."""
    async with opened(redis_stack) as cache:
        said = await answer_cache(cache, "en")
    assert (said["component"], said["backend"], said["state"]) == ("answer_cache", "redis", "ok")
    assert said["version"].startswith("Redis 7.4.") and said["detail"] is None and said["fix"] is None


async def test_how_often_it_was_of_use_is_told(redis_stack: RedisServer) -> None:
    """In how many questions it answered of those that were asked; nothing before the first."""
    figures = CacheFigures()
    async with opened(redis_stack) as cache:
        before = await answer_cache(cache, "en", figures)
        figures.by_task["extraction"].hits, figures.by_task["extraction"].misses = 3, 5
        english, french = [await answer_cache(cache, lang, figures) for lang in LANGS]
    assert before["detail"] is None
    assert english["detail"] == "answered 3 of 8 question(s) since the start"
    assert french["detail"] == "a répondu à 3 question(s) sur 8 depuis le démarrage"


async def test_a_redis_without_the_module_is_no_fault(redis_server: RedisServer) -> None:
    """The cache is absent, and what is missing is said in the person's language."""
    async with opened(redis_server) as cache:
        english, french = await answer_cache(cache, "en"), await answer_cache(cache, "fr")
    assert english["state"] == french["state"] == "absent"
    assert english["detail"] == "this Redis has no JSON module: answers are not cached"
    assert french["detail"] == "ce Redis n'a pas de module JSON : les réponses ne sont pas gardées"
    assert english["fix"] is None


async def test_a_redis_that_is_down_degrades(own_redis: OwnRedis) -> None:
    """All else works, and there is something to do."""
    server = own_redis("stack")
    async with opened(server) as cache:
        server.kill()
        said = await answer_cache(cache, "fr")
    assert said["state"] == "degraded" and said["version"] is None
    assert "SOUVENIR_REDIS_URL" in said["fix"]
