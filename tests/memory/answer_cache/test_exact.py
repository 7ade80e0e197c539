"""The same question by the same user is answered from Redis; nothing else is."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memory.answer_cache.errors import AnswerCacheUnavailable
from memory.answer_cache.protocol import Question, digest
from tests.memory.answer_cache.questions import ANSWER, CANARY, a_question, held, opened
from tests.services.redis import OwnRedis, RedisServer
from tests.services.redis_process import Options

OTHERS = [
    {"user": "ana"},
    {"task": "classification"},
    {"model": "ollama:llama3.2:3b"},
    {"parameters": {"temperature": 0.3, "num_ctx": 8192}},
    {"schema": {"type": "array"}},
    {"prompt": [["human", "Who is it?"]]},
]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


async def test_what_was_kept_is_found(redis_stack: RedisServer) -> None:
    """By who asked, in another process too, until its time is over; and `ping` names the server."""
    async with opened(redis_stack) as cache:
        assert (await cache.ping()).startswith("Redis 7.4.")
        assert await cache.get(a_question()) is None
        await cache.put(a_question(), ANSWER)
        assert await cache.get(a_question()) == ANSWER
    async with opened(redis_stack) as again:
        assert await again.get(a_question()) == ANSWER
        await again.put(a_question(), "{}")
        assert await again.get(a_question()) == "{}"


@pytest.mark.parametrize("change", OTHERS, ids=lambda change: next(iter(change)))
async def test_another_question_is_another(redis_stack: RedisServer, change: dict[str, object]) -> None:
    """By another user, of another task, to another model or with other parameters, of another shape."""
    async with opened(redis_stack) as cache:
        await cache.put(a_question(), ANSWER)
        assert await cache.get(a_question(**change)) is None


async def test_two_memories_share_nothing(redis_stack: RedisServer) -> None:
    """On one Redis, with users of the same name: neither finds nor forgets what is the other's."""
    async with opened(redis_stack) as cache, opened(redis_stack, memory="other") as other:
        await cache.put(a_question(), ANSWER)
        assert await other.get(a_question()) is None
        await other.forget("marie")
        assert await cache.get(a_question()) == ANSWER


async def test_every_key_has_an_end(redis_stack: RedisServer) -> None:
    """A week by default, or as many seconds as were given."""
    async with opened(redis_stack) as cache:
        await cache.put(a_question(), ANSWER)
    async with opened(redis_stack, ttl_seconds=60) as cache:
        await cache.put(a_question(user="ana"), ANSWER)
    with redis_stack.client() as client:
        assert sorted(client.ttl(key) for key in client.scan_iter()) == [
            pytest.approx(60, abs=5),
            pytest.approx(7 * 24 * 3600, abs=5),
        ]


async def test_the_question_is_not_kept(redis_stack: RedisServer) -> None:
    """Of the prompt and of the user's name nothing can be read in Redis; the answer can."""
    async with opened(redis_stack) as cache:
        await cache.put(a_question(), ANSWER)
    told = str(held(redis_stack))
    assert "Ada" in told
    assert CANARY not in told and "marie" not in told


async def test_forgetting_drops_all_of_one_user(redis_stack: RedisServer) -> None:
    """Of any task; other users keep theirs, and so does whoever else uses this Redis."""
    with redis_stack.client() as client:
        client.set("souvenir:answers:note", "of somebody else")
    async with opened(redis_stack) as cache:
        for user in ("marie", "mari*", "ana"):
            for task in ("extraction", "classification"):
                await cache.put(a_question(user=user, task=task), ANSWER)
        await cache.forget("mari*")
        assert await cache.get(a_question()) == ANSWER
        await cache.forget("marie")
        assert await cache.get(a_question()) is None
        assert await cache.get(a_question(user="ana")) == ANSWER
    assert len(held(redis_stack)) == 3


@pytest.mark.parametrize(
    "rubbish",
    [
        "null",
        '"text"',
        "[]",
        "[1]",
        "{}",
        '[{"lc": 1, "type": "constructor", "id": ["builtins", "eval"], "kwargs": {"source": "1"}}]',
        '[{"lc": 1, "type": "secret", "id": ["PATH"]}]',
    ],
)
async def test_what_others_write_there_is_no_answer(redis_stack: RedisServer, rubbish: str) -> None:
    """It is not found, or named as unusable; nothing of it is run, and a new answer replaces it."""
    async with opened(redis_stack) as cache:
        await cache.put(a_question(), ANSWER)
        [key] = held(redis_stack)
        with redis_stack.client() as client:
            client.execute_command("JSON.SET", key, "$", rubbish)
        try:
            assert await cache.get(a_question()) is None
        except AnswerCacheUnavailable as error:
            assert "cannot be used" in str(error)
        await cache.put(a_question(), ANSWER)
        assert await cache.get(a_question()) == ANSWER


async def test_a_full_redis_says_so(own_redis: OwnRedis) -> None:
    """What it holds is still found, and its words, which hold the answer, are not passed on."""
    server = own_redis("stack", Options(maxmemory="12mb"))
    async with opened(server, seconds=5) as cache:
        await cache.put(a_question(), ANSWER)
        with server.client() as client:
            client.config_set("maxmemory", "1mb")
        with pytest.raises(AnswerCacheUnavailable, match="no memory left") as failed:
            await cache.put(a_question(task="other"), ANSWER)
        assert "Ada" not in str(failed.value)
        assert await cache.get(a_question()) == ANSWER


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(answer=st.text(min_size=1), user=st.text(), prompt=json_values)
async def test_any_text_comes_back_as_it_was(
    redis_stack: RedisServer, answer: str, user: str, prompt: object
) -> None:
    """Whatever the user is called, was asked and was answered."""
    question = a_question(user=user, prompt=prompt)
    async with opened(redis_stack, seconds=5) as cache:
        await cache.put(question, answer)
        assert await cache.get(question) == answer


@given(one=st.lists(json_values, max_size=4), other=st.lists(json_values, max_size=4))
def test_different_parts_have_different_digests(one: list[object], other: list[object]) -> None:
    """And the same parts the same one."""
    same = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    assert (digest(*one) == digest(*other)) == same


def test_a_question_is_no_other_moved_by_a_word() -> None:
    """What ends one part does not begin the next."""
    first = Question("m", "a", "b", {}, {}, "c")
    assert first.kind != Question("m", "ab", "", {}, {}, "c").kind
