"""How many tokens a prompt is: close from the start, closer with each answer, and cuts are noticed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langchain_core.tools import tool

from graphs.models.token_counts import TokenCounts

SAMPLES = sorted((Path(__file__).parents[3] / "samples" / "documents").iterdir())
TEXTS = [
    file.read_text(encoding="utf-8") for file in SAMPLES if file.suffix in (".md", ".txt", ".csv", ".html")
]
MODEL, OTHER = "ollama:llama3.1:8b", "ollama:mistral:7b"


@tool
def look(words: str) -> str:
    """Look something up."""
    return words


def prompt(text: str = TEXTS[0]) -> list[BaseMessage]:
    """A prompt with this text in it."""
    return [SystemMessage("Answer briefly."), HumanMessage(text)]


def taught(ratio: float, calls: int = 10) -> TokenCounts:
    """Counts that have seen a model make this much of the first guess."""
    counts = TokenCounts()
    for _ in range(calls):
        counts.learn(MODEL, prompt(), (), round(ratio * TokenCounts().expected(MODEL, prompt())))
    return counts


@pytest.mark.parametrize("text", TEXTS)
def test_the_first_guess_is_sane(text: str) -> None:
    """English, French, tables and pages come to between 2.5 and 5 characters a token."""
    assert 2.5 < len(text) / TokenCounts().expected(MODEL, prompt(text)) < 5


@given(st.text(), st.text())
def test_more_text_is_more_tokens(one: str, other: str) -> None:
    """Any text has a count, and a longer prompt never a smaller one."""
    counts = TokenCounts()
    assert 4 < counts.expected(MODEL, prompt(one)) <= counts.expected(MODEL, prompt(one + other))


def test_tools_and_their_calls_count() -> None:
    """What a model reads beside the words counts as well."""
    counts, said = TokenCounts(), prompt()
    called = AIMessage("", tool_calls=[{"name": "look", "args": {"words": "boiler"}, "id": "1"}])
    assert counts.expected(MODEL, said, [look]) > counts.expected(MODEL, said) + 20
    assert counts.expected(MODEL, [*said, called]) > counts.expected(MODEL, [*said, AIMessage("")])


@pytest.mark.parametrize("ratio", [0.8, 1.0, 1.3, 1.8])
def test_a_model_is_followed(ratio: float) -> None:
    """After some answers the count is the model's own, for that model only."""
    guess = TokenCounts().expected(MODEL, prompt())
    counts = taught(ratio)
    assert counts.expected(MODEL, prompt()) == pytest.approx(ratio * guess, rel=0.05)
    assert counts.expected(OTHER, prompt()) == guess


def test_a_short_prompt_says_little_of_a_long_one() -> None:
    """What a template adds to a few words is not taken for what the model makes of text."""
    counts = TokenCounts()
    for _ in range(3):
        counts.learn(MODEL, [HumanMessage("Who?")], (), 36)
    assert counts.expected(MODEL, prompt()) < 1.4 * TokenCounts().expected(MODEL, prompt())


def test_a_cut_is_not_learned_from() -> None:
    """A sudden fall leaves the count as it is, and so does a model that counts nothing."""
    counts = taught(1.2)
    before = counts.expected(MODEL, prompt())
    for fallen in (before // 2, round(before * 0.7), 0, -1):
        counts.learn(MODEL, prompt(), (), fallen)
    assert counts.expected(MODEL, prompt()) == before


@pytest.mark.parametrize("counts", [TokenCounts(), taught(0.8), taught(1.3)], ids=["new", "low", "high"])
def test_a_cut_is_noticed(counts: TokenCounts) -> None:
    """Half of the prompt, or as many tokens as the window holds: it was cut. The whole of it: it was not."""
    sent = counts.expected(MODEL, prompt())
    assert counts.was_cut(MODEL, prompt(), (), sent // 2, 8192)
    assert counts.was_cut(MODEL, prompt(), (), 512, 512)
    assert counts.was_cut(MODEL, prompt(), (), round(0.9 * sent), round(0.7 * sent))
    assert not counts.was_cut(MODEL, prompt(), (), sent, 8192)
    assert not counts.was_cut(MODEL, prompt(), (), 0, 8192)


@given(st.lists(st.tuples(st.integers(0, len(TEXTS) - 1), st.floats(0.9, 1.15)), min_size=1, max_size=50))
def test_ordinary_counts_are_no_cuts(calls: list[tuple[int, float]]) -> None:
    """Any mixture of languages and tables that a model counts its own way is never taken for a cut."""
    counts = TokenCounts()
    for text, ratio in calls:
        read = round(ratio * TokenCounts().expected(MODEL, prompt(TEXTS[text])))
        assert not counts.was_cut(MODEL, prompt(TEXTS[text]), (), read, 32_768)
        counts.learn(MODEL, prompt(TEXTS[text]), (), read)
