"""Trying out the models: every step, what is made of it, and the routes that follow."""

from __future__ import annotations

import string
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from graphs.models.checking.chat_check import ChatCheck
from graphs.models.ollama_chat import OllamaChat
from graphs.models.ollama_json import OllamaJson
from graphs.models.routes import ModelSpec, load_routes
from graphs.models.servers import OllamaServer
from server.checking.trying import check
from server.checking.words import SAYS
from server.composition import Services, open_services
from server.settings import Settings
from tests.ollama_double import Fault, Model, OllamaDouble, Reply, ToolCall, ollama_double
from tests.server.v1_client import Api

NAME = "llama3.1:8b"
SCHEMA = Reply(when="capital of Canada", text='{"city": "Ottawa", "country": "Canada"}')
TOOL = Reply(when="library", tool_calls=(ToolCall("opening_hours", {"place": "library"}),))
GOOD = (SCHEMA, TOOL, Reply(text="one two three"))
OpenHouse = Callable[..., AbstractAsyncContextManager[Services]]


@pytest.fixture
def house(tmp_path: Path) -> OpenHouse:
    """Opens every part on a folder of its own, with Ollama at an address and, if given, routes."""

    @asynccontextmanager
    async def opened(ollama_url: str, routes: str | None = None) -> AsyncIterator[Services]:
        file = None
        if routes is not None:
            file = tmp_path / "models.yaml"
            file.write_text(routes)
        settings = Settings(data_dir=tmp_path / "data", ollama_url=ollama_url, models_file=file)
        async with open_services(settings) as services:
            yield services

    return opened


@pytest.fixture
async def ollama() -> AsyncIterator[OllamaDouble]:
    """A scripted Ollama whose models do all that they are asked."""
    async with ollama_double(NAME, "llama3.2:3b", "nomic-embed-text") as double:
        for name in (NAME, "llama3.2:3b"):
            double.reply(name, *GOOD)
        yield double


async def report(services: Services, *, write: bool = False) -> dict[str, Any]:
    """What trying out all models came to."""
    events = [event async for event in check(services, "en", write=write)]
    assert events[-1]["type"] == "report"
    return events[-1]


def states(model: dict[str, Any]) -> dict[str, str]:
    """How each step ended."""
    return {step["step"]: step["state"] for step in model["steps"]}


@asynccontextmanager
async def checking(double: OllamaDouble, seconds: float = 5.0, **settings: Any) -> AsyncIterator[ChatCheck]:
    """The steps for one model, as the routes may describe it."""
    spec = ModelSpec(model=f"ollama:{NAME}", **settings)
    server = OllamaServer(double.url)
    chat, strict = OllamaChat(spec, double.url), OllamaJson(spec, double.url)
    await server.look()
    try:
        yield ChatCheck(spec, chat, strict, server, step_seconds=seconds)
    finally:
        for one in (chat, strict, server):
            await one.aclose()


async def test_all_is_well(api: Api) -> None:
    """Over HTTP, one event a step; nothing to change where every step is fine."""
    api.double.install("bge-m3")
    for name in (NAME, "llama3.2:3b"):
        api.double.reply(name, *GOOD)
    events = await api.lines("/v1/models/check", {}, **api.token)
    found = events[-1]
    assert found["works"] is True
    assert [model["works"] for model in found["models"]] == [{"chat": True}] * 2
    assert set(states(found["models"][0]).values()) == {"ok"}
    assert (found["models"][0]["num_ctx"], found["models"][0]["takes"]) == (8192, 8192)
    assert found["models"][0]["tokens_per_second"] > 0
    assert "routes" not in found
    assert found["suggestions"] == [
        "ollama:nomic-embed-text is not installed: souvenir models pull nomic-embed-text"
    ]
    steps = [event["step"] for event in events if event["type"] == "step" and event["model"].endswith("8b")]
    assert steps == ["installed", "answers", "streams", "speed", "tools", "schema", "window"]


async def test_the_embedder_is_tried_too(house: OpenHouse, ollama: OllamaDouble) -> None:
    """Its dimension, the languages that it learned, and how many passages a second it takes."""
    async with house(ollama.url) as services:
        found = (await report(services))["embedding"]
    assert found["works"] is True
    assert found["dimension"] == 768
    assert found["passages_per_second"] > 0
    assert states(found) == dict.fromkeys(("installed", "dimension", "languages", "throughput"), "ok")


