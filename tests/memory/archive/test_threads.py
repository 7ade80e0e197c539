"""What the archive promises of conversations, on every backend."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from memory.archive.archive import Archive
from memory.archive.entities import Thread
from memory.archive.errors import StaleTurn
from memory.archive.threads import TITLE_LENGTH, title_of
from tests.memory.archive.samples import NOON, a_turn


async def test_a_turn_comes_back_as_it_was_added(archive: Archive) -> None:
    """Every field comes back equal, lists and nested values too; references keep their order and doubles."""
    turn = a_turn(references=["z", "a", "z", "b"])
    async with archive.unit() as work:
        assert await work.threads.add_turn(turn) is True
    async with archive.read() as work:
        assert await work.threads.turn("marie", "t1") == turn
        assert await work.threads.turns("marie", "c1") == [turn]
        assert await work.threads.turn("marie", "t2") is None


async def test_adding_a_turn_twice_changes_nothing(archive: Archive) -> None:
    """The same id again is False; the first turn, its thread and its references stay as they were."""
    async with archive.unit() as work:
        assert await work.threads.add_turn(a_turn()) is True
    async with archive.unit() as work:
        later = a_turn(answer="autre", references=["d9"], finished_at=NOON + timedelta(days=1))
        assert await work.threads.add_turn(later) is False
        assert await work.threads.add_turn(replace(later, thread_id="c9")) is False
    async with archive.read() as work:
        assert await work.threads.turns("marie", "c1") == [a_turn()]
        assert await work.threads.list("marie") == [
            Thread("c1", "marie", "Où est la clé ?", NOON, NOON + timedelta(seconds=2), turn_count=1)
        ]
        assert await work.threads.referring("marie", "d9") == []


async def test_turns_keep_the_order_of_insertion(archive: Archive) -> None:
    """The order is that of adding, whatever the ids and the clocks say; `last` gives the end of it."""
    ids = ["t9", "t1", "t5", "t3"]
    async with archive.unit() as work:
        for number, id in enumerate(ids):
            await work.threads.add_turn(a_turn(id, started_at=NOON - timedelta(hours=number)))
    async with archive.read() as work:
        assert [turn.id for turn in await work.threads.turns("marie", "c1")] == ids
        assert [turn.id for turn in await work.threads.turns("marie", "c1", last=2)] == ["t5", "t3"]
        assert [turn.id for turn in await work.threads.turns("marie", "c1", last=99)] == ids
        assert await work.threads.turns("marie", "c1", last=0) == []


async def test_threads_are_listed_the_most_recent_first(archive: Archive) -> None:
    """A new turn brings its thread to the front; at the same time, the last one added is the first listed."""
    async with archive.unit() as work:
        for number, thread in enumerate(["c1", "c2", "c3"]):
            await work.threads.add_turn(a_turn(f"t{number}", thread_id=thread, question=f"question {number}"))
        assert [thread.id for thread in await work.threads.list("marie")] == ["c3", "c2", "c1"]
        again = a_turn("t9", thread_id="c1", finished_at=NOON + timedelta(hours=1))
        await work.threads.add_turn(again)
        late = a_turn("t8", thread_id="c1", finished_at=NOON - timedelta(hours=1))
        await work.threads.add_turn(late)  # a date that goes back does not take the thread back
    async with archive.read() as work:
        threads = await work.threads.list("marie")
        assert [(thread.id, thread.turn_count) for thread in threads] == [("c1", 3), ("c3", 1), ("c2", 1)]
        assert threads[0].updated_at == NOON + timedelta(hours=1)
        assert await work.threads.get("marie", "c1") == threads[0]
        assert await work.threads.get("marie", "c9") is None


async def test_turns_by_id_gives_those_that_exist(archive: Archive) -> None:
    """Thousands of ids may be asked for; unknown ones are left out, and what the turns refer to."""
    async with archive.unit() as work:
        await work.threads.add_turn(a_turn("t1"))
        await work.threads.add_turn(a_turn("t2", references=[]))
    async with archive.read() as work:
        found = await work.threads.turns_by_id("marie", ["t2", *(f"x{n}" for n in range(1500)), "t1"])
    assert found == {"t1": a_turn("t1", references=[]), "t2": a_turn("t2", references=[])}


async def test_what_was_asked_before_is_of_the_same_thread(archive: Archive) -> None:
    """The question of the turn kept just before, threads interleaved; the first of a thread has none."""
    kept = [("t1", "c1"), ("u1", "c2"), ("t2", "c1"), ("u2", "c2"), ("t3", "c1"), ("v1", "c3")]
    async with archive.unit() as work:
        for id, thread in kept:
            await work.threads.add_turn(a_turn(id, thread_id=thread, question=f"asked in {id}"))
    async with archive.read() as work:
        found = await work.threads.asked_before("marie", [id for id, _ in kept])
        assert found == {"t2": "asked in t1", "t3": "asked in t2", "u2": "asked in u1"}
        assert await work.threads.asked_before("marie", ["t3", "nowhere"]) == {"t3": "asked in t2"}
        assert await work.threads.asked_before("marie", []) == {}


async def test_what_was_asked_before_is_of_the_same_user(archive: Archive) -> None:
    """Though two users have threads and turns of the same ids."""
    async with archive.unit() as work:
        for id, user in (("t1", "marie"), ("t1", "paul"), ("t2", "paul"), ("t2", "marie")):
            await work.threads.add_turn(a_turn(id, user=user, question=f"{user} in {id}"))
    async with archive.read() as work:
        for user in ("marie", "paul"):
            assert await work.threads.asked_before(user, ["t1", "t2"]) == {"t2": f"{user} in t1"}
        assert await work.threads.asked_before("eve", ["t1", "t2"]) == {}


async def test_what_was_asked_before_follows_what_is_kept(archive: Archive) -> None:
    """The order is that of keeping, not of dates; an empty question is none; a thread is forgotten whole."""
    earlier = NOON - timedelta(days=1)
    async with archive.unit() as work:
        await work.threads.add_turn(a_turn("t1", question="first"))
        await work.threads.add_turn(a_turn("t2", question="", started_at=earlier))
        await work.threads.add_turn(a_turn("t3", question="third"))
        assert await work.threads.asked_before("marie", ["t1", "t2", "t3"]) == {"t2": "first"}
        await work.threads.delete("marie", "c1")
        assert await work.threads.asked_before("marie", ["t1", "t2", "t3"]) == {}
        await work.threads.add_turn(a_turn("t3", question="again"))
        assert await work.threads.asked_before("marie", ["t3"]) == {}


async def test_what_was_asked_before_thousands_of_turns(archive: Archive) -> None:
    """More ids than one statement takes: each comes once, with its own question."""
    ids = [f"t{number}" for number in range(1200)]
    async with archive.unit() as work:
        for number, id in enumerate(ids):
            turn = a_turn(
                id, thread_id=f"c{number % 3}", question=f"asked in {id}", references=[], sources=[]
            )
            await work.threads.add_turn(turn)
    async with archive.read() as work:
        found = await work.threads.asked_before("marie", [*(f"x{n}" for n in range(1500)), *ids])
    assert found == {id: f"asked in t{number - 3}" for number, id in enumerate(ids) if number >= 3}


async def test_deleting_a_thread_takes_everything_along(archive: Archive) -> None:
    """The turns go with their references; their ids come back in order; again, there is nothing to delete."""
    async with archive.unit() as work:
        for id in ("t2", "t1"):
            await work.threads.add_turn(a_turn(id))
        await work.threads.add_turn(a_turn("t3", thread_id="c2"))
        assert await work.threads.delete("marie", "c1") == ["t2", "t1"]
        assert await work.threads.delete("marie", "c1") == []
    async with archive.read() as work:
        assert await work.threads.get("marie", "c1") is None
        assert await work.threads.turns("marie", "c1") == []
        assert [turn.id for turn in await work.threads.referring("marie", "d1")] == ["t3"]


async def test_a_turn_forgotten_and_added_again_starts_anew(archive: Archive) -> None:
    """After its thread is deleted a turn's id is free, and nothing of the old references comes back."""
    async with archive.unit() as work:
        await work.threads.add_turn(a_turn(references=["d1"]))
        await work.threads.delete("marie", "c1")
        assert await work.threads.add_turn(a_turn(references=["d2"])) is True
        assert await work.threads.referring("marie", "d1") == []


