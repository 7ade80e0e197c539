"""`models.yaml`: what can be set, and how the layers of settings lie over each other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from graphs.models.routes import TASKS, Budget, RoutesError, load_routes
from graphs.models.routes.spec import keep_seconds
from tests.graphs.models.routes.files import routes, written


def test_the_default_embedding_model() -> None:
    """Without a file: a small model, of which nothing is assumed but its name."""
    spec = load_routes(None).embedding
    assert spec is not None
    assert (spec.model, spec.name) == ("ollama:nomic-embed-text", "nomic-embed-text")
    assert (spec.dimension, spec.query_prefix, spec.document_prefix) == (None, None, None)
    assert (spec.batch_size, spec.concurrency) == (32, 2)


def test_an_embedding_model_with_its_settings(tmp_path: Path) -> None:
    """What is said is kept, an empty prefix too; the chat models stay the default ones."""
    read = routes(
        tmp_path,
        """
        embedding:
          model: ollama:bge-m3
          dimension: 512
          query_prefix: ""
          batch_size: 10
          budget: {answer: 5}
        """,
    )
    spec = read.embedding
    assert spec is not None
    assert (spec.name, spec.dimension, spec.query_prefix, spec.document_prefix) == ("bge-m3", 512, "", None)
    assert (spec.batch_size, spec.budget.answer, spec.budget.connect) == (10, 5, 2)
    assert read.chat == load_routes(None).chat


def test_where_and_how_long_the_embedding_model_is_in_memory(tmp_path: Path) -> None:
    """By default Ollama chooses; what is said is kept."""
    default = load_routes(None).embedding
    assert default is not None
    assert (default.num_gpu, default.keep_alive) == (None, None)
    spec = routes(tmp_path, "embedding: {num_gpu: 0, keep_alive: 30m}").embedding
    assert spec is not None
    assert (spec.num_gpu, spec.keep_alive) == (0, "30m")


@pytest.mark.parametrize("wrong", ["num_gpu: -1", "num_gpu: all", "keep_alive: soon"])
def test_what_is_no_place_and_no_time_is_refused(tmp_path: Path, wrong: str) -> None:
    """With the line that says it."""
    with pytest.raises(RoutesError, match=r"models.yaml:2"):
        routes(tmp_path, f"embedding:\n  {wrong}")


@pytest.mark.parametrize(
    ("keep_alive", "seconds"),
    [
        (300, 300),
        ("30m", 1800),
        ("1h30m", 5400),
        ("1.5s", 1.5),
        ("500ms", 0.5),
        (-1, -1),
        ("-2m", -120),
        (0, 0),
    ],
)
def test_a_time_in_seconds(keep_alive: str | int, seconds: float) -> None:
    """As Ollama reads it."""
    assert keep_seconds(keep_alive) == pytest.approx(seconds)


def test_no_embedding_model(tmp_path: Path) -> None:
    """It can be switched off."""
    assert routes(tmp_path, "embedding: null").embedding is None


@pytest.mark.parametrize(
    "text", ["", "{}", "# nothing but a comment\n", "---\n", "\ufeff", "defaults:\n", "defaults: &a {<<: *a}"]
)
def test_an_empty_file_changes_nothing(tmp_path: Path, text: str) -> None:
    """A file that says nothing leaves the default chains."""
    assert routes(tmp_path, text) == load_routes(None)


def test_a_file_of_the_first_version_is_read_as_it_was(tmp_path: Path) -> None:
    """The models in the order of the file, each with its settings; what is not said has its default."""
    first, second = routes(
        tmp_path,
        """
        chat:
          - model: ollama:registry.example/team/qwen3:14b
            temperature: 0
            num_ctx: 4096
            max_tokens: 300
            budget: {connect: .5, first_token: 120}
          - model: ollama:llama3.2:3b
        """,
    ).chat
    assert (first.name, first.temperature, first.num_ctx, first.max_tokens) == (
        "registry.example/team/qwen3:14b",
        0,
        4096,
        300,
    )
    assert first.budget == Budget(connect=0.5, first_token=120)
    assert second == load_routes(None).chat[1]


def test_an_entry_is_a_name_or_its_settings(tmp_path: Path) -> None:
    """A name alone is a model with what holds for all; settings are those of one model."""
    name, settings = routes(
        tmp_path,
        """
        chat:
          - ollama:llama3.1:8b
          - model: openai:gpt-4o
            keep_alive: 30m
            base_url: http://127.0.0.1:8080/v1/
        """,
    ).chat
    assert (name.provider, name.name) == ("ollama", "llama3.1:8b")
    assert (settings.provider, settings.name) == ("openai", "gpt-4o")
    assert (settings.keep_alive, settings.base_url) == ("30m", "http://127.0.0.1:8080/v1")


def test_an_entry_wins_over_the_file_and_the_file_over_the_task(tmp_path: Path) -> None:
    """Each setting comes from the nearest place that says it, those of a budget one by one."""
    read = routes(
        tmp_path,
        """
        defaults: {max_tokens: 99, keep_alive: 5m, budget: {first_token: 50, total: 200}}
        extraction:
          - model: ollama:a
            max_tokens: 7
            budget: {total: 100}
          - model: ollama:b
            keep_alive: null
        """,
    )
    first, second = read.chain("extraction")
    assert (first.max_tokens, second.max_tokens) == (7, 99)
    assert (first.temperature, second.temperature) == (0, 0)
    assert (first.keep_alive, second.keep_alive) == ("5m", None)
    assert first.budget == Budget(first_token=50, total=100)
    assert second.budget == Budget(first_token=50, total=200)


def test_what_holds_for_all_holds_for_the_default_models_too(tmp_path: Path) -> None:
    """A file may set limits and name no chat model."""
    read = routes(tmp_path, "defaults: {num_ctx: 2048, budget: {load: 600}}")
    assert [(spec.num_ctx, spec.budget.load) for spec in read.chat] == [(2048, 600), (2048, 600)]
    assert read.place("chat", 0) == "the default routes"


def test_a_block_can_be_written_once_and_used_twice(tmp_path: Path) -> None:
    """YAML's anchors and merges work, and what is said beside a merge wins."""
    first, second = routes(
        tmp_path,
        """
        chat:
          - &big {model: ollama:a, num_ctx: 4096, budget: {total: 9}}
          - <<: *big
            model: ollama:b
            num_ctx: 1024
        """,
    ).chat
    assert (first.name, first.num_ctx, second.name, second.num_ctx) == ("a", 4096, "b", 1024)
    assert first.budget == second.budget


