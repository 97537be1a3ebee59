"""What a place usually sees: control limits from its earlier quarters."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import special  # scipy.stats takes half a second to load

if TYPE_CHECKING:
    from collections.abc import Sequence

LEAST_QUARTERS = 4
"""With fewer complete earlier quarters nothing is called usual."""

MOST_QUARTERS = 8
"""Two of each season where none is missing; older ones say little of today."""

LEAST_MEAN = 5.0
"""Below this many incidents a quarter nearly any number is usual."""

CHANCE = 0.05
"""How often a quarter like the others would lie outside the limits."""

TOO_FEW_QUARTERS = "too few quarters to say"
TOO_FEW_INCIDENTS = "too few incidents to say"
IN_LINE, ABOVE, BELOW = "in line", "above", "below"


class Limits(NamedTuple):
    """
    Limits of a c-chart for one more quarter.

    Attributes
    ----------
    mean : float
        Incidents a quarter so far.
    low, high : int
        A quarter like the others lies between them, both included, 19 times in 20.
    spread : float
        Variance of the quarters for their mean, at least 1; 1 is chance alone (Poisson).
    n : int
        Quarters it rests on.
    """

    mean: float
    low: int
    high: int
    spread: float
    n: int


def limits(earlier: Sequence[int]) -> Limits | None:
    """
    Work out what one more quarter like the earlier ones would hold.

    Counts vary by more than chance: by season, and from year to year. So the variance is that of
    the quarters themselves where it is greater than a Poisson count's, and the limits allow for
    how few quarters it is known from.

    Parameters
    ----------
    earlier : sequence of int
        Counts of complete earlier quarters.

    Returns
    -------
    Limits or None
        None if they are too few.
    """
    n = len(earlier)
    if n < LEAST_QUARTERS:
        return None
    counts = np.asarray(earlier, dtype=np.float64)
    mean = float(counts.mean())
    spread = max(1.0, float(counts.var(ddof=1)) / mean) if mean else 1.0
    wide = float(special.stdtrit(n - 1, 1 - CHANCE / 2)) * math.sqrt(spread * mean * (1 + 1 / n))
    return Limits(mean, max(0, math.floor(mean - wide)), math.ceil(mean + wide), spread, n)


def verdict(count: int, usual: Limits | None) -> str:
    """Say where a count lies against the limits."""
    if usual is None:
        return TOO_FEW_QUARTERS
    if usual.mean < LEAST_MEAN:
        return TOO_FEW_INCIDENTS
    return ABOVE if count > usual.high else BELOW if count < usual.low else IN_LINE


def change(now: int, before: int, spread: float) -> tuple[int, int, int]:
    """Return the difference of two counts and its 95 % interval, whole numbers."""
    wide = 1.96 * math.sqrt(spread * (now + before))
    return now - before, math.floor(now - before - wide), math.ceil(now - before + wide)
