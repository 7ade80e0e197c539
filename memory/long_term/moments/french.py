"""How French says times."""

from typing import Final

from memory.long_term.moments import readings as read
from memory.long_term.moments.french_words import LAST, MONTH_NAMES, NEXT, WORDS
from memory.long_term.moments.numerals import NUMERALS
from memory.long_term.moments.vocabulary import (
    SEASON_YEAR,
    YEAR,
    YEARS,
    Grammar,
    counted_things,
    expression,
    hint,
    one_of,
    rule,
    standing_before,
    standing_between,
)

_MONTH: Final = rf"(?P<month>{one_of(WORDS.months)})\.?"
_CLEAR_MONTH: Final = rf"(?P<month>{one_of(set(MONTH_NAMES.split()) - {'mars', 'mai'})})"
_WEEKDAY: Final = rf"(?P<weekday>{one_of(WORDS.weekdays)})"
_SEASON: Final = r"(?P<season>printemps|(?:(?<=[ld]')|(?<=cet\s)|(?<=en\s))ete|automne|hiver)"
_ANY_SEASON: Final = rf"(?P<season>{one_of(WORDS.seasons)})"
_NTH: Final = rf"(?P<ordinal>{one_of(set(WORDS.ordinals) - {'dernier', 'derniere'})})"
_FEAST: Final = rf"(?P<feast>{one_of(WORDS.feasts)})"
_DAY: Final = r"(?<![.,:/$€£#])(?P<day>[0-9]{1,2}|premier)(?:er)?(?![0-9:%]|[.,][0-9])"
_UNTIL: Final = r"(?P<until>[0-9]{1,2})(?![0-9:%])"
_ON: Final = rf"(?:(?:{one_of(WORDS.weekdays)}) )?"
_COUNT: Final = rf"(?P<count>[0-9]{{1,3}}|{one_of(WORDS.numbers)})"
_UNIT: Final = rf"(?P<unit>{one_of(set(WORDS.units) - {'veille', 'lendemain', 'moitie', 'quinzaine'})})"
_ANY_UNIT: Final = one_of([*WORDS.units, *WORDS.weekdays])
_SIDE: Final = one_of(set(WORDS.sides) - {"veille", "lendemain"})
_CALENDAR_UNIT: Final = "(?P<unit>semaine|week-end|weekend|mois|trimestre|semestre|annee|an|decennie)"
_WHICH: Final = rf"(?P<which>{one_of([*LAST, *NEXT])})"
_THIS: Final = "(?P<which>ce|cet|cette)"
_THESE: Final = "(?:les|ces|des|aux|nos)"
_LENGTH: Final = "(?: (?:matin|apres-midi|soir|nuit))?"
_OF_YEAR: Final = rf"(?: (?:de |de l'annee )?{YEAR})"
_NOT_OF: Final = (
    r"(?! (?:de(?! cela| ca\b)|pour|par|entre|dans|qui|feries?|ouvres?|ouvrables?|consecuti\w+)\b| d')"
)
_ART: Final = (
    "(?:l[ae] |l'|les |des |du |de la |de l'|de |d'|au |aux |en |a )*(?:mois (?:de |d'))?(?:annee |an )?"
)

_SUMS: Final = (
    "un|une|total|totale|somme|montant|prix|cout|nombre|distance|population|capacite|budget|pret|loyer"
    "|plus|moins|pres|tour|facture|cheque|surface|moyenne|objectif"
)
_HABIT: Final = "(?:les?|des|un|une|chaque|du|au|tous les|tout|quels?|mon|notre|ton) "

