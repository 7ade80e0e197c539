"""What a person sees of a model on Ollama: no reasoning, no endless loop; and what a call cost."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from langchain_core.messages import AIMessageChunk, BaseMessage, HumanMessage, SystemMessage
from langgraph.graph import END, START, MessagesState, StateGraph

from graphs.models.chat import ChatModel, ModelFailed, Usage
from graphs.models.routes import Budget
from graphs.models.streams.repetition import without_loop
from graphs.models.token_counts import TokenCounts
from tests.graphs.models.streams.calling import NAME, QUESTION, chat, failure, look, said
from tests.ollama_double import Fault, OllamaDouble, Reply, ToolCall, ollama_double

THINKER = "deepseek-r1:8b"
PASSAGES = {
    "en": "The pump was serviced on {day} May by Priya Nair, who replaced the seal and noted 2.4 bar. ",
    "fr": "La pompe a été révisée le {day} mai par Zoé Lefèvre, qui a changé le joint et relevé 2,4 bars. ",
}


@pytest.fixture
async def double() -> AsyncIterator[OllamaDouble]:
    """An Ollama with two models, one of which is known to think aloud."""
    async with ollama_double(NAME, THINKER) as one:
        yield one


def prompt(lang: str, day: int) -> list[BaseMessage]:
    """An ordinary prompt, longer from day to day."""
    return [
        SystemMessage(PASSAGES[lang].format(day=day) * (1 + day % 9)),
        HumanMessage("Who changed the seal?"),
    ]


@pytest.mark.parametrize("chunk", ["words", "characters", "whole"])
@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("<think>\nIs it so?\n</think>\n\nYes, it is.", "Yes, it is."),
        ("</think>\n\nYes, it is.", "Yes, it is."),
        ("Yes, <think>or not?</think>it is.", "Yes, it is."),
        ("Yes, it is.<think>Or not? I must", "Yes, it is."),
    ],
)
async def test_reasoning_never_comes_out(text: str, answer: str, chunk: Any, double: OllamaDouble) -> None:
    """However it is marked and cut, what a model thinks is in no piece of its answer."""
    double.reply(NAME, Reply(text, chunk=chunk, thinking="Hm, let me see."))
    async with chat(double.url) as model:
        whole = await said(model)
    assert whole.text == answer
    assert "Hm" not in str(whole)


async def test_nobody_who_listens_to_the_graph_hears_it(double: OllamaDouble) -> None:
    """Studio hears the model through LangGraph: there is no reasoning either."""
    double.reply(NAME, Reply("<think>Is it so?</think>Yes.", thinking="Let me see."))
    async with chat(double.url) as model:

        async def answer(state: MessagesState) -> dict[str, Any]:
            return {"messages": [await said(model, messages=state["messages"])]}

        graph = StateGraph(MessagesState).add_node("answer", answer)
        compiled = graph.add_edge(START, "answer").add_edge("answer", END).compile()
        asked = MessagesState(messages=[HumanMessage("Is it so?")])
        heard = [part[0] async for part in compiled.astream(asked, stream_mode="messages")]  # type: ignore[index]
    assert "".join(one.text for one in heard if isinstance(one, AIMessageChunk)).startswith("Yes.")
    assert "so?" not in str(heard)


@pytest.mark.parametrize(
    "reply", [Reply("<think>I do not know.</think>\n"), Reply("", thinking="Let me see.")]
)
async def test_nothing_but_reasoning_is_no_answer(reply: Reply, double: OllamaDouble) -> None:
    """A model that only thinks has not answered, and no first word is noted."""
    double.reply(NAME, reply)
    usage = Usage()
    async with chat(double.url) as model:
        assert (await failure(model, usage=usage))[0] == "the answer was empty"
    assert usage.first_token_ms is None


async def test_reasoning_that_the_prompt_began(double: OllamaDouble) -> None:
    """A model known for it is held back until its thoughts end; any other is, once it has done it."""
    text = "Let me see. It must be so.</think>\n\nYes."
    for name in (THINKER, NAME):
        double.reply(name, Reply(text))
    async with chat(double.url, name=THINKER) as model:
        assert (await said(model)).text == "Yes."
    async with chat(double.url) as model:
        assert (await failure(model))[0] == "it thought aloud without saying so"
        assert (await said(model)).text == "Yes."


async def pieces(model: ChatModel) -> list[str]:
    """What of the answer comes out, piece by piece."""
    return [chunk.text async for chunk in model.stream(QUESTION, ()) if chunk.content]


async def test_one_mention_of_the_tag_is_made_up_for(double: OllamaDouble) -> None:
    """Who was taken for thinking aloud, and answers once without it, is heard word by word again."""
    async with chat(double.url) as model:
        double.reply(NAME, Reply("It ends with </think> there."))
        await failure(model)
        double.reply(NAME, Reply("Yes, it is so."))
        assert [len(await pieces(model)) for _ in range(2)] == [1, 4]


async def test_an_answer_cut_at_its_length_is_not_swallowed(double: OllamaDouble) -> None:
    """Held back because of an earlier one, it is shown when its length ends before any tag came."""
    async with chat(double.url) as model:
        double.reply(NAME, Reply("It ends with </think> there."))
        await failure(model)
        double.reply(NAME, Reply("Yes, it is", done_reason="length"))
        assert [await pieces(model) for _ in range(2)] == [["Yes, it is"]] * 2


@pytest.mark.parametrize("reply", [Reply("It is so."), Reply(tool_calls=[ToolCall("look", {"words": "it"})])])
async def test_a_model_known_for_its_thoughts_stays_known(reply: Reply, double: OllamaDouble) -> None:
    """One answer without thoughts does not make them come out of the next."""
    async with chat(double.url, name=THINKER) as model:
        double.reply(THINKER, reply)
        await said(model, [look])
        double.reply(THINKER, Reply("Let me see.</think>Yes."))
        assert (await said(model)).text == "Yes."


async def test_a_tool_call_says_nothing_of_thoughts(double: OllamaDouble) -> None:
    """Who thought aloud, and then calls a tool without a word, is still held back."""
    async with chat(double.url) as model:
        double.reply(NAME, Reply("Let me see.</think>Yes."))
        await failure(model)
        double.reply(NAME, Reply(tool_calls=[ToolCall("look", {"words": "boiler"})]))
        await said(model, [look])
        double.reply(NAME, Reply("Let me see.</think>Yes."))
        assert (await said(model)).text == "Yes."


async def test_who_does_not_think_aloud_is_not_held_back(double: OllamaDouble) -> None:
    """When Ollama sends the thoughts of such a model apart, its answer comes word by word."""
    double.reply(THINKER, Reply("Yes, it is so.", thinking="Let me see."))
    async with chat(double.url, name=THINKER) as model:
        chunks = [chunk async for chunk in model.stream(QUESTION, ()) if chunk.content]
    assert len(chunks) == 4


async def test_thinking_is_a_sign_of_life(double: OllamaDouble) -> None:
    """A model that thinks for long is not given up while it does, and the first word that is seen counts."""
    double.reply(NAME, Reply("Yes.", thinking="well " * 30, delay_between=0.05))
    usage, budget = Usage(), Budget(first_token=1, between_tokens=10, total=60)
    async with chat(double.url, budget) as model:
        assert (await said(model, loaded=True, usage=usage)).text == "Yes."
    assert usage.first_token_ms is not None
    assert usage.first_token_ms > budget.first_token * 1000


async def test_a_loop_is_stopped(double: OllamaDouble) -> None:
    """An answer that goes round in circles ends long before its length, and Ollama is hung up on."""
    double.fault(NAME, Fault("repetition"))
    heard = ""
    async with chat(double.url, max_tokens=2000) as model:
        with pytest.raises(ModelFailed, match=r"^the answer went round in circles$"):
            async for chunk in model.stream(QUESTION, ()):
                heard += chunk.text
        await double.wait_for("/api/chat", "client_closed")
    assert len(heard) < 300
    assert without_loop(heard) == "and then the same thing happened again"


async def test_what_a_call_cost(double: OllamaDouble) -> None:
    """Tokens, the time to load when there was one, to the first word and to the end are known."""
    double.reply(NAME, Reply("One two three.", delay_between=0.02))
    double.fault(NAME, Fault("slow_load", seconds=0.3, calls=1))
    first, second = Usage(), Usage()
    async with chat(double.url) as model:
        await said(model, usage=first)
        await said(model, usage=second)
    assert (first.prompt_tokens, first.answer_tokens, first.load_ms) == (13, 3, 300)
    assert (second.prompt_tokens, second.answer_tokens, second.load_ms) == (13, 3, None)
    for usage in (first, second):
        assert usage.first_token_ms is not None
        assert usage.total_ms is not None
        assert usage.first_token_ms <= usage.total_ms
        assert usage.flags == []
    assert (first.first_token_ms or 0) >= 300


async def test_a_tool_call_is_a_first_word(double: OllamaDouble) -> None:
    """A model that calls a tool has not kept silent."""
    double.reply(NAME, Reply(tool_calls=[ToolCall("look", {"words": "boiler"})]))
    usage = Usage()
    async with chat(double.url) as model:
        assert (await said(model, [look], usage=usage)).tool_calls
    assert usage.first_token_ms is not None


@pytest.mark.parametrize("lang", PASSAGES)
async def test_a_cut_prompt_is_flagged(lang: str, double: OllamaDouble) -> None:
    """At the first call and later, what the model did not read is said, and the answer stands."""
    async with chat(double.url, counts=TokenCounts()) as model:
        for day in range(1, 12):
            cut = day in (1, 6, 11)
            double.fault(NAME, *[Fault("prompt_cut")] * cut)
            usage = Usage()
            assert (await said(model, messages=prompt(lang, day), usage=usage)).text
            assert len(usage.flags) == cut
            if cut:
                assert usage.flags[0].startswith(f"it read only {usage.prompt_tokens} of about ")
                assert usage.flags[0].endswith(" tokens of the prompt: raise num_ctx")


async def test_a_full_window_is_flagged(double: OllamaDouble) -> None:
    """A prompt of which as much was read as the window holds was cut, or leaves no room for an answer."""
    long = [SystemMessage(PASSAGES["en"] * 60), HumanMessage("Who?")]
    usage = Usage()
    async with chat(double.url, num_ctx=512) as model:
        await said(model, messages=long, usage=usage)
    assert usage.prompt_tokens == 512
    assert usage.flags[0].startswith("it read only 512 of about ")


async def test_ordinary_calls_are_not_flagged(double: OllamaDouble) -> None:
    """Fifty calls in two languages, short and long, with tools and without: nothing to be told."""
    async with chat(double.url) as model:
        for day in range(50):
            usage = Usage()
            messages = prompt("en" if day % 3 else "fr", day)
            await said(model, [look] if day % 2 else (), messages, usage=usage)
            assert usage.flags == []


async def test_a_thinker_that_is_cut_while_it_thinks_says_nothing(double: OllamaDouble) -> None:
    """Its thoughts, which no tag has closed yet, are no answer: the next model is asked."""
    double.reply(THINKER, Reply("Let me see what the person may want", done_reason="length"))
    async with chat(double.url, name=THINKER) as model:
        assert (await failure(model))[0] == "the answer was empty"
