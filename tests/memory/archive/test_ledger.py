"""What the ledger promises to projectors and to those who ask how far they are, on every backend."""

from __future__ import annotations

import asyncio
import math

import pytest

from memory.archive.archive import Archive
from memory.archive.entities import LedgerEntry, State
from tests.clock import FakeClock


async def enqueue(archive: Archive, *subjects: str, user: str = "marie") -> None:
    """Ask for the recall of documents, one after the other."""
    async with archive.unit() as work:
        for subject in subjects:
            await work.ledger.enqueue(user, "document", subject, "recall")


async def claim(archive: Archive, limit: int = 10, *, partial: bool = False) -> list[LedgerEntry]:
    """Claim recall work for a minute."""
    async with archive.unit() as work:
        states: tuple[State, ...] = ("pending", "partial") if partial else ("pending",)
        return await work.ledger.claim("recall", limit=limit, lease_seconds=60, states=states)


async def mark(archive: Archive, entry: LedgerEntry, state: State, reason: str | None = None) -> bool:
    """Mark an entry in a unit of its own."""
    async with archive.unit() as work:
        return await work.ledger.mark(entry, state, reason)


async def state_of(archive: Archive, subject: str, user: str = "marie") -> LedgerEntry | None:
    """The recall row of a document."""
    async with archive.read() as work:
        return (await work.ledger.states(user, "document", [subject])).get(subject, {}).get("recall")


async def test_work_goes_from_asked_to_done(archive: Archive, clock: FakeClock) -> None:
    """Asked for, claimed once, marked done with its reason: each step is in the row."""
    await enqueue(archive, "d1")
    asked_at = clock.now
    clock.advance(5)
    (entry,) = await claim(archive)
    assert entry == LedgerEntry(
        "marie", "document", "d1", "recall", "project", "pending", None, 1, asked_at, revision=1
    )
    assert await claim(archive) == []
    assert await mark(archive, entry, "done", "3 chunks") is True
    row = await state_of(archive, "d1")
    assert row is not None and (row.state, row.reason, row.updated_at) == ("done", "3 chunks", clock.now)
    clock.advance(3600)
    assert await claim(archive) == []


async def test_the_oldest_is_claimed_first_and_erasures_before(archive: Archive, clock: FakeClock) -> None:
    """What a person wants gone goes first; then the order of asking, up to the limit."""
    for subject in ("d3", "d1", "d2"):
        await enqueue(archive, subject)
        clock.advance(1)
    async with archive.unit() as work:
        await work.ledger.enqueue("marie", "turn", "t1", "recall", "erase")
        await work.ledger.enqueue("marie", "document", "d0", "knowledge")
    assert [entry.subject_id for entry in await claim(archive, 3)] == ["t1", "d3", "d1"]
    assert [entry.subject_id for entry in await claim(archive, 3)] == ["d2"]
    assert await claim(archive, 0) == []


async def test_a_claim_expires(archive: Archive, clock: FakeClock) -> None:
    """A worker that died keeps nothing: after the lease another claims, the first one's mark is refused."""
    await enqueue(archive, "d1")
    (first,) = await claim(archive)
    clock.advance(59)
    assert await claim(archive) == []
    clock.advance(1)
    (second,) = await claim(archive)
    assert second.attempts == 2
    assert await mark(archive, first, "failed", "too late") is False
    assert await claim(archive) == [], "a late mark must not free what another works on"
    assert await mark(archive, second, "done") is True


async def test_a_late_result_does_not_hide_a_newer_request(archive: Archive) -> None:
    """Replaced while it was worked on: the old result is refused, the row is claimed again."""
    await enqueue(archive, "d1")
    (old,) = await claim(archive)
    await enqueue(archive, "d1")
    assert await claim(archive) == [], "two workers on one subject would race"
    assert await mark(archive, old, "done") is False
    (new,) = await claim(archive)
    assert (new.revision, new.attempts, new.state) == (2, 1, "pending")
    assert await mark(archive, new, "done") is True


async def test_an_erasure_asked_for_during_work_comes_after_it(archive: Archive) -> None:
    """Forgotten while it was projected: the projection is not recorded, the erasure follows, the row goes."""
    await enqueue(archive, "d1")
    (projecting,) = await claim(archive)
    async with archive.unit() as work:
        await work.ledger.enqueue("marie", "document", "d1", "recall", "erase")
    assert await claim(archive) == []
    assert await mark(archive, projecting, "done") is False
    (erasing,) = await claim(archive)
    assert erasing.action == "erase"
    assert await mark(archive, erasing, "done") is True
    assert await state_of(archive, "d1") is None


async def test_an_erasure_is_not_lost_to_a_new_request(archive: Archive) -> None:
    """Stored again while it was erased: the erasure that ends does not take the new request's row away."""
    async with archive.unit() as work:
        await work.ledger.enqueue("marie", "document", "d1", "recall", "erase")
    (erasing,) = await claim(archive)
    await enqueue(archive, "d1")
    assert await mark(archive, erasing, "done") is False
    (again,) = await claim(archive)
    assert again.action == "project"


