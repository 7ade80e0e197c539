"""Employments: a person and an organisation side by side, joined by words that say it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from graphs.extraction.rules.mentions import Mention
from graphs.extraction.rules.shapes import TITLES, is_role
from graphs.extraction.rules.source import Piece

_MOST_BETWEEN: Final = 120
_ROLE: Final = r"(?P<role>[^,;:.()\n]{3,60}?)"
_LINK: Final = (
    r"(?:at|of|for|with|from|chez|de la|de l['’]|de|du|d['’]|des|pour|pour la|à la|à l['’]|à"
    r"|au sein de(?: la| l['’])?|dans|,|–|-|\(|\n)"
)
_ARTICLE: Final = (
    r"(?:(?:the|our|la|le|notre|cabinet|laboratoire|association|coopérative|société|entreprise"
    r"|company|firm|mutuelle|fondation|supplier|fournisseur|SARL|SAS|SCOP|Scop|SCIC|SA) |l['’])*"
)
_PERSON_FIRST: Final = (
    re.compile(
        rf"\s?(?:,|\(|\n|–|—|-|:|is|est|was|était|, who is|, qui est)\s?(?:(?:the|an?|our|la|le"
        rf"|une?|notre|nos) |l['’])?{_ROLE}\s?{_LINK}\s?{_ARTICLE}"
    ),
    re.compile(
        r",? (?:who |qui )?(?:works?|worked|has worked|is working|is employed|travaille"
        r"|travaillait|a travaillé|est (?:salariée?|employée?|embauchée?)"
        rf"|joined|a rejoint|is with|speaking for|représentait|représente|represents"
        rf"|représentante?)(?: (?:as|comme|en tant que) {_ROLE})? ?(?:for|at|by|with|chez|pour|à"
        rf"|dans|de|par)? ?{_ARTICLE}"
    ),
    re.compile(
        rf" (?:from|of|at|chez|pour|for|de chez|from our supplier,?|, pour|, for|, from|, chez) ?{_ARTICLE}"
    ),
    re.compile(r" ?\((?:the )?"),
    re.compile(r",? (?:de la|de l['’]|de|du) ?"),
)
_ORGANIZATION_FIRST: Final = (
    re.compile(rf"(?:['’]s?)? {_ROLE},? ?"),
    re.compile(
        rf"(?:,[^.;]{{0,70}}?| \([^()]{{2,40}}\),?)? ?(?:is |est )?(?:represented(?: here)? by"
        rf"|représentée?s?(?: ici)? par)(?: (?:its|son|sa|the|la|le|our))?(?: {_ROLE},?)? ?(?:M\."
        rf"|Mme|Mr|Mrs|Ms)? ?"
    ),
    re.compile(rf"(?:,| \()? ?(?:whose|dont l[ae']) {_ROLE} (?:is|was|est|,)? ?"),
    re.compile(
        rf"; (?:contact|interlocut(?:eur|rice)|représentante?|representative"
        rf"|account manager)[^:;]{{0,20}}: (?:{TITLES} )?",
        re.IGNORECASE,
    ),
    re.compile(
        r" ?(?:\((?:attn\.? |à l['’]attention de )?|: |, contact ?:? |\ncontact ?:? )(?:M\.|Mme|Mr"
        r"|Mrs|Ms)? ?",
        re.IGNORECASE,
    ),
)
_OF_BEFORE: Final = re.compile(
    rf"(?:^|[\s,(]|l['’])(?P<role>[^,;:.()\n]{{3,50}}?) (?:at|of|for|de la|de l['’]|de|du|d['’]"
    rf"|chez) ?{_ARTICLE}$"
)
_LEADING: Final = re.compile(
    r"^(?:(?:the|an?|our|its|their|his|her|la|le|les|une?|notre|nos|son|sa|leur|former|ancienne?"
    r"|then|alors|currently|and|et|who is|qui est|also|with|avec|by|par|when|where)\s|l['’])+",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Hired:
    """A person and an organisation by their places among the mentions, and the role there."""

    person: Mention
    organization: Mention
    role: str = ""


def employments(piece: Piece, people: list[Mention], organizations: list[Mention]) -> Iterator[Hired]:
    """Yield who works where, as one piece says it; both lists are of this piece."""
    for person in people:
        for organization in organizations:
            found = _joined(piece.text, person, organization)
            if found is not None and not _between(person, organization, [*people, *organizations]):
                yield Hired(person, organization, found)


def _joined(text: str, person: Mention, organization: Mention) -> str | None:
    """Return the role when the words between the two say an employment; None when they do not."""
    if person.end <= organization.start <= person.end + _MOST_BETWEEN:
        gap = text[person.end : organization.start]
        return _matching(_PERSON_FIRST, gap)
    if organization.end <= person.start <= organization.end + _MOST_BETWEEN:
        gap = text[organization.end : person.start]
        if gap.strip() in (",", "") and (
            of := _OF_BEFORE.search(text[max(0, organization.start - 70) : organization.start])
        ):
            role = _role(of["role"])
            return role or None
        return _matching(_ORGANIZATION_FIRST, gap)
    return None


def _matching(patterns: tuple[re.Pattern[str], ...], gap: str) -> str | None:
    for pattern in patterns:
        match = pattern.fullmatch(gap)
        if not match:
            continue
        said = match.groupdict().get("role")
        if said is None:
            return ""
        if role := _role(said):
            return role
    return None


def _role(phrase: str) -> str:
    """Return a role as it is written, without what leads to it; "" when the phrase is none."""
    role = _LEADING.sub("", phrase.strip()).strip(" ,–-")
    return role if is_role(role) else ""


def _between(one: Mention, other: Mention, all_of_them: list[Mention]) -> bool:
    """Tell whether somebody else stands between the two."""
    start, end = sorted((one, other), key=lambda mention: mention.start)
    return any(start.end <= mention.start and mention.end <= end.start for mention in all_of_them)
