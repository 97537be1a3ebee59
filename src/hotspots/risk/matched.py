"""
Matched estimator: places with more or less of a factor, within the same 250 m.

Counts of one crime at the map points of a block, given the block's total, follow shares in
proportion to exposure times ratio to the power of the factor: a conditional Poisson model. What
the places of a block have in common, whatever it is, drops out. What differs within a block as
finely as the factor itself does not: then the interval misses the truth, and only the case-case
estimator tells. That is why both are asked (``tests/bench/bench_risk.py``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hotspots.risk.estimates import Estimates, clustered, solve

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hotspots.risk.blocks import Blocks


def matched(
    factor: NDArray[np.float64],
    counts: NDArray[np.float64],
    blocks: Blocks,
    *,
    exposure: NDArray[np.float64] | None = None,
) -> Estimates:
    """
    Estimate the ratio of crime for one more of a factor, within blocks.

    Blocks whose counts scatter more than chance alone would have them weigh less than their
    incidents, or the few with most crime would decide everything.

    Parameters
    ----------
    factor : array of float64, shape (n_points,)
        NaN where it is not known; such points are left out.
    counts : array of float64, shape (n_points, n_sets)
    blocks : Blocks
    exposure : array of float64, shape (n_points,), optional
        What is exposed to crime at each point, above zero; each counts one if not given.

    Returns
    -------
    Estimates
    """
    x = factor[blocks.rows]
    exposed = np.ones(len(x)) if exposure is None else exposure[blocks.rows]
    exposed = np.where(np.isnan(x), 0.0, exposed)
    varies = np.repeat(_varies(np.nan_to_num(x), exposed > 0, blocks), blocks.sizes)
    y = np.where((varies & ~np.isnan(x))[:, None], counts[blocks.rows], 0.0)
    x = np.nan_to_num(x)
    total = blocks.by_block(y)
    weight = _weights(y, exposed, total, blocks)
    found = blocks.by_block(y * x[:, None])
    size = blocks.sizes

    def terms(at: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        pull = exposed[:, None] * np.exp(x[:, None] * at)
        whole = np.maximum(blocks.by_block(pull), np.finfo(float).tiny)
        mean = blocks.by_block(pull * x[:, None]) / whole
        apart = x[:, None] - np.repeat(mean, size, axis=0)
        variance = blocks.by_block(pull * apart**2) / whole
        return weight * (found - total * mean), weight * total * variance

    log_ratio = solve(terms, counts.shape[1])
    score, information = (blocks.by_cluster(each) for each in terms(np.nan_to_num(log_ratio)))
    null_score = blocks.by_cluster(terms(np.zeros(counts.shape[1]))[0])
    n = total.sum(axis=0).astype(np.int64)
    return clustered(log_ratio, score, information, n, null_score=null_score)


def _varies(x: NDArray[np.float64], known: NDArray[np.bool_], blocks: Blocks) -> NDArray[np.bool_]:
    """Mark the blocks whose known points differ in the factor."""
    if not len(blocks.starts):
        return np.zeros(0, dtype=bool)
    most = np.maximum.reduceat(np.where(known, x, -np.inf), blocks.starts)
    least = np.minimum.reduceat(np.where(known, x, np.inf), blocks.starts)
    return np.asarray(most > least)


def _weights(
    y: NDArray[np.float64],
    exposed: NDArray[np.float64],
    total: NDArray[np.float64],
    blocks: Blocks,
) -> NDArray[np.float64]:
    """
    Weigh blocks by one over the square root of their overdispersion.

    That is one plus (total - 1) times the likeness of a block's incidents. Weights of one over
    the whole of it would be the most precise, but a block's total also tells of the chance that
    made it, and they pull a ratio of 2 down to 1.88; without any, the few busiest blocks decide,
    with intervals half as wide again.
    """
    whole = np.maximum(blocks.by_block(exposed), np.finfo(float).tiny)
    share = exposed / np.repeat(whole, blocks.sizes)
    wanted = share[:, None] * np.repeat(total, blocks.sizes, axis=0)
    scatter = np.divide((y - wanted) ** 2, wanted, out=np.zeros_like(y), where=wanted > 0)
    n_free = (blocks.by_block((exposed > 0).astype(np.float64)) - 1)[:, None] * (total > 0)
    excess = (blocks.by_block(scatter) - n_free).sum(axis=0)
    most = (n_free * np.maximum(total - 1, 0)).sum(axis=0)
    alike = np.clip(np.divide(excess, most, out=np.zeros_like(excess), where=most > 0), 0, 1)
    return np.asarray(1 / np.sqrt(1 + alike * np.maximum(total - 1, 0)))