async def test_referring_finds_who_saw_a_text(archive: Archive) -> None:
    """Turns that saw a document or thread are found in order, once each, cited or not."""
    async with archive.unit() as work:
        await work.threads.add_turn(a_turn("t2", references=["d1", "d1"], sources=[]))
        await work.threads.add_turn(a_turn("t1", thread_id="c2", references=["x", "d1"]))
        await work.threads.add_turn(a_turn("t3", references=["d10"]))
    async with archive.read() as work:
        assert [turn.id for turn in await work.threads.referring("marie", "d1")] == ["t2", "t1"]


async def test_redacting_replaces_what_a_turn_says(archive: Archive) -> None:
    """Answer, sources and references are replaced, the rest stays; an unknown turn is no error."""
    async with archive.unit() as work:
        await work.threads.add_turn(a_turn("t1"))
        await work.threads.add_turn(a_turn("t2"))
        await work.threads.redact("marie", "t1", answer="(oublié)", sources=[], references=["c0"])
        await work.threads.redact("marie", "t9", answer="", sources=[], references=["c0"])
    async with archive.read() as work:
        redacted = a_turn("t1", answer="(oublié)", sources=[], references=["c0"])
        assert await work.threads.turns("marie", "c1") == [redacted, a_turn("t2")]
        assert [turn.id for turn in await work.threads.referring("marie", "d1")] == ["t2"]


