"""What every test can count on: no network but loopback, a clock to move, a seed that is printed."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator

import hypothesis
import pytest

from tests.clock import FakeClock
from tests.network import forbid_connections

SEED_VARIABLE = "SOUVENIR_TEST_SEED"
ATTEMPTS: list[str] = []
SEED = pytest.StashKey[int]()

# A busy machine is slow, not wrong: the limit on time is pytest's own.
hypothesis.settings.register_profile("souvenir", deadline=None)
hypothesis.settings.load_profile("souvenir")


def pytest_configure(config: pytest.Config) -> None:
    """Close the network, draw the seed, and forget the settings of whoever runs the tests."""
    forbid_connections(ATTEMPTS.append)
    config.stash[SEED] = int(os.environ.get(SEED_VARIABLE) or random.SystemRandom().randrange(2**32))
    for name in list(os.environ):
        if name.startswith("SOUVENIR_") and not name.startswith("SOUVENIR_TEST_"):
            del os.environ[name]


def pytest_report_header(config: pytest.Config) -> str:
    """Say which seed this run has."""
    return f"seed: {SEED_VARIABLE}={config.stash[SEED]}"


@pytest.fixture
def seed(pytestconfig: pytest.Config) -> int:
    """The seed of every random choice in this run; printed, so that a failure shows it."""
    drawn = pytestconfig.stash[SEED]
    print(f"{SEED_VARIABLE}={drawn}")
    return drawn


@pytest.fixture
def clock() -> FakeClock:
    """A clock that stands still until the test moves it."""
    return FakeClock()


@pytest.fixture(autouse=True)
def connection_attempts() -> Iterator[list[str]]:
    """What tried to leave the machine. An attempt that somebody swallowed still fails the test.

    A test that provokes one on purpose clears the list.
    """
    ATTEMPTS.clear()
    yield ATTEMPTS
    assert not ATTEMPTS, f"something tried to leave the machine: {ATTEMPTS}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each file to one worker, and all that want the one Neo4j server to the same: they take turns."""
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        alone = "neo4j_server" in fixtures or "[neo4j" in item.nodeid or "-neo4j" in item.nodeid
        group = "neo4j" if alone else item.nodeid.partition("::")[0]
        item.add_marker(pytest.mark.xdist_group(group))
