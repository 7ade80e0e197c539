"""Answers of a given shape: a valid value or none, whatever the models say."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from pydantic import BaseModel

from graphs.models.chat import ModelFailed
from graphs.models.structured import Failure, StructuredModel, structured
from graphs.models.structured_prompts import LONGEST_ANSWER, LONGEST_ERROR

PROMPT: list[BaseMessage] = [HumanMessage("Who rides?")]
GOOD = '{"name": "Danny", "kind": "person", "weight": 1.5}'
WRONG_KIND = '{"name": "Danny", "kind": "bicycle", "weight": 1.5}'


class Entity(BaseModel):
    name: str
    kind: Literal["person", "place"]
    weight: float = 1.0


class Scripted:
    """A model that gives these answers in turn, the last one for ever; a `ModelFailed` is raised."""

    def __init__(self, *answers: str | ModelFailed, component: str = "ollama:one") -> None:
        self.component = component
        self.asked: list[list[BaseMessage]] = []
        self.schemas: list[dict[str, Any]] = []
        self._answers = answers

    async def complete(self, messages: Sequence[BaseMessage], json_schema: dict[str, Any]) -> str:
        """Give the next answer."""
        answer = self._answers[min(len(self.asked), len(self._answers) - 1)]
        self.asked.append(list(messages))
        self.schemas.append(json_schema)
        if isinstance(answer, ModelFailed):
            raise answer
        return answer


def named_danny(entity: Entity) -> str | None:
    """A check with words."""
    return None if entity.name == "Danny" else f"{entity.name} does not occur in the text."


async def test_a_valid_answer_is_the_value() -> None:
    """One call with the schema and the prompt as they are, and the next model is left alone."""
    model, spare = Scripted(GOOD), Scripted(GOOD, component="ollama:two")
    result = await structured(Entity, PROMPT, [model, spare])
    assert result.value == Entity(name="Danny", kind="person", weight=1.5)
    assert (result.served_by, result.failures, result.repairs) == ("ollama:one", [], 0)
    assert (model.asked, model.schemas) == ([PROMPT], [Entity.model_json_schema()])
    assert not spare.asked


@pytest.mark.parametrize("text", ["", " \n\t"])
async def test_an_empty_answer_is_refused(text: str) -> None:
    """Nothing said is told as such, and the model is still shown a conversation that it can read."""
    model = Scripted(text, GOOD)
    result = await structured(Entity, PROMPT, [model])
    assert result.value is not None
    assert model.asked[1][1] == AIMessage("(nothing)")
    assert "empty" in model.asked[1][2].text


async def test_a_model_is_told_what_was_wrong() -> None:
    """It sees the conversation, what it said and what is wrong with it, and may mend it once."""
    model = Scripted(WRONG_KIND, GOOD)
    result = await structured(Entity, PROMPT, [model])
    assert result.value == Entity.model_validate_json(GOOD)
    assert (result.served_by, result.failures, result.repairs) == ("ollama:one", [], 1)
    question, said, wrong = model.asked[1]
    assert (question, said) == (PROMPT[0], AIMessage(WRONG_KIND))
    assert "kind: Input should be 'person' or 'place'" in wrong.text
    assert model.schemas[1] == model.schemas[0]


async def test_a_check_has_the_last_word() -> None:
    """A value of the right shape that the check refuses is mended or refused, in the check's own words."""
    invented = GOOD.replace("Danny", "Zoltan")
    model = Scripted(invented, GOOD)
    result = await structured(Entity, PROMPT, [model], check=named_danny)
    assert result.value == Entity.model_validate_json(GOOD)
    assert "Zoltan does not occur in the text." in model.asked[1][2].text
    stubborn = await structured(Entity, PROMPT, [Scripted(invented)], check=named_danny)
    assert stubborn.value is None


async def test_the_next_model_is_asked_afresh() -> None:
    """After two invalid answers the next model gets the question itself, without the other's mistakes."""
    first, second = Scripted("no"), Scripted(GOOD, component="ollama:two")
    result = await structured(Entity, PROMPT, [first, second])
    assert (result.served_by, result.repairs, len(first.asked)) == ("ollama:two", 1, 2)
    assert [failure.component for failure in result.failures] == ["ollama:one"]
    assert second.asked == [PROMPT]


async def test_a_model_that_does_not_answer_is_not_asked_again() -> None:
    """There is nothing to mend: its own reason is kept, and the next model is asked."""
    first, second = Scripted(ModelFailed("connection refused")), Scripted(GOOD, component="ollama:two")
    result = await structured(Entity, PROMPT, [first, second])
    assert result.value is not None
    assert (result.failures, result.repairs) == ([Failure("ollama:one", "connection refused")], 0)
    assert len(first.asked) == 1


