"""What a search has looked at already: it stands in the catalog's ledger as an operator does."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from firered.catalog import now
from firered.rows import id_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ids = NDArray[np.int64]


@dataclass(frozen=True)
class Identity:
    """Name, version and settings of a search; another identity looks at everything anew."""

    name: str
    version: int
    settings: dict[str, Any]

    @property
    def operator_id(self) -> int:
        """63-bit identity, as an operator's fingerprint."""
        return id_of("operator", self.name, self.version, self.settings)

    @property
    def text(self) -> str:
        """Settings as they are written down."""
        return json.dumps(self.settings, ensure_ascii=False, sort_keys=True)


def note_use(connection: duckdb.DuckDBPyConnection, identity: Identity) -> None:
    """Note inside a transaction that this search is in use now."""
    values = [identity.operator_id, identity.name, identity.version, identity.text, now()]
    connection.execute("insert into operator values (?, ?, ?, ?, ?)", values)


def settle(connection: duckdb.DuckDBPyConnection, identity: Identity, keys: "Ids") -> None:
    """Note inside a transaction that these keys (N,) are done; what is noted already is left out."""
    connection.register("done", pa.table({"key": keys}))
    connection.execute(
        "insert into ledger by name select $operator_id as operator_id, key, null::varchar as error,"
        " false as transient, $at::timestamp as settled_at from done"
        " where not exists (select 1 from ledger where operator_id = $operator_id and key = done.key)",
        {"operator_id": identity.operator_id, "at": now()},
    )
    connection.unregister("done")
