"""Reading an answer: strict JSON of the right shape, or what is wrong with it."""

from __future__ import annotations

from typing import Literal

import pytest
from pydantic import BaseModel, field_validator

from graphs.models.structured_reading import Flaw, read

GOOD = '{"name": "Danny", "kind": "person", "weight": 1.5}'


class Entity(BaseModel):
    name: str
    kind: Literal["person", "place"]
    weight: float = 1.0

    @field_validator("name")
    @classmethod
    def _named(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("must not be blank")
        return value


def flaw(text: str) -> Flaw:
    """What is wrong with this answer."""
    found = read(Entity, text)
    assert isinstance(found, Flaw)
    return found


@pytest.mark.parametrize("fenced", [f"```json\n{GOOD}\n```", f"```\n{GOOD}```", f" ```JSON {GOOD}\n``` \n"])
def test_a_fence_is_tolerated(fenced: str) -> None:
    """Some models cannot help putting their JSON into a block of code."""
    assert read(Entity, fenced) == Entity(name="Danny", kind="person", weight=1.5)


@pytest.mark.parametrize(
    "text",
    [
        "Danny rides.",
        GOOD[:-3],
        f"Here it is: {GOOD}",
        f"{GOOD} {GOOD}",
        GOOD.replace("1.5", "NaN"),
        GOOD.replace("Danny", "\ud800"),
        GOOD.replace("Danny", "\\ud800"),
        GOOD.replace('"', "'"),
        "[" * 100_000,
        "``````",
        "```",
        "\x00",
    ],
    ids=lambda text: ascii(text[:25]),
)
def test_what_is_not_json_is_refused(text: str) -> None:
    """Nothing is guessed: talk around it, half of it, two of it, Python's spelling of it are no JSON."""
    found = flaw(text)
    assert found.reason == "the answer was not JSON"
    assert found.words.startswith("It is not valid JSON: ")


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        (GOOD.replace("person", "bicycle"), "literal_error"),
        ('{"name": "Danny", "kind": "person", "weight": "1.5"}', "float_type"),
        ('{"name": " ", "kind": "person"}', "value_error"),
        ("{}", "missing"),
        ("[]", "model_type"),
        ("null", "model_type"),
        ('{"name": 1, "kind": 1, "weight": []}', "string_type, literal_error, float_type"),
    ],
)
def test_another_shape_is_refused(text: str, kinds: str) -> None:
    """JSON of another shape is no answer, and no text is taken for a number."""
    assert flaw(text).reason == f"the answer had not the shape asked for ({kinds})"


def test_each_error_is_told_with_its_place() -> None:
    """What the model reads names the field and what it should have been, in a line for each."""
    assert flaw('{"name": " ", "kind": "bicycle"}').words.splitlines() == [
        "- name: must not be blank",
        "- kind: Input should be 'person' or 'place'",
    ]
    assert flaw("[]").words.startswith("- the whole: ")


def test_a_check_judges_what_has_the_right_shape_only() -> None:
    """It sees valid values, and its words are for the model."""
    seen: list[Entity] = []

    def check(value: Entity) -> str | None:
        seen.append(value)
        return "No such person."

    refused = Flaw("the answer did not pass the check", "No such person.")
    assert [read(Entity, text, check) for text in (GOOD, "{}")] == [refused, flaw("{}")]
    assert seen == [Entity.model_validate_json(GOOD)]
