"""Candidates by hash and by vector, and clusters: complete, incremental, and never twice."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firered import operator
from firered import vectors as store
from firered.catalog import Catalog
from firered.neighbours import candidates, clusters, components, groups, hashes, vectors
from firered.neighbours.ledger import Identity
from firered.operator import Operator
from firered.rows import Image, ImageHash, Neighbour, NeighbourScore, Row, Vector

PLAIN = 0x5555_5555_5555_5555  # half of its bits are set
UNCHECKED = clusters.ClusterRule(correlation=None)


def signed(value: int) -> int:
    """64 bits as the catalog holds them."""
    return int(np.uint64(value).astype(np.int64))


def photographs(image_ids: Iterable[int]) -> list[Image]:
    """Rows of photographs with nothing in them."""
    return [Image(each, f"{each:064x}", 8, 8, 8, "JPEG", "RGB", 1, "photo", "none") for each in image_ids]


def add(catalog: Catalog, hashed: dict[int, int], **views: int) -> None:
    """Add photographs with these hashes, and views that are far from everything where none are given."""
    maker = operator.load("image_hash")
    catalog.register([maker])
    far = {"mirrored": 0, "cropped": 0, "cropped_more": 0} | views
    views_of = {name: signed(view) for name, view in far.items()}
    rows = [ImageHash(image_id, signed(value), **views_of) for image_id, value in hashed.items()]
    catalog.append([*photographs(hashed), *rows], maker.fingerprint())


def pairs(catalog: Catalog) -> set[tuple[int, int]]:
    """Candidates, as pairs of image ids."""
    return {(row.image_id, row.other_id) for row in catalog.rows(Neighbour)}


def members(catalog: Catalog) -> dict[int, int]:
    """Cluster of each image that is in one."""
    found = catalog.sql("select image_id, cluster_id from current_cluster").to_pylist()
    return {line["image_id"]: line["cluster_id"] for line in found}


def lines(catalog: Catalog) -> int:
    """How many lines say who is in which cluster."""
    return catalog.status()["cluster_member"]


# --- by hash -----------------------------------------------------------------------------------------


def test_near_hashes_are_candidates_and_far_ones_are_not(catalog: Catalog) -> None:
    add(catalog, {1: PLAIN, 2: PLAIN ^ 0b111, 3: PLAIN ^ 0xFFFF_0000})
    assert hashes.search(catalog, hashes.HashSearch(bits=8)) == (1, True)
    (row,) = catalog.rows(Neighbour)
    assert (row.image_id, row.other_id, row.method, row.distance) == (1, 2, "phash", 3.0)


@pytest.mark.parametrize("view", ["mirrored", "cropped", "cropped_more"])
@pytest.mark.parametrize("later", [1, 2])
def test_a_view_of_either_may_match_the_other_as_it_is(catalog: Catalog, view: str, later: int) -> None:
    changed = PLAIN ^ 0x3333_0000_3333_0000
    first = (lambda: add(catalog, {1: PLAIN}, **{view: changed ^ 1}), lambda: add(catalog, {2: changed}))
    for step in first if later == 2 else first[::-1]:
        step()
        hashes.search(catalog, hashes.HashSearch())
    (row,) = catalog.rows(Neighbour)
    assert (row.image_id, row.other_id, row.method, row.distance) == (1, 2, view, 1.0)


def test_flat_pictures_are_no_candidates(catalog: Catalog) -> None:
    add(catalog, {1: 0, 2: 0, 3: 2**64 - 1, 4: 0b1})
    assert hashes.search(catalog, hashes.HashSearch()) == (0, False)


def test_what_was_searched_is_not_searched_again(catalog: Catalog) -> None:
    add(catalog, {1: PLAIN, 2: PLAIN ^ 1})
    assert hashes.search(catalog, hashes.HashSearch()) == (1, True)
    assert hashes.search(catalog, hashes.HashSearch()) == (0, False)
    add(catalog, {3: PLAIN ^ 2})
    assert hashes.search(catalog, hashes.HashSearch()) == (2, True)
    assert not any(table.num_rows for table in catalog_audits(catalog).values())


def catalog_audits(catalog: Catalog) -> dict[str, object]:
    """Audits, but for those of blobs: these photographs have none."""
    return {name: found for name, found in catalog.audit().items() if name != "image_without_blob"}


@pytest.mark.parametrize("seed", range(3))
def test_in_two_parts_is_found_what_is_found_in_one(tmp_path: Path, seed: int) -> None:
    random = np.random.default_rng(seed)
    ends = random.choice(2**10, 30, replace=False)
    found = {image_id: PLAIN ^ int(end) for image_id, end in enumerate(ends)}
    once, twice = Catalog.init(tmp_path / "once"), Catalog.init(tmp_path / "twice")
    search = hashes.HashSearch(bits=2 + seed)
    add(once, found)
    hashes.search(once, search)
    first = set(random.choice(30, 20, replace=False).tolist())
    for part in (first, set(found) - first):
        add(twice, {image_id: found[image_id] for image_id in part})
        hashes.search(twice, search)
    assert pairs(once) == pairs(twice)


def test_a_thousand_equal_hashes_are_linked_and_not_paired(catalog: Catalog) -> None:
    images, new = np.arange(1000), np.ones(1000, bool)
    grouped = groups.grouped(np.full(1000, PLAIN, np.uint64), images, new)
    found = groups.equal(grouped, method=0)
    assert len(found.left) < 2000
    _, cluster = components.clusters(found.left, found.right, 1 - found.distance / 64, reach=0.8)
    assert set(cluster) == {0}


@pytest.mark.parametrize("first", ["smallest", "largest"])
def test_a_new_member_of_a_large_group_joins_it(first: str) -> None:
    images, new = np.arange(50), np.zeros(50, bool)
    new[0 if first == "smallest" else 49] = True
    found = groups.equal(groups.grouped(np.full(50, PLAIN, np.uint64), images, new), method=0)
    assert len(found.left) in (2, 49)
    assert (new[found.left] | new[found.right]).all()


def test_each_image_keeps_its_nearest_neighbours_only() -> None:
    distance = np.arange(1.0, 7)
    star = candidates.Candidates(np.zeros(6, np.int64), np.arange(1, 7), np.zeros(6, np.int8), distance)
    ring = candidates.Candidates(np.arange(1, 6), np.arange(2, 7), np.zeros(5, np.int8), np.zeros(5))
    kept = candidates.gathered([star, ring], most=2)
    assert (0, 1) in set(zip(kept.left.tolist(), kept.right.tolist(), strict=True))
    assert (0, 5) not in set(zip(kept.left.tolist(), kept.right.tolist(), strict=True))


def test_a_pair_found_twice_counts_by_its_nearest_method() -> None:
    one, two = np.array([1]), np.array([2])
    far = candidates.Candidates(one, two, np.array([0], np.int8), np.array([5.0]))
    near = candidates.Candidates(two, one, np.array([1], np.int8), np.array([2.0]))
    found = candidates.gathered([far, near], most=9)
    assert [column.tolist() for column in found] == [[1], [2], [1], [2.0]]


@given(st.lists(st.tuples(st.integers(0, 2**63 - 1), st.integers(0, 2**63 - 1)), unique=True, min_size=2))
def test_different_pairs_have_different_ids(found: list[tuple[int, int]]) -> None:
    left, right = (np.array(column, np.int64) for column in zip(*found, strict=True))
    ids = candidates.pair_ids(left, right)
    assert len(set(ids.tolist())) == len(found)
    assert (ids >= 0).all()


def test_a_write_that_fails_leaves_nothing_behind(catalog: Catalog) -> None:
    found = candidates.Candidates(np.array([1]), np.array([2]), np.zeros(1, np.int8), np.array([3.0]))
    with pytest.raises(Exception, match=r"not a number|convert|Conversion"):
        candidates.write(catalog, Identity("broken", 1, {}), ["phash"], found, np.array(["not a number"]))
    assert (catalog.status()["neighbour"], catalog.status()["ledger"]) == (0, 0)


# --- by vector ---------------------------------------------------------------------------------------

SPACE = "image/toy"


def embed(catalog: Catalog, found: dict[int, np.ndarray]) -> None:
    """Add photographs with these vectors."""
    for image_id in found:
        catalog.append([Image(image_id, "", 8, 8, 8, "JPEG", "RGB", 1, "photo", "none")])
    rows = [
        Vector(image_id, SPACE, (each / np.linalg.norm(each)).tolist()) for image_id, each in found.items()
    ]
    store.add(catalog.vectors, rows)


def cloud(count: int, width: int = 16) -> np.ndarray:
    """Random vectors (count, width), each odd one close to the even one before it."""
    random = np.random.default_rng(0)
    found = random.normal(size=(count, width))
    found[1::2] = found[::2] + 0.05 * random.normal(size=(count // 2, width))
    return found


def test_near_vectors_are_candidates_and_only_new_ones_are_searched(catalog: Catalog) -> None:
    found = cloud(40)
    search = vectors.VectorSearch(space=SPACE, cosine=0.95)
    embed(catalog, dict(enumerate(found[:30])))
    assert vectors.search(catalog, search) == (15, True)
    assert vectors.search(catalog, search) == (0, False)
    embed(catalog, {30 + place: each for place, each in enumerate(found[30:])})
    assert vectors.search(catalog, search) == (5, True)
    assert pairs(catalog) == {(place, place + 1) for place in range(0, 40, 2)}
    assert {row.method for row in catalog.rows(Neighbour)} == {"vector"}


def test_vectors_of_edited_pictures_are_no_candidates(catalog: Catalog) -> None:
    embed(catalog, {1: np.ones(4)})
    catalog.append([Image(2, "", 8, 8, 8, "JPEG", "RGB", 1, "template", "none")])
    store.add(catalog.vectors, [Vector(2, SPACE, [0.5] * 4)])
    assert vectors.search(catalog, vectors.VectorSearch(space=SPACE)) == (0, False)


def test_an_empty_space_has_no_candidates(catalog: Catalog) -> None:
    assert vectors.search(catalog, vectors.VectorSearch(space=SPACE)) == (0, False)


@pytest.mark.slow
def test_the_index_finds_what_exact_products_find(catalog: Catalog) -> None:
    embed(catalog, dict(enumerate(cloud(400, 32))))
    assert (
        vectors.search(catalog, vectors.VectorSearch(space=SPACE, cosine=0.95, exact=0, probes=0.3))[0] >= 196
    )


# --- clusters ----------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Checked(Operator):
    """Stands for the operator that checks neighbours."""

    marker: int = 0


def link(catalog: Catalog, found: Sequence[tuple[int, int, float]], marker: int = 0) -> None:
    """Add photographs and links between them, each with its correlation."""
    ids = candidates.pair_ids(*np.array([link[:2] for link in found]).T)
    check = Checked(marker=marker)
    catalog.register([check])
    rows: list[Row] = list(photographs({end for left, right, _ in found for end in (left, right)}))
    for neighbour_id, (left, right, correlation) in zip(ids.tolist(), found, strict=True):
        rows += [
            Neighbour(neighbour_id, left, right, "phash", 4.0),
            NeighbourScore(neighbour_id, correlation, 0.9, 1.0),
        ]
    catalog.append(rows, check.fingerprint())


def test_links_that_pass_make_clusters_named_after_their_smallest_image(catalog: Catalog) -> None:
    link(catalog, [(5, 7, 0.99), (7, 9, 0.99), (1, 2, 0.95), (2, 3, 0.5)])
    assert clusters.update(catalog, clusters.ClusterRule()) == (5, True)
    assert members(catalog) == {5: 5, 7: 5, 9: 5, 1: 1, 2: 1}


def test_only_changed_lines_are_added(catalog: Catalog) -> None:
    rule = clusters.ClusterRule()
    link(catalog, [(1, 2, 0.99), (5, 6, 0.99)])
    clusters.update(catalog, rule)
    assert clusters.update(catalog, rule) == (0, False)
    link(catalog, [(6, 7, 0.99)])
    assert clusters.update(catalog, rule) == (1, True)
    assert members(catalog) == {1: 1, 2: 1, 5: 5, 6: 5, 7: 5}


def test_a_link_between_two_clusters_merges_them(catalog: Catalog) -> None:
    rule = clusters.ClusterRule()
    link(catalog, [(1, 2, 0.99), (5, 6, 0.99)])
    clusters.update(catalog, rule)
    link(catalog, [(2, 5, 0.99)])
    assert clusters.update(catalog, rule) == (2, True)
    assert set(members(catalog).values()) == {1}


def test_another_rule_clusters_anew_and_the_first_one_is_still_known(catalog: Catalog) -> None:
    strict, loose = clusters.ClusterRule(correlation=0.95), clusters.ClusterRule(correlation=0.9)
    link(catalog, [(1, 2, 0.99), (2, 3, 0.92)])
    clusters.update(catalog, strict)
    assert members(catalog) == {1: 1, 2: 1}
    clusters.update(catalog, loose)
    assert members(catalog) == {1: 1, 2: 1, 3: 1}
    assert clusters.update(catalog, strict) == (0, False)
    assert members(catalog) == {1: 1, 2: 1}


def test_checks_by_another_operator_cluster_anew(catalog: Catalog) -> None:
    link(catalog, [(1, 2, 0.99)])
    clusters.update(catalog, clusters.ClusterRule())
    link(catalog, [(1, 2, 0.5)], marker=1)
    clusters.update(catalog, clusters.ClusterRule())
    assert members(catalog) == {}


def test_a_chain_of_thirty_small_changes_is_no_single_cluster(catalog: Catalog) -> None:
    link(catalog, [(place, place + 1, 0.95) for place in range(30)])
    clusters.update(catalog, clusters.ClusterRule(reach=0.8))
    found = members(catalog)
    sizes = np.bincount(list(found.values()))
    # Four steps on either side of the centre: 0.95 ** 4 is 0.81, 0.95 ** 5 is 0.77.
    assert sizes.max() <= 9
    assert len(found) >= 28


def test_a_picture_that_a_new_centre_leaves_behind_stands_alone(catalog: Catalog) -> None:
    rule = clusters.ClusterRule(reach=0.9)
    link(catalog, [(1, 2, 0.95)])
    clusters.update(catalog, rule)
    link(catalog, [(2, 3, 0.99), (3, 4, 0.99), (3, 5, 0.99), (3, 6, 0.99), (4, 5, 0.99)])
    clusters.update(catalog, clusters.ClusterRule(reach=0.95))
    assert 1 not in members(catalog)


@pytest.mark.parametrize("seed", range(3))
def test_clusters_in_three_parts_are_those_in_one(tmp_path: Path, seed: int) -> None:
    random = np.random.default_rng(seed)
    drawn = {tuple(sorted(random.choice(40, 2, replace=False).tolist())) for _ in range(45)}
    found = [(left, right, float(random.choice([0.99, 0.95, 0.91]))) for left, right in sorted(drawn)]
    once, thrice = Catalog.init(tmp_path / "once"), Catalog.init(tmp_path / "thrice")
    link(once, found)
    clusters.update(once, clusters.ClusterRule())
    for part in (found[::3], found[1::3], found[2::3]):
        link(thrice, part)
        clusters.update(thrice, clusters.ClusterRule())
    assert members(once) == members(thrice)


@given(
    st.lists(
        st.tuples(st.integers(0, 30), st.integers(0, 30), st.floats(0.5, 1)).filter(
            lambda link: link[0] < link[1]
        ),
        min_size=1,
        max_size=40,
        unique_by=lambda link: link[:2],
    )
)
def test_every_image_of_a_link_gets_one_cluster_that_it_is_connected_with(
    found: list[tuple[int, int, float]],
) -> None:
    left, right, closeness = (np.array(column) for column in zip(*found, strict=True))
    images, cluster = components.clusters(left, right, closeness, reach=0.8)
    assert set(images) == set(left) | set(right)
    for each in set(cluster):
        inside = set(images[cluster == each])
        assert each == min(inside)
        reached, border = {each}, [each]
        while border:
            end = border.pop()
            near = {b for a, b, _ in found if a == end} | {a for a, b, _ in found if b == end}
            fresh = (near & inside) - reached
            reached |= fresh
            border += fresh
        assert reached == inside