SETTINGS = st.fixed_dictionaries(
    {"model": st.from_regex(r"ollama:[a-z0-9./-]{1,12}(:[a-z0-9]{1,5})?", fullmatch=True)},
    optional={
        "temperature": st.floats(0, 2),
        "num_ctx": st.integers(512, 2**20),
        "max_tokens": st.integers(1, 2**20),
        "budget": st.dictionaries(
            st.sampled_from(["connect", "first_token", "between_tokens", "total"]), st.floats(0.001, 1e6)
        ),
    },
)


@given(st.lists(SETTINGS, min_size=1, max_size=4))
def test_what_a_file_says_is_what_is_read(
    tmp_path_factory: pytest.TempPathFactory, entries: list[dict[str, Any]]
) -> None:
    """Any chain of the first version's settings comes back with every value that it gave."""
    text = yaml.safe_dump({"chat": entries})
    for spec, said in zip(routes(tmp_path_factory.getbasetemp(), text).chat, entries, strict=True):
        got = spec.model_dump()
        assert {**got["budget"], **said.pop("budget", {})} == got["budget"]
        assert {**got, **said} == got


WORDS = st.sampled_from(
    ["defaults", *TASKS, "embedding", "model", "budget", "total", "keep_alive", "base_url", "num_ctx", "<<"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just("ollama:a"),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(WORDS | st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)
TEXTS = (
    st.text(max_size=80)
    | st.from_regex(r"chat: (\[|\{)[ -~]{0,40}", fullmatch=True)
    | st.from_regex(r"(chat|defaults|embedding): [&*!<>|%@\[\]{}a-z0-9:.~,' \n-]{0,40}", fullmatch=True)
    | st.dictionaries(WORDS, VALUES, max_size=3).map(
        lambda content: yaml.safe_dump(content, allow_unicode=True)
    )
)


@given(TEXTS)
def test_no_text_breaks_the_reader(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """Whatever the file holds, it gives a chain for every task, or one line that names the file."""
    file = tmp_path_factory.getbasetemp() / "any.yaml"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        read = load_routes(file)
    except RoutesError as refused:
        assert len(str(refused).splitlines()) == 1
        assert str(refused).startswith(f"{file}:")
    else:
        assert all(read.chain(task) for task in TASKS)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 5000,
        "chat: " + "[" * 5000 + "]" * 5000,
        "chat: &a [*a]",
        "chat: [&a {model: ollama:a, budget: *a}]",
        "? {a: b}\n: c",
        "? [a]\n: c",
        "1: chat",
        "chat: 2026-13-41",
        "chat: [!!int many]",
        "chat: [!!bool perhaps]",
        "chat: [!!timestamp then]",
        "chat: [!!float x]",
        "chat: [!!int '']",
        "chat: 0x_",
        f"chat: [{{model: ollama:a, temperature: {'9' * 400}}}]",
        f"chat: [{{model: ollama:a, num_ctx: -0x{'f' * 5000}}}]",
        f"chat: {'9' * 5000}",
        "chat: [{model: ollama:a, temperature: .nan}]",
        "chat: [{model: ollama:a, budget: {total: .inf}}]",
        "chat: \0",
        "a: 1\n---\nb: 2",
        "a: &a [x, x, x, x, x, x, x, x]\n"
        + "".join(
            f"{x}: &{x} [{', '.join([f'*{y}'] * 8)}]\n" for x, y in zip("bcdefghij", "abcdefghi", strict=True)
        )
        + "chat: *j\n",
        "chat: \u2028\n- \x85",
    ],
)
def test_a_strange_file_is_refused_in_one_line(tmp_path: Path, text: str) -> None:
    """Endless, nested, huge or malformed: one line that names the file, soon."""
    file = written(tmp_path, text)
    with pytest.raises(RoutesError) as refused:
        load_routes(file)
    assert str(refused.value).startswith(f"{file}:")
    assert len(str(refused.value).splitlines()) == 1
    assert len(str(refused.value)) < 700
