"""
Weighted DBSCAN of many fits at once: every window of every crime set, over one map.

The map points and their neighbours are the same in every fit; only the weights differ. So the
neighbours are laid out once, the incidents within the radius come from one matrix product, and
the clusters of a block of fits are the connected components of one graph with a part for each fit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from hotspots.cluster.dbscan import NOISE, joined, renumber

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Weights = NDArray[np.floating]

FITS_PER_BLOCK = 25
"""Fits labelled together: few enough for a processor's cache, many enough to share the work."""

_ROWS_AT_ONCE = 8192


@dataclass(frozen=True)
class Links:
    """
    Neighbours of every map point, laid out for many fits.

    Attributes
    ----------
    pattern : csr_matrix of float32, shape (n_points, n_points)
        One for each neighbour within the radius, the point itself left out.
    first, second : array of int32, shape (n_links,)
        The two points of each link, the lower one first; links by their first point, then the
        second.
    from_nearest : array of int32, shape (2 * n_links,)
        Columns of ``pattern``, those of each row from its nearest neighbour on; ties to the
        lowest index.
    """

    pattern: sparse.csr_matrix
    first: NDArray[np.int32]
    second: NDArray[np.int32]
    from_nearest: NDArray[np.int32]


def lay_out(near: sparse.csr_matrix) -> Links:
    """
    Lay out the neighbours of every map point for many fits.

    Parameters
    ----------
    near : csr_matrix, shape (n_points, n_points)
        Distances to the neighbours within the radius (``within``), without the points themselves.

    Returns
    -------
    Links
    """
    near = near if near.has_sorted_indices else near.sorted_indices()
    column = near.indices.astype(np.int32)
    row = np.repeat(np.arange(near.shape[0], dtype=np.int32), np.diff(near.indptr))
    once = row < column
    first, second = row[once], column[once]
    # Links by distance, then dealt out to both their points: faster than sorting every row. Of
    # ties a row gets those to earlier points first, as the links run by their first point.
    order = np.argsort(near.data[once], kind="stable")
    pairs = np.column_stack([first[order], second[order]])
    cells = (pairs.ravel(), np.arange(near.nnz, dtype=np.int32))
    dealt = sparse.csr_matrix((pairs[:, ::-1].ravel(), cells), shape=(near.shape[0], near.nnz))
    # A sum over stored entries, not over values: coincident points are neighbours at distance 0.
    ones = np.ones(near.nnz, dtype=np.float32)
    pattern = sparse.csr_matrix((ones, near.indices, near.indptr), near.shape)
    return Links(pattern, first, second, dealt.data)


def label_windows(
    links: Links, weights: Weights, *, min_weight: float, skip_empty: bool = False
) -> NDArray[np.int32]:
    """
    Label each map point with the density cluster it belongs to, in each of many fits.

    Each column equals ``weighted_dbscan`` of that column: the core points and clusters of
    scikit-learn's DBSCAN with ``sample_weight``, border points to their nearest core point (ties:
    the lowest index), clusters numbered by their lowest core point. Nothing hangs on row order.

    Parameters
    ----------
    links : Links
        Of ``lay_out``.
    weights : array of float32 or float64, shape (n_points, n_fits)
        Incidents at each point in each fit, none negative. Whole numbers add up exactly to 16
        million in float32. Fits of one crime set stand best side by side: points that can be core
        points in none of a block of fits are passed over.
    min_weight : float
        Incidents within the radius of a point, its own included, that make it a core point; more
        than zero.
    skip_empty : bool
        Leave a point out of the fits in which it has no incident, as a table of incidents does
        by its nature. Otherwise a point without incidents of its own can be a core point and
        join two clusters.

    Returns
    -------
    array of int32, shape (n_points, n_fits)
        Clusters numbered from 0 in each fit; -1 is noise, and a point left out.
    """
    labels = np.full(weights.shape, NOISE, dtype=np.int32)
    pattern = links.pattern.astype(weights.dtype, copy=False)
    for start in range(0, weights.shape[1], FITS_PER_BLOCK):
        block = slice(start, start + FITS_PER_BLOCK)
        weight = np.ascontiguousarray(weights[:, block])
        points, is_core = _core_cells(pattern, weight, min_weight=min_weight)
        if skip_empty:
            is_core &= weight[points] > 0
        some = is_core.any(axis=1)
        points, is_core = points[some], is_core[some]
        if not len(points):
            continue
        place = np.full(len(weight), -1, dtype=np.int32)
        place[points] = np.arange(len(points), dtype=np.int32)
        found = _components(is_core, *_inner_links(links, place))
        around, in_reach = _with_border(links, place, found, weight if skip_empty else None)
        labels[around, block] = in_reach
    return labels


