"""Why a query was not run, in the language of who wrote it; the guard itself speaks to models, in English."""

from typing import Final

from memory.knowledge.errors import QueryRefused, QueryTooSlow
from server.settings import Lang
from tools.knowledge_graph.guard import QueryNotAllowed, Rule
from tools.knowledge_graph.query import QueryNotRun

FRENCH: Final[dict[Rule, str]] = {
    "administration": "seul le contenu du graphe peut être lu, rien ne peut être administré.",
    "clause": "utilisez MATCH, WHERE, WITH, UNWIND, CALL {…}, UNION, RETURN, ORDER BY, SKIP, LIMIT.",
    "dynamic-label": "écrivez les étiquettes et les types en toutes lettres, jamais calculés.",
    "function": "cette fonction n'est pas de celles qui sont permises.",
    "label": "cette étiquette n'existe pas : voyez `souvenir graph schema`.",
    "load-csv": "seul le graphe peut être lu, ni fichier ni adresse.",
    "not-cypher": "ce n'est pas du Cypher qui puisse être lu jusqu'au bout.",
    "one-statement": "écrivez une seule requête.",
    "path-length": "donnez aux chemins une longueur maximale, et courte.",
    "prefix": "commencez par une clause de lecture comme MATCH.",
    "procedure": "aucune procédure ne peut être appelée.",
    "regular-expression": "une expression régulière doit être une simple chaîne qui ne répète aucun groupe.",
    "relationship-type": "ce type de relation n'existe pas : voyez `souvenir graph schema`.",
    "subquery": "cette sous-requête n'est pas de celles qui sont permises.",
    "too-deep": "écrivez une requête moins imbriquée.",
    "too-long": "écrivez une requête plus courte.",
    "unicode-escape": "écrivez les caractères tels quels, sans échappement \\u.",
    "writes": "lecture seule : rien ne peut être créé, changé ni supprimé.",
}
"""By the rule that a query breaks."""


def in_words(error: QueryNotRun, lang: Lang) -> str:
    """Return why a query was not run: the guard's rule and a sentence, or what the engine says of it."""
    if lang != "fr":
        return str(error)
    reason = error.__context__
    if isinstance(reason, QueryNotAllowed):
        return f"La requête est refusée ({reason.rule}) : {FRENCH[reason.rule]}"
    if isinstance(reason, QueryRefused):
        return "La requête est refusée : le moteur dit que ce n'est pas une simple lecture."
    if isinstance(reason, QueryTooSlow):
        return "La requête n'a pas fini à temps et a été abandonnée : demandez moins."
    return f"La requête n'a pas pu être exécutée : {reason or error}"
