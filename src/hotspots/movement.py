"""How recorded incidents move: through the months of the year, and over the years."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import special

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEAST_MONTHS_SEASONS = 24
"""Fewer observed months say nothing about the time of year (METHODS §6)."""

_EXACT_MONTHS = 33
"""With so many months or fewer, and no ties, scipy tests by the exact distribution."""


class Season(NamedTuple):
    """Incidents of a month of the year over those of a mean month; ``years`` of it were seen."""

    month: int
    ratio: float
    years: int


def seasons(month_number: NDArray[np.int64], n: NDArray[np.float64]) -> tuple[Season, ...]:
    """
    Profile of the year, each month of it weighing the same however often it was observed.

    Parameters
    ----------
    month_number : array of int64, shape (n_months,)
        Observed calendar months counted from a January.
    n : array of float64, shape (n_months,)
        Incidents in each.

    Returns
    -------
    tuple of Season
        January to December; empty with fewer than 24 observed months, with a month of the year
        seen less than twice, or without incidents (METHODS §6).
    """
    month = month_number % 12
    years = np.bincount(month, minlength=12)
    if len(n) < LEAST_MONTHS_SEASONS or years.min() < 2 or not n.any():  # noqa: PLR2004 - once is no season
        return ()
    mean = np.bincount(month, n, minlength=12) / years
    ratio = mean / mean.mean()
    return tuple(Season(i + 1, float(ratio[i]), int(years[i])) for i in range(12))


class Trends(NamedTuple):
    """
    Trends of many hotspots, each an array of float64; missing where undefined.

    Attributes
    ----------
    per_year, low, high : array of float64, shape (n,)
        Change a year with its 95 % interval.
    p : array of float64, shape (n,)
        Of the Mann-Kendall test.
    """

    per_year: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    p: NDArray[np.float64]


def trends(month_number: NDArray[np.int64], share: NDArray[np.float64]) -> Trends:
    """
    Trend of each hotspot's share of its area's incidents.

    Parameters
    ----------
    month_number : array of int64, shape (n_months,)
        Calendar months counted from any start and rising, so that missing months keep their length.
    share : array of float64, shape (n, n_months)

    Returns
    -------
    Trends
        Theil-Sen slopes times twelve with their intervals, and the p-values of Kendall's tau: what
        scipy's ``theilslopes`` and ``kendalltau`` give row by row.

    References
    ----------
    Mann (1945), Econometrica 13, 245-259; Sen (1968), JASA 63, 1379-1389.
    """
    n, size = share.shape
    found = Trends(*np.full((4, n), np.nan))
    moves = np.flatnonzero(np.ptp(share, axis=1) > 0)
    if size < 4 or not len(moves):  # noqa: PLR2004 - no interval from three months
        return found
    rows = share[moves]
    before, after = np.triu_indices(size, 1)
    rise = rows[:, after] - rows[:, before]
    slopes = np.sort(12 * rise / (month_number[after] - month_number[before]), axis=1)
    tied = _tie_term(rows)
    spread = np.sqrt((size * (size - 1) * (2 * size + 5) - tied) / 18)
    half = special.ndtri(0.975) * spread
    n_pairs = len(before)
    low = np.maximum(np.round((n_pairs - half) / 2).astype(np.int64) - 1, 0)
    high = np.minimum(np.round((n_pairs + half) / 2).astype(np.int64), n_pairs - 1)
    found.per_year[moves] = np.median(slopes, axis=1)
    found.low[moves] = np.take_along_axis(slopes, low[:, None], axis=1)[:, 0]
    found.high[moves] = np.take_along_axis(slopes, high[:, None], axis=1)[:, 0]
    found.p[moves] = _kendall_p(size, np.sign(rise).sum(axis=1), spread, tied > 0)
    return found


def _tie_term(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum k (k - 1) (2 k + 5) over the groups of k equal values of each row."""
    ordered = np.sort(rows, axis=1)
    is_first = np.diff(ordered, axis=1, prepend=np.nan) != 0
    group = np.cumsum(is_first.ravel()) - 1
    k = np.bincount(group)
    owner = np.repeat(np.arange(len(rows)), rows.shape[1])[is_first.ravel()]
    return np.bincount(owner, k * (k - 1) * (2 * k + 5), len(rows)).astype(np.float64)


def _kendall_p(
    size: int,
    balance: NDArray[np.float64],
    spread: NDArray[np.float64],
    is_tied: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """Return the p-value of Kendall's tau of each row from its concordant less discordant pairs."""
    n_pairs = size * (size - 1) // 2
    p = 2 * special.ndtr(-np.abs(balance) / spread)
    # Without ties and with few months, or hardly a pair out of order, the exact distribution is
    # used, as scipy does; it hangs on the balance alone.
    is_exact = ~is_tied & ((size <= _EXACT_MONTHS) | (np.abs(balance) >= n_pairs - 2))
    fewer = ((n_pairs - np.abs(balance[is_exact])) // 2).astype(np.int64)
    p[is_exact] = np.minimum(2 * np.cumsum(_chance_of_discord(size))[fewer], 1.0)
    return np.asarray(p)


def _chance_of_discord(size: int) -> NDArray[np.float64]:
    """
    Return the chance of 0, 1, 2 ... discordant pairs where any order is as likely as another.

    References
    ----------
    Kendall (1970), Rank Correlation Methods, 4th edition, chapter 5.
    """
    chance = np.ones(1)
    # The next value comes before none, one ... or all of the earlier ones, each as likely.
    for n in range(2, size + 1):
        chance = np.convolve(chance, np.full(n, 1 / n))
    return chance
