"""What is said of models, in English and in French."""

import re
from collections.abc import Mapping
from typing import Final

from server.reasons import said
from server.settings import Lang

Both = Mapping[Lang, str]

SAYS: Final[Mapping[str, Both]] = {
    "start": {
        "en": "Ollama does not answer at {url} ({why}): start it (https://ollama.com), "
        "or set SOUVENIR_OLLAMA_URL",
        "fr": "Ollama ne répond pas à {url} ({why}) : lancez-le (https://ollama.com), "
        "ou réglez SOUVENIR_OLLAMA_URL",
    },
    "start_other": {
        "en": "Ollama does not answer at {url} ({why}): start it there, or change its base_url in the routes",
        "fr": "Ollama ne répond pas à {url} ({why}) : lancez-le là-bas, "
        "ou changez son base_url dans les routes",
    },
    "skipped": {"en": "not tried", "fr": "pas essayé"},
    "reason": {"en": "{reason}", "fr": "{reason}"},
    "late": {"en": "no end within {seconds} s", "fr": "pas de fin en {seconds} s"},
    "elsewhere": {"en": "at its provider", "fr": "chez son fournisseur"},
    "unreachable": {"en": "Ollama does not answer ({why})", "fr": "Ollama ne répond pas ({why})"},
    "installed": {"en": "{size}", "fr": "{size}"},
    "not_installed": {
        "en": "not installed: souvenir models pull {name}",
        "fr": "pas installé : souvenir models pull {name}",
    },
    "not_installed_near": {
        "en": "not installed, but {near} is: write ollama:{near} in the routes, "
        "or: souvenir models pull {name}",
        "fr": "pas installé, mais {near} l’est : écrivez ollama:{near} dans les routes, "
        "ou : souvenir models pull {name}",
    },
    "answers": {"en": "yes", "fr": "oui"},
    "answers_loaded": {"en": "yes, {load} s of it to load", "fr": "oui, dont {load} s pour charger"},
    "streams": {"en": "{pieces} pieces over {seconds} s", "fr": "{pieces} morceaux en {seconds} s"},
    "streams_not": {
        "en": "the answer comes all at once",
        "fr": "la réponse vient d’un seul coup",
    },
    "speed": {"en": "{speed} tokens/s", "fr": "{speed} jetons/s"},
    "speed_unknown": {"en": "it does not say", "fr": "il ne le dit pas"},
    "tools": {"en": "calls the tool it is given", "fr": "appelle l’outil qu’on lui donne"},
    "tools_none": {
        "en": "it answers in words instead of calling the tool",
        "fr": "il répond par des mots au lieu d’appeler l’outil",
    },
    "tools_wrong": {
        "en": "it calls the tool without what the tool asks for",
        "fr": "il appelle l’outil sans ce que l’outil demande",
    },
    "schema_0": {"en": "keeps to the schema", "fr": "respecte le schéma"},
    "schema_1": {
        "en": "keeps to the schema when asked again",
        "fr": "respecte le schéma quand on le lui redemande",
    },
    "schema_unknown": {"en": "not tried at this provider", "fr": "pas essayé chez ce fournisseur"},
    "window": {
        "en": "{asked} tokens; read all {read} of a long prompt",
        "fr": "{asked} jetons ; a lu les {read} d’un long texte",
    },
    "window_small": {"en": "{takes} tokens, as asked", "fr": "{takes} jetons, comme demandé"},
    "window_trained": {
        "en": "made for {takes} tokens, and {asked} are asked of it",
        "fr": "fait pour {takes} jetons, et on lui en demande {asked}",
    },
    "window_cut": {
        "en": "read {read} tokens of a prompt of more than {words}, though num_ctx is {asked}",
        "fr": "a lu {read} jetons d’un texte de plus de {words}, alors que num_ctx est {asked}",
    },
    "window_unknown": {"en": "it does not say what it read", "fr": "il ne dit pas ce qu’il a lu"},
    "dimension": {"en": "{dimension} dimensions", "fr": "{dimension} dimensions"},
    "languages": {"en": "{learned}", "fr": "{learned}"},
    "languages_unknown": {"en": "not known", "fr": "inconnues"},
    "languages_missing": {"en": "it has not learned {missing}", "fr": "il n’a pas appris {missing}"},
    "throughput": {"en": "{rate} passages/s", "fr": "{rate} passages/s"},
    # Suggestions
    "pull": {
        "en": "{model} is not installed: souvenir models pull {name}",
        "fr": "{model} n’est pas installé : souvenir models pull {name}",
    },
    "pull_near": {
        "en": "{model} is not installed, but {near} is: write ollama:{near} in the routes, "
        "or: souvenir models pull {name}",
        "fr": "{model} n’est pas installé, mais {near} l’est : écrivez ollama:{near} dans les routes, "
        "ou : souvenir models pull {name}",
    },
    "broken": {
        "en": "{model} does not work ({reason}): mend it, or take it out of the routes",
        "fr": "{model} ne marche pas ({reason}) : réparez-le, ou ôtez-le des routes",
    },
    "first": {
        "en": "put {model} first for {task}: it works, and what stands before it does not",
        "fr": "mettez {model} en premier pour {task} : il marche, et ce qui est avant lui non",
    },
    "none_works": {
        "en": "no model of {task} works: until one does, answers quote memory",
        "fr": "aucun modèle de {task} ne marche : d’ici là, les réponses citent la mémoire",
    },
    "others": {
        "en": "installed here, and not in the routes: {names}",
        "fr": "installés ici, et absents des routes : {names}",
    },
    "num_ctx": {
        "en": "write num_ctx: {takes} for {model}: it takes no more, and what is beyond is cut unseen",
        "fr": "écrivez num_ctx: {takes} pour {model} : il n’en prend pas plus, "
        "et le reste est coupé sans un mot",
    },
    "two_windows": {
        "en": "give {model} one num_ctx everywhere: Ollama loads it anew at every change between {sizes}",
        "fr": "donnez à {model} un seul num_ctx partout : Ollama le recharge à chaque passage entre {sizes}",
    },
    "no_tools": {
        "en": "{model} does not call tools on its own: its answers rest on what is found first",
        "fr": "{model} n’appelle pas les outils de lui-même : ses réponses reposent "
        "sur ce qui est trouvé d’abord",
    },
    "no_schema": {
        "en": "{model} does not keep to a schema ({reason}): give {tasks} another model",
        "fr": "{model} ne respecte pas un schéma ({reason}) : donnez un autre modèle à {tasks}",
    },
    "long_fails": {
        "en": "{model} fails on a long prompt ({reason}): raise budget.first_token, or lower num_ctx",
        "fr": "{model} échoue sur un long texte ({reason}) : augmentez budget.first_token, "
        "ou baissez num_ctx",
    },
    "slow": {
        "en": "{model} is slow ({speed} tokens/s): a smaller model would answer sooner",
        "fr": "{model} est lent ({speed} jetons/s) : un modèle plus petit répondrait plus tôt",
    },
    "at_once": {
        "en": "the answers of {model} come all at once: is a proxy before its server holding them back?",
        "fr": "les réponses de {model} viennent d’un seul coup : un relais "
        "devant son serveur les retient-il ?",
    },
    "multilingual": {
        "en": "{model} has not learned {missing}, {better} has: {fetch}name it under embedding: "
        "in the routes, then run souvenir documents rebuild",
        "fr": "{model} n’a pas appris {missing}, {better}, si : {fetch}nommez-le sous embedding: "
        "dans les routes, puis lancez souvenir documents rebuild",
    },
    "fetch": {"en": "souvenir models pull {better}, ", "fr": "souvenir models pull {better}, "},
    "nothing": {"en": "nothing to change", "fr": "rien à changer"},
}
"""Sentences by code."""

