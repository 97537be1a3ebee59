"""
How much crime to expect at each map point: the EB-mix score that chooses hotspots.

A point's own count is noisy, its neighbours' counts are steadier but blur. EB-mix shrinks the
one towards the other by as much as the data say (METHODS §3): a prior mean for each point from
its surroundings and from what was recorded before the window, and a strength of that prior by
the method of moments.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.optimize import nnls

if TYPE_CHECKING:
    from numpy.typing import NDArray

RADII_M = (120.0, 250.0, 500.0)
"""Radii of the neighbour means N120, N250 and N500 (METHODS §3)."""


@dataclass(frozen=True)
class EbMix:
    """
    Shrunken counts of one crime set in one window.

    Attributes
    ----------
    score : array of float64, shape (n_points,)
        Expected incidents in the window.
    prior_mean : array of float64, shape (n_points,)
        What the surroundings and earlier records alone suggest.
    own_share : array of float64, shape (n_points,)
        Part of the score that is the point's own record, 0-1.
    strength : float
        Incidents' worth of the prior (k of METHODS §3); infinite where the counts vary no more
        than chance.
    coefficients : array of float64, shape (5 + n_earlier,)
        Of the area's mean, N120, N250, N500, all other crime and each earlier record; none
        negative.
    """

    score: NDArray[np.float64]
    prior_mean: NDArray[np.float64]
    own_share: NDArray[np.float64]
    strength: float
    coefficients: NDArray[np.float64]


def biweight_kernels(distances: sparse.csr_matrix) -> tuple[sparse.csr_matrix, ...]:
    """
    Weights (1-(d/r)²)² of the other points within each radius of ``RADII_M``.

    Parameters
    ----------
    distances : csr_matrix, shape (n_points, n_points)
        Distances in metres up to the greatest radius, without the points themselves.

    Returns
    -------
    tuple of csr_matrix of float64, shape (n_points, n_points)
    """
    kernels = []
    for radius_m in RADII_M:
        near = distances.data < radius_m
        weight = (1 - (distances.data[near] / radius_m) ** 2) ** 2
        indptr = np.concatenate([[0], np.cumsum(near)])[distances.indptr].astype(np.int32)
        cells = (weight, distances.indices[near], indptr)
        kernels.append(sparse.csr_matrix(cells, shape=distances.shape))
    return tuple(kernels)


def neighbour_means(
    kernel: sparse.csr_matrix, counts: NDArray[np.float64], seen: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """
    Weighted mean count over the other points of the universe within a kernel's radius.

    Parameters
    ----------
    kernel : csr_matrix, shape (n_points, n_points)
    counts : array of float64, shape (n_points, n_sets)
        Zero at points not seen yet.
    seen : array of bool, shape (n_points,)
        The universe of map points as known at the time.

    Returns
    -------
    array of float64, shape (n_points, n_sets)
        Zero where a point has no other point within the radius.
    """
    total = kernel @ counts
    weight = kernel @ seen.astype(np.float64)
    means = np.divide(total, weight[:, None], out=np.zeros_like(total), where=weight[:, None] > 0)
    return np.asarray(means)


def eb_mix(
    count: NDArray[np.float64],
    surroundings: tuple[NDArray[np.float64], ...],
    other: NDArray[np.float64],
    earlier: tuple[NDArray[np.float64], ...] = (),
) -> EbMix:
    """
    Score each map point of the universe for one crime set.

    Parameters
    ----------
    count : array of float64, shape (n_points,)
        Incidents of the set in the window.
    surroundings : tuple of arrays of float64, shape (n_points,)
        Neighbour means, one for each radius.
    other : array of float64, shape (n_points,)
        All other incidents at the point in the window; zeros for the set of all crime.
    earlier : tuple of arrays of float64, shape (n_points,)
        Records of the set from before the window; each gets a coefficient of its own.

    Returns
    -------
    EbMix
    """
    mean = np.full_like(count, count.mean() if len(count) else 0.0)
    tall = np.column_stack([mean, *surroundings, other, *earlier, count])
    coefficients = _non_negative_fit(tall)
    # A mean of nothing would make the posterior undefined; a floor far below any real mean.
    prior = np.maximum(tall[:, :-1] @ coefficients, 1e-9)
    inverse = ((count - prior) ** 2 - prior).sum() / (prior**2).sum() if len(count) else 0.0
    if inverse <= 0:
        nothing = np.zeros_like(count)
        return EbMix(prior, prior, nothing, np.inf, coefficients)
    strength = 1 / inverse
    score = (count + strength) / (1 + strength / prior)
    return EbMix(score, prior, count / (count + strength), strength, coefficients)


def _non_negative_fit(tall: NDArray[np.float64]) -> NDArray[np.float64]:
    """Fit the last column by the others without negative coefficients, by least squares."""
    # A small square factor of the Gram matrix keeps the sum of squares, so a few rows stand for
    # all points; the eigenvalues, unlike a Cholesky factor, allow for a column that is empty.
    values, vectors = np.linalg.eigh(tall.T @ tall)
    factor = np.sqrt(np.maximum(values, 0))[:, None] * vectors.T
    coefficients, _ = nnls(factor[:, :-1], factor[:, -1])
    return np.asarray(coefficients)
