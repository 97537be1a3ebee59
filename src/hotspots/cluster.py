"""
Drawing hotspots: weighted DBSCAN on map points, and the excess-mass rule around it.

DBSCAN draws hotspots well and chooses them badly, so points are chosen by their score first,
joined by DBSCAN, cut where a group chains too far, and kept by value until an area budget is
filled (METHODS §4).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy import sparse
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    from numpy.typing import NDArray

NOISE = -1

DIRECTIONS = 32
"""Directions in which the reach of a shape is kept; even, so that each has its opposite."""

_ANGLES = 2 * np.pi * np.arange(DIRECTIONS) / DIRECTIONS
_UNIT = np.column_stack([np.cos(_ANGLES), np.sin(_ANGLES)])
# The true width lies between two kept directions at worst; this makes the estimate an upper bound.
_WIDTH_MARGIN = 1 / np.cos(np.pi / DIRECTIONS)


@dataclass(frozen=True)
class DrawRules:
    """
    How hotspots are drawn.

    Attributes
    ----------
    budget_m2 : float
        Area that all hotspots of a set may fill together, in square metres.
    eps_m : float
        Neighbourhood radius of DBSCAN, in metres, inclusive.
    max_width_m : float
        Greatest distance between two corners of a hotspot, in metres, inclusive.
    max_area_m2 : float
        Greatest area of a hotspot, in square metres, inclusive.
    reach : float
        Points are taken until their catchments fill this many budgets.
    least_incidents : int
        A group with fewer incidents in the window is no hotspot: its count would have to be
        masked, and nothing can be said to recur there.
    """

    budget_m2: float
    eps_m: float = 100.0
    max_width_m: float = 400.0
    max_area_m2: float = 250_000.0
    reach: float = 2.0
    least_incidents: int = 3


def within(distances: sparse.csr_matrix, *, eps_m: float) -> sparse.csr_matrix:
    """
    Keep the neighbours within a radius.

    Parameters
    ----------
    distances : csr_matrix, shape (n_points, n_points)
        Distances in metres, without the points themselves.
    eps_m : float
        Inclusive.

    Returns
    -------
    csr_matrix of float64
        The distances of at most ``eps_m``, zeros between coincident points kept.
    """
    near = distances.data <= eps_m
    indptr = np.concatenate([[0], np.cumsum(near)])[distances.indptr]
    cells = (distances.data[near], distances.indices[near], indptr)
    return sparse.csr_matrix(cells, shape=distances.shape)


def weighted_dbscan(
    near: sparse.csr_matrix, weight: NDArray[np.float64], *, min_weight: float
) -> NDArray[np.int64]:
    """
    Label each map point with the density cluster it belongs to.

    The clusters are those of scikit-learn's DBSCAN with ``sample_weight``. Where that hands a
    border point to whichever cluster reaches it first, this gives it to its nearest core point
    (ties: the lowest index), so that labels do not depend on the order of rows.

    Parameters
    ----------
    near : csr_matrix, shape (n_points, n_points)
        Distances to the neighbours within the radius (``within``), without the points themselves.
    weight : array of float64, shape (n_points,)
        Incidents at each point.
    min_weight : float
        Incidents within the radius of a point, its own included, that make it a core point.

    Returns
    -------
    array of int64, shape (n_points,)
        Clusters numbered from 0 in the order of their lowest point; -1 is noise.

    References
    ----------
    Ester, Kriegel, Sander and Xu (1996), KDD-96, 226-231.
    """
    n = len(weight)
    labels = np.full(n, NOISE, dtype=np.int64)
    # A sum over stored entries, not over values: coincident points are neighbours at distance 0.
    pattern = sparse.csr_matrix((np.ones_like(near.data), near.indices, near.indptr), near.shape)
    is_core = pattern @ weight + weight >= min_weight
    core = np.flatnonzero(is_core)
    if not len(core):
        return labels
    _, found = connected_components(pattern[core][:, core], directed=False)
    labels[core] = _renumber(found)
    border, nearest = _nearest_core(near, is_core)
    labels[border] = labels[nearest]
    return labels


def _renumber(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Renumber labels from 0 in the order of their first appearance."""
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return np.asarray(rank[inverse])