def _core_cells(
    pattern: sparse.csr_matrix, weight: Weights, *, min_weight: float
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the points that may be core points in some fit, and the fits in which they are."""
    most = _most(weight)
    points = np.flatnonzero(pattern @ most + most >= min_weight)
    mass = pattern[points] @ weight
    mass += weight[points]
    return points, mass >= min_weight


def _most(weight: Weights) -> Weights:
    """Return the greatest weight of each point."""
    # Fit by fit on a few thousand points at a time: several times faster than over short rows.
    most = weight[:, 0].copy()
    for start in range(0, len(weight), _ROWS_AT_ONCE):
        rows = slice(start, start + _ROWS_AT_ONCE)
        for fit in range(1, weight.shape[1]):
            np.maximum(most[rows], weight[rows, fit], out=most[rows])
    return most


def _inner_links(
    links: Links, place: NDArray[np.int32]
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the links between points that have a place, as places."""
    first, second = place[links.first], place[links.second]
    inner = (first >= 0) & (second >= 0)
    return first[inner], second[inner]


def _components(
    is_core: NDArray[np.bool_], first: NDArray[np.int32], second: NDArray[np.int32]
) -> NDArray[np.int32]:
    """Give each core point the number of its cluster in each fit, -1 where it is none."""
    by_fit = np.ascontiguousarray(is_core.T)
    cores = by_fit.sum(axis=1)
    n = int(cores.sum())
    number = (np.cumsum(by_fit, dtype=np.int32) - 1).reshape(by_fit.shape)
    both = np.take(by_fit, first, axis=1)
    both &= np.take(by_fit, second, axis=1)
    # By places in the flat array, which takes a third of the time of a mask of two dimensions.
    joins = np.flatnonzero(both)
    start = np.take(number, first, axis=1).take(joins)
    end = np.take(number, second, axis=1).take(joins)
    # Links run by their first point, and the cells by fit and then by point, so what is joined is
    # in order as it is, and the parts of a fit are numbered in one run.
    part = renumber(joined(start, end, n))
    starts = np.cumsum(cores) - cores
    first_part = np.repeat(part[np.minimum(starts, n - 1)], cores)
    found = np.full(by_fit.shape, NOISE, dtype=np.int32)
    np.put(found, np.flatnonzero(by_fit), part - first_part)
    return found.T.copy()


def _with_border(
    links: Links, place: NDArray[np.int32], found: NDArray[np.int32], weight: Weights | None
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Return the points that are core points or near one, and their labels."""
    has_place = place >= 0
    is_near = links.pattern @ has_place.astype(np.float32) > 0
    points = np.flatnonzero(has_place | is_near)
    labels = np.full((len(points), found.shape[1]), NOISE, dtype=np.int32)
    inside = has_place[points]
    labels[inside] = found[place[points[inside]]]
    is_core = found != NOISE
    is_open = labels == NOISE
    if weight is not None:
        is_open &= weight[points] > 0
    start = links.pattern.indptr[points]
    degree = links.pattern.indptr[points + 1] - start
    at = np.flatnonzero(is_open.any(axis=1))
    for rank in range(int(degree.max(initial=0))):
        at = at[degree[at] > rank]
        near = place[links.from_nearest[start[at] + rank]]
        asked, near = at[near >= 0], near[near >= 0]
        left = np.take(is_open, asked, axis=0)
        taken = left & np.take(is_core, near, axis=0)
        row, fit = np.divmod(np.flatnonzero(taken), taken.shape[1])
        labels[asked[row], fit] = found[near[row], fit]
        is_open[asked] = left & ~taken
    return points, labels
