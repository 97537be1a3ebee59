"""When an association is established: both estimators, the same way, and few false discoveries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hotspots.risk.estimates import Estimates

ASSOCIATED = "associated"
NOT_ESTABLISHED = "not established"

MOST_Q = 0.05
"""Largest false discovery rate of an association (METHODS §8)."""

LEAST_CLUSTERS = 10
"""A factor that varies within blocks in fewer squares of 2 km is not tested: from so few, errors
that go together cannot be told."""


def false_discovery(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """
    Turn p-values into false discovery rates, over all tests that were made.

    Parameters
    ----------
    p : array of float64, any shape
        NaN where no test was made.

    Returns
    -------
    array of float64, of the same shape

    References
    ----------
    Benjamini and Hochberg (1995), Journal of the Royal Statistical Society B 57, 289-300.
    """
    q = np.full(p.shape, np.nan)
    made = ~np.isnan(p)
    known = p[made]
    order = np.argsort(known, kind="stable")
    raised = known[order] * len(known) / np.arange(1, len(known) + 1)
    lowest = np.minimum.accumulate(raised[::-1])[::-1]
    rates = np.empty(len(known))
    rates[order] = np.minimum(lowest, 1.0)
    q[made] = rates
    return q


def is_associated(
    matched: Estimates, case_case: Estimates, q: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """
    Say for which sets an association is established.

    Parameters
    ----------
    matched, case_case : Estimates
    q : array of float64, shape (n_sets,)
        False discovery rate of the matched estimates among all tests made.

    Returns
    -------
    array of bool, shape (n_sets,)
        Both intervals on the same side of 1, and a false discovery rate of at most 5 %; never
        where one of the two is missing.
    """
    above = (matched.low > 1) & (case_case.low > 1)
    below = (matched.high < 1) & (case_case.high < 1)
    return np.asarray((above | below) & (q <= MOST_Q))
