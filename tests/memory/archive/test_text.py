"""Any text survives, whatever it is made of; what is not text is refused before anything is written."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memory.archive.archive import Archive
from memory.archive.errors import ArchiveRefused
from tests.memory.archive.samples import a_document, a_turn, chunks_of

# Everything but lone surrogates: NUL, controls, combining marks, emoji, noncharacters.
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
# The archive is shared by the examples on purpose: each replaces what the one before left.
SHARED = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


@SHARED
@given(id=TEXT, user=TEXT, text=TEXT, title=TEXT, locator=TEXT)
async def test_any_text_comes_back(
    archive: Archive, id: str, user: str, text: str, title: str, locator: str
) -> None:
    """Ids, users, texts, titles and locators of any Unicode come back equal, NUL and all."""
    document = a_document(id, user=user, text=text, title=title, chunk_count=1)
    async with archive.unit() as work:
        await work.documents.put(document, chunks_of(document, text + locator))
        await work.ledger.enqueue(user, "document", id, "recall")
    async with archive.read() as work:
        assert await work.documents.get(user, id) == document
        assert await work.documents.by_uri(user, document.uri) is not None
        assert await work.documents.chunks(user, id) == chunks_of(document, text + locator)
        assert id in await work.ledger.states(user, "document", [id])


@SHARED
@given(question=TEXT, answer=TEXT, references=st.lists(TEXT, max_size=4), value=JSON)
async def test_any_turn_comes_back(
    archive: Archive, question: str, answer: str, references: list[str], value: Any
) -> None:
    """Questions, answers, references and whatever JSON the sources hold come back equal."""
    turn = a_turn(
        question=question,
        answer=answer,
        references=references,
        sources=[{"value": value}],
        timings_ms={"x": value},
    )
    async with archive.unit() as work:
        await work.threads.delete("marie", "c1")
        assert await work.threads.add_turn(turn)
    async with archive.read() as work:
        assert await work.threads.turn("marie", "t1") == turn
        for reference in references:
            assert await work.threads.referring("marie", reference) == [turn]


@SHARED
@given(
    moment=st.datetimes(
        min_value=datetime(1000, 1, 2), max_value=datetime(9998, 1, 1), timezones=st.timezones()
    )
)
async def test_any_moment_comes_back_in_utc(archive: Archive, moment: datetime) -> None:
    """A date of any zone comes back as the same moment, in UTC, to the microsecond."""
    async with archive.unit() as work:
        await work.documents.put(a_document(created_at=moment), [])
    async with archive.read() as work:
        found = await work.documents.get("marie", "d1")
    assert found is not None
    assert found.created_at == moment.astimezone(UTC) and found.created_at.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "changes",
    [
        {"answer": "secret \ud800"},
        {"id": "secret \udfff"},
        {"user": "secret \ud800"},
        {"references": ["ok", "secret \udc80"]},
        {"sources": [{"quote": "secret \ud800"}]},
        {"sources": [{"score": math.nan}]},
        {"timings_ms": {"secret \ud800": 1}},
        {"degraded": [{"reason": object()}]},
        {"started_at": datetime(2026, 1, 1)},
    ],
)
async def test_what_cannot_be_kept_is_refused_whole(archive: Archive, changes: dict[str, Any]) -> None:
    """Half a character, NaN, a date without a zone: refused in one line that quotes nothing."""
    async with archive.unit() as work:
        with pytest.raises(ArchiveRefused) as refused:
            await work.threads.add_turn(a_turn(**changes))
    for lang in ("en", "fr"):
        assert "\n" not in refused.value.say(lang) and "secret" not in refused.value.say(lang)
    async with archive.read() as work:
        assert await work.threads.list("marie") == []


async def test_half_a_character_is_refused_when_reading_too(archive: Archive) -> None:
    """Nothing is under such an id: the question itself is refused, by name, not with a crash."""
    async with archive.read() as work:
        with pytest.raises(ArchiveRefused):
            await work.threads.turns("marie", "\ud800")
        with pytest.raises(ArchiveRefused):
            await work.documents.passages("\ud800", ["k1"])


async def test_a_redaction_that_is_refused_changes_nothing(archive: Archive) -> None:
    """The answer and the references stay together, old or new."""
    async with archive.unit() as work:
        await work.threads.add_turn(a_turn())
        with pytest.raises(ArchiveRefused):
            await work.threads.redact("marie", "t1", answer="x", sources=[], references=["a", "\ud800"])
    async with archive.read() as work:
        assert await work.threads.turn("marie", "t1") == a_turn()


async def test_a_zone_east_of_greenwich_is_not_lost(archive: Archive) -> None:
    """Noon in Paris is eleven in UTC, and is ordered so."""
    paris = datetime(2026, 1, 15, 12, tzinfo=timezone(timedelta(hours=1)))
    async with archive.unit() as work:
        await work.threads.add_turn(a_turn(started_at=paris, finished_at=paris))
        found = await work.threads.turn("marie", "t1")
    assert found is not None and found.started_at == datetime(2026, 1, 15, 11, tzinfo=UTC)
