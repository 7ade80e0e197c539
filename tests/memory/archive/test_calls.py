"""What the archive promises of the log of the calls of models, on every backend."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from memory.archive.archive import FILE_NAME, Archive, open_archive
from memory.archive.call_figures import percentile
from memory.archive.calls import MOST_CALLS, REASON_LENGTH
from memory.archive.entities import CallStats, ModelCall
from memory.archive.errors import ArchiveReadOnly, ArchiveRefused
from memory.archive.lineage import LINEAGE, Lineage
from tests.clock import FakeClock
from tests.memory.archive.samples import NOON, a_call, a_document, a_turn, chunks_of

# The Souvenir from before there was a log of calls.
BEFORE = Lineage(("0001",), LINEAGE.scripts)


def later(call: ModelCall, **after: float) -> ModelCall:
    """The same call, so long after noon."""
    return replace(call, at=NOON + timedelta(**after))


async def keep(archive: Archive, *calls: ModelCall) -> None:
    """Keep calls in a unit of their own."""
    async with archive.unit() as work:
        await work.calls.add(calls)


async def stats_of(archive: Archive, user: str | None, since: datetime | None = None) -> list[CallStats]:
    """The figures, asked for as the routes do."""
    return await archive.look(lambda work: work.calls.stats(user, since))


async def recent(archive: Archive, user: str | None = "marie", limit: int = 100) -> list[str]:
    """The ids of the latest calls."""
    async with archive.read() as work:
        return [call.id for call in await work.calls.recent(user, limit)]


async def test_a_call_comes_back_as_it_was_kept(archive: Archive) -> None:
    """Every field comes back equal, what is not known too; the latest call is the first listed."""
    unknown = dict.fromkeys(("prompt_tokens", "answer_tokens", "load_ms", "first_token_ms", "total_ms"))
    second = a_call("m2", outcome="failed", reason="refused", abroad=True, **unknown)
    calls = [a_call("m1", load_ms=4000), later(second, minutes=1)]
    await keep(archive, *calls)
    async with archive.read() as work:
        assert await work.calls.recent("marie", 10) == calls[::-1]
        assert await work.calls.recent("marie", 1) == calls[1:]


async def test_keeping_a_call_twice_counts_it_once(archive: Archive) -> None:
    """The same id again changes nothing, in one go or in two; another user may have the same id."""
    await keep(archive, a_call(), a_call(total_ms=9))
    await keep(archive, a_call(task="extraction"), a_call(user="paul"))
    async with archive.read() as work:
        assert await work.calls.recent("marie", 10) == [a_call()]
        assert await work.calls.recent("paul", 10) == [a_call(user="paul")]


async def test_two_users_stay_apart(archive: Archive) -> None:
    """Neither list nor figures of one hold anything of the other; without a user they are everybody's."""
    await keep(archive, a_call("m1"), a_call("m2", user="paul", outcome="failed", reason="no such model"))
    assert await recent(archive, "marie") == ["m1"] and await recent(archive, "paul") == ["m2"]
    assert await recent(archive, "anna") == [] and await recent(archive, None) == ["m2", "m1"]
    (marie,) = await stats_of(archive, "marie")
    assert (marie.calls, marie.ok, marie.failed, marie.last_error) == (1, 1, 0, None)
    (paul,) = await stats_of(archive, "paul")
    assert (paul.calls, paul.ok, paul.failed, paul.last_error) == (1, 0, 1, "no such model")
    assert await stats_of(archive, "anna") == []
    (both,) = await stats_of(archive, None)
    assert (both.calls, both.ok, both.failed) == (2, 1, 1)


async def test_the_figures_are_those_of_the_calls(archive: Archive) -> None:
    """Of a hundred calls of 10 to 1000 ms: each percentile is a time that one of them really took."""
    calls = [
        a_call(
            f"m{n}",
            prompt_tokens=n,
            answer_tokens=11,  # ten after the first, in 9n ms
            first_token_ms=n,
            total_ms=10 * n,
            load_ms={1: 4000, 2: 5000, 3: 9000, 4: 0}.get(n),
        )
        for n in range(100, 0, -1)
    ]
    await keep(archive, *calls)
    assert await stats_of(archive, "marie") == [
        CallStats(
            task="chat",
            model="ollama:llama3.1:8b",
            calls=100,
            ok=100,
            interrupted=0,
            failed=0,
            flagged=0,
            skipped=0,
            prompt_tokens=5050,
            answer_tokens=1100,
            p50_total_ms=500,
            p95_total_ms=950,
            p50_first_token_ms=50,
            p95_first_token_ms=95,
            p50_load_ms=5000,
            tokens_per_second=round(10_000 / (9 * 51), 2),
            last_error=None,
            last_error_at=None,
        )
    ]


