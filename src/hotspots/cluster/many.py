"""
Drawing many maps at once, by the very rules of ``draw``: what the simulations of a test need.

A simulated map is drawn as the real one is: points by density, joined by DBSCAN, cut at the caps,
kept by value. Thousands of such maps take too long one by one, so a batch of them is laid side by
side as one larger map without links between its parts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from hotspots.cluster.dbscan import NOISE, renumber, weighted_dbscan
from hotspots.cluster.width import DIRECTIONS, widths

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hotspots.cluster.draw import DrawRules

_FIRST_GUESS = 0.85
"""Share of one map's level at which candidates of the whole batch are looked for first."""

_MOST_BITS = (1 << 31) - 1
_PLACE_BITS = 24
MOST_MAPS = 256
"""Maps of a batch: 8 bits, which with a density (31) and a place (24) fill a whole number."""


@dataclass(frozen=True)
class ManyDrawn:
    """
    Hotspots of a batch of maps, one row for each point of each hotspot.

    Attributes
    ----------
    column : array of int64, shape (n_rows,)
        Which map of the batch.
    point : array of int64, shape (n_rows,)
    group : array of int64, shape (n_rows,)
        Numbered from 0 across the whole batch.
    """

    column: NDArray[np.int64]
    point: NDArray[np.int64]
    group: NDArray[np.int64]


@dataclass(frozen=True)
class _Nodes:
    """The points of a batch that may form hotspots, by map and then by point, and their links."""

    column: NDArray[np.int64]
    point: NDArray[np.int64]
    links: sparse.csr_matrix


def draw_excess_mass_many(
    score: NDArray[np.float32],
    count: NDArray[np.float32],
    area_m2: NDArray[np.float64],
    reach: NDArray[np.float64],
    near: sparse.csr_matrix,
    rules: DrawRules,
) -> ManyDrawn:
    """
    Draw each map of a batch as ``draw_excess_mass`` draws one.

    Parameters
    ----------
    score, count : array of float32, shape (n_points, n_maps)
    area_m2, reach, near, rules
        As for ``draw_excess_mass``.

    Returns
    -------
    ManyDrawn
        The groups of ``draw_excess_mass``; only their numbers, which follow no value here, and
        the choice between joins of exactly the same width may differ.
    """
    point, column, level = _choose(score, area_m2, rules)
    nodes = _linked(point, column, near, n_points=len(area_m2), n_maps=score.shape[1])
    weight = count[nodes.point, nodes.column].astype(np.float64)
    # The limit of one incident is that of draw_excess_mass.
    labels = weighted_dbscan(nodes.links, weight, min_weight=1)
    parts = split_wide_many(labels, nodes.links, reach, area_m2, rules, point=nodes.point)
    excess = score[nodes.point, nodes.column] - level[nodes.column] * area_m2[nodes.point]
    inside = parts != NOISE
    parts[inside] = _kept(
        parts[inside], nodes.column[inside], weight[inside], excess[inside],
        area_m2[nodes.point[inside]], rules,
    )  # fmt: skip
    return _drawn(nodes, parts)


def draw_textbook_many(
    count: NDArray[np.float32],
    area_m2: NDArray[np.float64],
    reach: NDArray[np.float64],
    near: sparse.csr_matrix,
    rules: DrawRules,
    *,
    min_incidents: int,
    seen: NDArray[np.bool_],
) -> ManyDrawn:
    """
    Draw each map of a batch as ``draw_textbook`` draws one.

    Parameters
    ----------
    count : array of float32, shape (n_points, n_maps)
    area_m2, reach, near, rules, min_incidents, seen
        As for ``draw_textbook``.

    Returns
    -------
    ManyDrawn
        All clusters, however many ``rules.most`` would keep of them.
    """
    pattern = sparse.csr_matrix(
        (np.ones(near.nnz, dtype=np.float32), near.indices, near.indptr), near.shape
    )
    is_core = pattern @ count + count >= min_incidents
    # A point that is no core point and near none is noise, and no core point counts on it.
    is_near = is_core | (pattern @ is_core.astype(np.float32) > 0)
    point, column = np.nonzero(is_near & seen[:, None])
    nodes = _linked(point, column, near, n_points=len(area_m2), n_maps=count.shape[1])
    weight = count[nodes.point, nodes.column].astype(np.float64)
    labels = weighted_dbscan(nodes.links, weight, min_weight=min_incidents)
    parts = split_wide_many(labels, nodes.links, reach, area_m2, rules, point=nodes.point)
    return _drawn(nodes, parts)


