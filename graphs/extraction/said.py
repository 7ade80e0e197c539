"""What a model says of a piece of text: the shape that its answer is held to."""

import re
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

MOST: Final = 40
"""Of each list: a piece of text of a page names no more."""
_DATE: Final = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")


def _date(value: object) -> object:
    """Return a date in ISO 8601, or "" for what is none: an event without a date is one still."""
    return value if isinstance(value, str) and _DATE.fullmatch(value) else ""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PersonSaid(_Strict):
    """A person by name."""

    name: str
    author: bool = False
    """They wrote the text, or speak in it."""


class NameSaid(_Strict):
    """An organisation by name, or what the text is about in words of its own."""

    name: str


class EventSaid(_Strict):
    """Something that takes place at a time."""

    name: str
    date: Annotated[str, BeforeValidator(_date), Field(description="2026-04-14, 2026-04, 2026 or empty")] = ""


class EmploymentSaid(_Strict):
    """A person works for an organisation."""

    person: str
    organization: str
    role: str = ""


class Said(_Strict):
    """All that a model found in a piece of text."""

    people: list[PersonSaid] = Field(default=[], max_length=MOST)
    organizations: list[NameSaid] = Field(default=[], max_length=MOST)
    topics: list[NameSaid] = Field(default=[], max_length=MOST)
    events: list[EventSaid] = Field(default=[], max_length=MOST)
    employments: list[EmploymentSaid] = Field(default=[], max_length=MOST)

    def names(self) -> list[str]:
        """Return every name that must stand in the text."""
        things = [one.name for one in (*self.organizations, *self.topics)]
        ends = [name for one in self.employments for name in (one.person, one.organization)]
        return [*(one.name for one in self.people), *things, *(one.name for one in self.events), *ends]
