"""The catalog: rows in DuckDB, and the ledger that says what is still to do."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from firered.catalog import arrow, current
from firered.catalog.database import Database, check_version, create
from firered.catalog.sql import Statement, statement, statements
from firered.errors import CatalogError
from firered.operator import Operator
from firered.rows import Row, id_of
from firered.store import BlobStore

Line = tuple[int, str | None, bool]  # of the ledger: key, error, whether it is transient

LEDGER = pa.schema(
    {"operator_id": pa.int64(), "key": pa.int64(), "error": pa.string(), "transient": pa.bool_()}
)
BY_HAND = 0  # operator_id of rows that no operator made
PAGE = 4096  # rows of a todo page: a few hundred kilobytes


@dataclass
class Outcome:
    """What one operator made of a batch: rows by the key they were made from, and failures."""

    operator_id: int
    made: dict[int, list[Row]] = field(default_factory=dict)
    failed: dict[int, tuple[str, bool]] = field(default_factory=dict)  # key -> reason, transient
    expected: int = 0  # failures that say nothing against the operator


@dataclass(frozen=True)
class Work:
    """Rows of one class, and for each operator which of them it still has to do."""

    rows: list[Any]
    wanted: list[list[bool]]  # by operator, by row


class Catalog:
    """A folder with rows, vectors, blobs and runs."""

    def __init__(self, root: Path | str, *, wait: float = 60.0) -> None:
        """Open an existing catalog; raises CatalogError where there is none or it is newer than this."""
        self.root = Path(root)
        self.database = Database(self.root / "catalog.duckdb", wait)
        if not self.database.path.is_file():
            raise CatalogError(
                f"no catalog at {str(self.root)!r} (run: firered --catalog {self.root} catalog init)"
            )
        check_version(self.database, self.root)

    @classmethod
    def init(cls, root: Path | str, *, wait: float = 60.0) -> "Catalog":
        """Make a catalog, or open and bring up to date the one that is there."""
        root = Path(root)
        try:
            for folder in ("blobs", "vectors", "runs", "manifests"):
                (root / folder).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CatalogError(f"{root}: {error.strerror} (choose another folder with --catalog)") from error
        if not (root / "catalog.duckdb").exists():
            create(Database(root / "catalog.duckdb", wait))
        return cls(root, wait=wait)

    @property
    def blobs(self) -> BlobStore:
        """Bytes by sha256."""
        return BlobStore(self.root / "blobs")

    @property
    def vectors(self) -> Path:
        """Folder of the Lance tables."""
        return self.root / "vectors"

    # --- reading ----------------------------------------------------------------------------------

    def sql(self, text: str, parameters: dict[str, Any] | None = None) -> pa.Table:
        """Run one SELECT and return its rows; raises CatalogError with DuckDB's own message."""
        with self.database.reading() as connection:
            try:
                return connection.execute(text, parameters or {}).fetch_arrow_table()
            except duckdb.IOException:
                raise
            except duckdb.Error as error:
                raise CatalogError(f"sql: {' '.join(str(error).split())}") from None

    def select(self, text: str) -> pa.Table:
        """Run the one SELECT that a person wrote, columns of one name told apart; raises CatalogError."""
        with duckdb.connect() as connection:
            try:
                found = connection.extract_statements(text)
            except duckdb.Error as error:
                raise CatalogError(f"sql: {' '.join(str(error).split())}") from None
        if [each.type for each in found] not in (
            [duckdb.StatementType.SELECT],
            [duckdb.StatementType.EXPLAIN],
        ):
            raise CatalogError("sql: one SELECT is wanted (and nothing else)")
        table = self.sql(text)
        names = [
            name if name not in table.column_names[:i] else f"{name}_{i + 1}"
            for i, name in enumerate(table.column_names)
        ]
        return table.rename_columns(names)

    def query(self, name: str, kind: str = "queries", **given: Any) -> pa.Table:
        """Run a named statement with its parameters."""
        found = statement(kind, name)
        return self.sql(found.text, found.parameters(given))

    def audit(self) -> dict[str, pa.Table]:
        """Rows that must not exist, by audit; an audit that passes has none."""
        found = {name: self.query(name, "audits") for name in statements("audits")}
        images = self.sql("select image_id as key, sha256, bytes from image")
        whole = [self.blobs.size(row["sha256"]) == row["bytes"] for row in images.to_pylist()]
        return {**found, "image_without_blob": images.filter(pc.invert(pa.array(whole, pa.bool_())))}

    def rows(self, kind: type[Row]) -> list[Any]:
        """All rows of a table or view, for small ones."""
        names = ", ".join(quoted(kind.columns()))
        return arrow.rows_of(kind, self.sql(f"select {names} from {kind.table()}"))

    def known(self, noun: str, key: int) -> dict[str, list[dict[str, Any]]]:
        """Rows about one file, image or pair, by table: its own, its texts, its current measurements."""
        found = {}
        with self.database.reading() as connection:
            for kind in current.stored(connection):
                about = next((name for name in (f"{noun}_id", "subject_id") if name in kind.columns()), None)
                if about:
                    name = kind.table() if kind.once else f"current_{kind.table()}"
                    columns = ", ".join(quoted([name for name in kind.columns() if name != about]))
                    text = f"select {columns} from {name} where {about} = $key"
                    found[kind.table()] = (
                        connection.execute(text, {"key": key}).fetch_arrow_table().to_pylist()
                    )
        return {name: rows for name, rows in found.items() if rows}

    # --- what is to do ----------------------------------------------------------------------------

    def todo(self, operators: Sequence[Operator], *, retry: bool = False) -> Iterator[Work]:
        """Pages of rows that at least one of the operators has not settled, in order of their keys."""
        reads = operators[0].reads
        last = -1
        while True:
            found = self._todo_page(operators, last, retry=retry)
            if found.num_rows == 0:
                return
            wanted = [found.column(f"wanted_{i}").to_pylist() for i in range(len(operators))]
            rows = arrow.rows_of(reads, found)
            yield Work(rows, wanted)
            if found.num_rows < PAGE:
                return
            last = rows[-1].key()

    def count_todo(self, operators: Sequence[Operator], *, retry: bool = False) -> list[int]:
        """How many rows each operator has still to do."""
        counts = ", ".join(f"count(*) filter (wanted_{i})" for i in range(len(operators)))
        text = f"select {counts} from ({todo_sql(operators, retry=retry)})"
        found = self.sql(text, self._todo_parameters(operators, -1))
        return [column[0].as_py() for column in found.columns]

    def _todo_page(self, operators: Sequence[Operator], last: int, *, retry: bool) -> pa.Table:
        key = operators[0].reads.key_column()
        text = f"{todo_sql(operators, retry=retry)} order by {key} limit {PAGE}"
        return self.sql(text, self._todo_parameters(operators, last))

    def _todo_parameters(self, operators: Sequence[Operator], last: int) -> dict[str, int]:
        return {"last": last} | {f"operator_{i}": each.fingerprint() for i, each in enumerate(operators)}

    # --- writing ----------------------------------------------------------------------------------

    def append(self, rows: Sequence[Row], operator_id: int = BY_HAND) -> int:
        """Append rows of any classes; returns how many were new."""
        with self.database.transaction() as connection:
            return append(connection, rows, operator_id)

    def register(self, operators: Sequence[Operator]) -> None:
        """Note that these operators are in use now."""
        with self.database.transaction() as connection:
            for each in operators:
                settings = json.dumps(each.settings(), ensure_ascii=False, sort_keys=True)
                values = [each.fingerprint(), each.name(), each.version, settings, now()]
                connection.execute("insert into operator values (?, ?, ?, ?, ?)", values)

    def settle(self, outcomes: Sequence[Outcome]) -> dict[int, tuple[int, int]]:
        """Append the rows and ledger lines of these outcomes in one transaction.

        What another process has finished meanwhile is left out, so nothing is written twice. Returns, for
        each operator, how many lines of rows done and failed were new.
        """
        merged = _merged(outcomes)
        with self.database.transaction() as connection:
            known = settled_lines(connection, merged)
            lines = {
                each.operator_id: _settle_operator(connection, each, known.get(each.operator_id, set()))
                for each in merged
            }
            append_ledger(connection, lines)
        failed = {
            operator_id: sum(error is not None for _, error, _ in new) for operator_id, new in lines.items()
        }
        return {
            operator_id: (len(new) - failed[operator_id], failed[operator_id])
            for operator_id, new in lines.items()
        }

    # --- decisions --------------------------------------------------------------------------------

    def decide(self, name: str, given: dict[str, Any], run_id: int) -> tuple[int, bool]:
        """Evaluate a filter over the whole table; returns how many rows it rejects, and whether that is news."""
        found = statement("filters", name)
        parameters = found.parameters(given)
        with self.database.transaction() as connection:
            try:
                rejected = connection.execute(found.text, parameters).fetch_arrow_table().sort_by("key")
            except duckdb.Error as error:
                raise CatalogError(f"filter {name!r}: {str(error).strip()}") from None
            news = self._evaluated(connection, found, parameters, rejected, run_id)
        return rejected.num_rows, news

    def _evaluated(
        self,
        connection: duckdb.DuckDBPyConnection,
        found: Statement,
        parameters: dict[str, Any],
        rejected: pa.Table,
        run_id: int,
    ) -> bool:
        settings = json.dumps(parameters, sort_keys=True)
        digest = sha256(
            json.dumps([settings, rejected.to_pydict()], sort_keys=True, default=str).encode()
        ).hexdigest()
        last = connection.execute(
            "select digest from evaluation where filter = ? order by evaluated_at desc limit 1", [found.name]
        ).fetchone()
        if last == (digest,):
            return False
        at = now()
        evaluation_id = id_of("evaluation", found.name, digest, at.isoformat())
        values = [evaluation_id, run_id, found.name, found.noun, settings, digest, at]
        connection.execute("insert into evaluation values (?, ?, ?, ?, ?, ?, ?)", values)
        connection.register("rejected_now", rejected)
        connection.execute("insert into decision select ?, key, reason from rejected_now", [evaluation_id])
        return True

    def record(self, relation: str, values: dict[str, Any]) -> None:
        """Append one line to a table of bookkeeping: run, run_step or manifest."""
        names, marks = ", ".join(values), ", ".join("?" for _ in values)
        with self.database.transaction() as connection:
            connection.execute(f"insert into {relation} ({names}) values ({marks})", list(values.values()))

    # --- looking after it -------------------------------------------------------------------------

    def status(self) -> dict[str, int]:
        """Number of rows of each table, views of what is kept included."""
        tables = self.sql(
            "select table_name as name from duckdb_tables() where schema_name = 'main' order by name"
        )
        names = [name for name in tables.column("name").to_pylist() if name != "schema_version"]
        counts = " union all ".join(
            f"select '{name}' as name, count(*) as rows from {name}"
            for name in [*names, "kept_image", "kept_pair"]
        )
        found = self.sql(counts).to_pylist()
        return {line["name"]: line["rows"] for line in found}

    def snapshot(self, path: Path) -> None:
        """Write wide read-only tables to a DuckDB file of its own, under a temporary name, then rename."""
        temporary = path.with_name(f".{path.name}.{id_of(str(now()))}")
        with self.database.reading() as connection:
            connection.execute(
                f"attach '{str(temporary).replace(chr(39), chr(39) * 2)}' as snapshot (read_write)"
            )
            for each in statements("snapshot").values():
                connection.execute(f"create table snapshot.{each.name} as {each.text}")
            connection.execute("detach snapshot")
        temporary.replace(path)


