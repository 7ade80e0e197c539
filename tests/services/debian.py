"""Packages of another Debian release than the machine's, unpacked into a folder that git ignores.

Nothing is installed. They come from the mirrors that the machine's own sources name, and apt verifies them
with the keys of Debian.
"""

from __future__ import annotations

import platform
import shutil
import subprocess
from pathlib import Path

from filelock import FileLock

from tests.services.missing import Missing

CACHE = Path(__file__).parents[2] / ".cache" / "debian"
FETCH_SECONDS = 300.0
_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


def unpacked(package: str, suite: str, cache: Path = CACHE) -> Path:
    """The files of a package; fetched when they are not there. Several processes may ask at once."""
    folder = cache / suite / package
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(cache / "fetching.lock", timeout=FETCH_SECONDS):
            if not folder.is_dir():
                _fetch(package, suite, folder)
    return folder


def _fetch(package: str, suite: str, folder: Path) -> None:
    """Fetch beside the place and move there, so that the folder is whole or absent."""
    mirrors = _mirrors()
    beside = folder.with_name(f"new-{package}")
    shutil.rmtree(beside, ignore_errors=True)
    for name in ("lists/partial", "archives/partial", "files"):
        (beside / name).mkdir(parents=True)
    sources = [f"deb [signed-by={_KEYRING}] {mirrors['']} {suite} main"]
    if "-" not in suite and "-security" in mirrors:
        sources.append(f"deb [signed-by={_KEYRING}] {mirrors['-security']} {suite}-security main")
    (beside / "sources.list").write_text("\n".join(sources) + "\n", encoding="utf-8")
    apt = _apt(beside)
    _run([*apt, "update"], beside, f"apt-get cannot read the lists of Debian's {suite}")
    _run([*apt, "download", package], beside, f"apt-get cannot fetch {package} of Debian's {suite}")
    [deb] = beside.glob("*.deb")
    _run(["dpkg-deb", "-x", deb.name, "files"], beside, f"dpkg-deb cannot unpack {deb.name}")
    (beside / "files").rename(folder)
    shutil.rmtree(beside)


def _mirrors() -> dict[str, str]:
    """Where this machine's own packages come from, by what follows the name of its release in a suite."""
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None or not _KEYRING.is_file():
        raise Missing("no Debian here (apt-get, dpkg-deb, debian-archive-keyring): it has packages to unpack")
    own = platform.freedesktop_os_release().get("VERSION_CODENAME", "")
    asked = ["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE)", "Created-By: Packages"]
    said = subprocess.run(asked, capture_output=True, text=True, timeout=30, check=False).stdout
    named = [line.split() for line in said.splitlines()]
    found = {suite.removeprefix(own): uri for uri, suite in named if suite in (own, f"{own}-security")}
    if not own or "" not in found:
        raise Missing("apt's sources name no mirror of Debian's own release here")
    return found


def _apt(beside: Path) -> list[str]:
    settings = {
        "Dir::Etc::sourcelist": beside / "sources.list",
        "Dir::Etc::sourceparts": "-",
        "Dir::State::Lists": beside / "lists",
        "Dir::Cache": beside,
        "Dir::Cache::archives": "archives",
        "Acquire::Languages": "none",
        "APT::Update::Error-Mode": "any",
    }
    return [
        "apt-get",
        "-qq",
        *(part for name, value in settings.items() for part in ("-o", f"{name}={value}")),
    ]


def _run(command: list[str], folder: Path, failed: str) -> None:
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=FETCH_SECONDS, check=False
    )
    if done.returncode:
        why = next(
            (line for line in done.stderr.splitlines() if line.startswith("E:")), "it does not say why"
        )
        raise Missing(f"{failed}: {why}")
