"""How long `souvenir serve` takes to be ready, and what takes it: `python -m tests.bench.startup`."""

import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.bench.processes import ROOT, scripted_model, serve, souvenir

STARTS = 7
IMPORTS = 5
_SHOWN = 12
_IMPORTED = "import server.cli.main, server.serve"


async def section() -> str:
    """Measure, and return the Markdown. The first start, which warms the caches, does not count."""
    async with scripted_model() as model:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            async with souvenir(model, ROOT / "samples" / "documents", data=Path(folder, "data")):
                pass
            seconds = [await _start(Path(folder), model.url) for _ in range(STARTS + 1)][1:]
            phases = json.loads(
                (await _output("-m", "tests.bench.opening", folder, model.url)).splitlines()[-1]
            )
    packages = await _packages()
    ready = (
        "| `serve`, from its process to its first line | n | median s | max s |\n|---|---|---|---|\n"
        f"| on the samples | {len(seconds)} | {statistics.median(seconds):.2f} | {max(seconds):.2f} |"
    )
    return "\n\n".join([ready, _table("opened, in order", phases), _table("imported, by package", packages)])


async def _start(folder: Path, model_url: str) -> float:
    started = time.monotonic()
    async with serve(folder / "data", folder, model_url):
        return time.monotonic() - started


async def _packages() -> dict[str, float]:
    """Return the milliseconds that each top-level package takes to import, the longest first."""
    found = [await _one_import() for _ in range(IMPORTS)]
    medians = {name: statistics.median(one[name] for one in found) for name in found[0]}
    longest = sorted(medians, key=lambda name: -medians[name])
    rest = sum(medians[name] for name in longest[_SHOWN:])
    total = sum(medians.values())
    shown = {name: medians[name] for name in longest[:_SHOWN]}
    return {**shown, f"{len(longest) - _SHOWN} others": rest, "all": total}


async def _one_import() -> Counter[str]:
    """Return the milliseconds of every package's own modules, as `python -X importtime` counts them."""
    spent: Counter[str] = Counter()
    for line in (await _output("-X", "importtime", "-c", _IMPORTED, errors=True)).splitlines():
        own, _, name = line.removeprefix("import time:").split("|") if line.count("|") == 2 else ("", "", "")
        if own.strip().isdigit():
            spent[name.strip().partition(".")[0]] += int(own)
    return Counter({name: micro / 1000 for name, micro in spent.items()})


async def _output(*arguments: str, errors: bool = False) -> str:
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(120):
        out, err = await process.communicate()
    if process.returncode:
        raise RuntimeError(err.decode()[-500:])
    return (err if errors else out).decode()


def _table(title: str, milliseconds: dict[str, float]) -> str:
    rows = [f"| {name} | {spent:.0f} |" for name, spent in milliseconds.items()]
    return "\n".join([f"| {title} | ms |", "|---|---|", *rows])


if __name__ == "__main__":
    print(asyncio.run(section()))