_REASONS: Final = tuple(
    (re.compile(pattern), french)
    for pattern, french in (
        (r"no connection in time", "pas de connexion à temps"),
        (r"no answer in time", "pas de réponse à temps"),
        (r"what answers there is not Ollama", "ce qui répond là n’est pas Ollama"),
        (r"the answer was not JSON", "la réponse n’était pas du JSON"),
        (r"the answer had not the shape asked for (.*)", r"la réponse n’avait pas la forme demandée \1"),
        (r"the answer was cut at (\d+) tokens", r"la réponse a été coupée à \1 jetons"),
        (r"asked again", "redemandé"),
        (r"Ollama answered an error", "Ollama a répondu par une erreur"),
        (r"no answer within (\S+) s", r"pas de réponse en \1 s"),
        (r"not loaded within (\S+) s (\(.*\))", r"pas chargé en \1 s \2"),
        (r"Ollama said nothing for (\S+) s", r"Ollama n’a rien dit pendant \1 s"),
        (r"the download ended before it was complete", "le téléchargement s’est arrêté avant la fin"),
        (r"run the same command again to go on", "relancez la même commande pour continuer"),
        (r"(\w+) runs its models itself", r"\1 fait tourner ses modèles lui-même"),
        (r"there is nothing to fetch", "il n’y a rien à recevoir"),
    )
)
"""What stands in reasons that only commands for models meet; the others are in `server.reasons`."""


def say(code: str, lang: Lang, **values: object) -> str:
    """Return a sentence, filled in; reasons in it are translated as far as they are known."""
    told = {name: _shown(name, value, lang) for name, value in values.items()}
    return SAYS[code][lang].format(**told)


def _shown(name: str, value: object, lang: Lang) -> object:
    if name in ("why", "reason"):
        return reason(str(value), lang)
    if name == "size" and isinstance(value, int):
        return gigabytes(value, lang)
    if isinstance(value, float):
        text = f"{value:.0f}" if value >= 10 else f"{value:.1f}"
        return text.replace(".", ",") if lang == "fr" else text
    return value


def reason(text: str, lang: Lang) -> str:
    """Return a reason in a language: part by part, and as it is where no translation is known."""
    whole = said(text, lang)
    if lang == "en" or whole != text:
        return whole
    return " ; ".join(" : ".join(map(_in_french, part.split(": "))) for part in text.split("; "))


def _in_french(text: str) -> str:
    for pattern, french in _REASONS:
        if found := pattern.fullmatch(text):
            return found.expand(french)
    return said(text, "fr")


def gigabytes(size: int, lang: Lang) -> str:
    """Return a size on disk, as people read it."""
    number, unit = (size / 1e9, "GB") if size >= 1e9 else (size / 1e6, "MB")
    text = f"{number:.1f}" if size >= 1e9 else f"{number:.0f}"
    return f"{text.replace('.', ',')} {unit[0]}o" if lang == "fr" else f"{text} {unit}"
