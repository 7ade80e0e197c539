"""The files of Neo4j Community, fetched once by Maven into a folder that git ignores."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from filelock import FileLock

from tests.services.missing import Missing

ROOT = Path(__file__).parents[2]
POM = Path(__file__).with_name("pom.xml")
CACHE = ROOT / ".cache" / "neo4j"
FETCH_SECONDS = 600.0
OLDEST_JAVA = 17


def version() -> str:
    """The version that pom.xml names."""
    found = re.search(r"<artifactId>neo4j</artifactId>\s*<version>([^<]+)<", POM.read_text(encoding="utf-8"))
    assert found, "pom.xml names no Neo4j"
    return found[1]


def jars(cache: Path = CACHE) -> Path:
    """The folder with every jar; fetched when it is not there. Several processes may ask at once."""
    folder = cache / version()
    if not folder.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        with FileLock(cache / "fetching.lock", timeout=FETCH_SECONDS):
            if not folder.is_dir():
                _fetch(folder)
    return folder


def java() -> str:
    """The Java that runs it: `JAVA_HOME`'s, or the one on the PATH."""
    home = os.environ.get("JAVA_HOME")
    found = shutil.which("java", path=str(Path(home, "bin"))) if home else None
    found = found or shutil.which("java")
    if found is None:
        raise Missing("no `java` on the PATH: Neo4j needs Java 17 or 21 (Debian: openjdk-17-jre-headless)")
    said = subprocess.run([found, "-version"], capture_output=True, text=True, timeout=30, check=False).stderr
    number = re.search(r'version "(\d+)', said)
    if number is None or int(number[1]) < OLDEST_JAVA:
        raise Missing(f"Neo4j needs Java 17 or 21, and `java` is {said.splitlines()[:1]}")
    return found


def _fetch(folder: Path) -> None:
    """Fetch beside the place and move there, so that the folder is whole or absent."""
    mvn = shutil.which("mvn")
    if mvn is None:
        raise Missing("no `mvn` on the PATH: Maven fetches Neo4j for the tests (Debian: maven)")
    beside = folder.with_name(f"new-{folder.name}")
    shutil.rmtree(beside, ignore_errors=True)
    goal = ["dependency:copy-dependencies", f"-DoutputDirectory={beside}", "-DincludeScope=runtime"]
    done = subprocess.run(
        [mvn, "-q", "-B", "-f", str(POM), *goal],
        capture_output=True,
        text=True,
        timeout=FETCH_SECONDS,
        check=False,
    )
    if done.returncode:
        why = next((line for line in done.stdout.splitlines() if "ERROR" in line), "it does not say why")
        raise Missing(f"`mvn` could not fetch Neo4j {folder.name}: {why}")
    beside.rename(folder)
