"""A `models.yaml` that cannot be used: the line, what is wrong, and what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphs.models.routes import RoutesError, load_routes
from tests.graphs.models.routes.files import refused, written


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("chat: [", "not valid YAML"),
        ("chat: *nowhere", "not valid YAML"),
        ("chat: !!python/object/apply:os.getcwd []", "not valid YAML"),
        ("chat: []", "chat"),
        ("chat: llama", "chat"),
        ("chat: null", "chat"),
        ("- chat", "the file"),
        ("just words", "the file"),
        ("chats: []", "chats"),
        ("chat: [{}]", "chat.0 has no model"),
        ("chat: [[]]", "chat.0"),
        ("chat: [{model: llama3.1:8b}]", "chat.0.model"),
        ("chat: [{model: 'ollama:'}]", "chat.0.model"),
        ("chat: [{model: 7}]", "chat.0.model"),
        ("chat: [{model: 'ollama:a', num_ctx: 0}]", "chat.0.num_ctx"),
        ("chat: [{model: 'ollama:a', num_ctx: many}]", "chat.0.num_ctx"),
        ("chat: [{model: 'ollama:a', temperature: 3}]", "chat.0.temperature"),
        ("chat: [{model: 'ollama:a', max_tokens: 0}]", "chat.0.max_tokens"),
        ("chat: [{model: 'ollama:a', budget: 9}]", "chat.0.budget"),
        ("chat: [{model: 'ollama:a'}, {model: 'ollama:b', budget: {total: 0}}]", "chat.1.budget.total"),
        ("chat: [{model: 'ollama:a', budget: {totall: 9}}]", "chat.0.budget.totall"),
        ("chat: [{model: 'ollama:a', tempurature: 1}]", "chat.0.tempurature"),
        ("defaults: 3", "defaults"),
        ("defaults: {temperature: warm}", "defaults.temperature"),
        ("defaults: {budget: {load: 0}}", "defaults.budget.load"),
        ("embedding: nomic", "embedding"),
        ("embedding: {model: nomic-embed-text}", "embedding.model"),
        ("embedding: {model: 'openai:text-embedding-3-small'}", "embedding.model"),
        ("embedding: {dimensions: 768}", "embedding.dimensions"),
        ("embedding: {dimension: 0}", "embedding.dimension"),
        ("embedding: {batch_size: 65}", "embedding.batch_size"),
        ("embedding: {concurrency: 0}", "embedding.concurrency"),
        ("embedding: {query_prefix: [a]}", "embedding.query_prefix"),
        ("embedding: {budget: {total: 9}}", "embedding.budget.total"),
    ],
)
def test_a_file_that_cannot_be_used(tmp_path: Path, text: str, place: str) -> None:
    """One line with the file, its line and the place in it."""
    assert refused(tmp_path, text).startswith("models.yaml:1: ")
    assert place in refused(tmp_path, text)


LONG = """
    defaults:
      num_ctx: 4096
    chat:
      - ollama:llama3.1:8b
      - model: ollama:llama3.2:3b
        budget:
          connect: 2
          %s
    embedding:
      %s
