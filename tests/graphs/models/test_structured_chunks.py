"""A hundred chunks of the samples and a model that fails three times in ten: never a half-valid value."""

from __future__ import annotations

import html
import json
import random
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

import pytest
from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage
from pydantic import BaseModel, ConfigDict

from graphs.models.ollama_json import OllamaJson
from graphs.models.routes import Budget, ModelSpec
from graphs.models.structured import Structured, structured
from tests.ollama_double import Fault, OllamaDouble, Reply, ollama_double

DOCUMENTS = Path(__file__).parents[3] / "samples" / "documents"
FIRST, SECOND = "llama3.1:8b", "llama3.2:3b"
CHUNKS = 100
WAYS = ("not JSON", "wrong shape", "truncated", "empty", "HTTP 500")
BUDGET = Budget(connect=5, first_token=20, between_tokens=20, total=40)
Json = dict[str, Any]


class Entity(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str
    kind: Literal["person", "place", "thing"]
    span: str


class Entities(BaseModel):
    model_config = ConfigDict(extra="forbid")

    entities: list[Entity]


def grounded(chunk: str) -> Callable[[Entities], str | None]:
    """A check that every span stands in the chunk, to the letter."""

    def check(found: Entities) -> str | None:
        missing = [one.span for one in found.entities if one.span not in chunk]
        return f"These spans do not occur in the text: {missing}" if missing else None

    return check


def sample_chunks() -> list[str]:
    """A hundred chunks of two sentences each or more, from the samples that are plain text."""
    suffixes = {".md", ".txt", ".html", ".vtt", ".srt"}
    texts = [p.read_text("utf-8") for p in sorted(DOCUMENTS.iterdir()) if p.suffix in suffixes]
    plain = html.unescape(re.sub(r"<[^>]*>", " ", "\n\n".join(texts)))
    sentences = [s for s in re.split(r"(?<=[.!?…])\s+", " ".join(plain.split())) if re.search(r"\w{4}", s)]
    size = len(sentences) // CHUNKS
    return [" ".join(sentences[n * size : (n + 1) * size]) for n in range(CHUNKS)]


class Unreliable:
    """What a model does with each chunk: thirty of a hundred questions go wrong, six in each of five ways.

    So do thirty of a hundred repairs, drawn apart; half of the truncated answers say that they are.
    """

    def __init__(self, name: str, seed: int) -> None:
        self.name = name
        self._fates = [self._drawn(f"{seed} {name} {attempt}") for attempt in ("first", "repair")]

    def obey(self, double: OllamaDouble) -> None:
        """Have the double play this model."""
        double.fault(self.name, Fault("status", when=lambda request: self.fate(request) == "HTTP 500"))
        cut = Reply(self.say, when=lambda r: self.fate(r) == "truncated" and number(r) % 2 == 0)
        double.reply(self.name, Reply(cut.text, cut.when, done_reason="length"), Reply(self.say))

    def fate(self, request: Json) -> str:
        """What becomes of one request."""
        return self._fates[is_repair(request)][number(request)]

    def say(self, request: Json) -> str:
        """The words of the answer."""
        good = entities_of(request["messages"][1]["content"].partition("\n")[2])
        return {
            "not JSON": "Certainly! I found some entities in this text.",
            "wrong shape": good.replace('"kind": "thing"', '"kind": "gadget"'),
            "truncated": good[: len(good) * 2 // 3],
            "empty": "",
        }.get(self.fate(request), good)

    @staticmethod
    def _drawn(seed: str) -> list[str]:
        fates = [way for way in WAYS for _ in range(CHUNKS * 3 // 10 // len(WAYS))]
        fates += ["good"] * (CHUNKS - len(fates))
        random.Random(seed).shuffle(fates)
        return fates


def number(request: Json) -> int:
    """Which chunk a request is about."""
    return int(request["messages"][1]["content"].partition("\n")[0])


def is_repair(request: Json) -> bool:
    """Whether the model is asked for the second time."""
    return len(request["messages"]) > 2


def entities_of(chunk: str) -> str:
    """A good answer: the first long words of the chunk."""
    words = re.findall(r"\w{4,}", chunk)[:3]
    return json.dumps({"entities": [{"name": w, "kind": "thing", "span": w} for w in words]})


def prompt(place: int, chunk: str) -> list[BaseMessage]:
    """The question for one chunk."""
    return [SystemMessage("List the entities of the text in JSON."), HumanMessage(f"{place}\n{chunk}")]


@pytest.fixture
def ollama() -> Iterator[OllamaDouble]:
    """An Ollama with two models that do all well until told otherwise."""
    with OllamaDouble(FIRST, SECOND) as double:
        for name in (FIRST, SECOND):
            double.reply(name, Reply(lambda r: entities_of(r["messages"][1]["content"].partition("\n")[2])))
        yield double


@asynccontextmanager
async def opened(url: str, *names: str) -> AsyncIterator[list[OllamaJson]]:
    """A chain of these models, closed afterwards."""
    chain = [OllamaJson(ModelSpec(model=f"ollama:{name}", budget=BUDGET), url) for name in names]
    yield chain
    for model in chain:
        await model.aclose()


async def read_all(double: OllamaDouble, *names: str) -> list[Structured[Entities]]:
    """What a chain makes of each chunk; everything that holds for any result is asserted here."""
    results = []
    async with opened(double.url, *names) as chain:
        for place, chunk in enumerate(sample_chunks()):
            result = await structured(Entities, prompt(place, chunk), chain, check=grounded(chunk))
            sound(result, chunk, [model.component for model in chain])
            results.append(result)
    tell(results, names)
    return results


def sound(result: Structured[Entities], chunk: str, components: list[str]) -> None:
    """Valid and grounded, or refused with a reason for every model; nothing between."""
    failed = [failure.component for failure in result.failures]
    assert all(failure.reason for failure in result.failures)
    if result.value is None:
        assert (failed, result.served_by) == (components, "")
        return
    assert Entities.model_validate_json(result.value.model_dump_json(), strict=True) == result.value
    assert result.value.model_dump() == json.loads(entities_of(chunk))
    assert grounded(chunk)(result.value) is None
    assert failed == components[: components.index(result.served_by)]


def tell(results: list[Structured[Entities]], names: tuple[str, ...]) -> None:
    """Print how many of each."""
    served = Counter(one.served_by or "refused" for one in results)
    reasons = Counter(failure.reason for one in results for failure in one.failures)
    valid = sum(one.value is not None for one in results)
    print(f"\n{' then '.join(names)}: {valid} valid, {len(results) - valid} refused", end="; ")
    print(f"{sum(one.repairs for one in results)} repairs; {dict(served)}")
    for reason, count in reasons.most_common():
        print(f"  {count:3} x {reason}")


def test_the_chunks_are_all_different() -> None:
    """A hundred pieces of the samples with words to find in them, each unlike the others."""
    chunks = sample_chunks()
    assert len(set(chunks)) == CHUNKS
    assert all(json.loads(entities_of(chunk))["entities"] for chunk in chunks)


async def test_one_unreliable_model(ollama: OllamaDouble, seed: int) -> None:
    """Alone, it answers or is refused for a reason; a repair mends most of what can be mended."""
    model = Unreliable(FIRST, seed)
    model.obey(ollama)
    results = await read_all(ollama, FIRST)
    told = Counter(model.fate(r.body) for r in ollama.requests("/api/chat") if not is_repair(r.body))
    assert told == {"good": 70, **dict.fromkeys(WAYS, 6)}
    assert 70 <= sum(one.value is not None for one in results) <= 88  # Silence and errors are not mended.
    assert len(ollama.requests("/api/chat")) == CHUNKS + sum(one.repairs for one in results)


async def test_a_second_model_that_works(ollama: OllamaDouble, seed: int) -> None:
    """With another model behind it nearly every chunk, here every one, has its valid answer."""
    Unreliable(FIRST, seed).obey(ollama)
    results = await read_all(ollama, FIRST, SECOND)
    assert sum(one.value is not None for one in results) >= 95
    assert {one.served_by for one in results} == {f"ollama:{FIRST}", f"ollama:{SECOND}"}


async def test_two_unreliable_models(ollama: OllamaDouble, seed: int) -> None:
    """When both fail as often, what neither could do is refused with the reasons of both."""
    for name in (FIRST, SECOND):
        Unreliable(name, seed).obey(ollama)
    results = await read_all(ollama, FIRST, SECOND)
    assert all(len(one.failures) == 2 for one in results if one.value is None)


async def test_an_invented_span_is_mended(seed: int) -> None:
    """A span that the text does not hold is told to the model, over the wire, and comes back right."""
    chunk = random.Random(seed).choice(sample_chunks())
    invented = entities_of("Xylophonist")
    async with ollama_double(FIRST) as double, opened(double.url, FIRST) as chain:
        double.reply(FIRST, Reply(invented, calls=1), Reply(entities_of(chunk)))
        result = await structured(Entities, prompt(0, chunk), chain, check=grounded(chunk))
        _, repair = double.requests("/api/chat")
    assert (result.repairs, result.failures) == (1, [])
    assert result.value is not None
    assert repair.messages[2] == {"role": "assistant", "content": invented}
    assert "do not occur in the text: ['Xylophonist']" in repair.messages[3]["content"]
    assert repair.body["format"] == Entities.model_json_schema()
