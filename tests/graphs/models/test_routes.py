"""`models.yaml`: the default chain, what can be set, and one line for what cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.models.routes import Budget, RoutesError, load_routes


def written(folder: Path, text: str) -> Path:
    """A `models.yaml` with this text."""
    file = folder / "models.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_default_chain() -> None:
    """Without a file: the larger model, then the smaller one, with limits on everything."""
    specs = load_routes(None).chat
    assert [spec.model for spec in specs] == ["ollama:llama3.1:8b", "ollama:llama3.2:3b"]
    for spec in specs:
        assert spec.num_ctx == 8192
        assert spec.max_tokens > 0
        assert min(spec.budget.connect, spec.budget.first_token, spec.budget.between_tokens) > 0
        assert spec.budget.total >= spec.budget.first_token


@pytest.mark.parametrize("text", ["", "{}", "# nothing but a comment\n", "---\n"])
def test_an_empty_file_changes_nothing(tmp_path: Path, text: str) -> None:
    """A file that says nothing leaves the default chain."""
    assert load_routes(written(tmp_path, text)) == load_routes(None)


def test_a_chain_is_read_in_its_order(tmp_path: Path) -> None:
    """The models in the order of the file, each with its settings; what is not said has its default."""
    file = written(
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
    )
    first, second = load_routes(file).chat
    assert (first.name, first.temperature, first.num_ctx, first.max_tokens) == (
        "registry.example/team/qwen3:14b",
        0,
        4096,
        300,
    )
    assert first.budget == Budget(connect=0.5, first_token=120)
    assert second == load_routes(None).chat[1]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("chat: [", "not valid YAML"),
        ("chat: *nowhere", "not valid YAML"),
        ("chat: !!python/object/apply:os.getcwd []", "not valid YAML"),
        ("chat: []", "chat"),
        ("chat: llama", "chat"),
        ("- chat", "the file"),
        ("just words", "the file"),
        ("chats: []", "chats"),
        ("chat: [{}]", "chat.0.model"),
        ("chat: [{model: llama3.1:8b}]", "chat.0.model"),
        ("chat: [{model: 'openai:gpt'}]", "chat.0.model"),
        ("chat: [{model: 'ollama:'}]", "chat.0.model"),
        ("chat: [{model: 7}]", "chat.0.model"),
        ("chat: [{model: 'ollama:a', num_ctx: 0}]", "chat.0.num_ctx"),
        ("chat: [{model: 'ollama:a', num_ctx: many}]", "chat.0.num_ctx"),
        ("chat: [{model: 'ollama:a', temperature: 3}]", "chat.0.temperature"),
        ("chat: [{model: 'ollama:a', max_tokens: 0}]", "chat.0.max_tokens"),
        ("chat: [{model: 'ollama:a'}, {model: 'ollama:b', budget: {total: 0}}]", "chat.1.budget.total"),
        ("chat: [{model: 'ollama:a', budget: {totall: 9}}]", "chat.0.budget.totall"),
        ("chat: [{model: 'ollama:a', tempurature: 1}]", "chat.0.tempurature"),
    ],
)
def test_a_file_that_cannot_be_used(tmp_path: Path, text: str, place: str) -> None:
    """One line with the file and the place in it."""
    file = written(tmp_path, text)
    with pytest.raises(RoutesError) as refused:
        load_routes(file)
    line = str(refused.value)
    assert line.startswith(str(file))
    assert place in line
    assert "\n" not in line


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    """Missing, a folder, not UTF-8: one line that says so."""
    (tmp_path / "bytes.yaml").write_bytes(b"chat: \xff\xfe")
    for file in (tmp_path / "missing.yaml", tmp_path, tmp_path / "bytes.yaml"):
        with pytest.raises(RoutesError, match="cannot be read") as refused:
            load_routes(file)
        assert "\n" not in str(refused.value)


@given(st.text(max_size=80) | st.from_regex(r"chat: (\[|\{)[ -~]{0,40}", fullmatch=True))
def test_no_text_breaks_the_reader(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """Whatever the file holds, it is read or refused in one line."""
    file = tmp_path_factory.getbasetemp() / "any.yaml"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        routes = load_routes(file)
    except RoutesError as refused:
        assert "\n" not in str(refused)
    else:
        assert routes.chat