async def test_a_model_that_does_not_answer_is_asked_no_further(ollama: OllamaDouble) -> None:
    """One failure is told, with its reason; the steps after it cost nothing."""
    ollama.fault(NAME, Fault("status", message="out of memory"))
    async with checking(ollama) as one:
        found = [await one.take(step) for step in one.steps]
    assert [finding.state for finding in found] == ["ok", "failed", *["skipped"] * 5]
    assert "out of memory" in str(found[1].values["reason"])
    assert len(ollama.requests("/api/chat")) == 1


async def test_every_step_ends(ollama: OllamaDouble) -> None:
    """A model that hangs is given up when the step's time is over."""
    ollama.fault(NAME, Fault("hang_mid_stream", after=1))
    async with checking(ollama, 0.3, budget={"load": 0.1}) as one:
        found = await one.take("answers")
    assert (found.state, found.code) == ("failed", "late")


async def test_an_answer_in_one_piece_is_no_stream(ollama: OllamaDouble) -> None:
    """Whole answers are answers, but nobody sees them come."""
    ollama.reply(NAME, Reply(text="one two three", chunk="whole"))
    async with checking(ollama) as one:
        found = await one.take("streams")
    assert (found.state, found.values["pieces"]) == ("degraded", 1)


@pytest.mark.parametrize(
    ("reply", "state", "code"),
    [
        (TOOL, "ok", "tools"),
        (Reply(text="At nine, I guess."), "degraded", "tools_none"),
        (Reply(tool_calls=(ToolCall("opening_hours", {}),)), "degraded", "tools_wrong"),
        (Reply(tool_calls=(ToolCall("open_hours", {"place": "x"}),)), "degraded", "tools_wrong"),
    ],
)
async def test_tools(ollama: OllamaDouble, reply: Reply, state: str, code: str) -> None:
    """The right tool with its argument, words instead of it, or something else."""
    ollama.reply(NAME, reply)
    async with checking(ollama) as one:
        found = await one.take("tools")
    assert (found.state, found.code) == (state, code)


async def test_a_model_without_tools_does_not_work_for_chat(house: OpenHouse, ollama: OllamaDouble) -> None:
    """Every turn offers tools, and Ollama refuses them for it: it works where a schema is enough."""
    ollama.install(Model(NAME, capabilities=("completion",)))
    both = f"chat: [ollama:{NAME}]\nextraction: [ollama:{NAME}]\n"
    async with house(ollama.url, both) as services:
        found = await report(services)
    assert found["works"] is False
    assert found["models"][0]["works"] == {"chat": False, "extraction": True}
    assert any("does not support tools" in line for line in found["suggestions"])


@pytest.mark.parametrize(
    ("replies", "state"),
    [
        ((SCHEMA,), "ok"),
        ((Reply(text="Ottawa!", calls=1), Reply(text=SCHEMA.text)), "degraded"),
        ((Reply(text="Ottawa, Canada"),), "failed"),
    ],
)
async def test_schema(ollama: OllamaDouble, replies: tuple[Reply, ...], state: str) -> None:
    """At once, when asked again, or not at all."""
    ollama.reply(NAME, *replies)
    async with checking(ollama) as one:
        assert (await one.take("schema")).state == state


@pytest.mark.parametrize(
    ("trained", "asked", "fault", "state", "takes"),
    [
        (131_072, 8192, None, "ok", 8192),
        (131_072, 4096, None, "ok", 4096),
        (4096, 8192, None, "degraded", 4096),
        (131_072, 8192, Fault("prompt_cut"), "degraded", 2567),
    ],
)
async def test_window(
    ollama: OllamaDouble, trained: int, asked: int, fault: Fault | None, state: str, takes: int
) -> None:
    """What it takes: as asked, as trained, or as many tokens as it read of a long prompt."""
    ollama.install(Model(NAME, context_length=trained))
    ollama.fault(NAME, *([fault] if fault else []))
    async with checking(ollama, num_ctx=asked) as one:
        found = await one.take("window")
    assert found.state == state
    assert abs(int(str(found.values["takes"])) - takes) < 10


