"""The LangServe chat playground and its API, `/agent/…`. No other file knows LangServe.

The thread comes from the page's address or the `X-Thread-Id` header, and from nowhere else: what the
client puts into `config` is ignored, and of the messages it sends only the last human one is used,
because the conversation is kept here. Answers say their thread in `X-Thread-Id`.
LangServe 0.3: https://github.com/langchain-ai/langserve
"""

import uuid
import warnings
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, FastAPI, Header, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from langchain_core.runnables import RunnableLambda
from langserve import APIHandler

from server.composition import Services
from server.pages.chat_page import chat_page
from server.pages.chat_turns import ChatInput, ChatTurns
from server.thread_path import is_thread_id
from server.v1.requests import language_of

Endpoint = Callable[[Request], Awaitable[Response]]

_BAD_THREAD = {
    "en": "X-Thread-Id may hold letters, digits, '-', '_' and '.', at most 100 of them.",
    "fr": "X-Thread-Id peut contenir des lettres, des chiffres, « - », « _ » et « . », 100 au plus.",
}
_NOT_JSON = {"en": "The request is not valid JSON.", "fr": "La requête n'est pas du JSON valide."}


def add_playground(app: FastAPI, services: Services) -> None:
    """Add `/agent/…` to the application."""
    # LangChain deprecates what LangServe calls for its widget; whoever runs Souvenir can do nothing about it.
    warnings.filterwarnings("ignore", "astream_log is deprecated", DeprecationWarning)
    turns = ChatTurns(services)
    whole, streamed, shown = map(_handler, (turns.whole, turns.streamed, turns.shown))
    router = APIRouter(prefix="/agent", tags=["agent"])
    posts: dict[str, Endpoint] = {
        "invoke": whole.invoke,
        "stream": streamed.stream,
        "stream_log": shown.stream_log,
        "stream_events": streamed.astream_events,
    }
    on_a_thread = [Depends(_choose_thread), Depends(_require_json)]
    for name, endpoint in posts.items():
        router.post(f"/{name}", dependencies=on_a_thread, name=name, response_model=None)(_turn(endpoint))
    for name in ("input_schema", "output_schema", "config_schema"):
        schema = _schema(getattr(streamed, name))
        router.get(f"/{name}", name=name)(schema)
        # The widget asks under a hash of its settings; there are none, whatever the hash.
        router.get(f"/c/{{config_hash}}/{name}", include_in_schema=False)(schema)
    _add_page(router, services, streamed)
    app.include_router(router)


def _handler(function: Callable[..., Any]) -> APIHandler:
    return APIHandler(
        RunnableLambda(cast(Any, function)).with_types(input_type=ChatInput, output_type=str),
        path="/agent",
        config_keys=(),
        per_req_config_modifier=_hand_over,
        playground_type="chat",
    )


def _hand_over(_config: dict[str, Any], request: Request) -> dict[str, Any]:
    """Replace the client's config by what the request itself says."""
    return {"configurable": {"thread_id": request.state.thread_id, "lang": language_of(request)}}


def _turn(endpoint: Endpoint) -> Endpoint:
    async def run(request: Request) -> Response:
        """Run a turn, and say on which thread."""
        response = await endpoint(request)
        response.headers["X-Thread-Id"] = request.state.thread_id
        return response

    return run


def _schema(endpoint: Callable[[Request], Awaitable[Any]]) -> Callable[[Request], Awaitable[dict[str, Any]]]:
    async def schema(request: Request) -> dict[str, Any]:
        """Describe the type as a JSON schema."""
        return cast(dict[str, Any], await endpoint(request))

    return schema


async def _choose_thread(request: Request, x_thread_id: Annotated[str | None, Header()] = None) -> None:
    """Keep the address's thread, else take the header's, else a new one."""
    if getattr(request.state, "thread_id", None) is not None:
        return
    if x_thread_id is not None and not is_thread_id(x_thread_id):
        raise HTTPException(422, _BAD_THREAD[language_of(request)])
    request.state.thread_id = x_thread_id or str(uuid.uuid4())


async def _require_json(request: Request) -> None:
    try:
        await request.json()
    except (ValueError, RecursionError):
        raise HTTPException(422, _NOT_JSON[language_of(request)]) from None


def _add_page(router: APIRouter, services: Services, handler: APIHandler) -> None:
    @router.get("/playground/{file_path:path}", include_in_schema=False)
    async def playground(file_path: str, request: Request) -> Response:
        """Serve the chat page of a thread; without a thread in the address, lead to a new one."""
        thread = getattr(request.state, "thread_id", None)
        if thread is None:
            return RedirectResponse(f"/t/{uuid.uuid4()}/agent/playground/{file_path}")
        response = cast(Response, await handler.playground(file_path, request))
        return response if file_path else await chat_page(bytes(response.body), services, thread, request)
