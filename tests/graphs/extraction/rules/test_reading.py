"""What the rules make of whole documents: transcripts, tables, mails, and the chunks that say it."""

from graphs.extraction.rules import read_by_rules, written_by
from memory.knowledge.facts import RULES
from tests.graphs.extraction.rules.documents import document


def test_who_speaks_in_a_transcript_wrote_it() -> None:
    """Speakers are its authors, with the chunks where they speak; the call is an event of the file's day."""
    facts = read_by_rules(
        *document(
            "Shall we start?",
            "Yes, the pump.",
            "It leaks.",
            title="pump call 2025-03-04",
            uri="file:///pump-call-2025-03-04.vtt",
            media_type="text/vtt",
            locators=("00:00:01 Ewa Lis", "00:00:05 Tom", "00:00:09 Ewa Lis"),
        )
    )
    spoken = {link.entity.name: link.chunks for link in facts.links if link.type == "WRITTEN_BY"}
    assert spoken == {"Ewa Lis": ("c0", "c2"), "Tom": ("c1",)}
    events = [(link.entity.name, link.entity.date) for link in facts.links if link.type == "RELATED_TO"]
    assert events == [("pump call", "2025-03-04")]


def test_a_number_or_a_role_that_speaks_is_nobody() -> None:
    """A "Speaker 2" has no name."""
    facts = read_by_rules(
        *document(
            "Hello.", "Hi.", media_type="text/vtt", locators=("00:00:01 Speaker 2", "00:00:05 Narrator")
        )
    )
    assert [link for link in facts.links if link.entity.label == "Person"] == []


def test_authors_are_known_without_reading_the_rest() -> None:
    """`written_by` gives the authors alone: for a reader that is told them."""
    links = written_by(*document("Author: Dagny Voss\n\nMr Peter Hall came. Signed: Aviva."))
    assert [(link.type, link.entity.name, link.chunks) for link in links] == [
        ("WRITTEN_BY", "Dagny Voss", ("c0",))
    ]


def test_columns_say_what_their_values_are() -> None:
    """Clients with a person to speak to are organisations, and these people work there."""
    rows = (
        "number: 1; client: Ferme de Kerlann; contact: Annick Le Roux; price: 12",
        "number: 2; client: Menuiserie Hamon; contact: Denis Hamon; price: 13",
        "number: 3; client: Particulier; contact: Famille Lebrun; price: 14",
    )
    facts = read_by_rules(
        *document(
            *rows, lang="fr", title="clients", media_type="text/csv", locators=("row 2", "row 3", "row 4")
        )
    )
    named = {(link.entity.label, link.entity.name, link.chunks) for link in facts.links}
    assert named == {
        ("Organization", "Ferme de Kerlann", ("c0",)),
        ("Organization", "Menuiserie Hamon", ("c1",)),
        ("Person", "Annick Le Roux", ("c0",)),
        ("Person", "Denis Hamon", ("c1",)),
        ("Person", "Famille Lebrun", ("c2",)),
    }
    jobs = {(one.person.name, one.organization.name) for one in facts.employments}
    assert jobs == {("Annick Le Roux", "Ferme de Kerlann"), ("Denis Hamon", "Menuiserie Hamon")}


def test_a_plan_gives_its_steps() -> None:
    """Rows of steps with a date are events."""
    text = "Step: Design review; Deadline: 10 April 2026\nStep: First batch; Deadline: June 2026"
    facts = read_by_rules(*document(text))
    events = {(link.entity.name, link.entity.date) for link in facts.links}
    assert events == {("Design review", "2026-04-10"), ("First batch", "2026-06")}


def test_every_place_of_a_name_is_known() -> None:
    """A last name, or the first word of a company, leads to the same node from every chunk."""
    facts = read_by_rules(
        *document(
            "Tobias Renn, buyer at Northgate Paper Ltd, wrote first.",
            "Nothing here.",
            "Mr Renn says that Northgate agrees.",
        )
    )
    places = {link.entity.name: link.chunks for link in facts.links}
    assert places == {"Tobias Renn": ("c0", "c2"), "Northgate Paper Ltd": ("c0", "c2")}