"""


@pytest.mark.parametrize(
    ("budget", "embedding", "line"),
    [
        (
            "first_token: -1",
            "{}",
            "models.yaml:8: chat.1.budget.first_token cannot be '-1': it must be greater than 0",
        ),
        (
            "frist_token: 9",
            "{}",
            "models.yaml:8: chat.1.budget.frist_token is not a setting: did you mean first_token?",
        ),
        ("connect: 3", "{}", "models.yaml:8: 'connect' is written twice, first on line 7: keep one of them"),
        (
            "total: 3",
            "{dimnsion: 3}",
            "models.yaml:10: embedding.dimnsion is not a setting: did you mean dimension?",
        ),
        (
            "total: }",
            "{}",
            "models.yaml:8: not valid YAML (expected the node content, but found '}'): "
            "mend it there or just before, where a bracket, a quote or the indentation is wrong",
        ),
    ],
)
def test_the_line_of_what_is_wrong(tmp_path: Path, budget: str, embedding: str, line: str) -> None:
    """Deep inside too: the line of the very setting, and what to write instead."""
    assert refused(tmp_path, LONG % (budget, embedding)) == line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("chta: [ollama:a]", "chta is not a setting: did you mean chat?"),
        ("extract: [ollama:a]", "extract is not a setting: did you mean extraction?"),
        (
            "zzz: 1",
            "zzz is not a setting: write one of defaults, chat, extraction, classification, enrichment, "
            "questionnaire, embedding",
        ),
        (
            "extraction: []",
            "extraction cannot be an empty list: write a list of models, as in [ollama:llama3.1:8b], "
            "or nothing of extraction",
        ),
        ("defaults: {model: 'ollama:a'}", "defaults cannot set model: write it in each entry"),
        ("defaults: {base_url: 'http://a'}", "defaults cannot set base_url: write it in each entry"),
        (
            "chat: [olama:llama3]",
            "chat.0.model: 'olama:llama3' does not begin with a provider: write 'ollama:llama3'",
        ),
        (
            "chat: ['Open-AI:gpt-4o']",
            "chat.0.model: 'Open-AI:gpt-4o' does not begin with a provider: "
            "write 'openai:gpt-4o' or 'ollama:Open-AI:gpt-4o'",
        ),
        (
            "chat: [qwen3:8b]",
            "chat.0.model: 'qwen3:8b' does not begin with a provider: write 'ollama:qwen3:8b'",
        ),
        ("chat: [qwen3]", "chat.0.model: 'qwen3' does not begin with a provider: write 'ollama:qwen3'"),
        (
            "chat: ['openai:']",
            "chat.0.model: 'openai:' names no model: write openai:NAME, without spaces",
        ),
        (
            "chat: [{ollama: llama3}]",
            "chat.0.ollama is not a setting: write ollama:NAME, without a space after the colon",
        ),
        (
            "chat: [{model: 'ollama:a', budget: 9}]",
            "chat.0.budget cannot be '9': write settings, such as budget: {connect: …}",
        ),
        (
            "chat: [{model: 'ollama:a', keep_alive: '300'}]",
            'chat.0.keep_alive is not a time: write seconds such as 300, or "30m", 0 (unload at once) '
            "or -1 (for ever)",
        ),
        (
            "embedding: {model: 'openai:x'}",
            "embedding.model: 'openai:x' is not a model of Ollama: write ollama:NAME",
        ),
    ],
)
def test_what_to_write_instead(tmp_path: Path, text: str, line: str) -> None:
    """The nearest name that is known, or how the thing is written."""
    assert refused(tmp_path, text) == f"models.yaml:1: {line}"


@pytest.mark.parametrize("value", ["300", "0", "-1", "30m", "1h30m", "'1.5h'", "'-1s'", "null"])
def test_how_long_a_model_stays_loaded(tmp_path: Path, value: str) -> None:
    """Seconds, a time with its unit, at once, for ever, or as the server likes."""
    assert load_routes(written(tmp_path, f"chat: [{{model: 'ollama:a', keep_alive: {value}}}]")).chat


@pytest.mark.parametrize("value", ["yes", "1.5", "soon", "30 m", "[1]", "''"])
def test_no_time_to_stay_loaded(tmp_path: Path, value: str) -> None:
    """What Ollama would not understand is refused before it is asked."""
    assert "keep_alive is not a time" in refused(
        tmp_path, f"chat: [{{model: 'ollama:a', keep_alive: {value}}}]"
    )


@pytest.mark.parametrize(
    "url",
    ["127.0.0.1:8080", "ftp://a", "http://", "http://me:secret@[::1", "http://me:secret@a:x", "http://a b"],
)
def test_an_address_that_cannot_be_used_is_not_quoted(tmp_path: Path, url: str) -> None:
    """It may hold a password, so the line says only where it is written."""
    line = refused(tmp_path, f"chat:\n- model: ollama:a\n  base_url: '{url}'")
    assert line.startswith("models.yaml:3: chat.0.base_url is not an address: ")
    assert "secret" not in line


def test_the_line_of_a_merged_setting_is_where_it_is_written(tmp_path: Path) -> None:
    """A block that is used elsewhere is corrected where it stands."""
    text = "chat:\n- &a\n  model: ollama:a\n- <<: *a\n  num_ctx: 1\n"
    assert refused(tmp_path, text).startswith("models.yaml:5: chat.1.num_ctx")


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    """Missing, a folder, not UTF-8: one line that says so."""
    (tmp_path / "bytes.yaml").write_bytes(b"chat:\n\xff\xfe")
    for file in (tmp_path / "missing.yaml", tmp_path, tmp_path / "bytes.yaml", tmp_path / "a\0b"):
        with pytest.raises(RoutesError, match="cannot be read") as error:
            load_routes(file)
        assert len(str(error.value).splitlines()) == 1
    with pytest.raises(RoutesError, match=r"bytes\.yaml:2: "):
        load_routes(tmp_path / "bytes.yaml")