async def test_an_erasure_that_failed_stays(archive: Archive) -> None:
    """Only a done erasure goes away."""
    async with archive.unit() as work:
        await work.ledger.enqueue("marie", "document", "d1", "recall", "erase")
    (erasing,) = await claim(archive)
    assert await mark(archive, erasing, "failed", "index is read-only") is True
    row = await state_of(archive, "d1")
    assert row is not None and (row.action, row.state) == ("erase", "failed")


async def test_failures_wait_to_be_asked_again(archive: Archive, clock: FakeClock) -> None:
    """A failed row is not claimed, however long; asked for again it is, its reason and attempts cleared."""
    await enqueue(archive, "d1")
    (entry,) = await claim(archive)
    await mark(archive, entry, "failed", "corrupt")
    clock.advance(10**6)
    assert await claim(archive, partial=True) == []
    await enqueue(archive, "d1")
    (again,) = await claim(archive)
    assert (again.reason, again.attempts) == (None, 1)


async def test_work_put_back_is_counted(archive: Archive) -> None:
    """Marked pending, a row can be claimed at once; its reason and the count of attempts stay."""
    await enqueue(archive, "d1")
    for attempt in (1, 2, 3):
        (entry,) = await claim(archive)
        assert entry.attempts == attempt
        assert await mark(archive, entry, "pending", "not answering") is True
    row = await state_of(archive, "d1")
    assert row is not None and (row.attempts, row.reason) == (3, "not answering")


async def test_partial_work_is_claimed_only_when_asked_for(archive: Archive, clock: FakeClock) -> None:
    """Partial rows wait for who can finish them, and come after what has not begun."""
    await enqueue(archive, "d1")
    (entry,) = await claim(archive)
    await mark(archive, entry, "partial", "rules only")
    clock.advance(10)
    await enqueue(archive, "d2")
    assert [entry.subject_id for entry in await claim(archive, 1, partial=True)] == ["d2"]
    assert await claim(archive) == []
    assert [entry.state for entry in await claim(archive, partial=True)] == ["partial"]


async def test_claims_never_overlap(archive: Archive) -> None:
    """Twenty workers at once share 100 rows: each row goes to exactly one of them."""
    await enqueue(archive, *(f"d{n}" for n in range(100)))
    shares = await asyncio.gather(*(claim(archive, 7) for _ in range(20)))
    subjects = [entry.subject_id for share in shares for entry in share]
    assert len(subjects) == len(set(subjects)) == 100


async def test_the_owner_drops_the_claims_of_the_dead(archive: Archive) -> None:
    """`release_all` makes everything claimable at once; a worker from before cannot record any more."""
    await enqueue(archive, "d1", "d2")
    (before, _) = await claim(archive)
    async with archive.unit() as work:
        assert await work.ledger.release_all() == 2
        assert await work.ledger.release_all() == 0
    assert len(await claim(archive)) == 2
    assert await mark(archive, before, "done") is False


async def test_a_rebuild_asks_for_everything_again(archive: Archive) -> None:
    """`requeue_all` touches one user's rows of one projection, done and failed alike."""
    await enqueue(archive, "d1", "d2")
    await enqueue(archive, "d1", user="paul")
    async with archive.unit() as work:
        await work.ledger.enqueue("marie", "document", "d1", "knowledge")
    for entry, state in zip(await claim(archive), ("done", "failed", "done"), strict=True):
        await mark(archive, entry, state)  # type: ignore[arg-type]
    async with archive.unit() as work:
        assert await work.ledger.requeue_all("marie", "recall") == 2
        assert await work.ledger.counts("marie") == {"recall": {"pending": 2}, "knowledge": {"pending": 1}}
        assert sum((await work.ledger.counts("paul"))["recall"].values()) == 1
        assert await work.ledger.requeue_all(None, "recall") == 3
    assert {entry.revision for entry in await claim(archive)} == {2, 3}


async def test_states_and_counts_are_one_users(archive: Archive) -> None:
    """A user sees their own rows by subject and projection; None counts everybody's."""
    await enqueue(archive, "d1", "d2")
    await enqueue(archive, "d1", user="paul")
    async with archive.unit() as work:
        await work.ledger.enqueue("marie", "document", "d1", "knowledge")
        await work.ledger.enqueue("marie", "turn", "d1", "recall", "erase")
    async with archive.read() as work:
        asked = ["d1", "d2", *(f"unknown {n}" for n in range(1000))]
        states = await work.ledger.states("marie", "document", asked)
        assert {subject: set(found) for subject, found in states.items()} == {
            "d1": {"recall", "knowledge"},
            "d2": {"recall"},
        }
        assert {entry.action for entry in states["d1"].values()} == {"project"}
        assert await work.ledger.states("jean", "document", ["d1"]) == {}
        assert await work.ledger.counts("marie") == {"recall": {"pending": 3}, "knowledge": {"pending": 1}}
        assert await work.ledger.counts("jean") == {}
        assert await work.ledger.counts(None) == {"recall": {"pending": 4}, "knowledge": {"pending": 1}}


