"""What the rules read in short texts of many kinds, in French and in English."""

import pytest

from graphs.extraction.rules import read_by_rules
from memory.knowledge.facts import DocumentFacts
from memory.knowledge.keys import key_of
from tests.graphs.extraction.rules.documents import document
from tests.graphs.extraction.rules.texts import TEXTS, Text


def _keys(facts: DocumentFacts, label: str) -> set[str]:
    return {link.entity.key for link in facts.links if link.entity.label == label}


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text.name)
def test_a_text_gives_what_a_careful_reader_finds(text: Text) -> None:
    """Everybody, every organisation and every event is found, and nothing else is taken for one."""
    facts = read_by_rules(*document(text.text, lang=text.lang, title=text.title))

    assert _keys(facts, "Person") == {key_of(name) for name in text.people}
    assert _keys(facts, "Organization") == {key_of(name) for name in text.organizations}
    assert _keys(facts, "Event") == {f"{key_of(name)} {date}" for name, date in text.events.items()}
    work = {(one.person.key, one.organization.key, one.role) for one in facts.employments}
    assert work == {(key_of(who), key_of(where), role) for who, where, role in text.work}
    authors = {link.entity.key for link in facts.links if link.type == "WRITTEN_BY"}
    assert authors == {key_of(name) for name in text.authors}
