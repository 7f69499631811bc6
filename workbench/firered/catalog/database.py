"""The catalog's DuckDB file: short transactions, waiting for other processes, migrations.

DuckDB lets one process at a time open a file for writing, and then nobody may read it. So nobody
keeps it open: each transaction opens the file, does its work and closes it.
"""

import os
import random
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

import duckdb

from firered.catalog import current
from firered.catalog.sql import statements
from firered.errors import DISK_FULL, CatalogError
from firered.paths import shipped

HOLDER = re.compile(r"held in (?P<program>.*?) \(PID (?P<pid>\d+)\)")


@dataclass(frozen=True)
class Database:
    """One DuckDB file; `wait` is how many seconds to wait for another process."""

    path: Path
    wait: float = 60.0

    @contextmanager
    def transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Open for writing, begin, and commit at the end; an error rolls everything back."""
        with self._opened(read_only=False) as connection:
            connection.begin()
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    @contextmanager
    def reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Open for reading; any number of processes may."""
        with self._opened(read_only=True) as connection:
            yield connection

    @contextmanager
    def _opened(self, *, read_only: bool) -> Iterator[duckdb.DuckDBPyConnection]:
        try:
            connection = self._connect(read_only=read_only)
            try:
                yield connection
            finally:
                connection.close()
        except (duckdb.IOException, duckdb.FatalException) as error:
            if "No space left" in str(error):
                raise CatalogError(f"{self.path}: {DISK_FULL}") from error
            raise CatalogError(
                f"{self.path}: {first_line(error)} (check the path and its permissions)"
            ) from error

    def _connect(self, *, read_only: bool) -> duckdb.DuckDBPyConnection:
        deadline = time.monotonic() + self.wait
        pause = 0.01
        while True:
            try:
                return duckdb.connect(str(self.path), read_only=read_only, config={"memory_limit": "4GB"})
            except duckdb.IOException as error:
                if "lock" not in str(error):
                    raise
                if time.monotonic() > deadline:
                    raise CatalogError(
                        f"{self.path}: {held(error)}, waited {self.wait:g} s (close it, or --wait longer)"
                    ) from None
            time.sleep(pause * random.uniform(0.5, 1.5))
            pause = min(0.5, pause * 1.5)


def held(error: Exception) -> str:
    """Say which process holds the file."""
    match = HOLDER.search(str(error))
    return (
        f"in use by {Path(match['program']).name} (process {match['pid']})"
        if match
        else "in use by another process"
    )


def first_line(error: Exception) -> str:
    """First line of DuckDB's message, without its class name."""
    return str(error).splitlines()[0].partition(": ")[2] or str(error)


# --- migrations -----------------------------------------------------------------------------------


def migrations() -> list[Path]:
    """Numbered schema files, in order."""
    return sorted((shipped("catalogs") / "schema").glob("[0-9][0-9][0-9][0-9]_*.sql"))


def version_of(connection: duckdb.DuckDBPyConnection) -> int:
    """Number of the last migration that was applied, 0 for a new file."""
    known = connection.execute("select 1 from duckdb_tables() where table_name = 'schema_version'").fetchone()
    if not known:
        return 0
    (version,) = connection.execute("select max(version) from schema_version").fetchone() or (0,)
    return int(version)


def create(database: Database) -> None:
    """Make a file under another name, then give it its own, unless another process was faster.

    A kill in between leaves no file that is half a catalog.
    """
    temporary = database.path.with_name(f".{database.path.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    migrate(Database(temporary, database.wait))
    try:
        os.link(temporary, database.path)
    except FileExistsError:
        return
    except OSError:  # a file system without hard links
        temporary.replace(database.path)
    finally:
        temporary.unlink(missing_ok=True)


def migrate(database: Database) -> None:
    """Bring a file up to date, all or nothing."""
    with database.transaction() as connection:
        apply_migrations(connection)


def apply_migrations(connection: duckdb.DuckDBPyConnection) -> None:
    """Apply the migrations that are missing, each with its number, then the views."""
    connection.execute("create table if not exists schema_version (version integer, applied_at timestamp)")
    (applied,) = connection.execute("select coalesce(max(version), 0) from schema_version").fetchone() or (0,)
    for path in migrations():
        number = int(path.name[:4])
        if number > applied:
            connection.execute(path.read_text(encoding="utf-8"))
            connection.execute("insert into schema_version values (?, now()::timestamp)", [number])
    views = statements("views")
    connection.execute(views["0_last_use"].text)
    current.make_views(connection)
    for view in views.values():
        connection.execute(view.text)
    connection.execute(f"create or replace view view_digest as select '{views_digest()}' as digest")


@cache
def views_digest() -> str:
    """Identity of the views as they are written here; a catalog whose views have another gets these."""
    texts = [current.VIEW, *(view.text for view in statements("views").values())]
    return sha256("\0".join(texts).encode()).hexdigest()


def digest_of(connection: duckdb.DuckDBPyConnection) -> str:
    """Identity of a file's views, '' where it has none."""
    known = connection.execute("select 1 from duckdb_views() where view_name = 'view_digest'").fetchone()
    (digest,) = (connection.execute("select digest from view_digest").fetchone() if known else None) or ("",)
    return str(digest)


def check_version(database: Database, root: Path) -> None:
    """Bring an older catalog up to date; raises CatalogError for a newer one or a file that is not ours."""
    latest = int(migrations()[-1].name[:4])
    with database.reading() as connection:
        version, digest = version_of(connection), digest_of(connection)
    if version > latest:
        raise CatalogError(
            f"{root}: catalog of schema {version}, this firered knows {latest} (upgrade firered-workbench)"
        )
    if version == 0:
        raise CatalogError(f"{root}: not a firered catalog (choose another folder with --catalog)")
    if version < latest or digest != views_digest():
        migrate(database)