def _nearest_core(
    near: sparse.csr_matrix, is_core: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the border points and the core point nearest to each, ties to the lowest index."""
    entries = near.tocoo()
    link = ~is_core[entries.row] & is_core[entries.col]
    row, column = entries.row[link], entries.col[link]
    order = np.lexsort((column, entries.data[link], row))
    border, first = np.unique(row[order], return_index=True)
    return border.astype(np.int64), column[order][first].astype(np.int64)


def reaches(shapes: NDArray[np.object_]) -> NDArray[np.float64]:
    """
    How far each shape reaches in each of ``DIRECTIONS`` directions.

    Parameters
    ----------
    shapes : array of Polygon, shape (n,)

    Returns
    -------
    array of float64, shape (n, DIRECTIONS)
        Greatest projection of a corner on each direction, in metres. The reach of a union is the
        maximum of its parts' reaches.
    """
    corners, index = shapely.get_coordinates(shapes, return_index=True)
    if not len(shapes):
        return np.empty((0, DIRECTIONS))
    starts = np.searchsorted(index, np.arange(len(shapes)))
    return np.asarray(np.maximum.reduceat(corners @ _UNIT.T, starts, axis=0))


def disc_reaches(xy: NDArray[np.float64], radius_m: float) -> NDArray[np.float64]:
    """
    How far a disc about each place reaches in each of ``DIRECTIONS`` directions.

    Parameters
    ----------
    xy : array of float64, shape (n, 2)
        Metres.
    radius_m : float

    Returns
    -------
    array of float64, shape (n, DIRECTIONS)
    """
    return np.asarray(xy @ _UNIT.T + radius_m)


def widths(reach: NDArray[np.float64]) -> NDArray[np.float64]:
    """
    Greatest distance between two corners, from reaches.

    Parameters
    ----------
    reach : array of float64, shape (..., DIRECTIONS)

    Returns
    -------
    array of float64, shape (...)
        Metres; never less than the true width, and at most 0.5 % more.
    """
    half = DIRECTIONS // 2
    return np.asarray((reach[..., :half] + reach[..., half:]).max(axis=-1) * _WIDTH_MARGIN)


def choose_points(
    density: NDArray[np.float64], area_m2: NDArray[np.float64], rules: DrawRules
) -> tuple[NDArray[np.int64], float]:
    """
    Take points by density until their catchments fill ``reach`` budgets.

    Parameters
    ----------
    density : array of float64, shape (n_points,)
        Score per square metre of catchment.
    area_m2 : array of float64, shape (n_points,)
        Area of each catchment.
    rules : DrawRules

    Returns
    -------
    chosen : array of int64
        Indices in order of index, not of density.
    level : float
        Density of the last point taken; zero if none was.
    """
    order = np.argsort(-density, kind="stable")
    filled = np.cumsum(area_m2[order])
    taken = order[filled <= rules.reach * rules.budget_m2]
    taken = taken[density[taken] > 0]
    level = float(density[taken[-1]]) if len(taken) else 0.0
    return np.sort(taken).astype(np.int64), level


def split_wide(
    labels: NDArray[np.int64],
    near: sparse.csr_matrix,
    reach: NDArray[np.float64],
    area_m2: NDArray[np.float64],
    rules: DrawRules,
) -> NDArray[np.int64]:
    """
    Cut each cluster that is wider or larger than the caps, and number the clusters anew.

    Parameters
    ----------
    labels : array of int64, shape (n,)
        Clusters of the chosen points; noise stays noise.
    near : csr_matrix, shape (n, n)
        Neighbours of the chosen points.
    reach : array of float64, shape (n, DIRECTIONS)
    area_m2 : array of float64, shape (n,)
    rules : DrawRules

    Returns
    -------
    array of int64, shape (n,)
    """
    parts = labels.copy()
    next_label = int(labels.max(initial=NOISE)) + 1
    # Sorted once for all clusters: slicing a sparse matrix for each takes longer than cutting it.
    row, column = _links_by_cluster(labels, near)
    owner = labels[row]
    for members in _too_large(labels, reach, area_m2, rules):
        first, last = np.searchsorted(owner, labels[members[0]] + np.arange(2))
        linked = np.zeros((len(members), len(members)), dtype=bool)
        ends = (np.searchsorted(members, end[first:last]) for end in (row, column))
        linked[tuple(ends)] = True
        cut = _join_narrowest(linked, reach[members], area_m2[members], rules)
        parts[members] = next_label + cut
        next_label += int(cut.max()) + 1
    kept = parts != NOISE
    parts[kept] = _renumber(parts[kept])
    return parts


def _links_by_cluster(
    labels: NDArray[np.int64], near: sparse.csr_matrix
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return both ends of each link within a cluster, in order of cluster."""
    links = near.tocoo()
    same = labels[links.row] == labels[links.col]
    row, column = links.row[same], links.col[same]
    order = np.argsort(labels[row], kind="stable")
    return row[order], column[order]


def _too_large(
    labels: NDArray[np.int64],
    reach: NDArray[np.float64],
    area_m2: NDArray[np.float64],
    rules: DrawRules,
) -> list[NDArray[np.int64]]:
    """Return the members of each cluster that breaks a cap, in order of label."""
    inside = np.flatnonzero(labels != NOISE)
    if not len(inside):
        return []
    order = inside[np.argsort(labels[inside], kind="stable")]
    starts = np.flatnonzero(np.diff(labels[order], prepend=NOISE))
    width = widths(np.maximum.reduceat(reach[order], starts, axis=0))
    area = np.add.reduceat(area_m2[order], starts)
    broken = np.flatnonzero((width > rules.max_width_m) | (area > rules.max_area_m2))
    clusters = np.split(order, starts[1:])
    return [clusters[i] for i in broken]


def _join_narrowest(
    linked: NDArray[np.bool_],
    reach: NDArray[np.float64],
    area_m2: NDArray[np.float64],
    rules: DrawRules,
) -> NDArray[np.int64]:
    """
    Join neighbouring parts, the narrowest union first, while a union keeps the caps.

    Starts from single points (METHODS §4, step 2). Ties: the pair of lowest indices.
    """
    n = len(area_m2)
    reach, area, linked = reach.copy(), area_m2.copy(), linked.copy()
    part = np.arange(n)
    cost = np.full((n, n), np.inf)
    rows, columns = np.nonzero(np.triu(linked, 1))
    cost[rows, columns] = widths(np.maximum(reach[rows], reach[columns]))
    cost[area[:, None] + area[None, :] > rules.max_area_m2] = np.inf
    while True:
        a, b = np.unravel_index(np.argmin(cost), cost.shape)
        if cost[a, b] > rules.max_width_m:
            return _renumber(part)
        part[part == b] = a
        reach[a] = np.maximum(reach[a], reach[b])
        area[a] += area[b]
        linked[a] |= linked[b]
        linked[:, a] |= linked[:, b]
        linked[b] = linked[:, b] = False
        linked[a, a] = False
        cost[b] = cost[:, b] = cost[a] = cost[:, a] = np.inf
        other = np.flatnonzero(linked[a])
        fits = area[a] + area[other] <= rules.max_area_m2
        width = np.where(fits, widths(np.maximum(reach[a], reach[other])), np.inf)
        cost[np.minimum(a, other), np.maximum(a, other)] = width


def keep_by_value(
    labels: NDArray[np.int64],
    score: NDArray[np.float64],
    area_m2: NDArray[np.float64],
    *,
    level: float,
    budget_m2: float,
) -> NDArray[np.int64]:
    """
    Keep clusters by excess mass until the budget is filled.

    Parameters
    ----------
    labels : array of int64, shape (n,)
    score, area_m2 : array of float64, shape (n,)
    level : float
        Density of the last point chosen: what ground costs.
    budget_m2 : float

    Returns
    -------
    array of int64, shape (n,)
        Clusters numbered by value, most first; -1 for points of clusters not kept. A cluster is
        kept if the clusters of more value that were kept leave room for it whole.
    """
    n_clusters = int(labels.max(initial=NOISE)) + 1
    inside = labels != NOISE
    total = np.bincount(labels[inside], score[inside], minlength=n_clusters)
    area = np.bincount(labels[inside], area_m2[inside], minlength=n_clusters)
    order = np.argsort(-(total - level * area), kind="stable")
    number = np.full(n_clusters + 1, NOISE, dtype=np.int64)
    left_m2, n_kept = budget_m2, 0
    for cluster in order:
        if area[cluster] <= left_m2:
            left_m2 -= area[cluster]
            number[cluster] = n_kept
            n_kept += 1
    return np.asarray(number[labels])


def draw_excess_mass(
    score: NDArray[np.float64],
    count: NDArray[np.float64],
    area_m2: NDArray[np.float64],
    reach: NDArray[np.float64],
    near: sparse.csr_matrix,
    rules: DrawRules,
) -> NDArray[np.int64]:
    """
    Draw the hotspots of one crime set in one window.

    Parameters
    ----------
    score : array of float64, shape (n_points,)
        Expected incidents (EB-mix); zero at points that are not in the universe yet.
    count : array of float64, shape (n_points,)
        Incidents in the window.
    area_m2 : array of float64, shape (n_points,)
        Catchment areas.
    reach : array of float64, shape (n_points, DIRECTIONS)
        Reaches of the shapes that will be published.
    near : csr_matrix, shape (n_points, n_points)
        Distances within ``rules.eps_m``.
    rules : DrawRules

    Returns
    -------
    array of int64, shape (n_points,)
        Hotspots numbered by value from 0; -1 elsewhere.
    """
    labels = np.full(len(score), NOISE, dtype=np.int64)
    density = np.divide(score, area_m2, out=np.zeros_like(score), where=area_m2 > 0)
    chosen, level = choose_points(density, area_m2, rules)
    if not len(chosen):
        return labels
    links = near[chosen][:, chosen]
    # The score has chosen already, so one incident near by is enough for DBSCAN to join; a place
    # that only its neighbours' record recommends stays out.
    joined = weighted_dbscan(links, count[chosen], min_weight=1)
    parts = split_wide(joined, links, reach[chosen], area_m2[chosen], rules)
    labels[chosen] = keep_by_value(
        _drop_small(parts, count[chosen], rules),
        score[chosen],
        area_m2[chosen],
        level=level,
        budget_m2=rules.budget_m2,
    )
    return labels


def _drop_small(
    labels: NDArray[np.int64], count: NDArray[np.float64], rules: DrawRules
) -> NDArray[np.int64]:
    """Turn clusters with too few incidents into noise, and number the rest anew."""
    inside = labels != NOISE
    total = np.bincount(labels[inside], count[inside], minlength=1)
    kept = inside & (total[labels] >= rules.least_incidents)
    parts = np.where(kept, labels, NOISE)
    parts[kept] = _renumber(parts[kept])
    return parts


def draw_textbook(
    count: NDArray[np.float64],
    reach: NDArray[np.float64],
    area_m2: NDArray[np.float64],
    near: sparse.csr_matrix,
    rules: DrawRules,
    *,
    min_incidents: int,
) -> NDArray[np.int64]:
    """
    Draw hotspots by plain weighted DBSCAN over all points, cut at the caps.

    Parameters
    ----------
    count : array of float64, shape (n_points,)
        Incidents in the window.
    reach, area_m2, near, rules
        As in ``draw_excess_mass``; the budget is not used.
    min_incidents : int
        Incidents within ``eps_m``, the point's own included, that make a core point.

    Returns
    -------
    array of int64, shape (n_points,)
        Hotspots numbered by count from 0; -1 is noise.
    """
    labels = weighted_dbscan(near, count, min_weight=min_incidents)
    inside = np.flatnonzero(labels != NOISE)
    if not len(inside):
        return labels
    parts = split_wide(
        labels[inside], near[inside][:, inside], reach[inside], area_m2[inside], rules
    )
    numbered = np.full(len(count), NOISE, dtype=np.int64)
    numbered[inside] = keep_by_value(
        parts, count[inside], area_m2[inside], level=0.0, budget_m2=np.inf
    )
    return numbered
