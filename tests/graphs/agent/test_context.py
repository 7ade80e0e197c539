"""The context budget: whatever there is to say, the prompt fits the model's window."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import chain

from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import (
    AIMessage,
    AnyMessage,
    BaseMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)
from langchain_core.tools import BaseTool, tool

from graphs.agent import prompts
from graphs.agent.context import DOUBT_SHARE, SUMMARY_SHARE, Composed, Room, Talk, composed
from memory.long_term.passages import Legs, Passage

TODAY = date(2026, 1, 15)
QUESTION = HumanMessage("And now?", id="now")
NUMBER = re.compile(r"^\[(\d+)\] (title \d+)", re.MULTILINE)


@tool
def search_memory(query: str) -> str:
    """Search the memory of the person."""
    return query


@dataclass
class CountsLetters:
    """A model that reads so many characters as a token, and remembers how often it was asked."""

    per_token: float = 4.0
    per_message: int = 4
    lump: int = 1
    asked: list[int] = field(default_factory=list)

    def expected(
        self, component: str, messages: Sequence[BaseMessage], tools: Sequence[BaseTool] = ()
    ) -> int:
        """Return a count that rounds each message up to whole lumps: pieces do not add up to the whole."""
        self.asked.append(len(messages))
        each = (math.ceil((len(str(one.text)) + _calls(one)) / self.per_token) for one in messages)
        lumps = sum(math.ceil((tokens + self.per_message) / self.lump) * self.lump for tokens in each)
        return lumps + 60 * len(tools)


def _calls(message: BaseMessage) -> int:
    return len(str(message.tool_calls)) if isinstance(message, AIMessage) and message.tool_calls else 0


def a_passage(number: int, text: str = "Odile makes the badges.", score: float = 0.5) -> Passage:
    """A passage with something around it, of which title and id tell the number."""
    return Passage(
        item_id=f"i{number}",
        kind="chunk",
        document_id=f"d{number}",
        title=f"title {number}",
        uri="file:///notes",
        locator="page 1",
        lang="en",
        text=text,
        quote="",
        score=score,
        legs=Legs(),
        before="What comes before. " * 5,
        after="What comes after. " * 5,
    )


def turns(count: int, question: str, answer: str) -> list[AnyMessage]:
    """So many turns, each question with its number."""
    said: list[AnyMessage] = []
    for n in range(count):
        said += [HumanMessage(f"{question} {n}.", id=f"t{n}"), AIMessage(answer, id=f"t{n}-answer")]
    return said


def a_round(identity: str, result: str) -> list[AnyMessage]:
    """A call of a tool with its result."""
    call = {"name": "search_memory", "args": {"query": "x"}, "id": identity}
    return [AIMessage("", tool_calls=[call]), ToolMessage(result, tool_call_id=identity)]


def made(
    messages: Sequence[AnyMessage], passages: Sequence[Passage] = (), window: int = 8192, **more: str
) -> Composed:
    """Compose for a model that reads four characters as a token."""
    talk = replace(Talk(messages, "en", TODAY), **more)  # type: ignore[arg-type]  # only texts are changed
    return composed(talk, passages, Room("ollama:m", window, 1024, CountsLetters()))


def system(prompt: Composed) -> str:
    """The system prompt, which comes first and only once."""
    assert [message.type for message in prompt.messages].count("system") == 1
    return str(prompt.messages[0].text)


def test_a_short_conversation_is_sent_whole() -> None:
    """Where there is room, all is there: instructions, passages with what is around them, conversation."""
    said = turns(3, "My number is", "Fine.")
    counts = CountsLetters()
    passages = [a_passage(1), a_passage(2)]
    prompt = composed(Talk([*said, QUESTION], "en", TODAY), passages, Room("m", 8192, 1024, counts))
    text = prompts.system_prompt(passages, "en", TODAY)
    assert prompt == Composed(
        [SystemMessage(text), *said, QUESTION], tokens=prompt.tokens, summary="", too_long=False
    )
    assert counts.asked.count(8) == 1, "the whole is counted once"
    assert len(counts.asked) == 2


def test_the_summary_stands_before_the_passages() -> None:
    """What was said before the conversation shown is there, fenced, in the language of the person."""
    prompt = made(
        [QUESTION], [a_passage(1)], summary="2026-01-02: My cat is Félix [1] </earlier>.", lang="fr"
    )
    text = system(prompt)
    places = [text.index(words) for words in ("Nous sommes", "Plus tôt dans cette conversation", "[1] title")]
    assert places == sorted(places)
    fenced = text.partition("<earlier>\n")[2].partition("\n</earlier>")
    assert fenced[0].startswith("- 2026-01-02: My cat is Félix (1) <")
    assert text.count("</earlier>") == 1
    assert "Earlier in this conversation" in system(made([QUESTION], summary="2026-01-02: My cat is Félix."))


def test_the_oldest_turns_leave_first_and_their_statements_stay() -> None:
    """Turns that do not fit go whole, the oldest first; the summary keeps what was stated, with its day."""
    said = turns(12, "My favourite number is", "word " * 400)
    days = {f"t{n}": f"2026-01-{n + 1:02}" for n in range(12)}
    talk = Talk([*said, QUESTION], "en", TODAY, "2025-12-24: My cat is Félix.", days)
    prompt = composed(talk, [a_passage(1)], Room("m", 4096, 1024, CountsLetters()))
    kept = prompt.messages[1:-1]
    assert 0 < len(kept) < len(said)
    assert kept == said[2 * prompt.turns_left :]
    assert prompt.left_out == prompt.around_left == 0
    assert prompt.summary.split("\n")[:2] == [
        "2025-12-24: My cat is Félix.",
        "2026-01-01: My favourite number is 0.",
    ]
    assert prompt.summary.endswith(f"My favourite number is {prompt.turns_left - 1}.")
    assert prompt.summary.split("\n")[-1] in system(prompt)


def test_the_summary_takes_its_share_of_the_window() -> None:
    """A long summary is cut to a sixteenth of the window: what tells least goes first, then the oldest."""
    lines = [f"2026-01-01: My number is {n}." for n in range(100)]
    prompt = made([QUESTION], window=4096, summary="\n".join(["2026-01-02: It rained a lot.", *lines]))
    kept = prompt.summary.split("\n")
    assert 3 < len(kept) < 100
    assert kept == lines[-len(kept) :]
    assert len(prompts.earlier(prompt.summary, "en")) / 4 <= 4096 / SUMMARY_SHARE + 1


def test_the_least_sure_passages_leave_next_and_numbers_stay() -> None:
    """What is around passages goes before any passage; then the least sure go; none changes its number."""
    scores = [0.9, 0.2, 0.7, 0.4]
    passages = [a_passage(n, "word " * 200, score) for n, score in enumerate(scores, 1)]
    whole = made([QUESTION], passages).tokens
    light = made([QUESTION], passages, (whole - 60) * 32 // 23)
    assert (light.left_out, light.around_left) == (0, 2)
    assert system(light).index("<around>") < system(light).index("[2] title")
    heavy = made([*turns(2, "My number is", "Fine."), QUESTION], passages, 1200)
    assert (heavy.left_out, heavy.turns_left) == (2, 2)
    assert NUMBER.findall(system(heavy)) == [("1", "title 1"), ("3", "title 3")]


def test_without_room_for_passages_the_model_is_told() -> None:
    """It is not told that memory holds nothing, when passages were left out."""
    prompt = made([QUESTION], [a_passage(1, "word " * 2000)], 1024)
    assert prompt.left_out == 1
    assert "no room" in system(prompt)
    assert "holds no passage" in system(made([QUESTION], window=1024))


def test_results_of_tools_are_shortened_from_the_oldest() -> None:
    """When nothing else is left to leave, the oldest result is cut, told so, and its fence closed."""
    old = a_round("a", f"Notes\n<document>\n{'old ' * 1000}\n</document>\n(continues at start=4000)")
    new = a_round("b", f"Notes\n<document>\n{'new ' * 500}\n</document>")
    prompt = made([*turns(1, "My number is", "Fine."), QUESTION, *old, *new], [a_passage(1)], 2048)
    assert (prompt.results_cut, prompt.rounds_left, prompt.left_out, prompt.turns_left) == (1, 0, 1, 1)
    assert [one.type for one in prompt.messages] == ["system", "human", "ai", "tool", "ai", "tool"]
    first, second = str(prompt.messages[3].text), prompt.messages[5]
    assert 200 < len(first) < 3000
    assert first.endswith("old …\n</document>\n(cut here: no room for the rest)")
    assert second is new[1]


@given(st.integers(0, 3000))
def test_a_cut_result_keeps_its_fences(length: int) -> None:
    """Wherever a result is cut, what stands in a fence is closed off from what comes after."""
    text = prompts.numbered([a_passage(n, "word " * 50) for n in range(1, 6)], 1)
    cut = prompts.cut_result(text, length)
    for fence in ("passage", "around"):
        assert cut.count(f"<{fence}>") == cut.count(f"</{fence}>")
        assert cut.count(fence) == 2 * cut.count(f"<{fence}>")
    assert text.startswith(cut.partition(" …")[0].rstrip())
    assert len(cut) < length + 60


def test_tool_work_leaves_whole_at_the_end() -> None:
    """A call never stands without its result: rounds that have no room even shortened go together."""
    rounds = [message for n in range(20) for message in a_round(f"c{n}", "found " * 300)]
    prompt = made([QUESTION, *rounds], window=1024)
    assert 0 < prompt.rounds_left < 20
    assert [one.type for one in prompt.messages] == [
        "system",
        "human",
        *["ai", "tool"] * (20 - prompt.rounds_left),
    ]


def test_what_a_tool_shows_is_not_repeated() -> None:
    """A passage that a tool found stands in its result only; the beginning of the prompt does not change."""
    passages = [a_passage(n) for n in (1, 2)]
    found = a_round("a", prompts.numbered(passages[1:], 2))
    before, after = made([QUESTION], passages[:1]), made([QUESTION, *found], passages)
    assert after.messages == [*before.messages, *found]
    assert after.left_out == 0


def test_a_question_larger_than_the_window_is_sent_whole() -> None:
    """The question and the instructions are never cut; the caller is told that they are too long."""
    question = HumanMessage("word " * 3000)
    said = [*turns(2, "My number is", "Fine."), question, *a_round("a", "found")]
    prompt = made(said, [a_passage(1)], 1024, summary="2026-01-02: My cat is Félix.")
    assert prompt.messages == [SystemMessage(prompts.instructions("en", TODAY)), question]
    assert prompt.too_long
    assert prompt.tokens > 1024
    assert (prompt.turns_left, prompt.left_out, prompt.rounds_left, prompt.summary) == (2, 1, 1, "")


def test_the_conversation_itself_is_not_changed() -> None:
    """What is shortened for a model stays whole in the conversation."""
    said: list[AnyMessage] = [QUESTION, *a_round("a", "found " * 2000)]
    copies = [message.model_copy() for message in said]
    assert made(said, window=1024).results_cut == 1
    assert said == copies


TEXTS = st.one_of(
    st.text(max_size=30),
    st.builds(lambda word, times: f"My {word} " * times + ".", st.text(max_size=8), st.integers(0, 400)),
)
MESSAGES: st.SearchStrategy[list[AnyMessage]] = st.one_of(
    TEXTS.map(lambda text: [HumanMessage(text)]),
    TEXTS.map(lambda text: [AIMessage(text)]),
    st.tuples(TEXTS, TEXTS).map(lambda pair: [HumanMessage(pair[0]), AIMessage(pair[1])]),
)
ROUNDS = TEXTS.map(lambda text: a_round("a", text))
COUNTS = st.builds(CountsLetters, st.floats(0.5, 6), st.integers(0, 12), st.sampled_from([1, 7, 40]))
FOUND = st.lists(st.tuples(TEXTS, st.floats(0, 1)), max_size=10)


@given(
    st.lists(MESSAGES, max_size=25),
    st.lists(ROUNDS, max_size=4),
    TEXTS,
    FOUND,
    st.integers(1024, 8192),
    st.integers(1, 4096),
    COUNTS,
    st.sampled_from(["en", "fr"]),
    st.lists(TEXTS, max_size=30).map("\n".join),
)
def test_any_prompt_fits(
    past: list[list[AnyMessage]],
    rounds: list[list[AnyMessage]],
    asked: str,
    found: list[tuple[str, float]],
    window: int,
    answer: int,
    counts: CountsLetters,
    lang: str,
    summary: str,
) -> None:
    """Whatever was said and found, the prompt leaves the answer its room.

    Instructions and question are whole. Only when these two alone have no room is it longer, and then it
    holds nothing else.
    """
    question = HumanMessage(asked, id="now")
    passages = [a_passage(n, text, score) for n, (text, score) in enumerate(found, 1)]
    before = list(chain.from_iterable(past))
    messages = [*before, question, *chain.from_iterable(rounds)]
    room = Room("m", window, answer, counts, [search_memory])
    prompt = composed(Talk(messages, lang, TODAY, summary), passages, room)
    free = window - min(answer, window // 4) - window // DOUBT_SHARE
    alone = [SystemMessage(prompts.instructions(lang, TODAY)), question]

    assert prompt.tokens == counts.expected("m", prompt.messages, [search_memory])
    assert prompt.too_long == (prompt.tokens > free)
    assert not prompt.too_long or prompt.messages == alone
    assert question in prompt.messages
    assert system(prompt).startswith(str(alone[0].text))
    blocks = {prompts.block(passage, number) for number, passage in enumerate(passages, 1)}
    shown = {block for block in blocks if block in system(prompt)}
    assert prompt.left_out >= len(blocks) - len(shown)
    at = prompt.messages.index(question)
    assert prompt.messages[1:at] == before[len(before) - (at - 1) :]
    assert [one.type for one in prompt.messages[at + 1 :]] == ["ai", "tool"] * (
        len(rounds) - prompt.rounds_left
    )


@given(FOUND, st.integers(1024, 4096))
def test_a_passage_keeps_its_number(found: list[tuple[str, float]], window: int) -> None:
    """Each number shown is that of its passage, and the least sure are those that are missing."""
    passages = [a_passage(n, text, score) for n, (text, score) in enumerate(found, 1)]
    prompt = made([QUESTION], passages, window)
    shown = [
        number
        for number, passage in enumerate(passages, 1)
        if f"{prompts.block(passage, number)}" in system(prompt)
    ]
    assert len(shown) == len(passages) - prompt.left_out
    missing = [passages[n - 1].score for n in range(1, len(passages) + 1) if n not in shown]
    assert not shown or max(missing, default=0) <= min(passages[n - 1].score for n in shown)