async def test_calls_are_counted_by_how_they_ended(archive: Archive) -> None:
    """The outcomes add up; a refusal does not make a model look fast, nor an interruption quick."""
    await keep(
        archive,
        a_call("m1", total_ms=2000),
        a_call("m2", outcome="flagged", reason="prompt cut", total_ms=3000),
        a_call("m3", outcome="failed", reason="refused", first_token_ms=None, total_ms=1),
        a_call("m4", outcome="interrupted", total_ms=400),
        a_call("m5", outcome="skipped", first_token_ms=None, total_ms=0, prompt_tokens=None),
    )
    (chat,) = await stats_of(archive, "marie")
    assert (chat.ok, chat.flagged, chat.failed, chat.interrupted, chat.skipped) == (1, 1, 1, 1, 1)
    assert (chat.calls, chat.prompt_tokens) == (5, 4800)
    assert (chat.p50_total_ms, chat.p95_total_ms) == (2000, 3000)
    assert chat.last_error == "refused"


async def test_each_task_and_model_has_its_own_line(archive: Archive) -> None:
    """In the order of their names; one that never answered has counts and no times."""
    failed = {"outcome": "failed", "total_ms": None, "first_token_ms": None, "answer_tokens": None}
    await keep(
        archive,
        a_call("m1", task="extraction"),
        a_call("m2", model="openai:small", **failed),
        a_call("m3", total_ms=100),
    )
    found = await stats_of(archive, "marie")
    assert [(one.task, one.model) for one in found] == [
        ("chat", "ollama:llama3.1:8b"),
        ("chat", "openai:small"),
        ("extraction", "ollama:llama3.1:8b"),
    ]
    assert [one.p50_total_ms for one in found] == [100, None, 2300]
    assert (found[1].tokens_per_second, found[1].answer_tokens, found[1].last_error) == (None, 0, "")


async def test_the_last_error_is_the_latest(archive: Archive) -> None:
    """Whatever the order in which they were kept, and with its time; a success after it does not hide it."""
    await keep(
        archive,
        later(a_call("m2", outcome="failed", reason="later"), minutes=2),
        later(a_call("m1", outcome="failed", reason="first"), minutes=1),
        later(a_call("m3"), minutes=3),
    )
    (chat,) = await stats_of(archive, "marie")
    assert (chat.last_error, chat.last_error_at) == ("later", NOON + timedelta(minutes=2))


async def test_a_window_leaves_out_what_was_before(archive: Archive) -> None:
    """What happened at its very start is in it; errors and times from before are not."""
    await keep(
        archive,
        a_call("m1", outcome="failed", reason="old", total_ms=1),
        later(a_call("m2", total_ms=700), hours=1),
        later(a_call("m3", total_ms=800), hours=2),
    )
    (chat,) = await stats_of(archive, "marie", NOON + timedelta(hours=1))
    assert (chat.calls, chat.p50_total_ms, chat.p95_total_ms, chat.last_error) == (2, 700, 800, None)
    assert await stats_of(archive, "marie", NOON + timedelta(hours=3)) == []
    with pytest.raises(ArchiveRefused, match="time zone"):
        await stats_of(archive, "marie", datetime(2026, 1, 1))


async def test_pruning_drops_what_is_older(archive: Archive) -> None:
    """Everybody's calls from before the moment go, and are counted; those at the moment itself stay."""
    await keep(
        archive,
        a_call("m1"),
        a_call("m1", user="paul"),
        later(a_call("m2"), days=1),
        later(a_call("m3"), days=2),
    )
    async with archive.unit() as work:
        assert await work.calls.prune(NOON + timedelta(days=1)) == 2
        assert await work.calls.prune(NOON + timedelta(days=1)) == 0
    assert await recent(archive, None) == ["m3", "m2"]