# --- SQL made from row classes ------------------------------------------------------------------------


def quoted(names: Sequence[str]) -> list[str]:
    """Names as SQL identifiers (some columns are called left and right)."""
    return [f'"{name}"' for name in names]


def todo_sql(operators: Sequence[Operator], *, retry: bool) -> str:
    """SELECT of the rows that an operator has not settled; a transient failure is not settled."""
    reads = operators[0].reads
    key = reads.key_column()
    settled = "error is null" if retry else "not transient"
    flags = ", ".join(f"settled_{i}.key is null as wanted_{i}" for i in range(len(operators)))
    joins = " ".join(
        f"left join (select key from ledger where operator_id = $operator_{i} group by key"
        f" having arg_max({settled}, settled_at)) as settled_{i}"
        f" on settled_{i}.key = source.{key}"
        for i in range(len(operators))
    )
    wanted = " or ".join(f"settled_{i}.key is null" for i in range(len(operators)))
    columns = ", ".join(f"source.{name}" for name in quoted(reads.columns()))
    return f"select {columns}, {flags} from {reads.table()} as source {joins} where source.{key} > $last and ({wanted})"


def append(connection: duckdb.DuckDBPyConnection, rows: Sequence[Row], operator_id: int) -> int:
    """Append rows inside a transaction; rows with their own identity are stored once."""
    by_class: dict[type[Row], list[Row]] = {}
    for row in rows:
        by_class.setdefault(type(row), []).append(row)
    return sum(append_class(connection, kind, group, operator_id) for kind, group in by_class.items())


