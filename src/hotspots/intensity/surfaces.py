"""The surfaces that other tools rank places by: kernel density and Gi*, at the map points."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

if TYPE_CHECKING:
    from numpy.typing import NDArray


def kernel_density(
    distances: sparse.csr_matrix, count: NDArray[np.float64], *, radius_m: float
) -> NDArray[np.float64]:
    """
    Kernel density at each map point, with the quartic kernel of desktop mapping tools.

    Parameters
    ----------
    distances : csr_matrix, shape (n_points, n_points)
        Distances in metres up to ``radius_m`` or more, without the points themselves.
    count : array of float64, shape (n_points, n_sets)
    radius_m : float
        Search radius, which those tools call bandwidth.

    Returns
    -------
    array of float64, shape (n_points, n_sets)
        Incidents per square metre.
    """
    kernel = _within(distances, radius_m=radius_m)
    kernel.data = (1 - (kernel.data / radius_m) ** 2) ** 2
    return np.asarray((kernel @ count + count) * 3 / (np.pi * radius_m**2))


def gi_star(
    distances: sparse.csr_matrix,
    count: NDArray[np.float64],
    seen: NDArray[np.bool_],
    *,
    radius_m: float,
) -> NDArray[np.float64]:
    """
    Getis and Ord's Gi* at each map point, all points within a radius weighing the same.

    Parameters
    ----------
    distances : csr_matrix, shape (n_points, n_points)
        As for ``kernel_density``.
    count : array of float64, shape (n_points, n_sets)
    seen : array of bool, shape (n_points,)
        The universe of map points as known at the time.
    radius_m : float

    Returns
    -------
    array of float64, shape (n_points, n_sets)
        Standard normal scores; zero at points not seen, and for sets that do not vary.

    References
    ----------
    Ord and Getis (1995), Geographical Analysis 27, 286-306.
    """
    pattern = _within(distances, radius_m=radius_m)
    pattern.data = np.ones_like(pattern.data)
    known = np.where(seen[:, None], count, 0.0)
    n = max(int(seen.sum()), 2)
    total = pattern @ known + known
    n_near = (pattern @ seen.astype(np.float64) + seen)[:, None]
    mean = known.sum(axis=0) / n
    spread = np.sqrt(np.maximum((known**2).sum(axis=0) / n - mean**2, 0.0))
    below = spread * np.sqrt(np.maximum(n * n_near - n_near**2, 0.0) / (n - 1))
    above = total - mean * n_near
    score = np.divide(above, below, out=np.zeros_like(above), where=below > 0)
    return np.where(seen[:, None], score, 0.0)


def _within(distances: sparse.csr_matrix, *, radius_m: float) -> sparse.csr_matrix:
    """Return the distances of at most a radius, zeros between coincident points kept."""
    entries = distances.tocoo()
    near = entries.data <= radius_m
    cells = (entries.row[near], entries.col[near])
    return sparse.csr_matrix((entries.data[near], cells), shape=distances.shape)
