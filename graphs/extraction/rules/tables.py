"""Tables and labels: what a column or a label says of the value beside it."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from graphs.extraction.rules.mentions import Mention
from graphs.extraction.rules.shapes import GAP, TITLES, fold, is_person_shaped, starts_like_a_person
from graphs.extraction.rules.source import Piece
from graphs.extraction.rules.words import DOCUMENT, FUNCTION
from memory.knowledge.keys import key_of

Sort = Literal["person", "organization", "either"]
_PERSON_TEXT: Final = """
    name nom contact responsable manager owner auteur author employee employe salarie salariee membre member
    participant animateur animatrice assignee assigne interlocuteur interlocutrice person personne pilote
    redacteur redactrice signataire signatory treasurer president presidente secretary secretaire referent
    referente reviewer approver demandeur demandeuse requester holder titulaire coordinator lead trainer
    formateur formatrice beneficiaire full prenom redaction relecture photographies photographie photos photo
"""
_ORGANIZATION_TEXT: Final = """
    supplier fournisseur organisation organization company societe entreprise vendor manufacturer
    fabricant employer employeur carrier transporteur bank banque insurer assureur prestataire provider
    editeur publisher funder financeur distributeur distributor structure organisme tiers counterparty
    debiteur creancier beneficiary partenaire partner
"""
_EITHER_TEXT: Final = "customer client buyer acheteur payee destinataire recipient"
_EITHER: Final = frozenset(_EITHER_TEXT.split())
_PERSON: Final = frozenset(_PERSON_TEXT.split())
_ORGANIZATION: Final = frozenset(_ORGANIZATION_TEXT.split())
_NOT_A_NAME_TEXT: Final = (
    "product produit item article file fichier part piece model modele id no number numero code "
    "ref reference "
    "email mail phone tel telephone type date since depuis price prix total share status statut"
)
_NOT_A_NAME: Final = frozenset(_NOT_A_NAME_TEXT.split())
_FIELD: Final = re.compile(r"([^\W\d_][^:;\n]{0,40}?)[ \u00a0\u202f]?: ([^;\n]+)")
_AND: Final = re.compile(r"\s*(?:,|/|\bet\b|\band\b|&)\s*")
_FAMILY: Final = re.compile(r"(?:Famille|Family|Familie) [^\W\d_]")
_TITLED: Final = re.compile(rf"{TITLES}{GAP}")
_LONGEST: Final = 80


@dataclass(frozen=True, slots=True)
class Cell:
    """A value under a header, or after a label."""

    header: str
    value: str
    piece: int
    start: int
    line: int
    """Where its line starts: cells of one line are one row."""


def cells(pieces: tuple[Piece, ...]) -> Iterator[Cell]:
    """Yield the cells of rows and of lines "label: value; label: value"."""
    for number, piece in enumerate(pieces):
        if piece.kind in ("title", "heading", "speech"):
            continue
        for line in re.finditer(r"[^\n]+", piece.text):
            found = list(_FIELD.finditer(line[0]))
            if not found or (piece.kind == "text" and not _is_a_row(line[0], found)):
                continue
            for field in found:
                start = line.start() + field.start(2)
                yield Cell(key_of(field[1]), field[2].rstrip(" ."), number, start, line.start())


def _is_a_row(line: str, found: list[re.Match[str]]) -> bool:
    """Tell whether a line of text is a row of a table, or a label with a short value."""
    if found[0].start() > 3:
        return False
    if len(found) > 1:
        return line.count(";") >= len(found) - 1
    return len(found[0][2]) <= _LONGEST


def sort_of(header: str) -> Sort | None:
    """Return what the values under a header are, as far as the header tells."""
    words = header.split()
    if not words or len(words) > 4 or set(words) & _NOT_A_NAME:
        return None
    for word in words:
        if word in _ORGANIZATION:
            return "organization" if "contact" not in words and "name" not in words[:-1] else "person"
    if set(words) & _EITHER:
        return "either"
    return "person" if set(words) & _PERSON else None


def named(pieces: tuple[Piece, ...]) -> Iterator[Mention]:
    """Yield the people and organisations that columns and labels name."""
    columns: dict[tuple[str, Sort], list[tuple[Cell, str, int]]] = defaultdict(list)
    for cell in cells(pieces):
        sort = sort_of(cell.header)
        if sort and len(cell.value) <= _LONGEST:
            columns[cell.header, sort].extend((cell, value, at) for value, at in _values(cell, sort))
    with_people = {
        (cell.piece, cell.line)
        for (_, sort), values in columns.items()
        if sort == "person"
        for cell, _, _ in values
    }
    for (_, sort), values in columns.items():
        yield from _column(sort, values, with_people)


def _values(cell: Cell, sort: Sort) -> Iterator[tuple[str, int]]:
    if sort == "organization" or not _AND.search(cell.value):
        yield cell.value, cell.start
        return
    at = 0
    for part in _AND.split(cell.value):
        at = cell.value.index(part, at)
        yield part, cell.start + at


def _column(
    sort: Sort, values: list[tuple[Cell, str, int]], with_people: set[tuple[int, int]]
) -> Iterator[Mention]:
    """Yield what the values of one column name; a client beside a person to speak to is an organisation."""
    people = sum(starts_like_a_person(_alone(value)) for _, value, _ in values)
    mostly_people = people * 2 >= len(values)
    for cell, value, at in values:
        name = _alone(value)
        if titled := _TITLED.match(name):
            name, at = name[titled.end() :], at + titled.end()
        if not _is_a_value(name):
            continue
        person = starts_like_a_person(name) or (mostly_people and is_person_shaped(name))
        if sort != "organization" and person:
            yield Mention("Person", name, cell.piece, at, at + len(name))
        elif sort == "organization" and not starts_like_a_person(name):
            yield Mention("Organization", name, cell.piece, at, at + len(name))
        elif sort == "person" and _FAMILY.match(name):
            yield Mention("Person", name, cell.piece, at, at + len(name))
        elif sort == "either" and ((cell.piece, cell.line) in with_people or not is_person_shaped(name)):
            yield Mention("Organization", name, cell.piece, at, at + len(name))


def _alone(value: str) -> str:
    """Return the value without what follows the name: a bracket, a role after a comma."""
    return re.split(r"\s*(?:[(,;]|\s[–—-]\s)", value.strip(), maxsplit=1)[0].strip()


def _is_a_value(name: str) -> bool:
    words = fold(name).split()
    if not words or not name[0].isupper() or len(words) > 7 or "@" in name:
        return False
    return not all(word in DOCUMENT or word in FUNCTION or word.isdigit() for word in words)
