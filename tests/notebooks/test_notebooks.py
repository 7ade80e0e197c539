"""What every notebook of the project keeps to."""

from __future__ import annotations

import pytest

from tests.notebooks.running import FOLDER, stored


@pytest.mark.parametrize("name", sorted(file.name for file in FOLDER.glob("*.ipynb")))
def test_it_is_committed_without_outputs(name: str) -> None:
    """The notebook in the project holds no outputs, so that changes to it can be read."""
    for cell in stored(name).cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