_DATES: Final = (
    rule(read.a_date, rf"(?:le )?{_ON}{_DAY} {_MONTH}{_OF_YEAR}?"),
    rule(
        read.a_date,
        rf"(?:du |entre le )?{_ON}{_DAY}\s?(?:au|-|et|et le|a)\s?{_ON}{_UNTIL} {_MONTH}{_OF_YEAR}?",
    ),
)
_MONTHS: Final = (
    rule(read.a_month, rf"{_MONTH}{_OF_YEAR}"),
    rule(read.a_month, rf"(?:le mois de |le mois d')?{_MONTH} {_WHICH}"),
    rule(read.a_month, rf"{_THIS} mois d(?:e |')(?P<month>{one_of(WORDS.months)})"),
    rule(read.a_month, _CLEAR_MONTH, case="small"),
    # Mars is a planet, "mars" a month.
    rule(read.a_month, "(?P<month>mars|mai)", lead="de ", case="small"),
    rule(
        read.a_month,
        _MONTH,
        lead="(?:en|courant|pendant|durant|des|depuis|jusqu'en|jusqu'a|pour) |(?:mois|au cours) (?:de |d')",
        only_led=True,
    ),
)
_SEASONS: Final = (
    rule(read.a_season, rf"(?:l'|le |cet ){_ANY_SEASON}(?: de)? {SEASON_YEAR}"),
    rule(read.a_season, rf"{_ANY_SEASON} {SEASON_YEAR}", never="(?:a|ont|avait|avoir) "),
    rule(read.a_season, rf"{_SEASON} {_WHICH}"),
    rule(read.a_season, rf"{_THIS} {_ANY_SEASON}"),
    rule(
        read.a_season,
        _SEASON,
        lead="(?:en|au|pendant|durant|depuis|pour|avant|apres|des) (?:le |l')?|a l'",
    ),
    rule(read.a_quarter, rf"t(?P<number>[1-4])(?: de)? {YEAR}"),
    rule(read.a_quarter, rf"(?P<half>s)(?P<number>[12])(?: de)? {YEAR}"),
    rule(read.a_quarter, rf"{_NTH} (?:trimestre|(?P<half>semestre))(?: (?:de )?{YEAR})?"),
    rule(
        read.a_feast,
        rf"{_FEAST}(?: {YEAR})?",
        lead="(?:a|pour|pendant|depuis|des|avant|apres|jusqu'a|de|le|la|au) (?:la |le |l')?",
    ),
    rule(read.a_feast, rf"(?:la |le )?{_FEAST} {_WHICH}"),
)
_WEEKDAYS: Final = (
    rule(read.a_weekday, rf"{_WEEKDAY}{_LENGTH} {_WHICH}"),
    rule(read.a_weekday, rf"{_THIS} {_WEEKDAY}{_LENGTH}"),
    # French says "on Friday" without any word before it; with one, it is every Friday.
    rule(
        read.a_weekday,
        rf"{_WEEKDAY}{_LENGTH}(?! (?:saint|gras|noir|des cendres|de paques)\b)",
        never=_HABIT,
        case="small",
    ),
)
_YEARS: Final = (
    rule(
        read.a_year,
        YEARS,
        lead="(?:en|depuis|des|jusqu'en|de|pour|l'annee|annee|l'an|exercice|courant) (?:l'annee |l'an )?",
        never=rf"(?:{_SUMS})(?: \w+)? (?:de|pour) ",
    ),
    rule(read.a_decade, "(?:les |des )?annees (?P<decade>(?:1[0-9]|20)?[0-9]0)"),
)
_FROM_TODAY: Final = (
    rule(read.a_named_day, rf"(?P<named>{one_of(WORDS.days)})(?! encore)", never="encore "),
    rule(read.a_calendar_unit, rf"(?:l[ae] |l')?{_CALENDAR_UNIT} {_WHICH}"),
    rule(read.a_calendar_unit, rf"{_THIS} {_CALENDAR_UNIT}(?:-ci)?(?!-la\b)"),
    rule(read.before_last, rf"l'avant-derni(?:er|ere) {_CALENDAR_UNIT}"),
    rule(read.running, rf"{_THESE} {_COUNT} {_WHICH} {_UNIT}{_NOT_OF}"),
    rule(read.running, rf"{_THESE} {_WHICH} {_UNIT}{_NOT_OF}"),
    rule(read.running, rf"{_THESE} {_COUNT} {_UNIT} {_WHICH}"),
    rule(read.running, rf"depuis {_COUNT} {_UNIT}"),
    rule(
        read.ago,
        rf"(?:il y a|y a|voila|voici) (?:environ |a peine |deja |presque )?{_COUNT} {_UNIT}{_NOT_OF}",
    ),
    rule(read.ahead, rf"dans (?:environ )?{_COUNT} {_UNIT}{_NOT_OF}"),
)

FRENCH: Final = Grammar(
    words=WORDS,
    hint=hint([*WORDS.months, *WORDS.weekdays, *WORDS.seasons, *WORDS.feasts, *WORDS.units, *WORDS.days]),
    rules=(*NUMERALS, *_DATES, *_MONTHS, *_SEASONS, *_WEEKDAYS, *_YEARS, *_FROM_TODAY),
    shape=standing_before(
        rf"(?:(?P<part>{one_of(WORDS.parts)})[ -]{_ART}"
        rf"|(?P<ordinal>{one_of(WORDS.ordinals)}) (?P<unit>{_ANY_UNIT}) d(?:[eu] |'){_ART}"
        rf"|(?:{_COUNT} )?(?P<beside>{_ANY_UNIT}) (?P<side>{_SIDE})(?: |(?<=')){_ART})"
    ),
    relation=standing_before(rf"(?P<relation>{one_of(WORDS.relations)}) {_ART}"),
    opens=standing_before(rf"(?:(?:entre|de|du|depuis) |d'){_ART}"),
    joins=standing_between(rf",? ?(?:et|a|au|jusqu'a|jusqu'en|jusqu'au|-) ?{_ART}"),
    lists=standing_between(", |,? ?(?:et|ou) (?:en |le |l')?"),
    counted=counted_things(
        "personnes|euro|km|kg|pour cent",
        "dans|sans|sous|vous|nous|plus|pas|mais|puis|les|des|ses|mes|tes|nos|vos|ces|leurs|chez|depuis|alors|vers"
        "|après|apres|moins|toujours|jamais|dès",
    ),
    future=expression(
        r"\w+(?:era|eront|erai|erons|dra|dront|vra|vront|aura|auront|aurons|ira|iront)|sera|seront|fera|feront"
        r"|(?:va|vais|vas|allons|allez|vont)(?:-t)?(?:-\w+)? (?:\w+ )?\w+(?:er|ir|re|oir)"
        r"|aura|auront|d'ici|(?:est|sont) prevue?s?"
    ),
    past=expression("ai|avons|avez|ont|avait|avaient|etait|etaient|a-t|(?:il|elle|on|qui) a|qu'a"),
)
