"""Weighted DBSCAN on map points, from one matrix of neighbours."""

from __future__ import annotations

from dataclasses import dataclass
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


@dataclass(frozen=True)
class Pairs:
    """
    Neighbours within a radius, each pair once.

    Attributes
    ----------
    first, second : array of int64, shape (n_pairs,)
        The lower and the higher of two nodes; rising by the first.
    distance_m : array of float64, shape (n_pairs,)
    link : array of int64, shape (n_pairs,)
        Pairs of the same number stand for the same two map points, on whatever map.
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    distance_m: NDArray[np.float64]
    link: NDArray[np.int64]


def pairs(near: sparse.csr_matrix) -> Pairs:
    """
    List neighbours, each pair once.

    Parameters
    ----------
    near : csr_matrix, shape (n_points, n_points)
        Distances to the neighbours within the radius (``within``), without the points themselves.

    Returns
    -------
    Pairs
    """
    row = np.repeat(np.arange(near.shape[0]), np.diff(near.indptr))
    once = np.flatnonzero(row < near.indices)
    second = near.indices[once].astype(np.int64)
    return Pairs(row[once], second, near.data[once], np.arange(len(once)))


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
    return label_pairs(pairs(near), weight, min_weight=min_weight)


def label_pairs(
    near: Pairs, weight: NDArray[np.float64], *, min_weight: float
) -> NDArray[np.int64]:
    """
    Label each node with the density cluster it belongs to, as ``weighted_dbscan`` does.

    Parameters
    ----------
    near : Pairs
        Within the radius.
    weight : array of float64, shape (n_nodes,)
    min_weight : float

    Returns
    -------
    array of int64, shape (n_nodes,)
    """
    n = len(weight)
    labels = np.full(n, NOISE, dtype=np.int64)
    mass = weight + np.bincount(near.first, weight[near.second], n)
    mass += np.bincount(near.second, weight[near.first], n)
    is_core = mass >= min_weight
    core = np.flatnonzero(is_core)
    if not len(core):
        return labels
    from_core, to_core = is_core[near.first], is_core[near.second]
    inner = from_core & to_core
    labels[core] = renumber(joined(near.first[inner], near.second[inner], n)[core])
    border, nearest = _nearest_core(near, np.flatnonzero(from_core != to_core), is_core)
    labels[border] = labels[nearest]
    return labels


def joined(first: NDArray[np.integer], second: NDArray[np.integer], n: int) -> NDArray[np.int64]:
    """
    Give the same number to nodes that pairs join, directly or through others.

    Parameters
    ----------
    first, second : array of int32 or int64, shape (n_pairs,)
        Rising by the first.
    n : int
        Nodes.

    Returns
    -------
    array of int64, shape (n,)
    """
    edge = np.zeros(n + 1, dtype=np.int32)
    np.cumsum(np.bincount(first, minlength=n), out=edge[1:])
    cells = (np.ones(len(second)), second.astype(np.int32, copy=False), edge)
    _, found = connected_components(sparse.csr_matrix(cells, shape=(n, n)), directed=False)
    return np.asarray(found.astype(np.int64))


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
    near: Pairs, mixed: NDArray[np.int64], is_core: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the border points and the core point nearest to each, ties to the lowest index."""
    first, second = near.first[mixed], near.second[mixed]
    is_first = is_core[first]
    core, border = np.where(is_first, first, second), np.where(is_first, second, first)
    order = np.lexsort((core, near.distance_m[mixed], border))
    points, nearest = np.unique(border[order], return_index=True)
    return points, core[order][nearest]
