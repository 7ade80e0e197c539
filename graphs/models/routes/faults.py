"""What pydantic refuses in a file, said with its line and what to write instead."""

from pydantic import BaseModel, ValidationError

from graphs.models.routes.chains import TASKS, Where
from graphs.models.routes.errors import RoutesError, nearest, shown
from graphs.models.routes.providers import PROVIDERS
from graphs.models.routes.source import Source
from graphs.models.routes.spec import Budget, EmbeddingBudget, EmbeddingSpec, ModelSpec

SECTIONS = ("defaults", *TASKS, "embedding")
NOT_FOR_ALL = ("model", "base_url")
"""What only an entry can say."""


def fault(source: Source, where: Where, error: ValidationError) -> RoutesError:
    """Return the error for the first thing that pydantic refused below a place; unknown keys come first."""
    errors = error.errors(include_url=False, include_context=False)
    first = min(errors, key=lambda one: one["type"] != "extra_forbidden")
    place = (*where, *first["loc"])
    if first["type"] == "extra_forbidden":
        return unknown_key(source, place)
    if first["type"] == "missing":
        return source.refused(place, f"{dotted(where)} has no {first['loc'][-1]}", "add model: ollama:NAME")
    if first["type"] in ("model_type", "model_attributes_type"):
        instead = f"write settings, such as {dotted(place[-1:])}: {{{_settings(place)[0]}: …}}"
        return source.refused(place, f"{dotted(place)} cannot be {source.text(place)}", instead)
    if first["type"] == "value_error":
        wrong, _, instead = first["msg"].removeprefix("Value error, ").rpartition(": ")
        return source.refused(
            place, f"{dotted(place)}{' ' if wrong.startswith('is ') else ': '}{wrong}", instead
        )
    wrong = f"{dotted(place)} cannot be {source.text(place)}"
    return source.refused(place, wrong, first["msg"].replace("Input should be", "it must be"))


def unknown_key(source: Source, place: Where) -> RoutesError:
    """Return the error for a key that is not a setting, with the nearest one."""
    key, known = str(place[-1]), _settings(place[:-1])
    close = nearest(key, known)
    instead = f"did you mean {close}?" if close else f"write one of {', '.join(known)}"
    if key in PROVIDERS:
        instead = f"write {key}:NAME, without a space after the colon"
    return source.refused(place, f"{dotted(place)} is not a setting", instead)


def dotted(where: Where) -> str:
    """Name a place as in `chat.0.budget.total`."""
    return ".".join(
        part if part.isalnum() or part.isidentifier() else shown(part) for part in map(str, where)
    )


def _settings(where: Where) -> tuple[str, ...]:
    """Return what can be set at a place."""
    if not where:
        return SECTIONS
    embedding = where[0] == "embedding"
    model: type[BaseModel] = EmbeddingSpec if embedding else ModelSpec
    if where[-1] == "budget":
        model = EmbeddingBudget if embedding else Budget
    return tuple(name for name in model.model_fields if where != ("defaults",) or name not in NOT_FOR_ALL)
