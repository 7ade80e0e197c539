"""The processes of a benchmark: the scripted model, the floor and Souvenir, each by itself on loopback."""

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.bench.scripted_model import NAME

ROOT = Path(__file__).parents[2]
START_SECONDS = 60.0
STOP_SECONDS = 20.0
_KEPT = ("PATH", "HOME", "VIRTUAL_ENV", "PYTHONPATH")
_SERVE = "import sys; from server.cli.main import main; sys.exit(main())"


@dataclass(frozen=True)
class Served:
    """A server at work: where it listens, and its process."""

    url: str
    pid: int


@asynccontextmanager
async def scripted_model() -> AsyncIterator[Served]:
    """Run the scripted model while the block runs."""
    async with _running([sys.executable, "-m", "tests.bench.scripted_model"], {}, "http://") as served:
        yield served


@asynccontextmanager
async def floor(model: Served) -> AsyncIterator[Served]:
    """Run the floor while the block runs."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        command = [sys.executable, "-m", "tests.bench.floor", folder, model.url]
        async with _running(command, {}, "http://") as served:
            yield served


@asynccontextmanager
async def souvenir(model: Served, *documents: Path, data: Path | None = None) -> AsyncIterator[Served]:
    """Run `souvenir serve` while the block runs, on a memory (in `data`, or passing) with `documents`."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        data = data or Path(folder, "data")
        async with serve(data, Path(folder), model.url) as served:
            async with httpx.AsyncClient(base_url=served.url, timeout=120, trust_env=False) as client:
                token = json.loads((data / "owner.json").read_text(encoding="utf-8"))["token"]
                body = {"paths": [str(path) for path in documents]}
                headers = {"Authorization": f"Bearer {token}"}
                (await client.post("/v1/ingest", json=body, headers=headers)).raise_for_status()
            yield served


@asynccontextmanager
async def serve(data: Path, scratch: Path, model_url: str) -> AsyncIterator[Served]:
    """Run `souvenir serve` on the folder `data`, with one model; `scratch` is for the file that names it."""
    routes = scratch / "models.yaml"
    routes.write_text(f"chat:\n  - model: ollama:{NAME}\nembedding: null\n", encoding="utf-8")
    settings = {"DATA_DIR": data, "OLLAMA_URL": model_url, "MODELS_FILE": routes, "LANG": "en"}
    named = {f"SOUVENIR_{name}": str(value) for name, value in settings.items()}
    async with _running([sys.executable, "-c", _SERVE, "serve", "--port", "0"], named, "ready: ") as served:
        yield served


@asynccontextmanager
async def _running(
    command: Sequence[str], settings: Mapping[str, str], before_url: str
) -> AsyncIterator[Served]:
    """Start a process that prints its address on the line with `before_url`; end it after the block.

    Raises:
        RuntimeError: it ended, or said nothing for too long.
    """
    system = {name: os.environ[name] for name in _KEPT if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=ROOT,
        env={**system, **settings, "PYTHONUTF8": "1"},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        async with asyncio.timeout(START_SECONDS):
            url = await _address(process.stdout, before_url)
        yield Served(url, process.pid)
    finally:
        process.stdin.close()
        await _end(process)


async def _address(output: asyncio.StreamReader, before_url: str) -> str:
    async for line in output:
        if before_url in (text := line.decode()):
            return "http://" + text.partition("http://")[2].strip()
    raise RuntimeError("a server of the benchmark ended before it was ready")


async def _end(process: asyncio.subprocess.Process) -> None:
    """Ask the process to end, as a service manager does; insist when it does not."""
    if process.returncode is None:
        process.terminate()
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
