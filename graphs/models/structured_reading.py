"""Reading a model's words as a value of a schema: a valid value, or what is wrong with them."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, from_json

M = TypeVar("M", bound=BaseModel)
_FENCE = "```"
_MOST_ERRORS = 8  # told to the model
_MOST_KINDS = 3  # told to people


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with an answer: `reason` for people, without its content; `words` for the model."""

    reason: str
    words: str


def read(schema: type[M], text: str, check: Callable[[M], str | None] | None = None) -> M | Flaw:
    """Read strict JSON, in a fence or not: no NaN, no number as a text, nothing around it."""
    if not text.strip():
        return Flaw("the answer was empty", "It is empty.")
    try:
        data = _unfenced(text).encode()  # A lone surrogate, which JSON can spell, is no text.
        from_json(data, allow_inf_nan=False)
        value = schema.model_validate_json(data, strict=True)
    except ValidationError as error:
        return _misshapen(error)
    except ValueError as error:
        return Flaw("the answer was not JSON", f"It is not valid JSON: {error}.")
    wrong = check(value) if check else None
    return value if wrong is None else Flaw("the answer did not pass the check", wrong)


def _unfenced(text: str) -> str:
    """Take a Markdown fence away, when it stands around the whole answer."""
    text = text.strip()
    if len(text) < 2 * len(_FENCE) or not (text.startswith(_FENCE) and text.endswith(_FENCE)):
        return text
    inside = text.removeprefix(_FENCE).removesuffix(_FENCE)
    return inside[4:] if inside[:4].lower() == "json" else inside


def _misshapen(error: ValidationError) -> Flaw:
    details = error.errors(include_url=False, include_context=False, include_input=False)
    kinds = list(islice(dict.fromkeys(one["type"] for one in details), _MOST_KINDS))
    lines = [_line(one) for one in details[:_MOST_ERRORS]]
    if (more := len(details) - len(lines)) > 0:
        lines.append(f"- and {more} more like these")
    return Flaw(f"the answer had not the shape asked for ({', '.join(kinds)})", "\n".join(lines))


def _line(error: ErrorDetails) -> str:
    place = ".".join(str(part) for part in error["loc"]) or "the whole"
    return f"- {place}: {error['msg'].removeprefix('Value error, ')}"
