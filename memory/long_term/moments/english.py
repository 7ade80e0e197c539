"""How English says times."""

from typing import Final

from memory.long_term.moments import readings as read
from memory.long_term.moments.english_words import WORDS
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
_CLEAR_MONTH: Final = "(?P<month>january|february|july|september|october|november|december)"
_WEEKDAY: Final = rf"(?P<weekday>{one_of(WORDS.weekdays)})"
_SEASON: Final = rf"(?P<season>{one_of(WORDS.seasons)})"
_FEAST: Final = rf"(?P<feast>{one_of(WORDS.feasts)})"
_NO_COMMA: Final = r",[0-9](?![0-9]{3}(?![0-9]))"  # "1,500" is no first of the month, "1,2023" may be one.
_DAY: Final = (
    r"(?<![.,:/$€£#])(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?" rf"(?![0-9:%]|\.[0-9]|{_NO_COMMA}|\s?[ap]\.?m\b)"
)
_UNTIL: Final = r"(?P<until>[0-9]{1,2})(?:st|nd|rd|th)?(?![0-9:%])"
_OF_YEAR: Final = rf"(?:(?:,\s?| )(?:of |in )?{YEAR})"
_ON: Final = rf"(?:(?:{one_of(WORDS.weekdays)}),? (?:the )?)?"
_COUNT: Final = rf"(?P<count>[0-9]{{1,3}}|{one_of(WORDS.numbers)})"
_UNIT: Final = rf"(?P<unit>{one_of(set(WORDS.units) - {'half'})})"
_ANY_UNIT: Final = one_of([*WORDS.units, *WORDS.weekdays])
_CALENDAR_UNIT: Final = "(?P<unit>week|weekend|month|quarter|year|decade)"
_WHICH: Final = rf"(?P<which>{one_of(WORDS.which)})"
_NOT_OWN: Final = r"(?<!\bhis\s)(?<!\bher\s)(?<!\btheir\s)(?<!\bmy\s)(?<!\byour\s)(?<!\bour\s)(?<!'s\s)"
_LENGTH: Final = "(?: (?:morning|afternoon|evening|night))?"
_TO: Final = r"\s?(?:-|to|and|through|until|till)\s?(?:the )?"
_THE: Final = "(?:the |that |this )?(?:month of |year (?:of )?)?"

_DURING: Final = "in|during|throughout|over|since|until|till"
_SUMS: Final = "total|sum|amount|price|cost|number|distance|population|capacity|budget|loan|fee|rent"

