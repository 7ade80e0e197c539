"""What to change, in words, after the models were tried out."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from graphs.models.checking.findings import Finding
from graphs.models.embedding.families import EUROPEAN, family_of
from graphs.models.routes import TASKS
from graphs.models.servers import full_name
from server.checking.places import OLLAMA, on_ollama, specs
from server.checking.report import Tried
from server.checking.words import reason, say
from server.composition import Services
from server.settings import Lang

SLOW: Final = 5.0
"""Tokens per second: about as fast as a person reads."""
MULTILINGUAL: Final = "bge-m3"
"""The embedding model to fetch when none that knows the languages is there."""
_MOST_NAMES: Final = 5


def suggestions(services: Services, tried: Sequence[Tried], embedder: Tried | None, lang: Lang) -> list[str]:
    """Return what to change, the gravest first; one line says so when there is nothing."""
    said = [*_order(services, tried, lang)]
    for one in tried:
        said += _of_model(services, one, lang)
    if embedder is not None:
        said += _of_embedder(services, embedder, lang)
    return list(dict.fromkeys(said)) or [say("nothing", lang)]


def working(tried: Sequence[Tried], task: str) -> list[Tried]:
    """Return the models of a chain that work for its task, in its order."""
    chain = [(entry.index, one) for one in tried for entry in one.entries if entry.task == task]
    return [one for _, one in sorted(chain, key=lambda found: found[0]) if one.works(task)]


def better_embedder(services: Services) -> str | None:
    """Return an installed model that has learned many languages."""
    shelf = services.router.servers[services.settings.ollama_url].shelf
    known = [name for name in sorted(shelf.installed) if family_of(name).languages >= EUROPEAN]
    best = [name for name in known if name.startswith(MULTILINGUAL)] or known
    return best[0].removesuffix(":latest") if best else None


def _order(services: Services, tried: Sequence[Tried], lang: Lang) -> Iterator[str]:
    for task in dict.fromkeys(entry.task for one in tried for entry in one.entries):
        works = working(tried, task)
        if not works:
            yield say("none_works", lang, task=task)
            if names := _others(services):
                yield say("others", lang, names=", ".join(names))
        elif not works[0].stands_at(task, 0):
            yield say("first", lang, model=works[0].model, task=task)


def _others(services: Services) -> list[str]:
    """Return chat models that are installed and that the routes do not name."""
    named = {full_name(spec.name) for spec in specs(services) if on_ollama(spec)}
    shelf = services.router.servers[services.settings.ollama_url].shelf
    free = [name for name in sorted(shelf.installed) if name not in named and not family_of(name).languages]
    return [f"{OLLAMA}:{name.removesuffix(':latest')}" for name in free[:_MOST_NAMES]]


def _of_model(services: Services, one: Tried, lang: Lang) -> Iterator[str]:
    model, found = one.model, one.findings
    if (missing := found.get("installed")) and missing.state == "failed":
        yield _missing(model, missing, lang)
        return
    talks = any(entry.task == "chat" for entry in one.entries)
    for step in ("answers", "tools") if talks else ("answers",):
        if found[step].state == "failed":
            yield say("broken", lang, model=model, reason=_why(found[step], lang))
            return
    if found["schema"].state == "failed" and (tasks := _strict_tasks(services, one)):
        yield say("no_schema", lang, model=model, reason=_why(found["schema"], lang), tasks=", ".join(tasks))
    if talks and found["tools"].state == "degraded":
        yield say("no_tools", lang, model=model)
    if found["streams"].state == "degraded":
        yield say("at_once", lang, model=model)
    yield from _of_window(one, lang)
    if (speed := one.value("speed", "speed")) is not None and speed < SLOW:
        yield say("slow", lang, model=model, speed=speed)


def _strict_tasks(services: Services, one: Tried) -> list[str]:
    """Return the tasks of a model, its own and those that chat lends its models to, that need a schema."""
    own = {task for task, _, _ in services.routes.entries()}
    here = {entry.task for entry in one.entries}
    return [task for task in TASKS[1:] if (task if task in own else "chat") in here]


def _of_window(one: Tried, lang: Lang) -> Iterator[str]:
    window, sizes = one.findings["window"], sorted({entry.spec.num_ctx for entry in one.entries})
    if window.state == "failed":
        yield say("long_fails", lang, model=one.model, reason=_why(window, lang))
    elif window.state == "degraded":
        yield say("num_ctx", lang, model=one.model, takes=window.values["takes"])
    if len(sizes) > 1:
        yield say("two_windows", lang, model=one.model, sizes=", ".join(map(str, sizes)))


def _of_embedder(services: Services, one: Tried, lang: Lang) -> Iterator[str]:
    found = one.findings["installed"]
    if found.state == "failed":
        yield _missing(one.model, found, lang)
        return
    for finding in one.findings.values():
        if finding.state == "failed":
            yield say("broken", lang, model=one.model, reason=_why(finding, lang))
            return
    if missing := one.value("languages", "missing"):
        held = better_embedder(services)
        better = held or MULTILINGUAL
        fetch = "" if held else say("fetch", lang, better=better)
        yield say("multilingual", lang, model=one.model, missing=missing, better=better, fetch=fetch)


def _missing(model: str, finding: Finding, lang: Lang) -> str:
    values: dict[str, Any] = dict(finding.values)
    if finding.code == "unreachable":
        return say("broken", lang, model=model, reason=_why(finding, lang))
    return say("pull_near" if values.get("near") else "pull", lang, **{"model": model, **values})


def _why(finding: Finding, lang: Lang) -> str:
    return reason(say(finding.code, lang, **finding.values), lang)
