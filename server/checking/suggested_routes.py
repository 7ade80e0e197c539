"""A `models.yaml` from what the models showed: those that work, with the windows that they really take."""

from collections.abc import Sequence
from typing import Any

import yaml

from graphs.models.routes import DEFAULTS_OF, EmbeddingSpec, ModelSpec, Task
from server.checking.places import OLLAMA
from server.checking.report import Entry, Tried
from server.checking.suggestions import better_embedder
from server.composition import Services

_HEAD = "# Suggested by `souvenir models check`, {day}: the models that worked, and what they really take.\n"
_NONE = "# None of the models of {task} worked: they are here as they were.\n"


def suggested_routes(services: Services, tried: Sequence[Tried], embedder: Tried | None) -> str:
    """Return the file's text, valid for `load_routes`; what no model shows is left as it is."""
    text = _HEAD.format(day=services.clock().date().isoformat())
    for task in dict.fromkeys(task for task, _, _ in services.routes.entries()):
        entries = _of(tried, task)
        works = [(one, entry) for one, entry in entries if one.works(task)]
        if not works:
            text += _NONE.format(task=task)
        text += _yaml({task: [_entry(one, entry) for one, entry in works or entries]})
    return text + _yaml({"embedding": _embedding(services, embedder)})


def _of(tried: Sequence[Tried], task: Task) -> list[tuple[Tried, Entry]]:
    found = [(one, entry) for one in tried for entry in one.entries if entry.task == task]
    return sorted(found, key=lambda pair: pair[1].index)


def _entry(one: Tried, entry: Entry) -> dict[str, Any]:
    """Return what an entry says beyond its task's defaults, with its window always."""
    spec = entry.spec
    usual = {**ModelSpec(model=spec.model).model_dump(), **DEFAULTS_OF[entry.task]}
    said = {name: value for name, value in spec.model_dump().items() if value != usual[name]}
    if "budget" in said:
        said["budget"] = spec.budget.model_dump(exclude_defaults=True)
    takes = one.value("window", "takes") or spec.num_ctx
    return {"model": spec.model, **said, "num_ctx": max(512, min(takes, spec.num_ctx))}


def _embedding(services: Services, embedder: Tried | None) -> dict[str, Any] | None:
    spec = services.routes.embedding
    if spec is None or embedder is None:
        return None
    findings = embedder.findings
    unfit = findings["installed"].state == "failed" or findings["languages"].state == "degraded"
    if unfit and (better := better_embedder(services)):
        spec = EmbeddingSpec(
            model=f"{OLLAMA}:{better}",
            batch_size=spec.batch_size,
            concurrency=spec.concurrency,
            budget=spec.budget,
        )
    return {"model": spec.model, **spec.model_dump(exclude_defaults=True)}


def _yaml(section: dict[str, Any]) -> str:
    return yaml.safe_dump(section, sort_keys=False, allow_unicode=True)
