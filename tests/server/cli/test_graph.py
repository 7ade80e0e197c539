"""`souvenir graph`: what people see of the knowledge graph, and the exit codes."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from server.cli.messages import Say
from server.cli.show.diagrams import MOST_BESIDE, MOST_DOCUMENTS, Diagram, draw_entity, draw_rows, escaped
from tests.server.cli.api_double import ApiDouble
from tests.server.cli.conftest import Run

Capture = pytest.CaptureFixture[str]
SHOW, QUERY, SCHEMA = "GET /v1/graph/show", "POST /v1/graph/query", "GET /v1/graph/schema"
LABELS = ("Document", "Person", "Organization", "Topic", "Event")
HOSTILE = (
    "\x1b]0;title\x07\x1b[31mClaire\u202e[red]Dubois[/red] :smile: `end`\n"
    '"]; click n0 "javascript:alert(1)" <script>'
)
SHOWN = '[red]Dubois[/red] :smile: `end` "]; click n0 "javascript:alert(1)" <script>'
# One node, or one edge with its words. Between the quotes only letters, figures, a few marks, and codes.
LABEL = r'"(?:[^\W_]|[ ,’.-]|#\d+;)+"'
LINE = re.compile(
    rf"  n\d+(?:\[\[{LABEL}\]\]|\(\[{LABEL}\]\)|\[{LABEL}\]|\({LABEL}\)|\{{\{{{LABEL}\}}\}}"
    rf"| (?:-->|-\.-)\|{LABEL}\| n\d+)"
)


def entity(name: str = "Claire Dubois", **changes: Any) -> dict[str, Any]:
    """All that `/v1/graph/show` answers of a person."""
    plain = {
        "entity": {"label": "Person", "name": name, "key": "claire dubois", "date": ""},
        "works_for": [{"person": name, "role": "Treasurer", "organization": "Valombre Ltd", "chunks": ["c"]}],
        "documents": [
            tie("d1", "Minutes", "MENTIONS"),
            tie("d1", "Minutes", "WRITTEN_BY"),
            tie("d2", "Letter", "MENTIONS", said="C. Dubois"),
        ],
        "document_count": 2,
        "beside": [
            {"label": "Person", "name": "Marc Petit", "documents": 2},
            {"label": "Organization", "name": "Valombre Ltd", "documents": 1},
            {"label": "Topic", "name": "hubs", "documents": 1},
        ],
        "also": [],
    }
    return plain | changes


def tie(document_id: str, document: str, relationship: str, said: str = "Claire Dubois") -> dict[str, Any]:
    """How a document leads to the entity."""
    return {
        "document": document, "document_id": document_id, "relationship": relationship, "said": said,
        "chunks": ["c1"],
    }  # fmt: skip


def schema(nodes: int, **documents: int) -> dict[str, Any]:
    """What `/v1/graph/schema` answers."""
    both = ["key", "name"]
    return {
        "backend": "arcadedb",
        "nodes": {"Document": nodes, "Event": nodes},
        "documents": {"done": 0, "partial": 0, "pending": 0, "failed": 0} | documents,
        "properties": {"Document": [*both, "uri"], "Event": [*both, "date"]},
        "relationships": [
            {"start": "Document", "type": "MENTIONS", "end": "Topic", "properties": ["source"]},
            {"start": "Person", "type": "WORKS_FOR", "end": "Organization", "properties": ["source", "role"]},
        ],
        "text": "Nodes:\n",
    }


def node(label: str, name: str, key: str | None = None) -> dict[str, Any]:
    """A node in a row."""
    return {"label": label, "key": key or name.casefold(), "name": name}


def refusal(code: str, message: str) -> dict[str, Any]:
    """How the API says no."""
    return {"error": {"code": code, "message": message}}


def lines_of(shown: str) -> list[str]:
    """The lines, with single blanks."""
    return [" ".join(line.split()) for line in shown.splitlines()]


UNKNOWN = refusal("unknown_entity", "The knowledge graph holds nothing of this name: try a part of it.")


def test_a_bare_group_explains_itself(souvenir: Run, capsys: Capture) -> None:
    """`graph --help` names its commands, in French too."""
    assert souvenir("graph", "--help") == 0
    shown = capsys.readouterr().out
    assert all(f"  {command} " in shown for command in ("schema", "show", "query"))
    for command in ("schema", "show", "query"):
        assert souvenir("graph", command, "--lang", "fr", "--help") == 0
        shown = capsys.readouterr().out
        assert not re.search(r"\b(the|what|Print)\b", shown)


def test_schema(api: ApiDouble, souvenir: Run, capsys: Capture) -> None:
    """How many nodes there are, what they and the relationships hold, and how far the documents are."""
    api.says(SCHEMA, schema(3, done=1, partial=2, pending=1))
    assert souvenir("graph", "schema") == 0
    lines = lines_of(capsys.readouterr().out)
    assert "Document 3 uri" in lines
    assert "Event 3 date" in lines
    assert "each also: key, name" in lines
    assert "Document -[:MENTIONS]-> Topic" in lines
    assert "Person -[:WORKS_FOR]-> Organization role" in lines
    said = "arcadedb: 1 document read, 2 documents read by rules only, 1 document to be read"
    assert lines[-1] == said


@pytest.mark.parametrize(("lang", "words"), [("en", "is still empty"), ("fr", "est encore vide")])
def test_the_schema_of_an_empty_graph(
    api: ApiDouble, souvenir: Run, capsys: Capture, lang: str, words: str
) -> None:
    """What to do is said, in the person's language."""
    api.says(SCHEMA, schema(0))
    assert souvenir("graph", "schema", "--lang", lang) == 0
    last = lines_of(capsys.readouterr().out)[-1]
    assert words in last
    assert "souvenir ingest" in last
    assert "souvenir doctor" in last