def append_class(
    connection: duckdb.DuckDBPyConnection, kind: type[Row], rows: Sequence[Row], operator_id: int
) -> int:
    """Append rows of one class through Arrow; returns how many were new."""
    if kind.once:
        rows = list({row.key(): row for row in reversed(rows)}.values())
    connection.register("batch", arrow.table(rows))
    key, name = kind.key_column(), kind.table()
    new = f"where not exists (select 1 from {name} as old where old.{key} = batch.{key})" if kind.once else ""
    insert = f"insert into {name} by name select *, $operator_id::bigint as operator_id from batch {new}"
    (count,) = connection.execute(insert, {"operator_id": operator_id}).fetchone() or (0,)
    connection.unregister("batch")
    return int(count)


def _merged(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """One outcome for each operator."""
    found: dict[int, Outcome] = {}
    for each in outcomes:
        one = found.setdefault(each.operator_id, Outcome(each.operator_id))
        one.made.update(each.made)
        one.failed.update(each.failed)
    return list(found.values())


def _settle_operator(
    connection: duckdb.DuckDBPyConnection, outcome: Outcome, known: set[tuple[int, str | None]]
) -> list[Line]:
    """Append the rows of an outcome that are not among the known ledger lines; returns the lines that are new."""
    finished = {key for key, error in known if error is None}
    made = {key: rows for key, rows in outcome.made.items() if key not in finished}
    append(connection, [row for rows in made.values() for row in rows], outcome.operator_id)
    failures = [
        (key, error, transient)
        for key, (error, transient) in outcome.failed.items()
        if key not in finished and (key, error) not in known
    ]
    return [*((key, None, False) for key in made), *failures]


def settled_lines(
    connection: duckdb.DuckDBPyConnection, outcomes: Sequence[Outcome]
) -> dict[int, set[tuple[int, str | None]]]:
    """Ledger lines (key, error) that the operators have for the keys of these outcomes already."""
    keys = [(each.operator_id, key) for each in outcomes for key in (*each.made, *each.failed)]
    columns = [pa.array([part[i] for part in keys], pa.int64()) for i in range(2)]
    connection.register("batch", pa.table(columns, names=["operator_id", "key"]))
    text = "select operator_id, key, error from ledger semi join batch using (operator_id, key)"
    found: dict[int, set[tuple[int, str | None]]] = {}
    for operator_id, key, error in connection.execute(text).fetchall():
        found.setdefault(operator_id, set()).add((key, error))
    connection.unregister("batch")
    return found


def append_ledger(connection: duckdb.DuckDBPyConnection, lines: dict[int, list[Line]]) -> None:
    """Append ledger lines by operator inside a transaction."""
    flat = [(operator_id, *line) for operator_id, new in lines.items() for line in new]
    if not flat:
        return
    columns = [list(column) for column in zip(*flat, strict=True)]
    connection.register("batch", pa.table(columns, schema=LEDGER))
    connection.execute("insert into ledger by name select *, ?::timestamp as settled_at from batch", [now()])
    connection.unregister("batch")


def now() -> datetime:
    """Now, in UTC, without a zone, as the catalog stores it."""
    return datetime.now(UTC).replace(tzinfo=None)
