"""The words of the command line, in the person's language."""

from __future__ import annotations

from dataclasses import dataclass

from server.cli.messages.en import ENGLISH
from server.cli.messages.fr import FRENCH

CATALOGUES = {"en": ENGLISH, "fr": FRENCH}
_FRENCH_FIGURES = str.maketrans({".": ",", ",": "\u202f"})


@dataclass(frozen=True)
class Say:
    """Words in one language: call it with the key of a message and its values."""

    lang: str = "en"

    def __call__(self, key: str, **values: object) -> str:
        """The message, filled in."""
        return self._catalogue[key].format(**values)

    def count(self, key: str, n: int) -> str:
        """A number of things: `1 document`, `3 documents`. In French, zero is singular."""
        one = n <= 1 if self.lang == "fr" else n == 1
        return self(f"{key}-one" if one else f"{key}-many", n=n)

    def name(self, kind: str, value: object) -> str:
        """The word for a state or a component; itself, when there is none."""
        return self._catalogue.get(f"{kind}.{value}", str(value))

    def number(self, text: str) -> str:
        """A number in figures; French has a comma where English has a point, and spaces between thousands."""
        return text.translate(_FRENCH_FIGURES) if self.lang == "fr" else text

    @property
    def _catalogue(self) -> dict[str, str]:
        return CATALOGUES.get(self.lang, ENGLISH)