def test_show(api: ApiDouble, souvenir: Run, capsys: Capture) -> None:
    """Work, documents, a line each with how they lead there, and what these speak of beside."""
    api.says(SHOW, entity(also=[{"label": "Topic", "name": "Claire"}]))
    assert souvenir("graph", "show", "claire", "--label", "person") == 0
    lines = lines_of(capsys.readouterr().out)
    assert lines[:2] == ["Claire Dubois", "person"]
    assert "Valombre Ltd Treasurer" in lines
    assert "Minutes mentions, written by Claire Dubois" in lines
    assert "Letter mentions C. Dubois" in lines
    assert "people Marc Petit (2)" in lines
    assert "The name may also mean: Claire (topic)" in lines
    assert api.seen[0].query == {"name": "claire", "label": "Person"}


def test_show_an_organisation_in_french(api: ApiDouble, souvenir: Run, capsys: Capture) -> None:
    """Who works there, and that there are more documents than are listed."""
    one = {"label": "Organization", "name": "Valombre Ltd", "key": "valombre ltd", "date": ""}
    api.says(SHOW, entity(entity=one, document_count=60))
    assert souvenir("graph", "show", "valombre", "--lang", "fr") == 0
    lines = lines_of(capsys.readouterr().out)
    assert lines[:2] == ["Valombre Ltd", "organisation"]
    assert "y travaillent rôle" in lines
    assert "Claire Dubois Treasurer" in lines
    assert "Minutes mentionne, écrit par Claire Dubois" in lines
    assert "et 58 de plus" in lines


def test_show_an_event_with_its_date(api: ApiDouble, souvenir: Run, capsys: Capture) -> None:
    """The date stands beside what it is; without work there is no table of it."""
    one = {"label": "Event", "name": "assembly", "key": "assembly", "date": "2026-04-14"}
    api.says(SHOW, entity(entity=one, works_for=[]))
    assert souvenir("graph", "show", "assembly") == 0
    shown = capsys.readouterr().out
    assert "event · 2026-04-14" in shown
    assert "role" not in shown