@pytest.mark.parametrize("state", ["done", "partial", "failed", "pending"])
async def test_any_mark_gives_the_claim_back(archive: Archive, state: State) -> None:
    """After a mark nobody holds the row."""
    await enqueue(archive, "d1")
    (entry,) = await claim(archive)
    await mark(archive, entry, state)
    async with archive.unit() as work:
        assert await work.ledger.release_all() == 0


async def test_marks_in_groups_tell_the_late_ones(archive: Archive) -> None:
    """Many at once; those that were asked for again meanwhile are left to be claimed, and told."""
    await enqueue(archive, "d1", "d2", "d3")
    entries = await claim(archive)
    await enqueue(archive, "d2")
    async with archive.unit() as work:
        applied = await work.ledger.mark_all(entries, "done")
    assert [entry.subject_id for entry in applied] == ["d1", "d3"]
    assert [entry.subject_id for entry in await claim(archive)] == ["d2"]
    async with archive.unit() as work:
        assert await work.ledger.mark_all([], "done") == []


async def test_a_claim_may_outlast_its_mark(archive: Archive, clock: FakeClock) -> None:
    """Half done, and the other half is under way: nobody else may take it until the lease is over."""
    await enqueue(archive, "d1")
    (entry,) = await claim(archive)
    async with archive.unit() as work:
        await work.ledger.mark_all([entry], "partial", "half", lease_seconds=600)
    clock.advance(599)
    assert await claim(archive, partial=True) == []
    assert await mark(archive, entry, "done") is True
    row = await state_of(archive, "d1")
    assert row is not None and (row.state, row.reason) == ("done", None)


async def test_what_rests_is_left_alone_until_it_is_asked_for(archive: Archive, clock: FakeClock) -> None:
    """Not for years, not when the owner starts, not when reasons change; but at once when asked for again."""
    await enqueue(archive, "d1")
    (entry,) = await claim(archive)
    async with archive.unit() as work:
        await work.ledger.mark_all([entry], "partial", "cannot be had", lease_seconds=math.inf)
        await work.ledger.release_all()
        await work.ledger.explain("recall", ["document"], "another reason")
    clock.advance(10 * 365 * 24 * 3600)
    assert await claim(archive, partial=True) == []
    row = await state_of(archive, "d1")
    assert row is not None and (row.state, row.reason) == ("partial", "cannot be had")
    await enqueue(archive, "d1")
    assert [entry.subject_id for entry in await claim(archive)] == ["d1"]


async def test_why_the_partial_ones_wait_can_be_said_of_all(archive: Archive) -> None:
    """One reason for those that nobody holds; those in hand and those that are done keep theirs."""
    await enqueue(archive, "d1", "d2", "d3")
    wanted: tuple[State, ...] = ("partial", "partial", "done")
    for entry, state in zip(await claim(archive), wanted, strict=True):
        await mark(archive, entry, state, "first")
    async with archive.unit() as work:
        (held,) = await work.ledger.claim("recall", limit=1, lease_seconds=60, states=("partial",))
        await work.ledger.explain("recall", ["document"], "the model is away")
        assert await work.ledger.waiting("recall", ["document"], "partial")
        assert not await work.ledger.waiting("recall", ["turn"], "partial")
        assert not await work.ledger.waiting("recall", ["document"], "pending")
    reasons = {}
    for name in ("d1", "d2", "d3"):
        row = await state_of(archive, name)
        assert row is not None
        reasons[name] = row.reason
    left = "d2" if held.subject_id == "d1" else "d1"
    assert reasons == {held.subject_id: "first", left: "the model is away", "d3": "first"}


async def test_claims_of_one_kind(archive: Archive) -> None:
    """Turns and documents are claimed apart, so that neither waits for the other."""
    await enqueue(archive, "d1")
    async with archive.unit() as work:
        await work.ledger.enqueue("marie", "turn", "t1", "recall")
        turns = await work.ledger.claim("recall", limit=9, lease_seconds=60, kinds=["turn", "thread"])
    assert [entry.subject_id for entry in turns] == ["t1"]
    assert [entry.subject_id for entry in await claim(archive)] == ["d1"]


async def test_asked_for_and_claimed_at_once(archive: Archive) -> None:
    """Who stores may work on it without looking for it; not while somebody still works on the old text."""
    async with archive.unit() as work:
        entry = await work.ledger.enqueue_claimed("marie", "document", "d1", "recall", 60)
    assert entry is not None and (entry.state, entry.revision, entry.attempts) == ("pending", 1, 1)
    assert await claim(archive) == []
    async with archive.unit() as work:
        assert await work.ledger.enqueue_claimed("marie", "document", "d1", "recall", 60) is None
        assert await work.ledger.overtaken("recall", ["document"]) == {("marie", "document", "d1")}
    assert await mark(archive, entry, "done") is False
    (again,) = await claim(archive)
    assert (again.revision, again.attempts) == (2, 1)
    async with archive.unit() as work:
        assert await work.ledger.overtaken("recall", ["document"]) == set(), "it is claimed as it is now"
