"""What is said of a `models.yaml` that cannot be used: one line, with the place and what to change."""


class RoutesError(Exception):
    """The routes cannot be used; the message is one line: the place, what is wrong, what to do instead."""


def refusal(place: str, wrong: str, instead: str) -> RoutesError:
    """Return the error for a place such as `models.yaml:3`."""
    return RoutesError(" ".join(f"{place}: {wrong}: {instead}".splitlines()))


def shown(text: str) -> str:
    """Return a text of the file as a message can quote it: short, and of one line."""
    return repr(text if len(text) <= 60 else f"{text[:57]}...")


def nearest(word: str, known: tuple[str, ...]) -> str | None:
    """Return the known word that was probably meant."""
    import difflib

    close = difflib.get_close_matches(word.lower().replace("-", "_"), known, n=1)
    return close[0] if close else None