async def test_without_any_valid_answer_every_reason_is_known() -> None:
    """No value, nobody who served it, and why for each model, in the order of the chain."""
    chain = [
        Scripted(ModelFailed("connection refused")),
        Scripted("no", ModelFailed("the answer was empty"), component="ollama:two"),
        Scripted("no", WRONG_KIND, component="ollama:three"),
    ]
    result = await structured(Entity, PROMPT, chain)
    assert (result.value, result.served_by, result.repairs) == (None, "", 2)
    assert result.failures == [
        Failure("ollama:one", "connection refused"),
        Failure("ollama:two", "the answer was not JSON; asked again: the answer was empty"),
        Failure(
            "ollama:three",
            "the answer was not JSON; asked again: the answer had not the shape asked for (literal_error)",
        ),
    ]


async def test_without_models_there_is_no_value() -> None:
    """An empty chain is a refusal like another."""
    result = await structured(Entity, PROMPT, [])
    assert (result.value, result.failures) == (None, [])


async def test_what_is_quoted_back_is_bounded() -> None:
    """A long wrong answer with a thousand errors does not fill the window of its own repair."""

    class Many(BaseModel):
        entities: list[Entity]

    wrong = json.dumps({"entities": [{"name": "x" * 50, "kind": "k"}] * 1_000})
    model = Scripted(wrong)
    await structured(Many, PROMPT, [model], check=lambda _: "z" * 5_000)
    _, said, told = model.asked[1]
    assert len(said.text) == LONGEST_ANSWER == 2_000
    assert wrong.startswith(said.text[:1_900])
    assert "and 992 more" in told.text
    verbose = Scripted(json.dumps({"entities": []}))
    await structured(Many, PROMPT, [verbose], check=lambda _: "z" * 5_000)
    assert 900 < verbose.asked[1][2].text.count("z") < LONGEST_ERROR == 1_000


async def test_half_a_character_can_be_quoted_back() -> None:
    """JSON can spell text that no connection can carry; quoted back or complained of, it is made sendable."""
    broken = Scripted(GOOD.replace("Danny", "Da\ud800ny"), GOOD)
    assert (await structured(Entity, PROMPT, [broken])).repairs == 1
    checked = Scripted(GOOD)
    await structured(Entity, PROMPT, [checked], check=lambda _: "\ud800 is nobody")
    quoted = [message.text for model in (broken, checked) for message in model.asked[1]]
    assert all(text.encode() for text in quoted)
    assert "Da?ny" in quoted[1]


async def test_reasons_hold_nothing_that_was_said() -> None:
    """A reason may be logged: neither the answer nor the words of a check are in it."""
    answers = ["Zoltan", WRONG_KIND.replace("bicycle", "Zoltan"), GOOD.replace("Danny", "Zoltan")]
    for answer in answers:
        result = await structured(Entity, PROMPT, [Scripted(answer)], check=named_danny)
        assert result.value is None
        assert "Zoltan" not in result.failures[0].reason


ANY_TEXT = st.text(st.characters(exclude_categories=()) | st.just("\ud800"))  # Half a character as well.
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
NEARLY = st.fixed_dictionaries(
    {},
    optional={
        "name": st.text() | SCALARS,
        "kind": st.sampled_from(["person", "place", "bicycle"]) | SCALARS,
        "weight": SCALARS,
        "more": st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3), max_leaves=5),
    },
).map(json.dumps)
FAILED = st.builds(ModelFailed, st.text(min_size=1))
ANSWERS = ANY_TEXT | NEARLY | NEARLY.map(lambda text: f"```json\n{text}\n```") | st.just(GOOD) | FAILED


@given(st.lists(st.lists(ANSWERS, min_size=1, max_size=3), max_size=3), st.booleans())
async def test_whatever_is_said_the_value_is_valid_or_none(
    said: list[list[str | ModelFailed]], checked: bool
) -> None:
    """Any answers at all: a value that follows the schema, or none with a reason for every model."""
    models = [Scripted(*answers, component=f"ollama:{n}") for n, answers in enumerate(said)]
    chain: Sequence[StructuredModel] = models
    result = await structured(Entity, PROMPT, chain, check=named_danny if checked else None)
    names = [model.component for model in models]
    given_up = names if result.value is None else names[: names.index(result.served_by)]
    assert [failure.component for failure in result.failures] == given_up
    assert all(failure.reason for failure in result.failures)
    if result.value is not None:
        assert type(result.value) is Entity
        assert Entity.model_validate(result.value.model_dump(), strict=True) == result.value
        assert not checked or result.value.name == "Danny"
    assert all(len(model.asked) <= 2 for model in models)
    assert result.repairs == sum(len(model.asked) == 2 for model in models)
    for message in (m for model in models for asked in model.asked for m in asked):
        message.text.encode()  # It can be sent.
        assert len(message.text) <= LONGEST_ANSWER
