"""The words of time in French."""

from typing import Final

from memory.long_term.moments.vocabulary import FEW, Vocabulary

MONTH_NAMES: Final = "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre"
_SHORT_MONTHS: Final = {
    "janv": 1,
    "fev": 2,
    "fevr": 2,
    "avr": 4,
    "juil": 7,
    "sept": 9,
    "oct": 10,
    "nov": 11,
    "dec": 12,
}
_DAY_NAMES: Final = "lundi mardi mercredi jeudi vendredi samedi dimanche"
_COUNTS: Final = "un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze"
_HOURS: Final = {"matin": (4, 12), "apres-midi": (12, 18), "soir": (17, 24), "nuit": (18, 30)}
LAST: Final = ("dernier", "derniere", "passe", "passee", "derniers", "dernieres", "passes", "passees")
NEXT: Final = ("prochain", "prochaine", "prochains", "prochaines", "qui vient")

WORDS: Final = Vocabulary(
    months={**{name: number for number, name in enumerate(MONTH_NAMES.split(), start=1)}, **_SHORT_MONTHS},
    weekdays={name: number for number, name in enumerate(_DAY_NAMES.split())},
    seasons={"printemps": 3, "ete": 6, "automne": 9, "hiver": 12},
    feasts={
        "noel": (12, 24, 2),
        "toussaint": (11, 1, 1),
        "saint-sylvestre": (12, 31, 1),
        "nouvel an": (1, 1, 1),
        "jour de l'an": (1, 1, 1),
    },
    units={
        **{"minute": "minute", "minutes": "minute", "heure": "hour", "heures": "hour"},
        **{"jour": "day", "jours": "day", "veille": "day", "lendemain": "day"},
        **{
            "semaine": "week",
            "semaines": "week",
            "week-end": "weekend",
            "weekend": "weekend",
            "week-ends": "weekend",
        },
        **{
            "mois": "month",
            "trimestre": "quarter",
            "trimestres": "quarter",
            "semestre": "half",
            "semestres": "half",
        },
        **{"moitie": "half", "quinzaine": "half"},
        **{
            "an": "year",
            "ans": "year",
            "annee": "year",
            "annees": "year",
            "decennie": "decade",
            "decennies": "decade",
        },
    },
    numbers={
        **{name: number for number, name in enumerate(_COUNTS.split(), start=1)},
        **{"une": 1, "quelques": FEW, "plusieurs": FEW},
    },
    ordinals={
        **{
            "premier": 1,
            "premiere": 1,
            "1er": 1,
            "1ere": 1,
            "1re": 1,
            "deuxieme": 2,
            "second": 2,
            "seconde": 2,
        },
        **{"troisieme": 3, "quatrieme": 4, "cinquieme": 5, "dernier": -1, "derniere": -1},
        **{f"{number}{ending}": number for number in range(2, 6) for ending in ("e", "eme")},
    },
    which={
        **{word: "last" for word in LAST},
        **{word: "next" for word in NEXT},
        **{word: "this" for word in ("ce", "cet", "cette")},
    },
    days={
        **{"aujourd'hui": (0, 0, 24), "hier": (-1, 0, 24), "demain": (1, 0, 24)},
        **{"avant-hier": (-2, 0, 24), "avant hier": (-2, 0, 24)},
        **{"apres-demain": (2, 0, 24), "apres demain": (2, 0, 24)},
        **{"cette nuit": (-1, 18, 30), "la nuit derniere": (-1, 18, 30), "la nuit passee": (-1, 18, 30)},
        **{"ce matin": (0, 4, 12), "cet apres-midi": (0, 12, 18), "cette apres-midi": (0, 12, 18)},
        **{"ce soir": (0, 17, 24), "hier au soir": (-1, 17, 24)},
        **{f"hier {part}": (-1, *hours) for part, hours in _HOURS.items()},
        **{f"demain {part}": (1, *hours) for part, hours in _HOURS.items()},
    },
    parts={
        **{"debut": "early", "premiers jours": "early", "milieu": "middle", "mi": "middle"},
        **{"fin": "late", "derniers jours": "late"},
    },
    sides={
        **{"avant": "before", "precedant": "before", "qui precede": "before", "qui a precede": "before"},
        **{"apres": "after", "suivant": "after", "qui suit": "after", "qui a suivi": "after"},
        **{"veille": "before", "lendemain": "after"},
        **{"du": "of", "de": "of", "d'": "of"},
    },
    relations={
        **{"avant": "before", "d'ici": "until", "d'ici a": "until", "jusqu'a": "until", "jusqu'en": "until"},
        **{"jusqu'au": "until", "apres": "after", "depuis": "since", "a partir": "since"},
        **{
            "vers": "about",
            "autour": "about",
            "aux alentours": "about",
            "aux environs": "about",
            "environ": "about",
        },
    },
    day_first=True,
)