def test_a_last_name_of_two_people_is_neither() -> None:
    """Where two people share a last name, the name alone stays a name of its own."""
    facts = read_by_rules(*document("Ruth Ellis and Joan Ellis came. Mrs Ellis left early."))
    assert {link.entity.name for link in facts.links} == {"Ruth Ellis", "Joan Ellis", "Ellis"}


def test_a_name_that_two_chunks_share_is_read() -> None:
    """A text that was cut within a name does not lose it."""
    facts = read_by_rules(*document("Many thanks to Annick", "Le Roux, who keeps the books."))
    assert "Annick Le Roux" in {link.entity.name for link in facts.links}


def test_employments_are_between_linked_entities() -> None:
    """Both ends are among the entities that the document links to."""
    facts = read_by_rules(*document("Petra Lindqvist works for Halden Robotics GmbH."))
    linked = {link.entity for link in facts.links}
    assert [(one.person in linked, one.organization in linked) for one in facts.employments] == [(True, True)]
    assert facts.extractor == RULES
    assert facts.first_chunk == "c0"


def test_topics_are_said_more_than_once_and_are_no_names() -> None:
    """At most eight phrases that the document keeps coming back to."""
    text = (
        "The heat pump needs a new filter. Claire Dubois checks the heat pump each spring. A "
        "dirty filter makes the "
        "heat pump loud, and the drainage channel fills. When the drainage channel is full, call "
        "Claire Dubois. "
        "Clean the drainage channel and the filter in spring, before the heat pump starts again."
    )
    facts = read_by_rules(*document(text))
    topics = {link.entity.key for link in facts.links if link.entity.label == "Topic"}
    assert {"heat pump", "drainage channel"} <= topics
    assert len(topics) <= 8
    assert not any("dubois" in topic for topic in topics)


def test_reading_twice_gives_the_same() -> None:
    """The facts of a document do not depend on what was read before."""
    one = document("Ruth Ellis works for Aviva. The audit of 3 May 2025 went well.")
    read_by_rules(*document("Ellis Aviva Ltd; audit of 4 June 2024."))
    assert read_by_rules(*one) == read_by_rules(*one)


def test_the_form_of_a_document_names_its_organisation() -> None:
    """The foot of its pages, the end of a page's title and a letterhead say whose it is."""
    foot = read_by_rules(
        *document(
            "We sell.\nTidewell Weavers · page 1",
            "We mend.\nTidewell Weavers · page 2",
            locators=("page 1", "page 2"),
        )
    )
    site = read_by_rules(*document("We sell.", title="Our prices – Tidewell Weavers"))
    head = read_by_rules(*document("TIDEWELL WEAVERS\nPRICE LIST\n\nAll in pounds."))
    for facts in (foot, site, head):
        assert {link.entity.key for link in facts.links} == {"tidewell weavers"}


def test_a_first_name_that_does_what_people_do_is_somebody() -> None:
    """Places and months of the same letters are not."""
    facts = read_by_rules(
        *document("Ask Priya. Naomi keeps the keys. In Victoria, april showers. Florence is a town.")
    )
    assert {link.entity.name for link in facts.links} == {"Priya", "Naomi"}


def test_a_clause_with_a_date_tells_an_event() -> None:
    """Its name is the clause without the date; rules, prices and validity are none."""
    facts = read_by_rules(
        *document(
            "Naomi Price joined the team in May 2014. The old kiln was rebuilt in December 2025. "
            "The price was approved on 3 March 2025. Valid until 1 June 2026. "
            "We opened a shop in Leeds on 11 May 2024."
        )
    )
    events = {(link.entity.name, link.entity.date) for link in facts.links if link.entity.label == "Event"}
    assert events == {
        ("Naomi Price joined the team", "2014-05"),
        ("The old kiln was rebuilt", "2025-12"),
        ("We opened a shop in Leeds", "2024-05-11"),
    }


def test_a_heading_that_starts_with_a_year_dates_what_is_below() -> None:
    """A chronology by headings: the heading is an event, and days below are of its year."""
    facts = read_by_rules(
        *document(
            "The river rose on 2 June and flooded the cellar.", locators=("Our story > 2016: the flood",)
        )
    )
    events = {(link.entity.name, link.entity.date) for link in facts.links if link.entity.label == "Event"}
    assert ("the flood", "2016") in events
    assert all(date.startswith("2016") for _, date in events)
