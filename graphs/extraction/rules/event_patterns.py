"""Patterns of events: a head ("meeting", « réunion ») with its words, and what joins it to a date."""

import re
from typing import Final

from graphs.extraction.rules.event_words import ENGLISH_HEADS, FRENCH_HEADS
from graphs.extraction.rules.shapes import CAPITAL

_EN_MONTHS: Final = "January|February|March|April|May|June|July|August|September|October|November|December"
_FR_MONTHS: Final = (
    "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre"
    "|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche"
)
_EN_STOP: Final = (
    "(?!(?:on|held|in|at|of|the|was|is|were|are|will|has|had|have|that|which|who|to|from|by|and"
    "|or|for|since|after|before|between"
    f"|this|took|takes|be|would|should|can|may|with|as|it|we|they|{_EN_MONTHS}|(?i:mon|tues|wednes"
    f"|thurs|fri|satur|sun)day)\\b)"
)
_EN_NOT_BEFORE: Final = (
    "(?!(?i:the|an?|our|this|that|these|every|each|last|of|at|in|on|to|for|and|or|any|no|its"
    "|their|your|his|her|is|was|were|are"
    "|by|with|from|after|before|during|since|until|as|when|had|has|have|held|we|it|they|but|then"
    "|see|also|will"
    f"|be|attended|organi[sz]ed|ran|had|which|who|following|{_EN_MONTHS})\\b)"
)
_EN_BEFORE: Final = rf"(?:{_EN_NOT_BEFORE}[^\W\d_][\w'’&-]*[ \u00a0]){{0,4}}?"
_EN_AFTER: Final = (
    rf"(?: (?:of|for|with|on|about|at) (?:the |our |a |an )?(?!\d){_EN_STOP}[^\W\d_][\w'’-]*"
    rf"(?: (?:of |and |the |& )?(?!\d){_EN_STOP}[^\W\d_][\w'’-]*){{0,3}})?"
)
ENGLISH: Final = re.compile(
    rf"(?<![\w-])(?P<name>{_EN_BEFORE}(?:(?i:{ENGLISH_HEADS}) "
    rf")?(?P<head>(?i:{ENGLISH_HEADS})){_EN_AFTER})(?![\w-])"
)
_ADJECTIVE: Final = (
    r"[a-zà-öø-ÿ-]+(?:al|ale|ales|aux|el|elle|elles|els|aire|aires|oire|oires|ique|iques|ive|ives"
    r"|if|ante|ant|ée|ées|é|és|ière|ières|ier|ienne"
    r"|iennes|ien|able|ible|eur|eure|euse|eux|ine|in|ais|aise|ois|oise|ème|ouvert|ouverte|ouvertes"
    r"|plénier|annuel)"
)
_FR_NOT: Final = rf"(?!\d)(?!(?:{_FR_MONTHS}|qui|que|est|a|son|sa|ses|ce|cette|cet|leur|leurs)\b)"
_FR_LINK: Final = (
    r"(?:du |de la |de l['’]|des |de |d['’]|aux? |à la |à l['’]|à |sur la |sur le |sur les "
    r"|sur l['’]|avec (?:la |le |les |l['’])?|en |pour (?:la |le |les |l['’])?)"
)
_FR_AFTER: Final = (
    rf"(?: {_ADJECTIVE}){{0,2}}"
    rf"(?: {_FR_LINK}(?:(?:premiers?|premières?|nouve(?:au|lle)s?|nouveaux|petite?s?|grande?s?"
    rf"|gros) )?{_FR_NOT}[^\W\d_][\w'’-]*(?: (?:et (?:du |de la |des |de |le |la "
    rf"|les )?)?(?:[{CAPITAL}][\w'’-]*|{_ADJECTIVE}(?![\w'’-]))){{0,2}}){{0,3}}"
)
FRENCH: Final = re.compile(
    rf"(?<![\w-])(?P<name>(?:(?:[Uu]ne?|[Dd]eux|[Tt]rois|[Qq]uatre|[Cc]inq|[Ss]ix|[Pp]remi(?:er"
    rf"|ère)s?|[Pp]rochaine?) )?(?P<head>(?i:{FRENCH_HEADS}))(?:{_FR_AFTER}))(?![\w-])"
)
BEFORE_DATE: Final = re.compile(
    r"(?:,? ?(?:which |that |qui |was |were |is |are |took place |takes place |will take place "
    r"|will be |held |scheduled |planned "
    r"|dated |s['’]est (?:tenue?|déroulée?) |se tiendra |a (?:eu lieu |été )?|aura lieu |est "
    r"|sera |était |prévue?s? |fixée?s? |organisée?s? "
    r"|tenue? |datée? |programmée? |annoncée? |started |starts |begins |began |happened |occurred "
    r"|in [A-Z]\w+,? |à [A-Z]\w+,? ){0,3}"
    r"(?:on |of |in |from |for |since |by |before |du |le |de |d['’]|en |au |aux |pour "
    r"|à partir du |the |dès |held |datant de |avant le |qui a eu lieu )?"
    r"(?:the |le |la |l['’])?(?:morning of |evening of |night of |matin du |soir du |nuit du )?"
    r"|\s?[,:(–—-]+\s?(?:le |on |the |du |of )?)",
    re.IGNORECASE,
)
AFTER_DATE: Final = re.compile(
    r"(?:\s?(?:[,:)–—-]|\t| \|)+\s?|\s)(?:(?:the|an?|our|la|le|les|une?|notre|nos|première?"
    r"|first) |l['’]|at the |lors de l[a'’] ?|during the )?",
    re.IGNORECASE,
)
_WHO: Final = (
    rf"(?P<who>(?:[TtLl](?:he|a|e|es) |[Ll]['’])?(?:[{CAPITAL}][\w’'&-]*(?: (?:[{CAPITAL}&][\w'’-]*"
    rf"|of|the|and|de|du|des|la|les)){{0,4}}"
)
FOUNDED_ENGLISH: Final = re.compile(
    rf"{_WHO}|(?:co-?operative|company|association|workshop|firm|society|club|charity|school|business)))"
    r"(?:,? which)?(?: (?:is|was|were|has been|had been))?,? (?:founded|established"
    r"|incorporated)(?: [^.;\n\d]{0,40}?)??,? (?:(?:in|on) (?:the )?)?$"
)
FOUNDED_FRENCH: Final = re.compile(
    rf"{_WHO}|(?:coopérative|association|entreprise|société|atelier|SCOP|mutuelle|école)))"
    r"(?: [^.;,\n\d]{0,25}?)??,?(?: qui)?(?: (?:est|a été|fut|était|ont été))?,? (?:fondée?s?"
    r"|créée?s?|constituée?s?|immatriculée?s?)(?: [^.;\n\d]{0,40}?)??"
    r" ?(?:en |le |à l['’]\w+ |au \w+ )?$"
)
PROPER: Final = re.compile(
    rf"(?<![\w-])(?:(?:Salon|Foire|Festival|Fête|Biennale|salon|foire|festival)(?: (?:(?:de la"
    rf"|de l['’]|du|des|de|d['’]|international|nationale?s?|européennes?)(?: |(?<=['’])))+"
    rf"[^\W\d_][\w'’-]*(?: (?:(?:de |du |d['’]|et du |et de la )?[{CAPITAL}][\w'’-]+))*)"
    rf"|[{CAPITAL}][\w’-]+(?: (?:of |& )?[{CAPITAL}][\w’-]+){{0,3}} (?:Fair|Festival|Summit|Expo"
    rf"|Marathon)(?: of [{CAPITAL}]\w+)?)(?![\w-])"
)
"""Events with a name of their own, which needs no date."""
