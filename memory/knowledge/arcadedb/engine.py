"""One database of the engine: opened, proved safe, changed and read. Everything here blocks."""

import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import Any, Final

from memory.knowledge import values
from memory.knowledge.arcadedb import complaints
from memory.knowledge.arcadedb.rows import Plain, ToJava, columns, fetched
from memory.knowledge.assertions import Change
from memory.knowledge.errors import KnowledgeUnavailable, QueryFailed
from memory.knowledge.ontology import OWN, OWN_OF_RELATIONSHIPS
from memory.knowledge.protocol import Limits, Rows
from memory.knowledge.values import Room

_CYPHER: Final = "opencypher"
_SECONDS: Final = 2.0
"""After which the engine stops a statement, where no reader gave it longer."""
_OPEN_TO_ALL: Final = "the embedded graph engine lets queries read files or addresses"
_MISCOUNTS: Final = "COUNT EDGES OPTIMIZATION"
_TRIES: Final = 4
"""Of a read, before the last, while others write: the engine does not keep for it what they remove."""
PROOF: Final = "proof-"
"""How the files begin that no query may read."""


class Engine:
    """An open database of one user."""

    def __init__(self, jpype: Any, database: Any) -> None:
        self._jpype = jpype
        self._database = database
        self._plain = Plain(jpype)
        self._java = ToJava(jpype)
        self._timeout = jpype.JClass("com.arcadedb.GlobalConfiguration").COMMAND_TIMEOUT
        self._patience: list[float] = [_SECONDS]
        self._changing_patience = threading.Lock()
        self._be_patient()

    @property
    def name(self) -> str:
        """The class of the database that answers."""
        return str(self._database.getClass().getName())

    def read(
        self, cypher: str, parameters: Mapping[str, Any], limits: Limits, left: Callable[[], bool]
    ) -> Rows:
        """Run a query that the engine itself takes for a read; stop when nobody waits for it."""
        for _ in range(_TRIES):
            with suppress(complaints.Changed):
                return self._read(cypher, parameters, limits, left)
        return self._read(cypher, parameters, limits, left)

    def _read(
        self, cypher: str, parameters: Mapping[str, Any], limits: Limits, left: Callable[[], bool]
    ) -> Rows:
        with complaints.named(self._jpype), self._patient(limits.seconds):
            found = self._database.query(_CYPHER, cypher, self._java.parameters(parameters))
            try:
                return self._cut(cypher, found, limits, left)
            finally:
                found.close()

    def is_read(self, cypher: str) -> bool:
        """Tell whether the engine takes a query for one that changes nothing."""
        with complaints.named(self._jpype):
            analysed = self._database.getQueryEngine(_CYPHER).analyze(cypher)
            kinds = {str(one) for one in analysed.getOperationTypes()}
            return bool(analysed.isIdempotent()) and not analysed.isDDL() and kinds <= {"READ"}

    def require_right(self, cypher: str) -> None:
        """Raise QueryFailed, with the remedy, for a query that the engine would answer wrongly.

        After `OPTIONAL MATCH (a)-[:T]->(b:Label)` it takes `WITH a, count(b)` for the number of all edges of
        that type, whatever they lead to.
        """
        with complaints.named(self._jpype):
            plan = self._database.query(_CYPHER, f"EXPLAIN {cypher}").getExecutionPlan()
            if plan.isPresent() and _MISCOUNTS in str(plan.get().prettyPrint(0, 2)):
                raise QueryFailed("this engine would count wrongly here: write count(DISTINCT …)")

    def _cut(self, cypher: str, found: Any, limits: Limits, left: Callable[[], bool]) -> Rows:
        rows = fetched(found)
        first = next(rows, None)
        if first is None:
            return Rows(self._columns(cypher), ())
        names = columns(first)

        def each() -> Iterator[tuple[Any, ...]]:
            for row in chain([first], rows):
                if left():
                    return
                yield self._plain.row(row, names, Room(limits.bytes))

        return values.cut(names, each(), limits)

    def _columns(self, cypher: str) -> tuple[str, ...]:
        """Return the names that a query without rows gives its columns."""
        return complaints.columns(self._jpype, self._database, cypher)

    def change(self, change: Change) -> None:
        """Carry out a change in one transaction: it is on the disk when this returns, or nothing of it is."""
        with complaints.named(self._jpype, KnowledgeUnavailable):
            self._database.begin()
            try:
                statement = next(change)
                while True:
                    statement = change.send(self._run(statement.cypher, statement.parameters))
            except StopIteration:
                self._database.commit()
            finally:
                if self._database.isTransactionActive():
                    self._database.rollback()

    def _run(self, cypher: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
        found = self._database.command(_CYPHER, cypher, self._java.parameters(parameters))
        try:
            rows = [(columns(row), row) for row in fetched(found)]
            return [dict(zip(names, self._plain.row(row, names, Room()), strict=True)) for names, row in rows]
        finally:
            found.close()

    def make_schema(self) -> None:
        """Make the types and indexes of the ontology."""
        for label in OWN:
            self._sql(f"CREATE VERTEX TYPE {label} IF NOT EXISTS")
            for name in ("user", "key"):
                self._sql(f"CREATE PROPERTY {label}.{name} IF NOT EXISTS STRING")
            self._sql(f"CREATE INDEX IF NOT EXISTS ON {label} (key) UNIQUE")
        for type_ in OWN_OF_RELATIONSHIPS:
            self._sql(f"CREATE EDGE TYPE {type_} IF NOT EXISTS")

    def is_whole(self) -> bool:
        """Tell whether no file of the ontology's types is missing: the engine opens without."""
        schema = self._database.getSchema()
        found = {str(one.getName()) for one in schema.getBuckets()}
        needed = {f"{name}_0" for name in (*OWN, *OWN_OF_RELATIONSHIPS)}
        needed |= {f"{label}_0_{way}_edges" for label in OWN for way in ("in", "out")}
        return needed <= found and all(schema.existsType(name) for name in (*OWN, *OWN_OF_RELATIONSHIPS))

    def rebuild_indexes(self) -> None:
        """Make the indexes anew: what was removed stays in the old ones."""
        with complaints.named(self._jpype, KnowledgeUnavailable):
            self._sql("REBUILD INDEX *")

    def _sql(self, statement: str) -> None:
        self._database.command("sql", statement)

    @contextmanager
    def _patient(self, seconds: float) -> Iterator[None]:
        """Let the engine stop statements that start now when the most patient reader has left."""
        with self._changing_patience:
            self._patience.append(seconds)
            self._be_patient()
        try:
            yield
        finally:
            with self._changing_patience:
                self._patience.remove(seconds)
                self._be_patient()

    def _be_patient(self) -> None:
        """The engine has one limit on time for all of a database, taken when a statement starts."""
        limit = self._jpype.JLong(int(1000 * max(self._patience)))
        self._database.getConfiguration().setValue(self._timeout, limit)

    def require_closed_in(self, folder: Path) -> None:
        """Prove that no query reads a file or reaches an address. Raises KnowledgeUnavailable otherwise."""
        known = self._jpype.JClass("com.arcadedb.GlobalConfiguration")
        remote = known.OPENCYPHER_LOAD_CSV_ALLOW_REMOTE_URLS
        if self._database.getConfiguration().getValueAsBoolean(remote):
            raise KnowledgeUnavailable(_OPEN_TO_ALL)
        with tempfile.NamedTemporaryFile("w", dir=folder, prefix=PROOF, suffix=".csv") as written:
            written.write("a\n1\n")
            written.flush()
            file = Path(written.name)
            for url in (file.as_uri(), str(file), "http://127.0.0.1:9/proof.csv"):
                if not self._refuses(url):
                    raise KnowledgeUnavailable(_OPEN_TO_ALL)

    def _refuses(self, url: str) -> bool:
        try:
            found = self._database.query(_CYPHER, f"LOAD CSV FROM '{url}' AS line RETURN line")
            while found.hasNext():
                found.next()
        except self._jpype.JClass("java.lang.SecurityException"):
            return True
        except self._jpype.JException:  # it tried, and failed: that is no refusal
            return False
        return False

    def close(self) -> None:
        """Write what is in memory, and let the database go."""
        if self._database.isOpen():
            self._database.close()
