"""The names that a child keeps: those of the last few users, and not too many."""

from graphs.extraction.reading.worker import MOST_USERS, Kept
from memory.knowledge.facts import Entity


def names(*said: str) -> list[Entity]:
    """People of these names."""
    return [Entity("Person", one) for one in said]


def test_another_version_takes_the_place_of_the_one_before() -> None:
    """Of one user there is one list of names."""
    kept = Kept()
    kept.keep("ada", 1, names("Grace Hopper"))
    kept.keep("ada", 2, names("Grace Hopper", "Alan Turing"))
    assert kept.find("ada", 1) is None
    found = kept.find("ada", 2)
    assert found is not None
    assert len(found) == 2


def test_who_was_not_read_for_longest_makes_room() -> None:
    """With one user more than there is room for, the one whose names were used last is kept."""
    kept = Kept()
    for number in range(MOST_USERS):
        kept.keep(str(number), 1, names("Ada"))
    assert kept.find("0", 1) is not None
    kept.keep("new", 1, names("Ada"))
    assert kept.find("1", 1) is None
    assert kept.find("0", 1) is not None
    assert kept.find("new", 1) is not None


def test_names_have_a_bound_together() -> None:
    """Many names of one user drive out those of others, not the other way round."""
    kept = Kept(most_names=10)
    kept.keep("ada", 1, names(*(f"Name {chr(97 + n) * 4}" for n in range(8))))
    kept.keep("bob", 1, names("Grace Hopper", "Alan Turing"))
    assert kept.find("ada", 1) is not None
    kept.keep("eve", 1, names("Grace Hopper"))
    assert kept.find("bob", 1) is None
    assert kept.find("ada", 1) is not None or kept.find("eve", 1) is not None
    kept.keep("max", 1, names(*(f"Name {chr(97 + n) * 4}" for n in range(20))))
    assert list(kept.gazetteers) == ["max"]
