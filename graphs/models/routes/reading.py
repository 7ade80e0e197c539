"""Reading `models.yaml`."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from graphs.models.routes.chains import DEFAULTS_OF, MAY_BE_NONE, TASKS, Chain, Routes, Task, Where
from graphs.models.routes.faults import NOT_FOR_ALL, SECTIONS, dotted, fault, unknown_key
from graphs.models.routes.source import Source, read_source
from graphs.models.routes.spec import EmbeddingSpec, ModelSpec

_Model = TypeVar("_Model", bound=BaseModel)


def load_routes(file: Path | None) -> Routes:
    """Read the routes from `file`, or return the default ones when there is none.

    Raises `RoutesError` when the file is missing, is not YAML, or has a wrong entry.
    """
    if file is None:
        return Routes()
    source = read_source(file)
    content = _sections(source)
    defaults = _defaults(source, content.get("defaults"))
    chat = tuple(_layered(defaults, {"model": spec.model}) for spec in Routes().chat)
    chains: dict[str, Any] = {task: _chain(source, task, defaults) for task in TASKS if task in content}
    chains = {"chat": chat, **chains}
    routes = replace(Routes(), **chains, defaults=defaults, file=file, lines=source.lines())
    if "embedding" not in content:
        return routes
    given = content["embedding"]
    spec = None if given is None else _valid(EmbeddingSpec, source, ("embedding",), given)
    return replace(routes, embedding=spec)


def _sections(source: Source) -> dict[str, Any]:
    content = {} if source.content is None else source.content
    if not isinstance(content, dict):
        instead = "write chat: and a list of models below it"
        raise source.refused((), f"the file cannot be {source.text(())}", instead)
    for section in content:
        if section not in SECTIONS:
            raise unknown_key(source, (section,))
    return content


def _defaults(source: Source, given: object) -> dict[str, Any]:
    """Return what is said for every entry, only that and as it is understood."""
    if given is None:
        return {}
    if isinstance(given, dict):
        for key in NOT_FOR_ALL:
            if key in given:
                raise source.refused(
                    ("defaults", key), f"defaults cannot set {key}", "write it in each entry"
                )
        given = {"model": "ollama:any", **given}
    spec = _valid(ModelSpec, source, ("defaults",), given)
    return spec.model_dump(exclude_unset=True, exclude={"model"})


def _chain(source: Source, task: Task, defaults: Mapping[str, Any]) -> Chain:
    entries = source.content[task]
    if entries == "none" and task in MAY_BE_NONE:
        return ()
    if not isinstance(entries, list) or not entries:
        wrong = f"{task} cannot be {'an empty list' if entries == [] else source.text((task,))}"
        instead = "write a list of models, as in [ollama:llama3.1:8b]"
        raise source.refused(
            (task,), wrong, instead if task == "chat" else f"{instead}, or nothing of {task}"
        )
    return tuple(_entry(source, (task, index), entry, defaults) for index, entry in enumerate(entries))


def _entry(source: Source, where: Where, entry: object, defaults: Mapping[str, Any]) -> ModelSpec:
    """Return one model of a chain; what it does not say is the file's, then the task's, then the field's."""
    if not isinstance(entry, str | dict):
        wrong = f"{dotted(where)} cannot be {source.text(where)}"
        raise source.refused(where, wrong, "write ollama:NAME, or model: ollama:NAME and its settings")
    given = {"model": entry} if isinstance(entry, str) else entry
    said = _valid(ModelSpec, source, where, given).model_dump(exclude_unset=True)
    task: Any = where[0]
    return _layered(DEFAULTS_OF[task], defaults, said)


def _layered(*layers: Mapping[str, Any]) -> ModelSpec:
    """Return the model that the layers describe; a later one wins, setting by setting in budgets too."""
    flat = {name: value for layer in layers for name, value in layer.items()}
    budget = {name: value for layer in layers for name, value in layer.get("budget", {}).items()}
    return ModelSpec.model_validate({**flat, "budget": budget})


def _valid(kind: type[_Model], source: Source, where: Where, given: object) -> _Model:
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        raise fault(source, where, error) from None
