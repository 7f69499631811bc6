"""Clusters of near duplicates: components of the links that passed, cut where they chain, kept up to date.

A component joins whatever a chain of links joins, so thirty pictures, each a small change from the last,
would be one. A cluster is therefore what lies close to its centre: the product of the links' closeness
on the best way there is at least `reach`. The rest of the component makes clusters of its own. Closeness
is the correlation times the part that both pictures show, so a view that moves on step by step ends too.
"""

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from firered.catalog import Catalog, now
from firered.neighbours.ledger import Identity, note_use, settle

if TYPE_CHECKING:
    import duckdb
    import numpy as np
    from numpy.typing import NDArray

    Ids = NDArray[np.int64]


@dataclass(frozen=True)
class ClusterRule:
    """Which candidates are links, and how far a cluster reaches."""

    correlation: float | None = 0.9  # of the aligned pictures, at least; None: candidates count unchecked
    ssim: float = 0.6  # of the aligned pictures, at least, where they are checked
    shared: float = 0.6  # part of either that both show, at least, where they are checked
    reach: float = 0.75  # closeness to the cluster's centre, at least, 0..1


def update(catalog: Catalog, rule: ClusterRule) -> tuple[int, bool]:
    """Bring the clusters up to date with links new since the last call; returns lines written and whether any were."""
    from firered.neighbours import components

    with catalog.database.transaction() as connection:
        identity = Identity(
            "clusters", 1, {**dataclasses.asdict(rule), "checked_by": _checked_by(connection)}
        )
        note_use(connection, identity)
        _make_links(connection, identity, rule)
        fresh = connection.execute("select neighbour_id from link where new").fetch_arrow_table()
        if not fresh.num_rows:
            return 0, False
        links = [column.to_numpy() for column in _touched(connection).columns]
        images, cluster = components.clusters(*links, reach=rule.reach)
        written = _append(connection, identity, images, cluster)
        settle(connection, identity, fresh["neighbour_id"].to_numpy())
    return written, written > 0


def _checked_by(connection: "duckdb.DuckDBPyConnection") -> int | None:
    """Operator whose checks count: the one that was used last."""
    text = "select operator_id from last_use semi join neighbour_score using (operator_id) order by used_at desc limit 1"
    found = connection.execute(text).fetchone()
    return found[0] if found else None


def _make_links(connection: "duckdb.DuckDBPyConnection", identity: Identity, rule: ClusterRule) -> None:
    """Make the temporary table of links by this rule, each with its closeness, and whether it is new."""
    checked = (
        "select neighbour_id, image_id, other_id, correlation * shared as closeness from neighbour"
        " join neighbour_score as score using (neighbour_id)"
        " where score.operator_id = $checked_by and correlation >= $correlation and ssim >= $ssim and shared >= $shared"
    )
    unchecked = (
        "select neighbour_id, image_id, other_id,"
        " 1 - (case method when 'vector' then distance else distance / 64 end) as closeness from neighbour"
    )
    connection.execute(
        "create temporary table link as"
        f" select chosen.*, settled.key is null as new from ({unchecked if rule.correlation is None else checked}) as chosen"
        " left join (select distinct key from ledger where operator_id = $operator_id) as settled"
        " on settled.key = chosen.neighbour_id",
        {"operator_id": identity.operator_id} | ({} if rule.correlation is None else _limits(identity)),
    )


def _limits(identity: Identity) -> dict[str, Any]:
    return {name: identity.settings[name] for name in ("checked_by", "correlation", "ssim", "shared")}


def _touched(connection: "duckdb.DuckDBPyConnection") -> pa.Table:
    """Links of the components that new links touch."""
    return connection.execute(
        "with recursive end_of as ("
        " select image_id, other_id from link union all select other_id, image_id from link"
        "), touched as ("
        " select image_id from link where new union select other_id from link where new"
        " union select end_of.other_id from touched join end_of using (image_id)"
        ") select image_id, other_id, closeness from link semi join touched using (image_id)"
    ).fetch_arrow_table()


def _append(
    connection: "duckdb.DuckDBPyConnection", identity: Identity, images: "Ids", cluster: "Ids"
) -> int:
    """Append a line for each image whose cluster is another than before; returns how many."""
    connection.register("found", pa.table({"image_id": images, "cluster_id": cluster}))
    (count,) = connection.execute(
        "insert into cluster_member by name"
        " select found.*, $rule as rule, $at::timestamp as assigned_at from found"
        " left join (select image_id, arg_max(cluster_id, assigned_at) as cluster_id from cluster_member"
        "  where rule = $rule group by image_id) as old using (image_id)"
        " where found.cluster_id <> coalesce(old.cluster_id, found.image_id)"
        " or old.cluster_id is null and found.image_id in"
        "  (select cluster_id from found group by cluster_id having count(*) > 1)",
        {"rule": identity.text, "at": now()},
    ).fetchone() or (0,)
    connection.unregister("found")
    return int(count)
