"""What a person reads when a setting cannot be used: one line, in English or French."""

from typing import Final, Literal

from pydantic_core import ErrorDetails

_REASONS: Final = {
    "it must start with http:// or https://": "il faut qu'elle commence par http:// ou https://",
    "it must name a host": "il faut qu'elle nomme une machine",
    "it must be an address such as http://127.0.0.1:11434": "il faut une adresse comme http://127.0.0.1:11434",
    "it must be an address such as bolt://127.0.0.1:7687": "il faut une adresse comme bolt://127.0.0.1:7687",
    "it must start with bolt:// or neo4j:// (or with +s, +ssc)": "il faut qu'elle commence par bolt:// ou "
    "neo4j:// (ou avec +s, +ssc)",
    "it must not hold a password: use SOUVENIR_NEO4J_USERNAME and _PASSWORD": "elle ne doit pas contenir de "
    "mot de passe : mettez SOUVENIR_NEO4J_USERNAME et SOUVENIR_NEO4J_PASSWORD",
    "this version serves the machine it runs on only: use 127.0.0.1": "cette version ne sert que la machine "
    "où elle tourne : mettez 127.0.0.1",
    "this version stores everything in its data folder; unset it": "cette version range tout dans son "
    "dossier de données : retirez ce réglage",
}
_KINDS: Final = {
    "int_parsing": "il faut un nombre entier",
    "bool_parsing": "il faut true ou false",
    "literal_error": "il faut {expected}",
    "greater_than": "il faut plus que {gt}",
    "greater_than_equal": "il faut au moins {ge}",
    "less_than_equal": "il faut au plus {le}",
    "string_too_long": "il faut au plus {max_length} caractères",
    "string_too_short": "il faut au moins {min_length} caractère",
}
"""By the type of pydantic's error (docs.pydantic.dev, "Validation Errors"), with names of its context."""


def misspelt(name: str, close: str | None, lang: Literal["en", "fr"]) -> str:
    """Return the line for a name that is not a setting; `close` is the one that it resembles."""
    if lang == "fr":
        return f"{name} n'est pas un réglage" + (f" ; vouliez-vous dire {close} ?" if close else "")
    return f"{name} is not a setting" + (f"; did you mean {close}?" if close else "")


def unusable(name: str, reason: str, lang: Literal["en", "fr"], value: str = "") -> str:
    """Return the line for a setting whose value cannot be used, and quote the value if it is given."""
    if lang == "fr":
        return f"{name} est inutilisable : {_REASONS.get(reason, reason)}" + (
            f" (c'est {value})" if value else ""
        )
    return f"{name} cannot be used: {reason}" + (f" (it is {value})" if value else "")


def reason_of(error: ErrorDetails, lang: Literal["en", "fr"]) -> str:
    """Return why pydantic refused a value, from its description of the error."""
    french = _KINDS.get(error["type"]) if lang == "fr" else None
    if french is None:
        return str(error["msg"]).removeprefix("Value error, ")
    return french.format(**error.get("ctx", {})).replace("' or '", "' ou '")
