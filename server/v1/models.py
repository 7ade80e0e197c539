"""`/v1/models`: the models of the routes, how they do, and what can be done for them."""

from dataclasses import asdict
from typing import Annotated, Any, Literal, get_args

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from graphs.models.routes import Task
from server.checking.listing import listed, stats
from server.checking.pulling import pull as pulling
from server.checking.trying import check as checking
from server.checking.warming import warm as warming
from server.v1.requests import Asked, By, ByOwner
from server.v1.streams import ndjson

router = APIRouter(prefix="/models")
MOST_MODELS = 50
DAYS_KEPT = 90
"""Of the log of calls."""

Warmable = Task | Literal["embedding"]
EVERYTHING: tuple[Warmable, ...] = (*get_args(Task), "embedding")


class PullRequest(BaseModel):
    """Models to fetch, as `llama3.2:3b` or `ollama:llama3.2:3b`; none: all that the routes name."""

    model_config = ConfigDict(extra="forbid")

    models: list[Annotated[str, Field(min_length=1, max_length=200)]] = Field(
        default=[], max_length=MOST_MODELS
    )


class WarmRequest(BaseModel):
    """Tasks whose first model is to be loaded; none: all."""

    model_config = ConfigDict(extra="forbid")

    tasks: list[Warmable] = Field(default=[], max_length=len(EVERYTHING))


class CheckRequest(BaseModel):
    """Whether the report should hold the routes that follow from it, which may quote addresses whole."""

    model_config = ConfigDict(extra="forbid")

    write: bool = False


@router.get("")
async def list_models(services: Asked, by: By) -> dict[str, Any]:
    """Return every chain and the embedder: where each model is, and how it did this week."""
    return await listed(services, by.user, by.lang)


@router.post("/pull", response_model=None)
async def pull(body: PullRequest, services: Asked, by: ByOwner) -> StreamingResponse:
    """Have Ollama fetch models; NDJSON, with each model's progress."""
    return ndjson(pulling(services, body.models, by.lang), by.lang)


@router.post("/warm", response_model=None)
async def warm(body: WarmRequest, services: Asked, by: ByOwner) -> StreamingResponse:
    """Load the first model of each task; NDJSON, one event each."""
    return ndjson(warming(services, body.tasks or EVERYTHING, by.lang), by.lang)


@router.post("/check", response_model=None)
async def check(body: CheckRequest, services: Asked, by: ByOwner) -> StreamingResponse:
    """Try out every model; NDJSON, one event a step and the report at the end."""
    return ndjson(checking(services, by.lang, write=body.write), by.lang)


@router.get("/stats")
async def show_stats(
    services: Asked, by: By, days: Annotated[int, Query(ge=1, le=DAYS_KEPT)] = 7
) -> dict[str, Any]:
    """Return the log of calls in figures, by task and model."""
    found = [asdict(one) for one in await stats(services, by.user, days)]
    return {"days": days, "stats": found}
