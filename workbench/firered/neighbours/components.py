"""Graph of links to clusters: connected components, each cut into balls around a centre."""

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ids = NDArray[np.int64]
    Closeness = NDArray[np.float64]

# The graph routines take a length of zero for no link at all.
CLOSEST = 1 - 1e-9


def clusters(left: "Ids", right: "Ids", closeness: "Closeness", *, reach: float) -> "tuple[Ids, Ids]":
    """Images (N,) of links (P,) and the cluster of each: the smallest image id in it, its own if alone.

    In each component the image with the closest links is the centre; what lies within `reach` of it is a
    cluster, and what is left is treated the same way.
    """
    images, ends = np.unique(np.concatenate([left, right]), return_inverse=True)
    graph = _graph(ends[: len(left)], ends[len(left) :], closeness, len(images))
    cluster = images.copy()
    rest = np.arange(len(images))
    while len(rest):
        reached, component = _balls(graph, -np.log(reach) + 1e-9)
        cluster[rest[reached]] = _smallest(images[rest[reached]], component[reached])
        rest, graph = rest[~reached], graph[~reached][:, ~reached]
    return images, cluster


def _graph(left: "Ids", right: "Ids", closeness: "Closeness", count: int) -> csr_array:
    """Lengths of links, -log of their closeness, from both ends: (count, count)."""
    length = -np.log(np.clip(closeness, 1e-9, CLOSEST))
    both = np.concatenate([left, right]), np.concatenate([right, left])
    return csr_array((np.concatenate([length, length]), both), shape=(count, count))


def _balls(graph: csr_array, radius: float) -> "tuple[NDArray[np.bool_], Ids]":
    """Which nodes (N,) lie within the radius of their component's centre, and the component of each."""
    count, component = connected_components(graph, directed=False)
    closeness = graph.copy()
    closeness.data = np.exp(-closeness.data)
    strength = closeness.sum(axis=1)
    # The strongest node of each component; of equals the first.
    order = np.lexsort((np.arange(len(component)), -strength.round(9), component))
    centres = order[np.searchsorted(component[order], np.arange(count))]
    away = dijkstra(graph, directed=False, indices=centres, min_only=True, limit=radius)
    return np.isfinite(away), component


def _smallest(images: "Ids", component: "Ids") -> "Ids":
    """Smallest image id of the same component, (N,); images come in order."""
    _, first, inverse = np.unique(component, return_index=True, return_inverse=True)
    smallest: Ids = images[first[inverse]]
    return smallest
