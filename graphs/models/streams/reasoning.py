"""What a model thinks aloud between `<think>` and `</think>` is taken out of its words while they come."""

import re
from typing import Final

OPEN: Final = "<think>"
CLOSE: Final = "</think>"
_TAG: Final = re.compile(r"(?<!`)</?think>")
"""Not after a backtick: there the answer speaks about the tag."""
_UNFINISHED: Final = re.compile(r"(?<!`)<(?:/?(?:t(?:h(?:i(?:nk?)?)?)?)?)\Z")
"""What may become a tag with the next piece."""

_BEGUN: Final = re.compile(r"(?<![a-z0-9])(qwq|r1|think(ing|er)?|reason(ing|er)?)(?![a-z0-9])")


def often_begun(model: str) -> bool:
    """Tell whether a model is one of those whose templates often open the reasoning in the prompt."""
    return _BEGUN.search(model.lower()) is not None


class Reasoning:
    """Takes reasoning out of one answer; however the answer is cut into pieces, the same comes out.

    `begun`: the template has opened the reasoning in the prompt, so that the answer only closes it. What
    comes is held back until it does, or until the end. `at_start`: tags after the first word of the answer
    are part of it, as in JSON.
    """

    def __init__(self, *, begun: bool = False, at_start: bool = False) -> None:
        self.orphan = False
        """Whether reasoning was closed that nothing had opened: what had come out was reasoning."""
        self.closed = False
        """Whether reasoning was closed."""
        self._inside = self._presumed = begun
        self._at_start = at_start
        self._thoughts: list[str] = []  # only those that are presumed to be some
        self._taken = self._spoken = False
        self._last = self._held = ""

    def told_apart(self) -> None:
        """Note, before any text came, that the server sends reasoning apart: what follows is the answer."""
        if self._presumed and not self._thoughts and not self._held:
            self._inside = self._presumed = False

    def feed(self, text: str) -> str:
        """Take the next piece in, and return what is known to belong to the answer."""
        if not self._held and "<" not in text:
            self._last = text[-1:] or self._last
            return self._passed(text)
        raw = self._last + self._held + text
        at, shown = len(self._last), []
        for tag in _TAG.finditer(raw, at):
            shown += [self._passed(raw[at : tag.start()]), self._turned(tag[0])]
            at = tag.end()
        unfinished = _UNFINISHED.search(raw, at)
        end = unfinished.start() if unfinished else len(raw)
        shown.append(self._passed(raw[at:end]))
        self._last, self._held = raw[max(end - 1, 0) : end], raw[end:]
        return "".join(shown)

    def close(self, *, presumed: bool = True) -> str:
        """Return what is left at the end; with `presumed` what passed for reasoning though no tag said so."""
        rest, self._held = self._passed(self._held), ""
        if self._inside and self._presumed and presumed:
            self._inside = False
            return "".join(self._thoughts).lstrip()
        return rest

    def _passed(self, text: str) -> str:
        if self._inside:
            if self._presumed:
                self._thoughts.append(text)
            return ""
        if not self._spoken:
            text = text.lstrip() if self._taken else text
            self._spoken = bool(text) and not text.isspace()
        return text

    def _turned(self, tag: str) -> str:
        """Go in or out; returns the tag when it is one of the answer's own words."""
        if self._at_start and self._spoken:
            return tag
        if tag == OPEN:
            self._inside, self._presumed = True, False
        else:
            self.orphan = self.orphan or (self._spoken and not self._taken)
            self.closed, self._inside, self._presumed = True, False, False
        self._taken = True
        return ""