async def test_percentiles_are_of_the_latest_calls_only(archive: Archive) -> None:
    """However many there are, so many are looked at: the counts are whole, old times weigh no more."""
    old = (a_call(f"o{n}", total_ms=9000) for n in range(MOST_CALLS // 2))
    new = (later(a_call(f"n{n}", total_ms=10), hours=1) for n in range(MOST_CALLS))
    await keep(archive, *old, *new)
    (chat,) = await stats_of(archive, "marie")
    assert chat.calls == MOST_CALLS + MOST_CALLS // 2
    assert (chat.p50_total_ms, chat.p95_total_ms) == (10, 10)
    assert len(await recent(archive, limit=10**9)) == MOST_CALLS
    assert await recent(archive, limit=0) == [] and await recent(archive, limit=-1) == []


@pytest.mark.parametrize(
    ("reason", "kept"),
    [
        ("connection\nrefused\r\n  by\u2028host ", "connection refused by host"),
        ("x" * REASON_LENGTH, "x" * REASON_LENGTH),
        ("é" * 100_000, "é" * (REASON_LENGTH - 1) + "…"),
        ("half \ud800", "half ?"),
    ],
)
async def test_a_reason_is_one_short_line(archive: Archive, reason: str, kept: str) -> None:
    """Whatever a server or a library says, what stays of it is one line of at most 200 characters."""
    await keep(archive, a_call(outcome="failed", reason=reason))
    async with archive.read() as work:
        assert [call.reason for call in await work.calls.recent("marie", 1)] == [kept]
    (chat,) = await stats_of(archive, "marie")
    assert chat.last_error == kept and len(kept) <= 200


async def test_numbers_that_cannot_be_are_not_known(archive: Archive) -> None:
    """A server that counts below nothing or beyond all bounds spoils neither the log nor its sums."""
    await keep(archive, a_call("m1", total_ms=-1, prompt_tokens=10**30, answer_tokens=2**31))
    await keep(archive, *(a_call(f"b{n}", prompt_tokens=2**31 - 1) for n in range(3)))
    (chat,) = await stats_of(archive, "marie")
    assert (chat.prompt_tokens, chat.answer_tokens) == (3 * (2**31 - 1), 3 * 41)
    assert chat.p50_total_ms == 2300


@pytest.mark.parametrize("changes", [{"model": "half \ud800"}, {"at": datetime(2026, 1, 1)}])
async def test_calls_are_kept_all_or_none(archive: Archive, changes: dict[str, Any]) -> None:
    """One that cannot be kept, however far in the list, is refused by name with all the others."""
    async with archive.unit() as work:
        with pytest.raises(ArchiveRefused):
            await work.calls.add([*(a_call(f"m{n}") for n in range(700)), a_call("last", **changes)])
    assert await recent(archive, None) == []


async def test_who_only_reads_cannot_add(archive: Archive) -> None:
    """Adding and pruning need a unit; nothing is kept of nothing."""
    async with archive.read() as work:
        with pytest.raises(ArchiveReadOnly):
            await work.calls.add([a_call()])
    await keep(archive)
    assert await recent(archive, None) == []


async def test_forgetting_leaves_the_figures(archive: Archive) -> None:
    """The log refers to nothing and holds no text: a thread and a document go, the counts stay."""
    async with archive.unit() as work:
        await work.threads.add_turn(a_turn())
        await work.documents.put(a_document(), [])
        await work.calls.add([a_call()])
        assert await work.threads.delete("marie", "c1") == ["t1"]
        assert await work.documents.delete("marie", "d1")
    assert await recent(archive) == ["m1"]


def take_turns(newer: Path, older: Path) -> None:
    """Bring the conversations of a memory of today into one whose tables know less."""
    with closing(sqlite3.connect(older)) as connection:
        connection.execute("ATTACH ? AS newer", [str(newer)])
        for table in ("threads", "turns", "turn_references"):
            columns = ", ".join(
                f'"{row[1]}"' for row in connection.execute(f"PRAGMA main.table_info({table})")
            )
            connection.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM newer.{table}")
        connection.commit()


async def test_a_memory_from_before_the_log_is_upgraded(tmp_path: Path, clock: FakeClock) -> None:
    """Its turns, documents and ledger are all there, a copy of it is kept, and calls can be."""
    async with open_archive(tmp_path, clock=clock, lineage=BEFORE) as archive, archive.unit() as work:
        document = a_document(chunk_count=2)
        await work.documents.put(document, chunks_of(document, "un", "deux"))
        await work.ledger.enqueue("marie", "document", "d1", "recall")
    async with open_archive(tmp_path / "now", clock=clock) as archive, archive.unit() as work:
        await work.threads.add_turn(a_turn())
    take_turns(tmp_path / "now" / FILE_NAME, tmp_path / FILE_NAME)
    async with open_archive(tmp_path, clock=clock) as archive:
        await keep(archive, a_call())
        async with archive.read() as work:
            assert await work.threads.turns("marie", "c1") == [a_turn()]
            assert await work.documents.get("marie", "d1") == document
            assert await work.documents.chunks("marie", "d1") == chunks_of(document, "un", "deux")
            assert await work.ledger.counts("marie") == {"recall": {"pending": 1}}
            assert await work.calls.recent("marie", 10) == [a_call()]
    with closing(sqlite3.connect(tmp_path / f"{FILE_NAME}.before-0001")) as copy:
        assert copy.execute("SELECT id FROM turns").fetchall() == [("t1",)]
        tables = {name for (name,) in copy.execute("SELECT name FROM sqlite_master")}
    assert "turns" in tables and "model_calls" not in tables


async def test_the_calls_of_a_user_are_found_without_reading_all(tmp_path: Path, clock: FakeClock) -> None:
    """The index by user and time is what the database goes through for a user's latest."""
    async with open_archive(tmp_path, clock=clock):
        pass
    query = "SELECT * FROM model_calls WHERE user = 'marie' AND at >= '2026' ORDER BY at DESC LIMIT 10"
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        plan = connection.execute(f"EXPLAIN QUERY PLAN {query}").fetchall()
    assert [row[-1] for row in plan] == [
        "SEARCH model_calls USING INDEX ix_model_calls_user_at (user=? AND at>?)"
    ]


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        ([], 50, None),
        ([7], 50, 7),
        ([7], 95, 7),
        ([2, 1], 50, 1),
        ([3, 1, 2], 50, 2),
        (list(range(1, 21)), 95, 19),
        (list(range(1, 22)), 95, 20),
        ([5, 6], 0, 5),
        ([5, 6], 100, 6),
    ],
)
def test_a_percentile_is_one_of_the_values(values: list[int], percent: int, expected: int | None) -> None:
    """The nearest rank: the smallest value that so many in a hundred do not exceed."""
    assert percentile(values, percent) == expected
