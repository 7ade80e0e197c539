"""Why something was degraded, in the person's language: reasons are made and kept in English."""

import re
from typing import Final

_NUMBER = r"([\d.,?]+)"
_WHO = r"(its server|[\w-]+)"
_REMEDY = r"(raise num_ctx|lower num_ctx to what its server holds)"
_FRENCH: Final = tuple(
    (re.compile(pattern), said)
    for pattern, said in (
        (r"connection refused", "connexion refusée"),
        (r"the connection broke", "la connexion s'est interrompue"),
        (rf"no connection within {_NUMBER} s", "pas de connexion en {0} s"),
        (rf"no first token within {_NUMBER} s, loading included", "pas un mot en {0} s, chargement compris"),
        (rf"no first token within {_NUMBER} s", "pas un mot en {0} s"),
        (rf"no further token within {_NUMBER} s", "plus un mot pendant {0} s"),
        (rf"no full answer within {_NUMBER} s", "pas de réponse entière en {0} s"),
        (rf"no vector within {_NUMBER} s", "pas de vecteur en {0} s"),
        (rf"no result within {_NUMBER} s", "pas de résultat en {0} s"),
        (rf"no word within {_NUMBER} s", "pas un mot en {0} s"),
        (r"the model is not installed: (.+)", "le modèle n'est pas installé : {0}"),
        (r"Ollama answered an error: (.+)", "Ollama a répondu par une erreur : {0}"),
        (rf"{_WHO} answered an error: (HTTP \d+)", "{0} a répondu par une erreur : {1}"),
        (rf"{_WHO} refused the key", "{0} a refusé la clé"),
        (rf"{_WHO} does not have the model (\S+)", "{0} n'a pas le modèle {1}"),
        (
            rf"{_WHO} was asked too often, or its credit is used up",
            "{0} a reçu trop de demandes, ou son crédit est épuisé",
        ),
        (rf"{_WHO} failed: (\w+)", "{0} a échoué : {1}"),
        (rf"{_WHO} could not be set up: (\w+)", "{0} n'a pas pu être préparé : {1}"),
        (r"(langchain-[\w-]+) is not installed: (.+)", "{0} n'est pas installé : {1}"),
        (r"the stream ended before the answer was complete", "la réponse s'est arrêtée avant sa fin"),
        (r"the answer was not understood", "la réponse était incompréhensible"),
        (r"the tool call was not understood", "l'appel d'un outil était incompréhensible"),
        (r"the model was loaded but did not answer", "le modèle a été chargé mais n'a pas répondu"),
        (r"the answer was empty", "la réponse était vide"),
        (r"the answer went round in circles", "la réponse tournait en rond"),
        (r"it thought aloud without saying so", "il réfléchissait à voix haute sans le dire"),
        (r"Redis at (\S+) cannot be used: (.+)", "Redis ({0}) est inutilisable : {1}"),
        (
            r"the conversation was continued elsewhere meanwhile: it is asked again",
            "la conversation a continué ailleurs entre-temps : la question est reposée",
        ),
        (r"stopped on request", "arrêté à votre demande"),
        (
            r"the running conversation was not at hand: it was rebuilt from the archive",
            "la conversation en cours n'était plus sous la main : elle a été reconstruite depuis l'archive",
        ),
        (r"it went on calling tools", "il ne cessait d'appeler des outils"),
        (
            rf"it read only {_NUMBER} of about {_NUMBER} tokens of the prompt: {_REMEDY}",
            "il n'a lu que {0} des quelque {1} jetons de la demande : {2}",
        ),
        (
            rf"the prompt filled its whole window of {_NUMBER} tokens: {_REMEDY}",
            "la demande a rempli toute sa fenêtre de {0} jetons : {1}",
        ),
        (
            rf"the question is about {_NUMBER} tokens, more than there is room for: raise num_ctx",
            "la question fait environ {0} jetons, plus qu'il n'y a de place : augmentez num_ctx",
        ),
        (
            rf"what you said left this machine: {_NUMBER} tokens sent, {_NUMBER} received",
            "ce que vous avez dit a quitté cette machine : {0} jetons envoyés, {1} reçus",
        ),
    )
)
_PARTS: Final = {
    "no answer in time": "pas de réponse à temps",
    "connection refused": "connexion refusée",
    "no connection": "pas de connexion",
    "the server closed the connection": "le serveur a fermé la connexion",
    "the server is out of memory and takes no more": "le serveur n'a plus de mémoire et ne prend plus rien",
    "the server is a replica that can only be read": "le serveur est une copie qui ne peut qu'être lue",
    "the server is still loading its data": "le serveur charge encore ses données",
    "the password is wrong or missing": "le mot de passe est faux, ou il manque",
    "a password is given, and the server has none": "un mot de passe est donné, et le serveur n'en a pas",
    "the server has no database of this number": "le serveur n'a pas de base de ce numéro",
    "what answers there is not Redis": "ce qui répond là n'est pas Redis",
    "its server": "son serveur",
    "raise num_ctx": "augmentez num_ctx",
    "lower num_ctx to what its server holds": "abaissez num_ctx à ce que tient son serveur",
}
"""Words within a reason that come from a short list."""
_LEFT_ALONE: Final = re.compile(r"left alone after (\d+) failures \((.*)\)")


def said(reason: str, lang: str) -> str:
    """Return a reason in `lang`; one that is not known stays as it is."""
    if lang != "fr":
        return reason
    if left := _LEFT_ALONE.fullmatch(reason):
        return f"laissé de côté après {left[1]} échecs ({said(left[2], lang)})"
    for pattern, words in _FRENCH:
        if found := pattern.fullmatch(reason):
            return words.format(*(_PARTS.get(part, part) for part in found.groups()))
    return reason
