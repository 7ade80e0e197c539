"""What a model said becomes facts only where the text says it."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from graphs.extraction.facts_of import Grounding, ungrounded
from graphs.extraction.said import Said
from memory.archive.entities import Chunk
from memory.knowledge.facts import Entity, merged

TEXT = "Claire Dubois, trésorière de la Coopérative Valombre, a ouvert l'assemblée générale du 14 avril 2026."


def chunk(text: str = TEXT, number: int = 0) -> Chunk:
    """A chunk of a document."""
    return Chunk(f"chunk-{number}", "document", "marie", number, text, "", "fr")


def grounded(chunks: list[Chunk], **said: object) -> Grounding:
    """What is left of what was said."""
    found = Grounding()
    found.add(Said.model_validate(said), chunks)
    return found


def test_what_the_text_says_is_kept_with_its_chunks() -> None:
    """People, organisations, events and who works where, each leading back to the chunks that say so."""
    chunks = [chunk(), chunk("Rien ici.", 1), chunk("CLAIRE DUBOIS signe.", 2)]
    found = grounded(
        chunks,
        people=[{"name": "Claire Dubois", "author": True}],
        organizations=[{"name": "Coopérative Valombre"}],
        events=[{"name": "assemblée générale", "date": "2026-04-14"}],
        employments=[
            {"person": "Claire Dubois", "organization": "Coopérative Valombre", "role": "trésorière"}
        ],
    )
    links = {(link.type, link.entity.name): link for link in merged(found.links)}
    assert links["WRITTEN_BY", "Claire Dubois"].chunks == ("chunk-0", "chunk-2")
    assert links["RELATED_TO", "assemblée générale"].entity.date == "2026-04-14"
    [work] = found.employments
    assert (work.person.name, work.organization.name, work.role) == (
        "Claire Dubois",
        "Coopérative Valombre",
        "trésorière",
    )
    assert found.dropped == 0


def test_what_it_does_not_say_is_dropped_and_counted() -> None:
    """Made-up names, a role and a year that stand nowhere, a name of 10 kB, an empty one."""
    found = grounded(
        [chunk()],
        people=[{"name": "Jean Valjean"}, {"name": ""}, {"name": "x" * 10_000}],
        events=[{"name": "assemblée générale", "date": "1999-01-01"}],
        employments=[{"person": "Claire Dubois", "organization": "Coopérative Valombre", "role": "pape"}],
    )
    assert found.dropped == 3
    assert Entity("Event", "assemblée générale") in [link.entity for link in found.links]
    assert found.employments[0].role == ""


def test_an_answer_that_is_mostly_made_up_is_sent_back() -> None:
    """The model learns which names are not there; an answer that is mostly right is used."""
    people = [{"name": name} for name in ("Jean Valjean", "Fantine", "Claire Dubois")]
    wrong = ungrounded(Said.model_validate({"people": people}), [chunk()])
    assert wrong
    assert "'Jean Valjean'" in wrong
    assert "Claire" not in wrong
    assert ungrounded(Said.model_validate({"people": people[1:]}), [chunk()]) is None
    assert ungrounded(Said(), [chunk()]) is None


@pytest.mark.parametrize(
    "answer",
    [
        {"people": [{"name": "Ada", "label": "Wizard"}]},
        {"wizards": [{"name": "Ada"}]},
        {"people": ["Ada"]},
        {"$defs": {}, "properties": {"people": {}}, "title": "Said", "type": "object"},
        {"people": [{"name": f"Ada {n}"} for n in range(1000)]},
    ],
)
def test_other_shapes_are_refused(answer: object) -> None:
    """Invented labels and fields, the schema itself, endless lists."""
    with pytest.raises(ValidationError):
        Said.model_validate(answer)


@pytest.mark.parametrize("date", ["", "soon", "14/04/2026", "2026-13", "2026-04-99", None, 2026])
def test_a_date_that_is_none_is_left_out(date: object) -> None:
    """The event stays."""
    said = Said.model_validate({"events": [{"name": "assemblée générale", "date": date}]})
    assert said.events[0].date == ""