_DATES: Final = (
    rule(read.a_date, rf"{_ON}{_DAY} (?:of )?(?!may\b(?! [0-9]|,)){_MONTH}{_OF_YEAR}?"),
    # "Which of the 3 may be used?" is no date.
    rule(read.a_date, rf"{_ON}{_DAY} (?P<month>may)", case="capital"),
    rule(read.a_date, rf"{_ON}{_DAY} (?:(?<=[tdh]\s)|of )(?P<month>may)"),
    rule(read.a_date, rf"{_ON}{_DAY} (?P<month>may)", lead="on ", only_led=True),
    rule(read.a_date, rf"{_ON}{_MONTH} (?:the )?{_DAY}{_OF_YEAR}?"),
    rule(read.a_date, rf"{_MONTH} {_DAY}{_TO}{_UNTIL}{_OF_YEAR}?"),
    rule(
        read.a_date, rf"(?:between (?:the )?|from (?:the )?)?{_DAY}{_TO}{_UNTIL} (?:of )?{_MONTH}{_OF_YEAR}?"
    ),
)
_MONTHS: Final = (
    rule(read.a_month, rf"{_MONTH}{_OF_YEAR}"),
    rule(read.a_month, rf"{_NOT_OWN}{_WHICH} (?!may\b){_MONTH}"),
    rule(read.a_month, r"(?<!the\s)(?P<which>last|next|this past|this coming) (?P<month>may)"),
    rule(read.a_month, _CLEAR_MONTH),
    rule(read.a_month, _MONTH, lead=f"(?:{_DURING}|through|back in|month of) (?:the )?(?:month of )?"),
)
_SEASONS: Final = (
    rule(read.a_season, rf"{_SEASON}(?: of| in|,)? {SEASON_YEAR}"),
    rule(read.a_season, rf"{_NOT_OWN}{_WHICH} {_SEASON}"),
    rule(
        read.a_season,
        "(?P<season>spring|summer|autumn|winter)",
        lead=f"(?:{_DURING}|for|by|after|before) (?:the )?",
    ),
    rule(
        read.a_season,
        "(?P<season>fall)(?! (?:of|in|from))",
        lead=f"(?:{_DURING}) (?:the )?",
        only_led=True,
    ),
    rule(read.a_quarter, rf"q(?P<number>[1-4])(?: of|,)? {YEAR}"),
    rule(read.a_quarter, rf"(?P<half>h)(?P<number>[12])(?: of|,)? {YEAR}"),
    rule(read.a_quarter, "q(?P<number>[1-4])", lead="(?:in|during|for|since|by) "),
    rule(
        read.a_feast, rf"{_FEAST}(?:(?: of|,)? {YEAR})?", lead=f"(?:{_DURING}|at|on|for|by|before|after|of) "
    ),
    rule(read.a_feast, rf"{_WHICH} {_FEAST}"),
)
_WEEKDAYS: Final = (
    rule(read.a_weekday, rf"{_WHICH} {_WEEKDAY}{_LENGTH}"),
    rule(read.a_weekday, rf"{_WEEKDAY}{_LENGTH}", lead="(?:on|since|until|till|by|before|after) "),
)
_YEARS: Final = (
    rule(
        read.a_year,
        YEARS,
        lead=f"(?:{_DURING}|through|of|year|back in) (?:the year )?",
        never=rf"(?:{_SUMS})(?: \w+)? of ",
    ),
    rule(read.a_decade, "(?:the )'?(?P<decade>(?:1[0-9]|20)?[0-9]0)'?s"),
)
_FROM_TODAY: Final = (
    rule(read.a_named_day, rf"(?P<named>{one_of(WORDS.days)})"),
    rule(read.a_calendar_unit, rf"{_NOT_OWN}(?P<rolling>the )?{_WHICH} {_CALENDAR_UNIT}(?! (?:of|in)\b)"),
    rule(read.before_last, rf"the {_CALENDAR_UNIT} before last"),
    rule(read.running, rf"{_NOT_OWN}(?:the |these )?(?P<which>last|past|next) {_COUNT} {_UNIT}(?! of\b)"),
    rule(read.ago, rf"{_COUNT} {_UNIT} (?:ago|back)"),
    rule(read.ahead, rf"{_COUNT} {_UNIT} (?:from now|from today)"),
    rule(read.ahead_if_future, rf"in {_COUNT} {_UNIT}"),
)

ENGLISH: Final = Grammar(
    words=WORDS,
    hint=hint([*WORDS.months, *WORDS.weekdays, *WORDS.seasons, *WORDS.feasts, *WORDS.units, *WORDS.days]),
    rules=(*NUMERALS, *_DATES, *_MONTHS, *_SEASONS, *_WEEKDAYS, *_YEARS, *_FROM_TODAY),
    shape=standing_before(
        rf"(?:(?P<part>{one_of(WORDS.parts)})[- ](?:in )?{_THE}"
        rf"|(?:the )?(?P<ordinal>{one_of(WORDS.ordinals)}) (?P<unit>{_ANY_UNIT}) (?:of|in) {_THE}"
        rf"|(?:(?:the )?last |{_COUNT} )?(?P<beside>{_ANY_UNIT}) (?P<side>{one_of(WORDS.sides)}) {_THE})"
    ),
    relation=standing_before(rf"(?P<relation>{one_of(WORDS.relations)}) {_THE}"),
    opens=standing_before(rf"(?:between|from) {_THE}"),
    joins=standing_between(rf",? ?(?:and|to|until|till|through|-) ?{_THE}"),
    lists=standing_between(", |,? ?(?:and|or|&) (?:in |on )?"),
    counted=counted_things(
        "people|percent|per|euro|dollar|pound|men|women|children|km|kg|mile",
        "was|is|as|has|does|this|his|its|us|besides|towards|versus|plus|perhaps|always|unless",
    ),
    future=expression(
        "will|won't|shall|going to|(?:is|are) (?:planned|scheduled|due|planning)|upcoming|[a-z]+'ll"
    ),
    past=expression("did|was|were|had|have|has|didn't|wasn't|weren't"),
)
