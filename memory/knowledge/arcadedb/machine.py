"""The Java machine: one per process, started when first needed, quiet, small, with no say in signals."""

import atexit
import threading
from pathlib import Path
from typing import Any, Final

from memory.knowledge.errors import KnowledgeUnavailable

Java = Any
"""`jpype`, or something of Java reached through it: neither has types."""
HEAP: Final = "256m"
_NEEDED: Final = (
    "arcadedb-engine",
    "antlr4-runtime",
    "commons-lang3",
    "gson",
    "HdrHistogram",
    "jts-core",
    "jvector",
    "lucene",
    "lz4-java",
    "agrona",
    "s2-geometry",
    "slf4j-api",  # without anything that writes: the engine's log goes nowhere
    "spatial4j",
    "collections",
    "jniutils",
    "nativeimage",
    "polyglot",
    "word",
)
"""The jars that the engine loads. Servers, wire protocols, scripts, and importing and exporting stay out."""
_MACHINE: Final = (
    f"-Xmx{HEAP}",
    "-Xrs",  # SIGINT, SIGTERM and SIGHUP stay Python's
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:ActiveProcessorCount=2",
    "-XX:ReservedCodeCacheSize=48m",
    "-XX:MaxDirectMemorySize=64m",
    "-XX:+UseCompactObjectHeaders",
    "-XX:-UsePerfData",
    "-XX:-PrintWarnings",
    "-XX:-CreateCoredumpOnCrash",
    "-Dfile.encoding=UTF8",
    "-Djava.awt.headless=true",
    "--enable-native-access=ALL-UNNAMED",
    "--add-opens=java.base/java.util.concurrent.atomic=ALL-UNNAMED",
    "--add-opens=java.base/java.nio.channels.spi=ALL-UNNAMED",
    "--add-opens=java.base/java.lang=ALL-UNNAMED",
)
_ENGINE: Final = {
    "opencypher.loadCsv.allowFileUrls": "false",
    "opencypher.loadCsv.allowRemoteUrls": "false",
    "opencypher.statementCache": "100",
    "opencypher.planCache": "100",
    "polyglotEngineEnabled": "false",
    "log.impl": "slf4j",  # by default it writes files into ./log, wherever the process was started
    "backup.enabled": "false",
    "txWalFlush": "2",
    "maxPageRAM": "48",
    "initialPageCacheSize": "4096",
    "command.regexTimeout": "500",
    "queryMaxHeapElementsAllowedPerOp": "100000",
    "queryMaxHeapRAM": "64",
    "queryMaxRangeSize": "1000",
    "queryScanReadAheadMaxRAM": "32",
    "queryParallelScan": "false",
    "indexCompactionRAM": "32",
    "cypher.maxClauses": "100",
    "cypher.maxExpressionDepth": "100",
    "cypher.algoMaxWorkingMemory": "1048576",
}
_PROCEDURES: Final = frozenset({"db.labels", "db.propertykeys", "db.relationshiptypes"})
"""What `CALL` may name; algorithms over the whole graph, which nothing stops, are taken away."""
_NO_FUNCTIONS: Final = ("create.", "fulltext.", "promql", "util.", "vector.")
_starting = threading.Lock()


def start(folder: Path) -> Java:
    """Return `jpype`, its machine running; reports of its crashes go to `folder`. Blocks for a moment.

    Raises KnowledgeUnavailable where there is no engine for this system.
    """
    with _starting:
        jpype, arcadedb = _libraries()
        if not jpype.isJVMStarted():
            _start(jpype, arcadedb, folder)
        return jpype


def _libraries() -> tuple[Java, Java]:
    try:
        import jpype
        import jpype.config
        from arcadedb_embedded import jvm
    except ImportError as error:
        message = "the embedded graph engine, arcadedb-embedded, does not exist for this system"
        raise KnowledgeUnavailable(message) from error
    return jpype, jvm


def _start(jpype: Java, arcadedb: Java, folder: Path) -> None:
    jars = sorted(Path(arcadedb.get_jar_path()).glob("*.jar"))
    needed = [str(one) for one in jars if one.name.startswith(_NEEDED)]
    settings = [f"-Darcadedb.{name}={value}" for name, value in _ENGINE.items()]
    crash = f"-XX:ErrorFile={folder / 'hs_err_pid%p.log'}"
    library = arcadedb.get_bundled_jre_lib_path()
    # When Python ends, the databases are closed already; a query that does not stop must not hold it.
    jpype.config.onexit = False
    jpype.config.destroy_jvm = False
    try:
        jpype.startJVM(library, *_MACHINE, *settings, crash, classpath=needed, interrupt=False)
    except Exception as error:  # jpype passes on what the machine raises, of any type.
        raise KnowledgeUnavailable("the Java machine of the embedded graph engine does not start") from error
    _hush(jpype)
    _take_away(jpype)
    # A thread of Java's that gives objects back to a Python that ends would end the process with a crash.
    atexit.register(jpype.JClass("org.jpype.ref.JPypeReferenceQueue").getInstance().stop)


def _hush(jpype: Java) -> None:
    """Let nothing from Java reach the terminal."""
    nowhere = jpype.JClass("java.io.PrintStream")(jpype.JClass("java.io.OutputStream").nullOutputStream())
    system = jpype.JClass("java.lang.System")
    system.setOut(nowhere)
    system.setErr(nowhere)
    jpype.JClass("java.util.logging.LogManager").getLogManager().reset()
    off = jpype.JClass("java.util.logging.Level").OFF
    jpype.JClass("java.util.logging.Logger").getLogger("").setLevel(off)


def _take_away(jpype: Java) -> None:
    """Unregister procedures and functions that no question about this graph needs."""
    procedures = jpype.JClass("com.arcadedb.query.opencypher.procedures.CypherProcedureRegistry")
    for name in [str(one) for one in procedures.getProcedureNames()]:
        if name not in _PROCEDURES:
            procedures.unregister(name)
    for registry in ("FunctionRegistry", "CypherFunctionRegistry"):
        functions = jpype.JClass(f"com.arcadedb.function.{registry}")
        for name in [str(one) for one in functions.getFunctionNames()]:
            if name.startswith(_NO_FUNCTIONS):
                functions.unregister(name)