@pytest.mark.parametrize(
    ("label", "found", "words"),
    [
        ((), schema(3), "try a part of it."),
        (("--label", "topic"), schema(3), "Or leave out --label."),
        ((), schema(0), "is still empty: documents are read into it right after `souvenir ingest PATH`"),
        ((), schema(0, pending=2), "2 documents are still to be read: ask again in a moment"),
        ((), schema(3, pending=1), "1 document is still to be read: ask again in a moment"),
    ],
)
def test_nothing_of_that_name(
    api: ApiDouble, souvenir: Run, capsys: Capture, label: Sequence[str], found: dict[str, Any], words: str
) -> None:
    """One line says what to try, exit code 1; what it says depends on what there is."""
    api.says(SHOW, UNKNOWN, status=404)
    api.says(SCHEMA, found)
    assert souvenir("graph", "show", "nobody", *label, "--json") == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    [line] = shown.err.splitlines()
    assert words in line


def test_a_graph_that_does_not_answer(api: ApiDouble, souvenir: Run, capsys: Capture) -> None:
    """The API's line, with the reason; exit code 1."""
    why = "The knowledge graph does not answer (connection refused): see `souvenir doctor`."
    for request in (SHOW, QUERY, SCHEMA):
        api.says(request, refusal("knowledge_unavailable", why), status=503)
    for words in (["show", "x"], ["query", "RETURN 1"], ["schema"]):
        assert souvenir("graph", *words) == 1
        assert capsys.readouterr().err == f"souvenir: {why}\n"


def test_query(api: ApiDouble, souvenir: Run, capsys: Capture) -> None:
    """A column each; nodes and relationships by their names, the rest as JSON has it."""
    person, event = node("Person", "Claire Dubois"), node("Event", "assembly")
    path = [person, {"type": "WORKS_FOR", "role": ""}, node("Organization", "Valombre")]
    columns, row = ["p", "e", "path", "n", "no"], [person, [event, 2], path, {"a": True}, None]
    api.says(QUERY, {"columns": columns, "rows": [row], "cut": True})
    assert souvenir("graph", "query", "MATCH (p) RETURN p") == 0
    shown = capsys.readouterr()
    words = " ".join(shown.out.split())
    assert words.startswith("p e path n no")
    for cell in ("Claire Dubois", "assembly", "–works for–", '{"a":', "–"):
        assert cell in words
    assert "there is more than these 1 rows" in shown.err
    assert api.seen[0].body == {"cypher": "MATCH (p) RETURN p"}


@pytest.mark.parametrize(("lang", "words"), [("en", "Nothing found."), ("fr", "Rien trouvé.")])
def test_a_query_that_finds_nothing(
    api: ApiDouble, souvenir: Run, capsys: Capture, lang: str, words: str
) -> None:
    """It is an answer, not a failure, and says what to try."""
    api.says(QUERY, {"columns": ["n"], "rows": [], "cut": False})
    api.says(SCHEMA, schema(3))
    assert souvenir("graph", "query", "MATCH (n) RETURN n", "--lang", lang) == 0
    shown = capsys.readouterr().out
    assert shown.startswith(words)
    assert "souvenir graph schema" in shown


def test_a_refused_query_is_one_line(api: ApiDouble, souvenir: Run, capsys: Capture) -> None:
    """The rule and the sentence; nothing on stdout, exit code 1."""
    why = "The query was refused (writes): Only read: leave out CREATE."
    api.says(QUERY, refusal("query_not_run", why), status=422)
    assert souvenir("graph", "query", "CREATE (n)", "--json") == 1
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("", f"souvenir: {why}\n")


@pytest.mark.parametrize("words", ["show claire", "query x", "schema"])
def test_json_is_what_the_api_says(api: ApiDouble, souvenir: Run, capsys: Capture, words: str) -> None:
    """One document, as it came, hostile names and all."""
    found = entity(HOSTILE) | schema(3) | {"columns": ["n"], "rows": [], "cut": True}
    for request in (SHOW, QUERY, SCHEMA):
        api.says(request, found)
    assert souvenir("graph", *words.split(), "--json") == 0
    shown = capsys.readouterr()
    assert json.loads(shown.out) == found
    assert shown.err == ""


