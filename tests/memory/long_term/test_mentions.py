"""Mentions: the speaker whom a question names, and the times it speaks of, on what was found."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from memory.archive.entities import Chunk, Document
from memory.long_term.entries import Question
from memory.long_term.fusion import Signals
from memory.long_term.mentions import Mentions, mentions
from memory.long_term.reading import Found
from tests.clock import FakeClock
from tests.memory.archive.samples import a_document, a_turn

NOW = FakeClock()()
"""Thursday 15 January 2026, 9:00."""
NOTHING = Signals(0.0)
MEETING = a_document("meeting", media_type="text/vtt", title="Council", lang="en")


def a_line(speaker: str, document: Document = MEETING) -> tuple[Chunk, Document]:
    """A line of a transcript, or of whatever the document is."""
    return Chunk(f"line of {speaker}", document.id, "marie", 0, "Yes.", f"00:01:20 {speaker}", "en"), document


def heard(question: str, *speakers: str, lang: str = "en", document: Document = MEETING) -> Mentions:
    """What a question mentions, when lines of these speakers were found."""
    lines = [a_line(speaker, document) for speaker in speakers]
    return mentions(Question(question, lang), Found({line[0].id: line for line in lines}), NOW)


def dated(question: str, title: str, lang: str = "en", kept: datetime = NOW) -> bool:
    """Whether a document with this title is of a time that the question speaks of."""
    document = a_document("dated", title=title, lang=lang, created_at=kept)
    return heard(question, lang=lang).in_chunk(NOTHING, *a_line("", document)).in_time


@pytest.mark.parametrize(
    "question", ["What did Marie say?", "Marie's opinion?", "what does marie dupont think"]
)
def test_what_the_named_speaker_said(question: str) -> None:
    """A first name is enough; the lines of others are not theirs."""
    asked = heard(question, "Marie Dupont", "Paul Martin")
    assert asked.in_chunk(NOTHING, *a_line("Marie Dupont")).said_by_named
    assert not asked.in_chunk(NOTHING, *a_line("Paul Martin")).said_by_named
    assert not asked.in_chunk(NOTHING, *a_line("")).said_by_named


@pytest.mark.parametrize("question", ["What did Marie tell Paul?", "What was decided?", "Who is Zoé?"])
def test_two_names_or_none_say_nothing(question: str) -> None:
    """Nobody's lines are preferred then."""
    asked = heard(question, "Marie Dupont", "Paul Martin", "")
    assert asked.speaker is None
    for speaker in ("Marie Dupont", "Paul Martin", ""):
        assert not asked.in_chunk(NOTHING, *a_line(speaker)).said_by_named


def test_only_transcripts_have_speakers() -> None:
    """The place in another document is no name, though it looks like one."""
    notes = a_document("notes", media_type="text/markdown")
    asked = heard("What did Marie say?", "Marie", document=notes)
    assert not asked.in_chunk(NOTHING, *a_line("Marie", notes)).said_by_named
    assert not heard("What did Marie say?", "Marie").in_chunk(NOTHING, *a_line("Marie", notes)).said_by_named


@pytest.mark.parametrize(
    ("question", "lang", "start", "end"),
    [
        ("What did we decide last week?", "en", datetime(2026, 1, 5), datetime(2026, 1, 12)),
        ("Qu'a-t-on décidé la semaine dernière ?", "fr", datetime(2026, 1, 5), datetime(2026, 1, 12)),
        ("What did I say last May?", "en", datetime(2025, 5, 1), datetime(2025, 6, 1)),
        ("Qu'ai-je dit hier ?", "fr", datetime(2026, 1, 14), datetime(2026, 1, 15)),
        ("What did I say on 3 March 2024?", "en", datetime(2024, 3, 3), datetime(2024, 3, 4)),
    ],
)
def test_turns_of_the_time_that_was_asked(question: str, lang: str, start: datetime, end: datetime) -> None:
    """From its first moment up to, and without, its end; relative to when it is asked."""
    asked = heard(question, lang=lang)
    moment = timedelta(microseconds=1)
    for said, expected in ((start - moment, False), (start, True), (end - moment, True), (end, False)):
        turn = a_turn(started_at=said.replace(tzinfo=UTC))
        assert asked.in_turn(NOTHING, turn).in_time == expected, said


def test_several_times_and_none() -> None:
    """Any of them will do; a question without a time prefers none."""
    asked = heard("What did we say in March 2025 and in May 2025?")
    said = [a_turn(started_at=datetime(2025, month, 9, tzinfo=UTC)) for month in (3, 4, 5)]
    assert [asked.in_turn(NOTHING, turn).in_time for turn in said] == [True, False, True]
    assert not any(heard("What did we say?").in_turn(NOTHING, turn).in_time for turn in said)


@pytest.mark.parametrize(
    ("title", "lang", "expected"),
    [
        ("Minutes of 7 January 2026", "en", True),
        ("2026-01-07 council", "en", True),
        ("Compte rendu du 7 janvier 2026", "fr", True),
        ("Minutes of January 2026", "en", True),
        ("Minutes of 7 January", "en", True),
        ("Minutes of 12 January 2026", "en", False),
        ("Minutes of 7 January 2025", "en", False),
        ("Compte rendu du 7 mai 2026", "fr", False),
        ("Minutes of last week", "en", False),
        ("Monday", "en", False),
        ("Notes", "en", False),
        ("", "en", False),
    ],
)
def test_documents_with_a_date_in_their_title(title: str, lang: str, expected: bool) -> None:
    """They are of the days that their title gives, in figures; words such as "Monday" give none."""
    question = "Qu'a-t-on dit la semaine dernière ?" if lang == "fr" else "What was said last week?"
    assert dated(question, title, lang) == expected


def test_a_title_without_a_year_is_of_the_year_it_was_kept_in() -> None:
    """The latest such day before the document was kept, whenever it is asked."""
    kept = datetime(2024, 2, 1, tzinfo=UTC)
    assert dated("What was said on 7 January 2024?", "Minutes of 7 January", kept=kept)
    assert not dated("What was said on 7 January 2026?", "Minutes of 7 January", kept=kept)


def test_a_question_without_a_time_prefers_no_document() -> None:
    """However its title is dated."""
    assert not dated("What was said?", "Minutes of 7 January 2026")


def test_only_turns_grow_old() -> None:
    """A turn's age is what has passed since it was asked; a document has none, whenever it was kept."""
    asked = heard("What was said?")
    turn = a_turn(started_at=NOW - timedelta(days=3))
    assert asked.in_turn(NOTHING, turn).age == timedelta(days=3)
    assert asked.in_chunk(NOTHING, *a_line("Marie")).age is None


def test_what_was_known_before_stays() -> None:
    """Mentions add to the signals of the legs."""
    known = Signals(0.5, 0.25, focus=0.75, same_language=True)
    for added in (
        heard("Hm?").in_turn(known, a_turn()),
        heard("Hm?").in_chunk(known, *a_line("Marie")),
    ):
        assert (added.words, added.meaning, added.focus, added.same_language) == (0.5, 0.25, 0.75, True)