async def test_users_never_meet(archive: Archive) -> None:
    """Two users keep the same thread and turn ids apart, and no call of one reaches the other's."""
    mine, yours = a_turn(), a_turn(user="paul", answer="à Paul")
    async with archive.unit() as work:
        assert await work.threads.add_turn(mine) is True
        assert await work.threads.add_turn(yours) is True
        await work.threads.redact("jean", "t1", answer="", sources=[], references=[])
        assert await work.threads.delete("jean", "c1") == []
        assert await work.threads.delete("marie", "c1") == ["t1"]
    async with archive.read() as work:
        assert await work.threads.turns("paul", "c1") == [yours]
        assert await work.threads.referring("paul", "d1") == [yours]
        for user in ("marie", "jean", ""):
            assert await work.threads.turn(user, "t1") is None
            assert await work.threads.turns(user, "c1") == []
            assert await work.threads.turns_by_id(user, ["t1"]) == {}
            assert await work.threads.get(user, "c1") is None
            assert await work.threads.list(user) == []
            assert await work.threads.referring(user, "d1") == []


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("  Où est\n\nla clé ? ", "Où est la clé ?"),
        ("mot " * 40, ("mot " * 19 + "mot") + "…"),
        ("x" * 100, "x" * TITLE_LENGTH + "…"),
        ("", ""),
    ],
)
def test_a_title_is_the_start_of_the_question(question: str, title: str) -> None:
    """On one line, cut at a word when there is one."""
    assert title_of(question) == title


async def test_a_turn_made_on_an_older_conversation_is_refused(archive: Archive) -> None:
    """Of two that were made on the same turns, the second to come keeps nothing; what was there stays."""
    async with archive.unit() as work:
        assert await work.threads.revision("marie", "c1") == 0
        assert await work.threads.add_turn(a_turn("t1"), after=0)
        assert await work.threads.add_turn(a_turn("t2"), after=1)
    async with archive.unit() as work:
        with pytest.raises(StaleTurn):
            await work.threads.add_turn(a_turn("t3"), after=1)
    async with archive.read() as work:
        assert [turn.id for turn in await work.threads.turns("marie", "c1")] == ["t1", "t2"]
        assert await work.threads.revision("marie", "c1") == 2


async def test_any_revision_is_continued_when_none_is_named(archive: Archive) -> None:
    """So does the one process that may write; it counts all the same."""
    async with archive.unit() as work:
        assert await work.threads.add_turn(a_turn("t1"))
        assert await work.threads.add_turn(a_turn("t2"))
        assert await work.threads.revision("marie", "c1") == 2


async def test_a_turn_that_is_there_is_no_stale_one(archive: Archive) -> None:
    """Repeating what was kept is no error, however often the thread was continued since."""
    async with archive.unit() as work:
        assert await work.threads.add_turn(a_turn("t1"), after=0)
        assert await work.threads.add_turn(a_turn("t2"), after=1)
        assert not await work.threads.add_turn(a_turn("t1"), after=0)
        assert await work.threads.revision("marie", "c1") == 2
