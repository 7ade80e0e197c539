"""`/v1/models`: what is there, fetching it, loading it, and the log's figures."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from memory.archive.entities import ModelCall
from server.checking.listing import listed
from server.checking.pulling import pull
from server.checking.warming import warm
from server.composition import Services, open_services
from server.settings import Settings
from tests.ollama_double import Fault, OllamaDouble, ollama_double
from tests.server.v1_client import FRENCH, Api, failure

CHAT = ("llama3.1:8b", "llama3.2:3b")
EMBEDDING = "nomic-embed-text"
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
    """A scripted Ollama with the models of the default routes, whose registry has no other."""
    async with ollama_double(*CHAT, EMBEDDING, pullable=[*CHAT, EMBEDDING]) as double:
        yield double


async def pulled(services: Services, *names: str, silence: float = 5.0) -> list[dict[str, Any]]:
    """What became of each model."""
    events = [event async for event in pull(services, names, "en", silence_seconds=silence)]
    return [event for event in events if event["type"] != "progress"]


async def told(api: Api, path: str, body: Any) -> list[dict[str, Any]]:
    """The events of a stream, asked for by the account that runs Souvenir."""
    return await api.lines(path, body, **api.token)


async def test_list_says_where_each_model_is(api: Api) -> None:
    """Task by task; what only repeats chat is named once; Ollama is asked anew each time."""
    found = await api.get("/v1/models")
    chat, *others = found["tasks"]
    assert [model["model"] for model in chat["models"]] == ["ollama:llama3.1:8b", "ollama:llama3.2:3b"]
    assert {task["same_as"] for task in others} == {"chat"}
    first = chat["models"][0]
    assert (first["installed"], first["loaded"], first["size"]) == (True, False, 4_900_000_000)
    assert first["place"]["kind"] == "machine"
    assert (first["p50_ms"], first["left_alone"], first["last_error"]) == (None, None, None)
    assert found["embedding"]["installed"] is False
    api.double.install(EMBEDDING)
    assert (await api.get("/v1/models"))["embedding"]["installed"] is True


async def test_list_without_ollama_says_what_to_do(api: Api) -> None:
    """What nobody can tell is null, and one line says what to do."""
    api.double.stop()
    found = await api.get("/v1/models", headers=FRENCH)
    [server] = found["unreachable"]
    assert "lancez-le" in server["message"]
    assert "connexion refusée" in server["message"]
    assert {model["installed"] for model in found["tasks"][0]["models"]} == {None}


async def test_list_says_why_a_model_is_left_alone(house: OpenHouse, ollama: OllamaDouble) -> None:
    """Its last error, and after a few in a row that it is not asked at the moment."""
    async with house(ollama.url) as services:
        model = services.router.chain("chat")[0]
        services.router.failed(model, "the connection broke")
        once = (await listed(services, "local", "en"))["tasks"][0]["models"][0]
        for _ in range(2):
            services.router.failed(model, "the connection broke")
        thrice = (await listed(services, "local", "en"))["tasks"][0]["models"][0]
    assert (once["left_alone"], once["last_error"]) == (None, "the connection broke")
    assert thrice["left_alone"] == "left alone after 3 failures (the connection broke)"


async def test_list_has_the_figures_of_the_week(house: OpenHouse, ollama: OllamaDouble) -> None:
    """How long the answers of the last seven days took; what is older, and other tasks, do not count."""
    async with house(ollama.url) as services:
        now = services.clock()

        def call(n: int, ms: int, days: int, task: str = "chat") -> ModelCall:
            at, model = now - timedelta(days=days), "ollama:llama3.1:8b"
            return ModelCall(f"{n}", "local", task, model, "ok", "", 10, 5, None, 100, ms, False, at)

        calls = [call(1, 900, 1), call(2, 1200, 2), call(3, 5, 8), call(4, 7, 1, "extraction")]
        async with services.archive.unit() as unit:
            await unit.calls.add(calls)
        model = (await listed(services, "local", "en"))["tasks"][0]["models"][0]
    assert (model["calls"], model["p50_ms"], model["p95_ms"]) == (2, 900, 1200)


async def test_near_names_and_own_chains(house: OpenHouse, ollama: OllamaDouble) -> None:
    """A task with its own chain shows it; a model that is there under another tag is named."""
    routes = "chat: [ollama:llama3.1]\nextraction:\n- {model: ollama:llama3.1:8b, num_ctx: 4096}\n"
    async with house(ollama.url, routes) as services:
        found = await listed(services, "local", "en")
    chat, extraction, classification, *_ = found["tasks"]
    assert (chat["models"][0]["installed"], chat["models"][0]["near"]) == (False, "llama3.1:8b")
    assert extraction["same_as"] is None
    assert extraction["models"][0]["installed"] is True
    assert classification["same_as"] == "chat"


@pytest.mark.parametrize("path", ["pull", "warm", "check"])
async def test_only_the_owner_sets_models_to_work(api: Api, path: str) -> None:
    """Fetching gigabytes and loading models is for the account that runs Souvenir."""
    assert failure(await api.http.post(f"/v1/models/{path}", json={}))[:2] == (403, "owner_token_required")
    assert not api.double.requests("/api/pull")


async def test_pull_fetches_what_is_missing(api: Api) -> None:
    """Every model of the routes: what is there is skipped, the rest comes with its progress in bytes."""
    events = await told(api, "/v1/models/pull", {})
    states = {event["model"]: event["state"] for event in events if event["type"] == "model"}
    assert states == {
        "ollama:llama3.1:8b": "present",
        "ollama:llama3.2:3b": "present",
        "ollama:nomic-embed-text": "pulled",
    }
    progress = [event for event in events if event["type"] == "progress"]
    assert progress[-1]["completed"] == progress[-1]["total"] > 0
    assert events[-1] == {"type": "totals", "pulled": 1, "present": 2, "failed": 0}
    assert [request.model for request in api.double.requests("/api/pull")] == [EMBEDDING]


async def test_pull_goes_on_after_a_failure(house: OpenHouse, ollama: OllamaDouble) -> None:
    """A model that the registry lacks, and one of a provider, fail with a reason; the next one is fetched."""
    ollama.remove(EMBEDDING)
    async with house(ollama.url) as services:
        *models, totals = await pulled(services, "nope:1b", "openai:gpt-4o", EMBEDDING, f"ollama:{EMBEDDING}")
    assert [model["state"] for model in models] == ["failed", "failed", "pulled"]
    assert "file does not exist" in models[0]["reason"]
    assert "openai runs its models itself" in models[1]["reason"]
    assert (totals["pulled"], totals["failed"]) == (1, 2)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault("hang_mid_stream", on="/api/pull", after=2), "Ollama said nothing for 0.2 s"),
        (Fault("hang_before_headers", on="/api/pull"), "Ollama said nothing for 0.2 s"),
        (Fault("cut_mid_stream", on="/api/pull", after=2), "the connection broke"),
        (Fault("no_done", on="/api/pull"), "the download ended before it was complete"),
        (Fault("error_line", on="/api/pull", message="no space left on device"), "no space left on device"),
        (Fault("garbage", on="/api/pull"), "the answer was not understood"),
        (Fault("status", on="/api/pull", message="busy"), "busy"),
    ],
)
async def test_a_download_that_breaks_off(
    house: OpenHouse, ollama: OllamaDouble, fault: Fault, reason: str
) -> None:
    """However it ends, and when nothing is heard for long, it has failed, and the reason says why."""
    ollama.remove(EMBEDDING)
    ollama.fault(EMBEDDING, fault)
    async with house(ollama.url) as services:
        *_, model, totals = await pulled(services, silence=0.2)
    assert model["state"] == "failed"
    assert reason in model["reason"]
    assert totals["failed"] == 1


@pytest.mark.parametrize("path", ["pull", "warm", "check"])
async def test_without_ollama_one_line_says_what_to_do(api: Api, path: str) -> None:
    """Nothing is tried model by model when nobody is there."""
    api.double.stop()
    [event] = await told(api, f"/v1/models/{path}", {})
    assert (event["type"], event["code"]) == ("error", "ollama_unreachable")
    assert "start it" in event["message"]
    assert "SOUVENIR_OLLAMA_URL" in event["message"]


async def test_warm_loads_the_first_of_each_chain(api: Api) -> None:
    """Each once, with the window that turns will ask for; what is not there is said, the rest is loaded."""
    events = await told(api, "/v1/models/warm", {})
    models = {event["model"]: event for event in events if event["type"] == "model"}
    assert models["ollama:llama3.1:8b"]["state"] == "loaded"
    assert models["ollama:llama3.1:8b"]["tasks"][0] == "chat"
    assert models["ollama:nomic-embed-text"]["state"] == "failed"
    assert "souvenir models pull" in models["ollama:nomic-embed-text"]["reason"]
    [request] = api.double.requests("/api/chat", model="llama3.1:8b")
    assert (request.options["num_ctx"], request.messages) == (8192, [])
    [again] = [event for event in await told(api, "/v1/models/warm", {"tasks": ["chat"]}) if "state" in event]
    assert again["state"] == "held"


async def test_warm_keeps_models_as_long_as_the_routes_say(house: OpenHouse, ollama: OllamaDouble) -> None:
    """`keep_alive` goes with the loading, and a load that takes too long is given up by its budget."""
    routes = "chat:\n- {model: ollama:llama3.1:8b, keep_alive: 2h, budget: {load: 0.2}}\n"
    async with house(ollama.url, routes) as services:
        [_, first] = [event async for event in warm(services, ["chat"], "en")]
        ollama.fault("llama3.1:8b", Fault("slow_load", seconds=30))
        [_, late] = [event async for event in warm(services, ["chat"], "fr")]
    assert first["state"] == "loaded"
    assert ollama.requests("/api/chat")[0].body["keep_alive"] == "2h"
    assert (late["state"], late["reason"]) == ("failed", "pas chargé en 0.2 s (budget.load)")


async def test_an_unknown_task_is_refused(api: Api) -> None:
    """What is no task of the routes is wrong usage."""
    response = await api.http.post("/v1/models/warm", json={"tasks": ["cooking"]}, headers=api.token)
    assert failure(response)[:2] == (422, "invalid_request")


async def test_stats_of_an_empty_log(api: Api) -> None:
    """Nothing was called yet; the days are bounded."""
    assert await api.get("/v1/models/stats", params={"days": 3}) == {"days": 3, "stats": []}
    assert failure(await api.http.get("/v1/models/stats", params={"days": 1000}))[0] == 422
