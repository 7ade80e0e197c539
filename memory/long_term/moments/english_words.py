"""The words of time in English."""

from typing import Final

from memory.long_term.moments.vocabulary import FEW, Vocabulary

_MONTH_NAMES: Final = "january february march april may june july august september october november december"
_DAY_NAMES: Final = "monday tuesday wednesday thursday friday saturday sunday"
_COUNTS: Final = "one two three four five six seven eight nine ten eleven twelve"
_ORDINALS: Final = "first second third fourth fifth"
_HOURS: Final = {"morning": (4, 12), "afternoon": (12, 18), "evening": (17, 24), "night": (18, 30)}

WORDS: Final = Vocabulary(
    months={
        **{name: number for number, name in enumerate(_MONTH_NAMES.split(), start=1)},
        **{name[:3]: number for number, name in enumerate(_MONTH_NAMES.split(), start=1)},
        "sept": 9,
    },
    weekdays={name: number for number, name in enumerate(_DAY_NAMES.split())},
    seasons={"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12},
    feasts={
        "christmas": (12, 24, 2),
        "christmas eve": (12, 24, 1),
        "christmas day": (12, 25, 1),
        "halloween": (10, 31, 1),
        "new year's eve": (12, 31, 1),
        "new year's day": (1, 1, 1),
    },
    units={
        **{
            "minute": "minute",
            "minutes": "minute",
            "hour": "hour",
            "hours": "hour",
            "day": "day",
            "days": "day",
        },
        **{"week": "week", "weeks": "week", "weekend": "weekend", "weekends": "weekend"},
        **{"month": "month", "months": "month", "quarter": "quarter", "quarters": "quarter", "half": "half"},
        **{"year": "year", "years": "year", "decade": "decade", "decades": "decade"},
    },
    numbers={
        **{name: number for number, name in enumerate(_COUNTS.split(), start=1)},
        **{"a": 1, "an": 1, "a couple of": 2, "couple of": 2, "a few": FEW, "few": FEW, "several": FEW},
    },
    ordinals={
        **{name: number for number, name in enumerate(_ORDINALS.split(), start=1)},
        **{"1st": 1, "2nd": 2, "3rd": 3, "4th": 4, "5th": 5, "last": -1, "final": -1},
    },
    which={
        **{"last": "last", "past": "last", "previous": "last", "this past": "last", "this last": "last"},
        **{"this": "this", "next": "next", "coming": "next", "this coming": "next", "upcoming": "next"},
    },
    days={
        **{"today": (0, 0, 24), "yesterday": (-1, 0, 24), "tomorrow": (1, 0, 24), "tonight": (0, 18, 30)},
        **{
            "the day before yesterday": (-2, 0, 24),
            "the day after tomorrow": (2, 0, 24),
            "last night": (-1, 18, 30),
        },
        **{f"this {part}": (0, *hours) for part, hours in _HOURS.items() if part != "night"},
        **{f"yesterday {part}": (-1, *hours) for part, hours in _HOURS.items()},
        **{f"tomorrow {part}": (1, *hours) for part, hours in _HOURS.items()},
    },
    parts={
        **{"early": "early", "beginning of": "early", "start of": "early", "first days of": "early"},
        **{"mid": "middle", "middle of": "middle", "late": "late", "end of": "late", "last days of": "late"},
    },
    sides={"before": "before", "prior to": "before", "after": "after", "following": "after", "of": "of"},
    relations={
        **{"before": "before", "prior to": "before", "earlier than": "before"},
        **{"until": "until", "till": "until", "up to": "until", "by": "until"},
        **{"after": "after", "later than": "after", "since": "since", "ever since": "since"},
        **{"around": "about", "about": "about", "circa": "about", "roughly": "about"},
    },
    day_first=False,
)
