"""The floor: the least that streams a model's answer and keeps the conversation, to compare Souvenir with.

`python -m tests.bench.floor FOLDER MODEL_URL`: FastAPI on uvicorn's defaults, and a graph of two nodes with
LangGraph's own SQLite checkpointer (WAL). No recall, no archive, no sources, no second model, no limits.
Prints its address, and serves until its standard input closes.
"""

import asyncio
import json
import socket
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse
from langchain_core.messages import BaseMessage, SystemMessage
from langchain_core.runnables import RunnableConfig
from langchain_ollama import ChatOllama
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.graph.state import CompiledStateGraph

from tests.bench.scripted_model import NAME

Graph = CompiledStateGraph[Any, Any, Any, Any]


class State(MessagesState):
    """A conversation, and the prompt that its answers begin with."""

    prompt: str


class _Nodes:
    def __init__(self, model: ChatOllama) -> None:
        self._model = model

    async def prepare(self, state: State) -> dict[str, Any]:
        return {"prompt": "You are an assistant. Answer in a few clear sentences."}

    async def call_model(self, state: State) -> dict[str, Any]:
        messages = [SystemMessage(state["prompt"]), *state["messages"]]
        return {"messages": [await self._model.ainvoke(messages)]}


def build(model: ChatOllama, saver: AsyncSqliteSaver) -> Graph:
    """Return the graph: one node writes the prompt, one calls the model."""
    nodes, graph = _Nodes(model), StateGraph(State)
    graph.add_node("prepare", nodes.prepare)
    graph.add_node("call_model", nodes.call_model)
    graph.add_edge(START, "prepare")
    graph.add_edge("prepare", "call_model")
    graph.add_edge("call_model", END)
    return graph.compile(checkpointer=saver)


def create_app(folder: Path, model_url: str) -> FastAPI:
    """Return the application: one path, `POST /stream`, which answers with server-sent events."""
    opened: dict[str, Graph] = {}

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        model = ChatOllama(model=NAME, base_url=model_url, num_ctx=8192)
        async with AsyncSqliteSaver.from_conn_string(str(folder / "floor.db")) as saver:
            opened["graph"] = build(model, saver)  # the saver sets WAL itself
            yield

    app = FastAPI(lifespan=lifespan)

    @app.post("/stream")
    async def stream(request: Request) -> StreamingResponse:
        question = (await request.json())["question"]
        config: RunnableConfig = {"configurable": {"thread_id": request.headers["x-thread-id"]}}

        async def events() -> AsyncIterator[str]:
            given = {"messages": [("human", question)]}
            chunks = opened["graph"].astream(given, config, stream_mode="messages")
            async for chunk, _ in cast("AsyncIterator[tuple[BaseMessage, Any]]", chunks):
                yield f"event: data\ndata: {json.dumps(chunk.content)}\n\n"
            yield "event: end\n\n"

        return StreamingResponse(events(), media_type="text/event-stream")

    return app


def main(folder: Path, model_url: str) -> None:
    """Serve on a free port."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(create_app(folder, model_url), log_level="warning", access_log=False)
    server = uvicorn.Server(config)

    def until_told() -> None:
        sys.stdin.read()
        server.should_exit = True

    threading.Thread(target=until_told, daemon=True).start()
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(server.serve([listener]))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
