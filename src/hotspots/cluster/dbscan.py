"""Weighted DBSCAN on map points, from one matrix of neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    from numpy.typing import NDArray

NOISE = -1
"""Label of a point that belongs to no cluster."""


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
    labels[core] = renumber(found)
    border, nearest = _nearest_core(near, is_core)
    labels[border] = labels[nearest]
    return labels


def renumber(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """
    Renumber labels from 0 in the order of their first appearance.

    Parameters
    ----------
    labels : array of int64, shape (n,)
        Zero or more.

    Returns
    -------
    array of int64, shape (n,)
    """
    n = len(labels)
    first = np.full(int(labels.max(initial=-1)) + 1, n, dtype=np.int64)
    # Written from the end, so that what stays is the first appearance.
    first[labels[::-1]] = np.arange(n)[::-1]
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(len(first))
    return np.asarray(rank[labels])


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
