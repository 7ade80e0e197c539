"""Reasons in French: everything that goes wrong with a model is said in the person's language."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import HumanMessage

from graphs.agent.nodes import TOO_LONG
from graphs.agent.speaking import ABROAD
from graphs.models.chat import ModelFailed
from graphs.models.other_chat import _REMEDY, OtherChat
from graphs.models.routes import PROVIDERS, Budget, ModelSpec
from graphs.models.streams.failures import in_words, refusal
from graphs.models.streams.meter import cut_prompt
from graphs.models.token_counts import TokenCounts
from graphs.models.transport import Trouble
from server.reasons import said
from tests.graphs.agent.test_faults import FAULTS

SERVER = "http://127.0.0.1:9/v1"


def refusals() -> Iterator[str]:
    """What every provider, and a server on this machine, may refuse with."""
    for who in (*PROVIDERS, "its server"):
        for status in (302, 401, 403, 404, 429, 500, 503):
            yield refusal(status, who, "gpt-4.1:8b")


def cuts() -> Iterator[str]:
    """What is said of a prompt that was cut: read in part, or up to the brim."""
    prompt = [HumanMessage("The kiln of Oudry was rebuilt by the potters. " * 40)]
    for remedy in ("raise num_ctx", _REMEDY):
        for read, window in ((100, 8192), (2000, 2000)):
            yield cut_prompt(TokenCounts(), "openai:local", prompt, (), read, window, remedy)


REASONS = [
    *(
        case.reason.format(model="mistral:7b")
        for case in FAULTS.values()
        if case.reason and case.edge != "flagged"
    ),
    *refusals(),
    *cuts(),
    *(in_words(trouble, Budget(), "no full answer within 300 s") for trouble in Trouble),
    "openai failed: RuntimeError",
    "its server failed: RuntimeError",
    "the tool call was not understood",
    "left alone after 3 failures (its server refused the key)",
    "left alone after 3 failures (no first token within 60 s)",
    TOO_LONG.format(tokens=9000),
    ABROAD.format(sent=812, received=64),
]
ENGLISH = {
    "the",
    "was",
    "no",
    "it",
    "its",
    "server",
    "key",
    "is",
    "not",
    "within",
    "answered",
    "raise",
    "lower",
}


def kept_apart(french: str) -> str:
    """The French without what follows the colon, where that is somebody else's own words."""
    head, _, told = french.partition(" : ")
    return f"{head} {told}" if "num_ctx" in told else head


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_has_its_french(reason: str) -> None:
    """Nothing stays in English but what Ollama itself said; figures and names are kept."""
    french = said(reason, "fr")
    assert french != reason
    assert not ENGLISH & set(kept_apart(french).split())
    assert {word for word in reason.split() if word[:1].isdigit()} <= set(french.replace(")", " ").split())
    assert said(reason, "en") == reason


@pytest.mark.parametrize("base_url", [None, SERVER])
@pytest.mark.parametrize(
    ("error", "words"), [(ImportError(), "n'est pas installé"), (ValueError(), "n'a pas pu être préparé")]
)
async def test_a_model_that_cannot_be_made_has_its_french(
    error: Exception, words: str, base_url: str | None
) -> None:
    """A package that is missing, or a setting that its provider refuses, is told in French too."""

    def make(spec: ModelSpec, key: str | None) -> BaseChatModel:
        raise error

    model = OtherChat(ModelSpec(model="openai:local", base_url=base_url), make=make)
    with pytest.raises(ModelFailed) as failed:
        await anext(aiter(model.stream([HumanMessage("Who?")], ())))
    french = said(str(failed.value), "fr")
    assert words in french
    assert not ENGLISH & set(kept_apart(french).split())


def test_what_is_not_known_stays_as_it_is() -> None:
    """Better in English than not at all."""
    assert said("something new", "fr") == "something new"
