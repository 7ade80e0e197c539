"""Running a notebook as a reader does, in a kernel on this Python."""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

FOLDER = Path(__file__).parents[2] / "notebooks"
NO_OLLAMA = "http://127.0.0.1:9"  # the port of the discard service: nobody listens
PLOT = "(plot)"


def stored(name: str) -> NotebookNode:
    """A notebook as the project has it."""
    notebook: NotebookNode = nbformat.read(FOLDER / name, as_version=4)  # type: ignore[no-untyped-call]
    return notebook


async def executed(name: str, environment: dict[str, str], folder: Path) -> NotebookNode:
    """The notebook with its outputs, run by a kernel on this Python; an error in a cell is raised."""
    notebook = stored(name)
    client = NotebookClient(
        notebook,
        timeout=60,
        kernel_name="python3",
        resources={"metadata": {"path": str(FOLDER)}},
    )
    await client.async_execute(
        env={
            **os.environ,
            "SOUVENIR_OLLAMA_URL": NO_OLLAMA,
            "SOUVENIR_LANG": "en",
            "IPYTHONDIR": str(folder / "ipython"),
            "TMPDIR": str(folder),
            **environment,
        }
    )
    return notebook


def outputs(notebook: NotebookNode) -> dict[str, str]:
    """What each cell shows, by the cell's id."""
    return {cell.id: "".join(map(text_of, cell.outputs)) for cell in notebook.cells if "outputs" in cell}


def text_of(output: NotebookNode) -> str:
    """The text of one output: printed, or shown as Markdown; a picture is `PLOT`."""
    if output.output_type == "stream":
        assert output.name == "stdout", output.text
        return str(output.text)
    return PLOT if "image/png" in output.data else str(output.data["text/markdown"])