async def test_a_long_prompt_that_takes_too_long(house: OpenHouse, ollama: OllamaDouble) -> None:
    """It fails in the check as it would in a turn, and the budget that it breaks is named."""
    ollama.fault(NAME, Fault("hang_before_first_token", when="List "))
    routes = f"chat: [{{model: 'ollama:{NAME}', budget: {{first_token: 0.3}}}}]\n"
    async with house(ollama.url, routes) as services:
        found = await report(services)
    assert states(found["models"][0])["window"] == "failed"
    assert any("budget.first_token" in line for line in found["suggestions"])
    assert found["works"] is True


async def test_the_suggested_routes_can_be_used(
    house: OpenHouse, ollama: OllamaDouble, tmp_path: Path
) -> None:
    """The models that work, in their order, with what they take; an embedder that knows the languages."""
    ollama.install(Model(NAME, context_length=4096))
    ollama.install("bge-m3")
    ollama.install("gemma3:4b")
    routes = f"""
chat:
- ollama:absent:1b
- {{model: ollama:{NAME}, temperature: 0.7, keep_alive: 30m, budget: {{total: 200}}}}
- ollama:llama3.2:3b
extraction:
- {{model: ollama:llama3.2:3b, temperature: 0.2}}
enrichment: [ollama:absent:1b]
"""
    async with house(ollama.url, routes) as services:
        services = services_in_french(services)
        found = await report(services, write=True)
        before = services.routes
    file = tmp_path / "suggested.yaml"
    file.write_text(found["routes"], encoding="utf-8")
    after = load_routes(file)
    assert [spec.model for spec in after.chat] == [f"ollama:{NAME}", "ollama:llama3.2:3b"]
    assert after.chat[0] == before.chat[1].model_copy(update={"num_ctx": 4096})
    assert after.chain("extraction") == before.chain("extraction")
    assert after.chain("enrichment") == before.chain("enrichment")
    assert after.chain("classification")[0].max_tokens == 64
    assert after.embedding is not None
    assert after.embedding.model == "ollama:bge-m3"
    said = " ".join(found["suggestions"])
    assert f"put ollama:{NAME} first for chat" in said
    assert f"write num_ctx: 4096 for ollama:{NAME}" in said
    assert "no model of enrichment works" in said
    assert "ollama:gemma3:4b" in said
    assert "bge-m3 has" in said
    assert found["works"] is False


def services_in_french(services: Services) -> Services:
    """The same services, for a person who reads French."""
    from dataclasses import replace

    return replace(services, settings=services.settings.model_copy(update={"lang": "fr"}))


async def test_one_window_for_a_model(house: OpenHouse, ollama: OllamaDouble) -> None:
    """Two windows for one model make Ollama load it again and again: that is said."""
    routes = f"chat: [ollama:{NAME}]\nextraction: [{{model: 'ollama:{NAME}', num_ctx: 4096}}]\n"
    async with house(ollama.url, routes) as services:
        found = await report(services)
    assert any("4096, 8192" in line for line in found["suggestions"])
    assert len(found["models"]) == 1


async def test_a_model_that_answers_again_is_left_alone_no_longer(
    house: OpenHouse, ollama: OllamaDouble
) -> None:
    """The check is a trial as good as any."""
    async with house(ollama.url, f"chat: [ollama:{NAME}]\n") as services:
        model = services.router.chain("chat")[0]
        for _ in range(3):
            services.router.failed(model, "connection refused")
        assert services.router.why_not(model)
        await report(services)
        assert services.router.why_not(model) is None


async def test_passwords_stay_out_of_reports(house: OpenHouse, ollama: OllamaDouble) -> None:
    """A report is pasted into bug reports; only the routes to write hold what the file held."""
    at = ollama.url.replace("http://", "http://marie:q7secret@")
    routes = f"chat: [{{model: 'ollama:{NAME}', base_url: '{at}'}}]\n"
    async with house(ollama.url, routes) as services:
        plain, written = await report(services), await report(services, write=True)
    assert "q7secret" not in str(plain)
    assert "q7secret" in written["routes"]


def test_both_languages_say_everything() -> None:
    """Each sentence exists in English and in French, with the same values to fill in."""
    for code, words in SAYS.items():
        english, french = (
            {name for _, name, _, _ in string.Formatter().parse(words[lang]) if name} for lang in ("en", "fr")
        )
        assert english == french, code
