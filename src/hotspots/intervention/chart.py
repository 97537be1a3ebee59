"""The cumulative control chart: how observed and expected part company, month by month."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hotspots.intervention.difference import Z_95

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Cumulative:
    """
    The numbers of a chart, one of each for every observed month.

    Attributes
    ----------
    expected : array of float64
        Incidents expected in the month.
    total : array of float64
        Observed less expected, added up since the first month, and anew since the action began.
    limit : array of float64
        95 % control limit to both sides of zero.
    """

    expected: NDArray[np.float64]
    total: NDArray[np.float64]
    limit: NDArray[np.float64]


def cumulative(
    observed: NDArray[np.float64],
    everywhere: NDArray[np.float64],
    *,
    is_after: NDArray[np.bool_],
    spread: float = 1.0,
) -> Cumulative:
    """
    Add up observed less expected.

    Expected is the place's own share of the whole area before the action, of what the area had
    in the month: season and what changed everywhere are in it. Before the action the sum must
    come back to zero, so its limits close again (those of a share); after it they widen with
    what is expected and with how well the share is known.

    Parameters
    ----------
    observed : array of float64, shape (n_months,)
        Incidents at the place in each observed month, in order; missing months are left out.
    everywhere : array of float64, shape (n_months,)
        Incidents in the whole area.
    is_after : array of bool, shape (n_months,)
        Months from the start of the action on.
    spread : float
        How much more such places vary than by chance alone.
    """
    own, whole = float(observed[~is_after].sum()), float(everywhere[~is_after].sum())
    expected = everywhere * (own / whole if whole else 0.0)
    total, variance = np.zeros_like(expected), np.zeros_like(expected)
    for part in (~is_after, is_after):
        total[part] = np.cumsum(observed[part] - expected[part])
        so_far = np.cumsum(expected[part])
        known = so_far**2 / own if own else np.zeros_like(so_far)
        variance[part] = so_far + known if part is is_after else so_far - known
    return Cumulative(expected, total, Z_95 * np.sqrt(spread * np.maximum(variance, 0.0)))
