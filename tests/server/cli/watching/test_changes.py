"""Changes: what is taken in, and when, from what is seen in the folders."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from server.cli.watching.changes import Changes
from server.cli.watching.survey import Mark, Survey

ROOT = Path("/notes").absolute()
A, B = ROOT / "a.md", ROOT / "sub" / "b.md"


def mark(edition: int) -> Mark:
    """The mark of a file's edition."""
    return 1, edition, edition, edition


def seen(files: dict[Path, int], *unseen: Path) -> Survey:
    """A survey that saw editions of files."""
    marks = {path: mark(edition) for path, edition in files.items()}
    return Survey(marks, frozenset(), (ROOT,), unseen, 0.0)


def test_a_file_is_taken_once_it_is_quiet() -> None:
    """New or changed, it waits until it has stayed the same for a second, and is taken once."""
    changes = Changes(quiet=1)
    changes.start(seen({A: 1}))
    assert not changes.update(seen({A: 1}), 0).moving
    for now in (1, 2):  # another edition each time
        settled = changes.update(seen({A: now}), now)
        assert (settled.changed, settled.moving) == ((), now > 1)
    third = changes.update(seen({A: 2}), 3)
    assert (third.changed, third.gone, third.moving) == ((A,), (), False)
    assert changes.update(seen({A: 2}), 99).changed == ()


def test_what_is_copied_together_is_one_batch() -> None:
    """Files that are quiet wait a moment for those that still come."""
    changes = Changes(quiet=1, hold=3)
    assert changes.update(seen({A: 1}), 0).changed == ()
    assert changes.update(seen({A: 1, B: 1}), 1).changed == ()
    assert changes.update(seen({A: 1, B: 1}), 2).changed == (A, B)


def test_one_file_that_never_rests_does_not_hold_the_others_up() -> None:
    """A log that grows all the time is left alone, its neighbour is taken."""
    changes = Changes(quiet=1, hold=3)
    taken = [changes.update(seen({A: edition, B: 1}), edition).changed for edition in range(6)]
    assert taken == [(), (), (), (B,), (), ()]


def test_what_is_gone_is_told_once() -> None:
    """A file that is away for a moment, as editors save, is not gone; one that stays away is, once."""
    changes = Changes(quiet=1)
    changes.start(seen({A: 1, B: 1}))
    assert changes.update(seen({B: 1}), 0).gone == ()
    assert changes.update(seen({A: 1, B: 1}), 1).changed == ()
    assert changes.update(seen({B: 1}), 2).gone == ()
    assert changes.update(seen({B: 1}), 3).gone == (A,)
    assert changes.update(seen({B: 1}), 4).gone == ()
    changes.update(seen({A: 1, B: 1}), 5)
    assert changes.update(seen({A: 1, B: 1}), 6).changed == (A,)


def test_nothing_is_said_of_what_cannot_be_seen() -> None:
    """When a drive is unplugged, or a folder cannot be listed, its files are not gone."""
    changes = Changes(quiet=1)
    changes.start(seen({A: 1, B: 1}))
    for now in range(5):
        settled = changes.update(seen({A: 1}, B.parent), now)
        assert (settled.changed, settled.gone, settled.moving) == ((), (), False)
    changes.update(seen({A: 1, B: 2}), 6)
    assert changes.update(seen({A: 1, B: 2}), 7).changed == (B,)


@given(st.lists(st.dictionaries(st.sampled_from([A, B]), st.integers(1, 3)), max_size=12))
def test_what_was_taken_is_in_the_end_what_is_there(editions: list[dict[Path, int]]) -> None:
    """Whatever happens in between, two quiet looks later each file has been taken in its last edition."""
    changes = Changes(quiet=1)
    taken: dict[Path, int] = {}
    last = editions[-1] if editions else {}
    for now, files in enumerate([*editions, last, last]):
        settled = changes.update(seen(files), now)
        taken |= {path: files[path] for path in settled.changed}
        for path in settled.gone:
            del taken[path]
    assert taken == last
