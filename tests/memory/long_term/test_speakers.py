"""Speakers: whom a question names, the question without the name, and who speaks in a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.long_term.speakers import named_speaker, speaker_at, speakers_in, without_name

CALL = ["Caroline", "Jean-Pierre D.", "Dr. Élise Martin", "SPEAKER_01", "Ann", "Marie Dupont", "Paul Martin"]
WORDS = ["Will", "May", "Rose", "Pierre", "Claire Petit", "Mark Hill"]


@pytest.mark.parametrize(
    ("question", "speaker"),
    [
        ("What did Caroline say?", "Caroline"),
        ("what did caroline say", "Caroline"),
        ("WHAT DID CAROLINE SAY?", "Caroline"),
        ("What is Caroline's dog called?", "Caroline"),
        ("What is Caroline’s dog called?", "Caroline"),
        ("Quel est le chien d'Élise ?", "Dr. Élise Martin"),
        ("Quel est le chien d’E\u0301lise ?", "Dr. Élise Martin"),
        ("quel est le chien d'elise ?", "Dr. Élise Martin"),
        ("Qu'a dit le Dr Élise Martin ?", "Dr. Élise Martin"),
        ("Qu'a dit Jean-Pierre ?", "Jean-Pierre D."),
        ("Qu'a dit jean-pierre d. hier ?", "Jean-Pierre D."),
        ("Qu'a dit Jean ?", None),
        ("Qu'a dit Pierre ?", None),
        ("What did SPEAKER_01 want?", "SPEAKER_01"),
        ("What did speaker 1 want?", "SPEAKER_01"),
        ("What did the speaker want?", None),
        ("What did speaker 12 want?", None),
        ("What did Ann think of the Annual report?", "Ann"),
        ("What does the annual report say?", None),
        ("What did Ann-Kathrin say?", None),
        ("What did Marie say?", "Marie Dupont"),
        ("What did Dupont say?", "Marie Dupont"),
        ("What did Marie Dupont's friend say?", "Marie Dupont"),
        ("What did Marie Curie discover?", None),
        ("What did Martin say?", None),
        ("What did Paul Martin say?", "Paul Martin"),
        ("What did Caroline and Ann say?", None),
        ("What did Caroline say about Ann Taylor?", "Caroline"),
        ("What did Caroline Durand say?", "Caroline"),
        ("What did Nobody say?", None),
        ("", None),
    ],
)
def test_whom_a_question_names(question: str, speaker: str | None) -> None:
    """The one speaker; by a first or a last name, in any case, but not in part of a word."""
    assert named_speaker(question, CALL) == speaker


@pytest.mark.parametrize(
    ("question", "speaker"),
    [
        ("What did Will do?", "Will"),
        ("What will he do?", None),
        ("Will it rain?", None),
        ("Will a dog bark?", None),
        ("Done. Will it rain?", None),
        ("Will's car, where is it?", "Will"),
        ("Will said what?", "Will"),
        ("WILL IT RAIN?", None),
        ("May I go?", None),
        ("What happened in May?", None),
        ("What happened on 3 May?", None),
        ("What happened on May 3?", None),
        ("What does May like?", "May"),
        ("Where do roses grow?", None),
        ("Did the price rose?", None),
        ("What colour is Rose's coat?", "Rose"),
        ("Rose and Tim went where?", "Rose"),
        ("Où est la pierre ?", None),
        ("Où est Pierre ?", "Pierre"),
        ("Pierre a dit quoi ?", "Pierre"),
        ("Pierre n'est pas venu ?", "Pierre"),
        ("Est-ce une idée claire ?", None),
        ("Est-ce une idée de Claire ?", "Claire Petit"),
        ("Le petit déjeuner est prêt ?", None),
        ("Mark the date?", None),
        ("What did Mark say up the hill?", "Mark Hill"),
    ],
)
def test_names_that_are_words_too(question: str, speaker: str | None) -> None:
    """They count with a capital, not at the start of a sentence unless a name is what fits there."""
    assert named_speaker(question, WORDS) == speaker


@pytest.mark.parametrize(
    ("question", "speaker", "left"),
    [
        ("What did Caroline say?", "Caroline", "What did say?"),
        ("What is Caroline's dog called?", "Caroline", "What is the dog called?"),
        ("Caroline’s dog?", "Caroline", "The dog?"),
        ("What are James' plans?", "James", "What are the plans?"),
        ("When did Caroline and I meet?", "Caroline", "When did I meet?"),
        ("When did I meet with Caroline?", "Caroline", "When did I meet?"),
        ("Caroline, where is it?", "Caroline", "where is it?"),
        ("Quel est le chien d'Élise ?", "Dr. Élise Martin", "Quel est le chien ?"),
        ("Qu'a dit le Dr. Élise Martin à Tours ?", "Dr. Élise Martin", "Qu'a dit à Tours ?"),
        ("Qu'a dit Caroline à Tours ?", "Caroline", "Qu'a dit à Tours ?"),
        ("What did Will say he will do?", "Will", "What did say he will do?"),
        ("What did Ann say?", "Caroline", "What did Ann say?"),
        ("Caroline?", "Caroline", "Caroline?"),
    ],
)
def test_the_question_without_the_name(question: str, speaker: str, left: str) -> None:
    """The name goes with its possessive or the word that led to it; a question of a name alone stays."""
    assert without_name(question, speaker) == left


def test_who_speaks_in_a_text() -> None:
    """Names that start two lines or more; labels, addresses and headings in small letters are no speakers."""
    text = """Note: a call
Note: recorded
Caroline: Hello.
[00:12] Jean-Pierre D. : Bonjour.
Ordre du jour : le budget
Ordre du jour : la fête
https://example.org
Http: //example.org
Total: 12
Total: 13
- Caroline: Shall we?
00:15 Jean-Pierre D.: Oui.
**SPEAKER_01:** Yes.
SPEAKER_01: No.
Attention : danger
Attention : danger
Marie Dupont: I was here once.
10:30 we met
"""
    assert speakers_in(text) == ("Caroline", "Jean-Pierre D.", "SPEAKER_01")
    assert speakers_in(text, at_least=1) == ("Caroline", "Jean-Pierre D.", "SPEAKER_01", "Marie Dupont")


@pytest.mark.parametrize(
    ("locator", "speaker"),
    [
        ("00:01:20 Marie", "Marie"),
        ("100:01:20 Élise Martin", "Élise Martin"),
        ("00:01:20", None),
        ("page 3", None),
        ("", None),
    ],
)
def test_who_speaks_at_a_place(locator: str, speaker: str | None) -> None:
    """Passages of a transcript keep their speaker in the locator."""
    assert speaker_at(locator) == speaker


@given(st.text(max_size=80), st.lists(st.text(max_size=20), max_size=4))
def test_any_text_and_any_names(question: str, speakers: list[str]) -> None:
    """Nothing is raised; who is named is one of the speakers, and something of the question is left."""
    named = named_speaker(question, speakers)
    assert named is None or named in speakers
    assert speakers_in(question) == speakers_in(question)
    for speaker in speakers:
        assert bool(without_name(question, speaker)) == bool(question)


@given(
    st.sampled_from([*CALL, "Caroline Durand"]), st.sampled_from(["What did {} say?", "Qu'a dit {} ?", "{}?"])
)
def test_a_full_name_is_always_found(speaker: str, question: str) -> None:
    """Whoever else speaks, a full name names its speaker."""
    assert named_speaker(question.format(speaker), [speaker, "Ann Martin", "Tim"]) == speaker
