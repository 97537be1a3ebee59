"""Which months before an action are compared with which months after."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEAST_MONTHS = 3
"""An action is not judged on fewer observed months before or after: less than a quarter."""

LONGEST_MONTHS = 12
"""An action is judged by its first year: what a year before can be held against."""

LEAST_PAIRED = 0.5
"""The same calendar months are compared if at least this share of those after has its month of
the year before; otherwise all months of the year before, at a rate per month."""


class Fault(Enum):
    """Why months cannot be compared."""

    NOT_BEGUN = "not begun"
    BEFORE_THE_DATA = "before the data"
    TOO_FEW_BEFORE = "too few months before"
    TOO_FEW_AFTER = "too few months after"


@dataclass(frozen=True)
class Windows:
    """
    Months compared.

    Attributes
    ----------
    before, after : array of bool, shape (n_months,)
        Among the observed months.
    is_same_months : bool
        Whether each month after stands against the same month of the year before.
    fault : Fault, optional
        Why there is nothing to compare.
    """

    before: NDArray[np.bool_]
    after: NDArray[np.bool_]
    is_same_months: bool
    fault: Fault | None = None

    @property
    def ratio(self) -> float:
        """Months after for months before."""
        return float(self.after.sum() / max(self.before.sum(), 1))


def windows(months: pd.DatetimeIndex, *, start: pd.Timestamp, end: pd.Timestamp | None) -> Windows:
    """
    Choose the months that judge an action.

    After: the observed months from the start to the end, a year at most. Before: of each the
    same month of the year before, and a pair counts only if both were observed, so that the time
    of the year is the same. Where fewer than half would pair (or fewer than three), all observed
    months of the year before are taken, and counts are compared as rates per month.

    Parameters
    ----------
    months : DatetimeIndex
        Observed months, in order.
    start : Timestamp
        First month of the action, inclusive.
    end : Timestamp, optional
        Last month, inclusive; it still runs if not given.
    """
    year = pd.DateOffset(months=LONGEST_MONTHS)
    last = start + year - pd.DateOffset(months=1)
    last = last if end is None else min(last, end)
    after = np.asarray((months >= start) & (months <= last))
    before = np.asarray((months >= start - year) & (months < start))
    paired = after & np.isin(months - year, months)
    n_after, n_paired = int(after.sum()), int(paired.sum())
    is_same = n_paired >= max(LEAST_MONTHS, LEAST_PAIRED * n_after)
    if is_same:
        before, after = np.isin(months, months[paired] - year), paired
    return Windows(before, after, is_same, _fault(months, before, after, start))


def _fault(
    months: pd.DatetimeIndex,
    before: NDArray[np.bool_],
    after: NDArray[np.bool_],
    start: pd.Timestamp,
) -> Fault | None:
    if not len(months) or start > months[-1]:
        return Fault.NOT_BEGUN
    if start <= months[0]:
        return Fault.BEFORE_THE_DATA
    if before.sum() < LEAST_MONTHS:
        return Fault.TOO_FEW_BEFORE
    return Fault.TOO_FEW_AFTER if after.sum() < LEAST_MONTHS else None
