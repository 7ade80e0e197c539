"""The chain for each task, and where each model of it is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphs.models.routes import DEFAULTS_OF, TASKS, ModelSpec, Routes, Task, load_routes
from tests.graphs.models.routes.files import routes


def test_the_default_chain() -> None:
    """Without a file: the larger model, then the smaller one, with limits on everything."""
    specs = load_routes(None).chat
    assert [spec.model for spec in specs] == ["ollama:llama3.1:8b", "ollama:llama3.2:3b"]
    for spec in specs:
        assert spec.num_ctx == 8192
        assert spec.max_tokens > 0
        assert min(spec.budget.connect, spec.budget.first_token, spec.budget.between_tokens) > 0
        assert spec.budget.total >= spec.budget.first_token


@pytest.mark.parametrize(
    ("task", "temperature", "max_tokens"),
    [
        ("chat", 0.2, 1024),
        ("extraction", 0, 2048),
        ("classification", 0, 64),
        ("enrichment", 0.2, 512),
        ("questionnaire", 0.5, 1024),
    ],
)
def test_each_task_speaks_to_models_in_its_own_way(task: Task, temperature: float, max_tokens: int) -> None:
    """Without a file every task has the chat models, with what the task needs."""
    chain = load_routes(None).chain(task)
    assert [spec.model for spec in chain] == [spec.model for spec in load_routes(None).chat]
    assert {(spec.temperature, spec.max_tokens) for spec in chain} == {(temperature, max_tokens)}


def test_the_chat_chain_is_the_same_both_ways(tmp_path: Path) -> None:
    """`chain("chat")` is what `chat` holds, with its own settings."""
    read = routes(tmp_path, "chat: [{model: 'ollama:a', temperature: .9, max_tokens: 5}]")
    assert read.chain("chat") == read.chat
    assert read.chat[0].temperature == 0.9


def test_a_task_without_a_chain_takes_the_models_of_chat(tmp_path: Path) -> None:
    """Their server, window and budget hold for it; how they speak in conversations does not."""
    read = routes(
        tmp_path,
        """
        chat:
          - model: ollama:a
            temperature: .9
            max_tokens: 5
            num_ctx: 4096
            keep_alive: -1
            base_url: http://127.0.0.1:9
            budget: {total: 7}
        classification: [ollama:small]
        """,
    )
    (spec,) = read.chain("extraction")
    assert spec == read.chat[0].model_copy(update=DEFAULTS_OF["extraction"])
    assert (spec.num_ctx, spec.keep_alive, spec.base_url, spec.budget.total) == (
        4096,
        -1,
        "http://127.0.0.1:9",
        7,
    )
    assert [(spec.model, spec.max_tokens) for spec in read.chain("classification")] == [("ollama:small", 64)]


def test_what_the_file_says_for_all_holds_for_every_task(tmp_path: Path) -> None:
    """With a chain of its own or not, and over what a chat entry says for conversations."""
    read = routes(
        tmp_path,
        """
        defaults: {temperature: .4}
        chat: [{model: 'ollama:a', temperature: .9}]
        enrichment: [ollama:b]
        """,
    )
    assert read.chat[0].temperature == 0.9
    assert {read.chain(task)[0].temperature for task in TASKS if task != "chat"} == {0.4}
    assert read.chain("extraction")[0].max_tokens == 2048


def test_where_models_are_written(tmp_path: Path) -> None:
    """The line of a chain, an entry and a key in it; of an inherited chain, that of the chat model."""
    read = routes(
        tmp_path,
        """
        # models
        chat:
          - ollama:a
          - temperature: 1
            model: ollama:b
        enrichment: [ollama:c]

        embedding:
          dimension: 5
        """,
    )
    assert [read.line("chat"), read.line("chat", 0), read.line("chat", 1)] == [2, 3, 4]
    assert [read.line("chat", 1, "model"), read.line("chat", 0, "model")] == [5, 3]
    assert read.line("chat", 1, "budget") is None
    assert [read.line("extraction"), read.line("extraction", 1), read.line("enrichment", 0)] == [2, 4, 6]
    assert [read.line("embedding"), read.line("embedding", key="dimension")] == [8, 9]
    assert read.place("chat", 1) == f"{tmp_path / 'models.yaml'}:4"
    assert read.place("chat", 1, "budget") == f"{tmp_path / 'models.yaml'}:4"
    assert read.place("embedding", key="model") == f"{tmp_path / 'models.yaml'}:8"


def test_where_nothing_is_written(tmp_path: Path) -> None:
    """What comes with Souvenir has no line, with a file that says nothing of it or without a file."""
    for read in (load_routes(None), routes(tmp_path, "embedding: null")):
        assert read.line("chat", 0) is None
        assert read.place("chat", 0) == read.place("questionnaire") == "the default routes"


def test_routes_can_be_made_by_hand() -> None:
    """What a program needs without a file: chains, and nothing else to say."""
    spec = ModelSpec(model="ollama:a")
    made = Routes(chat=(spec,), embedding=None)
    assert made.chain("chat") == (spec,)
    assert made.file is None
