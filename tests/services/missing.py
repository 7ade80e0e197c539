"""What a test does where a server that it needs cannot be run."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


class Missing(Exception):
    """What the machine lacks for a server of the tests' own; the message says what, exactly."""


def give_up(missing: Missing) -> NoReturn:
    """Skip the test saying what is missing; fail it in continuous integration, which installs everything."""
    if os.environ.get("CI"):
        pytest.fail(f"in continuous integration nothing may be missing: {missing}")
    pytest.skip(str(missing))