def _drawn(nodes: _Nodes, parts: NDArray[np.int64]) -> ManyDrawn:
    inside = parts != NOISE
    return ManyDrawn(nodes.column[inside], nodes.point[inside], renumber(parts[inside]))


def _choose(
    score: NDArray[np.float32], area_m2: NDArray[np.float64], rules: DrawRules
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Take the points of each map as ``choose_points`` does; give points, maps and levels."""
    n_maps = score.shape[1]
    if n_maps > MOST_MAPS:
        msg = f"{n_maps} maps in one batch; draw at most {MOST_MAPS} at once"
        raise ValueError(msg)
    per_m2 = np.divide(1.0, area_m2, out=np.zeros_like(area_m2), where=area_m2 > 0)
    density = score * per_m2.astype(np.float32)[:, None]
    limit = rules.reach * rules.budget_m2
    # Sorting all points of all maps would take longest of all: only those above a level that
    # surely takes in too many are sorted. The first map says where that may be.
    order = np.argsort(-density[:, 0], kind="stable")
    last = min(int(np.searchsorted(np.cumsum(area_m2[order]), limit)), len(order) - 1)
    floor = _FIRST_GUESS * float(density[order[last], 0])
    least = floor / 4
    while True:
        cell = np.flatnonzero(density > floor)
        point, column = np.divmod(cell, n_maps)
        if floor <= 0 or bool((np.bincount(column, area_m2[point], n_maps) > limit).all()):
            break
        floor = floor / 2 if floor > least else 0.0
    found = density.ravel()[cell]
    order = _by_map_and_density(column, found)
    point, column, found = point[order], column[order], found[order]
    filled = np.concatenate([[0.0], np.cumsum(area_m2[point])])
    start = np.searchsorted(column, np.arange(n_maps + 1))
    is_taken = filled[1:] - filled[start[column]] <= limit
    taken = np.add.reduceat(np.append(is_taken, 0), start[:-1], dtype=np.int64)
    taken[start[:-1] == start[1:]] = 0
    level = np.zeros(n_maps)
    some = taken > 0
    level[some] = found[start[:-1][some] + taken[some] - 1]
    return point[is_taken], column[is_taken], level


def _by_map_and_density(
    column: NDArray[np.int64], density: NDArray[np.float32]
) -> NDArray[np.int64]:
    """Order by map, then by falling density, then by place in the arrays."""
    # Sorting plain whole numbers takes a tenth of the time of a sort by three keys. The bits of
    # floats above zero rise with their value, so map, density and place fit into one number.
    rising = density.view(np.uint32).astype(np.int64)
    key = (column << 31 | (_MOST_BITS - rising)) << _PLACE_BITS | np.arange(len(column))
    return np.asarray(np.sort(key) & ((1 << _PLACE_BITS) - 1))


def _by_label(labels: NDArray[np.int64], which: NDArray[np.int64]) -> NDArray[np.int64]:
    """Order some nodes by label, then by place."""
    key = np.sort(labels[which] << 32 | which)
    return np.asarray(key & ((1 << 32) - 1))


def _linked(
    point: NDArray[np.int64],
    column: NDArray[np.int64],
    near: sparse.csr_matrix,
    *,
    n_points: int,
    n_maps: int,
) -> _Nodes:
    """Put chosen points in order and link those that are neighbours on the same map."""
    key = np.sort(column * n_points + point)
    column, point = np.divmod(key, n_points)
    n = len(key)
    place = np.full(n_maps * n_points, -1, dtype=np.int32)
    place[key] = np.arange(n, dtype=np.int32)
    first = near.indptr[point]
    many = near.indptr[point + 1] - first
    row = np.repeat(np.arange(n), many)
    entry = np.arange(len(row)) + np.repeat(first - np.cumsum(many) + many, many)
    other = place[column[row] * n_points + near.indices[entry]]
    both = np.flatnonzero(other >= 0)
    indptr = np.concatenate([[0], np.bincount(row[both], minlength=n).cumsum()])
    cells = (near.data[entry[both]], other[both], indptr.astype(np.int32))
    return _Nodes(column, point, sparse.csr_matrix(cells, shape=(n, n)))


def _kept(
    parts: NDArray[np.int64],
    column: NDArray[np.int64],
    weight: NDArray[np.float64],
    excess: NDArray[np.float64],
    area_m2: NDArray[np.float64],
    rules: DrawRules,
) -> NDArray[np.int64]:
    """Turn into noise what ``_drop_small`` and ``keep_by_value`` leave out of each map."""
    n_parts = int(parts.max(initial=NOISE)) + 1
    owner = np.zeros(n_parts, dtype=np.int64)
    owner[parts] = column
    is_lone = np.bincount(parts, minlength=n_parts) == 1
    value = np.bincount(parts, excess, n_parts) * np.where(is_lone, rules.lone_value, 1.0)
    area = np.bincount(parts, area_m2, n_parts)
    large = np.flatnonzero(np.bincount(parts, weight, n_parts) >= rules.least_incidents)
    order = large[np.lexsort((-value[large], owner[large]))]
    is_kept = np.zeros(n_parts, dtype=bool)
    on, left_m2, n_left = -1, 0.0, 0
    most = len(order) if rules.most is None else rules.most
    kept = []
    # A knapsack filled in order of value; plain numbers are quicker than arrays of length one.
    for part, where, ground in zip(
        order.tolist(), owner[order].tolist(), area[order].tolist(), strict=True
    ):
        if where != on:
            on, left_m2, n_left = where, rules.budget_m2, most
        if ground <= left_m2 and n_left:
            left_m2 -= ground
            n_left -= 1
            kept.append(part)
    is_kept[kept] = True
    return np.where(is_kept[parts], parts, NOISE)


def split_wide_many(
    labels: NDArray[np.int64],
    links: sparse.csr_matrix,
    reach: NDArray[np.float64],
    area_m2: NDArray[np.float64],
    rules: DrawRules,
    *,
    point: NDArray[np.int64],
) -> NDArray[np.int64]:
    """
    Cut each cluster that breaks a cap as ``split_wide`` does, all of them at once.

    Joining the narrowest pair first comes to the same as joining, round by round, every two parts
    that are each other's narrowest partner: a union is never narrower than its parts, so no join
    elsewhere can give either of them a better one.

    Parameters
    ----------
    labels : array of int64, shape (n_nodes,)
        Numbered from 0; noise stays noise.
    links : csr_matrix, shape (n_nodes, n_nodes)
    reach : array of float64, shape (n_points, DIRECTIONS)
    area_m2 : array of float64, shape (n_points,)
    rules : DrawRules
    point : array of int64, shape (n_nodes,)
        The point that each node stands for.

    Returns
    -------
    array of int64, shape (n_nodes,)
        Numbered from 0 in order of first appearance; noise stays noise.
    """
    wide = _too_large_many(labels, reach, area_m2, rules, point=point)
    part = np.arange(len(labels))
    if len(wide):
        is_wide = np.zeros(len(labels), dtype=bool)
        is_wide[wide] = True
        part[wide] = wide[_join_rounds(is_wide, wide, labels, links, reach, area_m2, rules, point)]
    # Whole clusters go under the number of their first node; cut ones have those of their parts.
    inside = np.flatnonzero(labels != NOISE)
    whole = inside if not len(wide) else inside[~is_wide[inside]]
    first = np.zeros(int(labels.max(initial=NOISE)) + 1, dtype=np.int64)
    first[labels[whole[::-1]]] = whole[::-1]
    part[whole] = first[labels[whole]]
    result = np.full(len(labels), NOISE, dtype=np.int64)
    result[inside] = renumber(part[inside])
    return result


def _too_large_many(
    labels: NDArray[np.int64],
    reach: NDArray[np.float64],
    area_m2: NDArray[np.float64],
    rules: DrawRules,
    *,
    point: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Return the nodes of all clusters that break a cap, in order of node."""
    inside = np.flatnonzero(labels != NOISE)
    order = _by_label(labels, inside)
    if not len(order):
        return order
    starts = np.flatnonzero(np.diff(labels[order], prepend=NOISE))
    size = np.diff(starts, append=len(order))
    is_over = np.add.reduceat(area_m2[point[order]], starts) > rules.max_area_m2
    # Boxes along the axes are quick to find, and what fits in them is no wider than they are.
    quarter = DIRECTIONS // 4
    box = np.maximum.reduceat(reach[point[order]][:, ::quarter], starts, axis=0)
    diagonal = np.hypot(box[:, 0] + box[:, 2], box[:, 1] + box[:, 3])
    doubtful = np.flatnonzero(~is_over & (diagonal > rules.max_width_m / 1.01))
    rows = np.repeat(starts[doubtful], size[doubtful]) + _ramp(size[doubtful])
    if len(rows):
        begin = np.cumsum(size[doubtful]) - size[doubtful]
        width = widths(np.maximum.reduceat(reach[point[order[rows]]], begin, axis=0))
        is_over[doubtful] = width > rules.max_width_m
    return np.sort(order[np.repeat(is_over, size)])


def _ramp(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count from 0 anew for each size: 3, 2 gives 0, 1, 2, 0, 1."""
    return np.asarray(np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes))


def _join_rounds(
    is_wide: NDArray[np.bool_],
    wide: NDArray[np.int64],
    labels: NDArray[np.int64],
    links: sparse.csr_matrix,
    reach: NDArray[np.float64],
    area_m2: NDArray[np.float64],
    rules: DrawRules,
    point: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Join the nodes of clusters that are too wide; give each the index of its part's first."""
    row = np.repeat(np.arange(len(labels)), np.diff(links.indptr))
    column = links.indices
    pair = (row < column) & is_wide[row]
    pair &= labels[row] == labels[column]
    index = np.cumsum(is_wide) - 1
    a, b = index[row[pair]], index[column[pair]]
    far, ground = reach[point[wide]], area_m2[point[wide]]
    into = np.arange(len(wide))
    cost = widths(np.maximum(far[a], far[b]))
    while True:
        fits = (cost <= rules.max_width_m) & (ground[a] + ground[b] <= rules.max_area_m2)
        a, b, cost = a[fits], b[fits], cost[fits]
        if not len(a):
            return _roots(into)
        joined = _mutual(a, b, cost, len(wide))
        keep, drop = a[joined], b[joined]
        into[drop] = keep
        far[keep] = np.maximum(far[keep], far[drop])
        ground[keep] += ground[drop]
        is_new = np.zeros(len(wide), dtype=bool)
        is_new[keep] = True
        a, b, cost = _relinked(into[a], into[b], cost)
        touched = np.flatnonzero(is_new[a] | is_new[b])
        cost[touched] = widths(np.maximum(far[a[touched]], far[b[touched]]))


def _roots(into: NDArray[np.int64]) -> NDArray[np.int64]:
    """Follow each part to the one that it was joined to last."""
    while True:
        further = into[into]
        if np.array_equal(further, into):
            return into
        into = further


def _mutual(
    a: NDArray[np.int64], b: NDArray[np.int64], cost: NDArray[np.float64], n: int
) -> NDArray[np.int64]:
    """Return the pairs in which each is the other's cheapest; ties to the lowest indices."""
    order = np.lexsort((b, a, cost))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    best = np.full(n, len(order))
    # Written in reverse order of rank, so the lowest rank of each part is what stays.
    best[a[order[::-1]]] = rank[order[::-1]]
    best_b = np.full(n, len(order))
    best_b[b[order[::-1]]] = rank[order[::-1]]
    best = np.minimum(best, best_b)
    return np.flatnonzero((best[a] == rank) & (best[b] == rank))


def _relinked(
    a: NDArray[np.int64], b: NDArray[np.int64], cost: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Drop pairs that became one part; put each pair in order of index."""
    apart = a != b
    low, high = np.minimum(a[apart], b[apart]), np.maximum(a[apart], b[apart])
    return low, high, cost[apart]
