"""Patterns of organisations: names with a word for what they are, and words that lead to a name."""

import re
from typing import Final

from graphs.extraction.rules.organization_words import (
    FORMS,
    HEADS_AFTER,
    HEADS_BEFORE,
    KINDS,
    NOUNS,
    PUBLIC_BEFORE,
    ROLE_TERM,
    WEAK_AFTER,
)
from graphs.extraction.rules.shapes import CAPITAL, GAP

_W: Final = rf"(?:[DL]['’])?[{CAPITAL}][\w]*(?:[’'-][{CAPITAL}\d][\w]*|-[a-zà-öø-ÿ]+)*"
"""A capitalised word; a possessive is not part of it."""
_LINK: Final = r"(?:of the|of|for the|for|de la|de l['’]|des|du|de|d['’]|pour|aux?|la|le|les|the)"
_STEP: Final = rf"(?:{GAP}(?:&{GAP}|{_LINK}{GAP}|{_LINK}(?<=['’]))?)"
SEQUENCE: Final = rf"(?<![\w-]){_W}(?:{_STEP}{_W}){{0,5}}"
_SHORT: Final = rf"(?<![\w-]){_W}(?:{GAP}(?:&{GAP})?{_W}){{0,4}}"
"""Capitalised words in a row, without "of" between."""
_AND: Final = r"(?: (?:and|et) (?:the |la |le |l['’]|d['’]|de )?[^\W\d_]+)?"

SUFFIXED: Final = re.compile(rf"(?<![\w-]){_SHORT},?{GAP}{FORMS}(?![\w-])")
HEADED_AFTER: Final = re.compile(
    rf"(?<![\w-])({_SHORT}){GAP}(?:{HEADS_AFTER})(?:{GAP}of{GAP}{_SHORT})?(?![\w-])"
)
WEAKLY: Final = re.compile(rf"(?<![\w-]){_SHORT}{GAP}(?:{WEAK_AFTER})(?![\w-])")
HEADED_BEFORE: Final = re.compile(rf"(?<![\w-])(?:{HEADS_BEFORE})(?:{_STEP}{_W}){{1,5}}")
PUBLIC: Final = re.compile(
    rf"(?<![\w-]){PUBLIC_BEFORE}(?: (?:d['’](?!une? )|des? |du |de la |de l['’]|of |for )(?!ce"
    rf"|cette|son|sa|notre|votre)"
    rf"[^\W\d_][\w-]*{_AND})?(?:{_STEP}{_W}){{0,4}}"
    rf"(?: (?:écologique|numérique|publique?|sociale?|nationale?|supérieure?|agricole|territorial"
    rf"|européenne))?"
)
CRAFT: Final = re.compile(
    rf"(?<![\w-])(?!(?:Batt|Loteri|Infant|Artill|Caval|Tuyaut|S[ée]ri|Galerie des"
    rf"|Part)\w*)[{CAPITAL}][a-zà-öø-ÿ]{{3,}}erie{GAP}(?:(?:du|de la|des|de l['’]|de|d['’]"
    rf"|et)(?:{GAP}|(?<=['’])))?(?:{_W})(?:{GAP}{_W}){{0,2}}"
)
"""French names trades in -erie: « Boulangerie Aubert », « Menuiserie du Port »."""
CIVIC: Final = re.compile(
    rf"(?<![\w-]){_SHORT} (?:chamber of commerce|city council|town council|county council"
    rf"|fire (?:brigade|service)|university|police)(?![\w-])"
)
INTRODUCED: Final = re.compile(rf"(?<![\w-]){NOUNS}(?:,)? (?:« ?|“|\")?({SEQUENCE})")
DEFINED: Final = re.compile(
    rf"({SEQUENCE})(?:,[^.;\n(]{{0,80}}?)? ?\((?:hereinafter|hereafter"
    rf"|ci-après)?[^()\n]{{0,30}}?[\"“«]\s?(?:the |la |le |l['’])?(?:{ROLE_TERM})\b"
)
IS_A: Final = re.compile(
    rf"({SEQUENCE})(?:,| \([^()\n]{{2,40}}\))? (?:is|was|est|était|fut|,) ?(?:(?:an?|the|une?|la"
    rf"|le) )?(?:[^\W_][\w'’-]* ){{0,3}}?(?:{KINDS})\b(?! (?:of|de) (?:the |la )?(?:same|même))"
)
FOUNDED: Final = re.compile(
    rf"({SEQUENCE}) (?:was|were|a été|est|fut) (?:founded|established|incorporated|set up|fondée?"
    rf"|immatriculée?)\b"
)
WORKS: Final = re.compile(
    rf"(?:works? (?:for|at)|worked (?:for|at)|working (?:for|at)|employed (?:by|at)|hired by"
    rf"|salariée? (?:de|chez)|travaill\w+ (?:chez|pour)"
    rf"|embauchée? (?:chez|par)|on behalf of|pour le compte de|supplied by|manufactured by"
    rf"|insured (?:by|with)|fournie?s? par"
    rf"|livrée?s? par|fabriquée?s? par|assurée?s? (?:par|auprès de|chez)|achetée?s? (?:chez|à)"
    rf"|commandée?s? (?:chez|à)|ordered from"
    rf"|bought from|chez|contract with|signed with|quote from|order from|partnership with|partenariat avec"
    rf"|[Ww]elcome to|bienvenue (?:à|chez)|Bienvenue (?:à|chez)|call with|meeting with|reprise chez"
    rf"|members of|adhérents? de|membres? de|sociétaires? de)"
    rf" (?:the |la |l['’])?({_SHORT})"
)
BRACKETED: Final = re.compile(rf"({SEQUENCE}|{PUBLIC.pattern}) \(([A-Z][A-Za-z-]{{1,9}})\)")
STRONG: Final = (SUFFIXED, CRAFT, CIVIC, PUBLIC, HEADED_BEFORE, HEADED_AFTER)
MAKER: Final = re.compile(
    rf"({_SHORT}), (?:(?:who|which) (?:makes?|sells?|suppl(?:y|ies)|builds?|produces?|manufactures?"
    rf"|delivers?)|qui (?:fabriquent?|vend|vendent"
    rf"|fournit|fournissent|produit|produisent|exploitent?|livrent?))\b"
)
NAMING: Final = (MAKER, DEFINED, FOUNDED, IS_A, WORKS, INTRODUCED)
ONLY: Final = re.compile(
    rf"(?:{HEADS_AFTER}|{WEAK_AFTER}|{HEADS_BEFORE}|{PUBLIC_BEFORE}|{FORMS}|{NOUNS}|{KINDS}"
    rf"|{ROLE_TERM}|Bank|Centre)(?:s|e|es)?",
    re.IGNORECASE,
)
