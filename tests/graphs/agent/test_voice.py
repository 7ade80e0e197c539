"""A model's words on their way to who listens."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from typing import Any

import pytest

from graphs.agent.voice import BEAT_SECONDS, FEW, SLOWEST_BEAT, Choir


async def test_few_speak_word_by_word() -> None:
    """Each word is an event of its own, at once; an empty one is none."""
    heard: list[dict[str, Any]] = []
    with Choir().voice(heard.append) as voice:
        for word in ("One ", "", "two ", "three."):
            voice.say(word)
        assert [event["text"] for event in heard] == ["One ", "two ", "three."]
    assert {event["type"] for event in heard} == {"token"}


async def test_among_many_words_travel_together() -> None:
    """The first goes at once, the others at the next beat, and none is lost at the end."""
    choir, heard = Choir(), asyncio.Queue[dict[str, Any]]()
    with ExitStack() as others:
        for _ in range(FEW):
            others.enter_context(choir.voice(lambda _: None))
        with choir.voice(heard.put_nowait) as voice:
            voice.say("One ")
            assert heard.get_nowait()["text"] == "One "
            voice.say("two ")
            voice.say("three ")
            assert heard.empty()
            assert (await asyncio.wait_for(heard.get(), 5))["text"] == "two three "
            voice.say("four.")
        assert heard.get_nowait()["text"] == "four."
    assert choir.speaking == 0


def test_the_more_speak_the_slower_the_beat() -> None:
    """Few are not held back at all; a crowd is, up to a limit that reads well."""
    assert Choir(speaking=FEW).beat == 0
    assert Choir(speaking=FEW + 1).beat == BEAT_SECONDS
    assert Choir(speaking=20).beat == pytest.approx(0.1)
    assert Choir(speaking=1000).beat == SLOWEST_BEAT