@pytest.mark.parametrize(
    "words",
    [
        ["show"],
        ["show", ""],
        ["show", "  "],
        ["show", "a" * 201],
        ["show", "a", "b"],
        ["show", "a", "--label", "document"],
        ["show", "a", "--json", "--mermaid"],
        ["query"],
        ["query", ""],
        ["query", "x" * 4001],
        ["query", "RETURN 1", "--json", "--mermaid"],
        ["schema", "--mermaid"],
        ["draw"],
    ],
)
def test_wrong_usage(api: ApiDouble, souvenir: Run, capsys: Capture, words: list[str]) -> None:
    """Exit code 2, one line, and nobody is asked."""
    assert souvenir("graph", *words) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert len(shown.err.splitlines()) == 1
    assert not api.seen


def test_hostile_names_are_shown_not_obeyed(api: ApiDouble, souvenir: Run, capsys: Capture) -> None:
    """No control character, no direction, no colour: markup stays as it was written."""
    others = [{"label": "Topic", "name": HOSTILE}]
    beside = [{"label": HOSTILE, "name": HOSTILE, "documents": 1}]
    works = [{"person": HOSTILE, "role": HOSTILE, "organization": HOSTILE, "chunks": []}]
    documents = [tie(HOSTILE, HOSTILE, HOSTILE, said=HOSTILE)]
    api.says(SHOW, entity(HOSTILE, works_for=works, documents=documents, beside=beside, also=others))
    row = [HOSTILE, node("Person", HOSTILE), {"type": HOSTILE}, {HOSTILE: [HOSTILE]}, [[HOSTILE]]]
    api.says(QUERY, {"columns": [HOSTILE] * len(row), "rows": [row], "cut": False})
    assert souvenir("graph", "show", "x") == 0
    assert souvenir("graph", "show", "x", "--mermaid") == 0
    assert souvenir("graph", "query", "x") == 0
    assert souvenir("graph", "query", "x", "--mermaid") == 0
    shown = capsys.readouterr().out
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown)
    assert SHOWN.replace(" ", "") in shown.replace("\n", "").replace(" ", "")


def test_a_name_as_written_reaches_the_api(api: ApiDouble, souvenir: Run) -> None:
    """Blanks, slashes and accents in a name are part of it."""
    api.says(SHOW, entity())
    assert souvenir("graph", "show", "L’Encre/Bleue & Cie ?") == 0
    assert api.seen[0].query == {"name": "L’Encre/Bleue & Cie ?"}


def test_mermaid_of_somebody(api: ApiDouble, souvenir: Run, capsys: Capture) -> None:
    """The person, her employer, each document once with all its ties, and dotted what these speak of."""
    api.says(SHOW, entity())
    assert souvenir("graph", "show", "claire", "--mermaid") == 0
    shown = capsys.readouterr()
    assert shown.out.splitlines() == [
        "flowchart LR",
        '  n0(["Claire Dubois"])',
        '  n1["Valombre Ltd"]',
        '  n0 -->|"Treasurer"| n1',
        '  n2[["Minutes"]]',
        '  n2 -->|"mentions"| n0',
        '  n2 -->|"written by"| n0',
        '  n3[["Letter"]]',
        '  n3 -->|"mentions"| n0',
        '  n4(["Marc Petit"])',
        '  n0 -.-|"2 documents"| n4',
        '  n5("hubs")',
        '  n0 -.-|"1 document"| n5',
    ]
    assert shown.err == ""


def test_mermaid_of_a_query(api: ApiDouble, souvenir: Run, capsys: Capture) -> None:
    """Paths, and nodes with a relationship between them; arrows point as the ontology says."""
    minutes, claire = node("Document", "Minutes"), node("Person", "Claire")
    wrote = {"type": "WRITTEN_BY"}
    rows = [[[minutes, wrote, claire]], [claire, wrote, minutes], [[claire], [minutes]], ["text", None, 1]]
    api.says(QUERY, {"columns": ["x"], "rows": rows, "cut": False})
    assert souvenir("graph", "query", "x", "--mermaid", "--lang", "fr") == 0
    assert capsys.readouterr().out.splitlines() == [
        "flowchart LR",
        '  n0[["Minutes"]]',
        '  n1(["Claire"])',
        '  n0 -->|"écrit par"| n1',
    ]


