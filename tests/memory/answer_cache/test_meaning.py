"""Where it is asked for, a question that means almost the same is answered too; never across users."""

from __future__ import annotations

from memory.answer_cache.meaning import MOST_CHARACTERS, Meaning
from tests.memory.answer_cache.questions import ANSWER, CANARY, a_question, held, indexes, opened
from tests.memory.long_term.fake_embedder import FakeEmbedder, a_space, towards
from tests.services.redis import RedisServer

NEAR, FAR = towards(0, 0.95), towards(0, 0.6)
THRESHOLD = 0.1


def an_embedder() -> FakeEmbedder:
    """It knows what a few words mean."""
    return FakeEmbedder({"Ada": towards(0), "Lovelace": NEAR, "somebody": FAR, "cranes": towards(1)})


def asked(words: str, **changes: object) -> dict[str, object]:
    """What makes a question of other words."""
    return {"prompt": [["human", words]], "text": words, **changes}


async def test_only_what_is_near_enough(redis_stack: RedisServer) -> None:
    """Closer than the threshold; the nearest of several."""
    async with opened(redis_stack, meaning=Meaning(an_embedder(), THRESHOLD)) as cache:
        await cache.put(a_question(), ANSWER)
        assert await cache.get(a_question(**asked("Lovelace"))) == ANSWER
        assert await cache.get(a_question(**asked("somebody"))) is None
        assert await cache.get(a_question(**asked("cranes"))) is None
        await cache.put(a_question(**asked("Lovelace and others")), "{}")
        assert await cache.get(a_question(**asked("Lovelace"))) == "{}"


async def test_it_is_off_unless_asked_for(redis_stack: RedisServer) -> None:
    """By default only the very same question is answered, and there is no index."""
    async with opened(redis_stack) as cache:
        await cache.put(a_question(), ANSWER)
        assert await cache.get(a_question(**asked("Ada"))) is None
    assert indexes(redis_stack) == []


async def test_never_across_users(redis_stack: RedisServer) -> None:
    """Fifty users ask the same in the same words, and each gets his own answer or none.

    The nearest answers of all are those of others; neither they nor how many there are changes anything.
    """
    async with opened(redis_stack, meaning=Meaning(an_embedder(), 2.0), seconds=5) as cache:
        users = [f"user-{number}" for number in range(50)]
        for user in users:
            await cache.put(a_question(**asked("Ada", user=user)), f'{{"of":"{user}"}}')
        for user in users:
            assert await cache.get(a_question(**asked("Lovelace", user=user))) == f'{{"of":"{user}"}}'
        for stranger in ("ana", "user-", "user-1*", "user-10 ", "*", ""):
            assert await cache.get(a_question(**asked("Ada", user=stranger))) is None


async def test_other_kinds_of_questions_are_not_compared(redis_stack: RedisServer) -> None:
    """Another task, model or shape, however near its words; nor the vectors of another embedding model."""
    embedder = an_embedder()
    async with opened(redis_stack, meaning=Meaning(embedder, 2.0), seconds=5) as cache:
        await cache.put(a_question(), ANSWER)
        for changed in ("task", "model", "schema", "parameters"):
            assert await cache.get(a_question(**asked("Ada", **{changed: "another"}))) is None
        for space in (a_space(model="fake:other"), a_space(query_prefix="other: ")):
            embedder.space = space
            assert await cache.get(a_question(**asked("Ada"))) is None


async def test_long_texts_are_not_compared(redis_stack: RedisServer) -> None:
    """Where a model would cut them, what differs may lie behind the cut."""
    embedder = an_embedder()
    long = "Ada " + "x" * MOST_CHARACTERS
    async with opened(redis_stack, meaning=Meaning(embedder, 2.0)) as cache:
        await cache.put(a_question(**asked(long)), ANSWER)
        assert await cache.get(a_question(**asked(f"{long}!"))) is None
        assert await cache.get(a_question(**asked(long))) == ANSWER
    assert embedder.questions == []


async def test_the_question_is_not_kept_and_forgetting_leaves_nothing(redis_stack: RedisServer) -> None:
    """Not its words, only its vector; with the answers go the indexes. Others keep theirs, with an end."""
    async with opened(redis_stack, meaning=Meaning(an_embedder(), THRESHOLD)) as cache:
        for user in ("marie", "ana"):
            await cache.put(a_question(user=user), ANSWER)
        assert len(held(redis_stack)) == 4 and len(indexes(redis_stack)) == 2
        assert CANARY not in str(held(redis_stack)) and "marie" not in str(held(redis_stack))
        await cache.forget("marie")
        assert len(held(redis_stack)) == 2 and len(indexes(redis_stack)) == 1
        assert await cache.get(a_question(**asked("Lovelace"))) is None
        assert await cache.get(a_question(**asked("Lovelace", user="ana"))) == ANSWER
    with redis_stack.client() as client:
        assert all(0 < client.ttl(key) <= 7 * 24 * 3600 for key in client.scan_iter())


async def test_forgotten_without_asking_for_meaning(redis_stack: RedisServer) -> None:
    """What an earlier start kept by meaning goes, though this one looks for the same words only."""
    async with opened(redis_stack, meaning=Meaning(an_embedder(), THRESHOLD)) as cache:
        await cache.put(a_question(), ANSWER)
    async with opened(redis_stack) as cache:
        await cache.forget("marie")
    assert held(redis_stack) == {} and indexes(redis_stack) == []
