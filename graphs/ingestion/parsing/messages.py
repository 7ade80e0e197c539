"""What a person reads when a file could not be read: what happened and what to do, in one line."""

from __future__ import annotations

from typing import Final

from graphs.ingestion.parsing.errors import Code

_ENGLISH: Final[dict[Code, str]] = {
    "missing": "{name} was not found: check the path.",
    "empty": "{name} is empty: nothing to remember; save it again if it should not be.",
    "unsupported": "{name} is not in a format that can be read{hint}: give one of {formats}.",
    "not_a_pdf": "{name} is named .pdf but is not a PDF: "
    "download or export it again, or correct its extension.",
    "encrypted": "{name} is protected by a password: save a copy without the password and give that one.",
    "corrupt": "{name} is damaged or is not what its extension says{hint}: "
    "open it in its program and save it again.",
    "too_large": "{name} is too large (limit: 200 MB, and 20 million characters of text): "
    "split it into smaller files.",
    "zip_bomb": "{name} unpacks to an abnormal size and was refused for safety: "
    "if you trust it, open it and save a copy with only the content you need.",
    "timeout": "{name} took too long to read and was given up: split it into smaller files or save it again.",
    "memory": "{name} needed too much memory and was given up: split it into smaller files.",
    "unreadable": "{name} could not be opened{hint}: check that it is a file and that you may read it.",
    "no_text": "{name} holds no text: if it is a scan, run text recognition (OCR) on it first.",
}

_FRENCH: Final[dict[Code, str]] = {
    "missing": "{name} est introuvable : vérifiez le chemin.",
    "empty": "{name} est vide : rien à retenir ; enregistrez-le de nouveau s'il ne devrait pas l'être.",
    "unsupported": "{name} n'est pas dans un format lisible{hint} : donnez l'un de ceux-ci : {formats}.",
    "not_a_pdf": "{name} s'appelle .pdf mais n'est pas un PDF : "
    "téléchargez-le ou exportez-le de nouveau, ou corrigez son extension.",
    "encrypted": "{name} est protégé par un mot de passe : "
    "enregistrez une copie sans mot de passe et donnez-la.",
    "corrupt": "{name} est abîmé ou n'est pas ce que dit son extension{hint} : "
    "ouvrez-le dans son logiciel et enregistrez-le de nouveau.",
    "too_large": "{name} est trop gros (limite : 200 Mo, et 20 millions de caractères de texte) : "
    "découpez-le en fichiers plus petits.",
    "zip_bomb": "{name} se décompresse en une taille anormale et a été refusé par prudence : "
    "si vous lui faites confiance, enregistrez-en une copie avec le seul contenu utile.",
    "timeout": "{name} était trop long à lire et a été abandonné : "
    "découpez-le en fichiers plus petits ou enregistrez-le de nouveau.",
    "memory": "{name} demandait trop de mémoire et a été abandonné : découpez-le en fichiers plus petits.",
    "unreadable": "{name} n'a pas pu être ouvert{hint} : "
    "vérifiez que c'est un fichier et que vous pouvez le lire.",
    "no_text": "{name} ne contient pas de texte : si c'est un document numérisé, passez-le d'abord à l'OCR.",
}

_FORMATS: Final = "Markdown, text, HTML, PDF, DOCX, XLSX, PPTX, EML, CSV, VTT, SRT"
_FORMATS_FR: Final = "Markdown, texte, HTML, PDF, DOCX, XLSX, PPTX, EML, CSV, VTT, SRT"


def message(code: Code, lang: str, **details: object) -> str:
    """One line for a person, in `lang` ("fr" or, for anything else, English).

    Details: `name`, the file as the person knows it; `hint`, what was seen instead, if known.
    """
    french = lang.lower().startswith("fr")
    template = (_FRENCH if french else _ENGLISH)[code]
    name = str(details.get("name") or ("Ce fichier" if french else "This file"))
    hint = f" ({details['hint']})" if details.get("hint") else ""
    line = template.format(name=name, hint=hint, formats=_FORMATS_FR if french else _FORMATS)
    return " ".join(line.split()) if "\n" in line else line