def test_mermaid_of_plain_values(api: ApiDouble, souvenir: Run, capsys: Capture) -> None:
    """There is nothing to draw: one line says what to return instead."""
    api.says(QUERY, {"columns": ["x"], "rows": [["text"]], "cut": False})
    assert souvenir("graph", "query", "x", "--mermaid") == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "RETURN path" in shown.err


def test_mermaid_stays_readable(api: ApiDouble, souvenir: Run, capsys: Capture) -> None:
    """Of very many documents and neighbours the first are drawn; how many are not is said beside it."""
    documents = [tie(f"d{n}", f"Paper {n}", "MENTIONS") for n in range(40)]
    beside = [{"label": "Person", "name": f"Person {n}", "documents": n} for n in range(20)]
    api.says(SHOW, entity(works_for=[], documents=documents, beside=beside, document_count=70))
    assert souvenir("graph", "show", "claire", "--mermaid") == 0
    shown = capsys.readouterr()
    assert len(shown.out.splitlines()) == 2 + 2 * MOST_DOCUMENTS + 2 * MOST_BESIDE
    assert '"Person 19"' in shown.out
    assert '"Person 0"' not in shown.out
    assert f"{70 - MOST_DOCUMENTS + 20 - MOST_BESIDE} more are left out" in shown.err


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("Claire Dubois", "Claire Dubois"),
        ("M. Dupont, J.-P. Côté", "M. Dupont, J#46;#45;P. Côté"),
        ("L’Encre Bleue", "L’Encre Bleue"),
        ("The end-to-end End", "The #101;nd-to-#101;nd #69;nd"),
        ("1. one", "1#46; one"),
        ("- a", "#45; a"),
        ("www.example.com", "www#46;example#46;com"),
        ("**b** _i_ `c`", "#42;#42;b#42;#42; #95;i#95; #96;c#96;"),
        ('"<b>', "#34;#60;b#62;"),
        ("a\nb\u202e", "a b"),
        ("", "#63;"),
        ("x" * 61, f"{'x' * 59}#8230;"),
    ],
)
def test_names_in_diagrams(name: str, label: str) -> None:
    """Plain names stay readable; what Mermaid or its Markdown would read as something else is a code."""
    assert escaped(name) == label


names = st.text(max_size=90) | st.text(
    alphabet='end ab1.-_*`"#;<>[](){}|&%$~:/\\@!\n\r\t\u202eé日', max_size=40
)


@given(name=names, label=st.sampled_from(LABELS) | names)
@example(name="end", label="end")
@example(name='"] --> n9["', label="Topic")
@example(name="ﬂ°°35¶ß", label="Topic")
@example(name="\ud800", label="\ud800")
def test_any_name_is_text_in_a_diagram(name: str, label: str) -> None:
    """Whatever a name holds, each node and each edge is one line of the known shape."""
    diagram = Diagram()
    start, end = diagram.node(label, "1", name), diagram.node(label, "2", name)
    diagram.edge(start, end, name)
    first, *lines = diagram.text().split("\n")
    assert first == "flowchart LR"
    assert len(lines) == 3
    assert all(LINE.fullmatch(line) for line in lines), lines
    assert not re.search(r"\bend\b", re.sub(r"#\d+;", "#", escaped(name)), re.IGNORECASE)


@given(name=names, other=names, title=names, role=names, label=st.sampled_from(LABELS))
def test_any_names_give_the_expected_diagram(
    name: str, other: str, title: str, role: str, label: str
) -> None:
    """One entity, one document and one neighbour are three nodes and two edges, whatever they are called."""
    found = entity(
        works_for=[],
        documents=[tie("d1", title, "MENTIONS")],
        beside=[{"label": label, "name": f"{name}{other}x", "documents": 1}],
        entity={"label": "Person", "name": name, "key": name, "date": ""},
    )
    text, left_out = draw_entity(found, Say("en"))
    lines = text.split("\n")
    assert (len(lines), left_out) == (6, 1)  # two documents, says the count
    rows = [[node("Document", title, "d"), {"type": role}, node(label, other, "e")]]
    drawn = draw_rows(rows, Say("fr"))[0].split("\n")
    assert all(LINE.fullmatch(line) for line in [*lines[1:], *drawn[1:]])
    assert len(drawn) == 4
