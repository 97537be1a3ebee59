"""Weighted displacement difference and quotient of counts before and after an action."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

Z_95 = 1.959963984540054
"""Standard errors to each side of a 95 % interval."""


@dataclass(frozen=True)
class Difference:
    """
    A difference of differences.

    Attributes
    ----------
    value : float
        Below zero: fewer than expected.
    variance : float
        Of ``value``, if counts vary as chance alone makes them (Poisson), times the spread.
    """

    value: float
    variance: float

    @property
    def low(self) -> float:
        """Low end of the 95 % interval."""
        return self.value - Z_95 * float(np.sqrt(self.variance))

    @property
    def high(self) -> float:
        """High end of the 95 % interval."""
        return self.value + Z_95 * float(np.sqrt(self.variance))


def wdd(
    treated: ArrayLike,
    control: ArrayLike,
    *,
    displaced: ArrayLike | None = None,
    control_displaced: ArrayLike | None = None,
    control_weight: float = 1.0,
    ratio: float = 1.0,
    weights: ArrayLike | None = None,
    spread: float = 1.0,
) -> Difference:
    """
    Work out the weighted displacement difference.

    With T, D, C, E the counts of the action's area, the ring around it, the comparison and the
    ring around that, a after and b before, r the ``ratio`` of months and c the weight of the
    comparison, it is (Ta - rTb) + (Da - rDb) - c(Ca - rCb) - c(Ea - rEb). Its variance is that
    of Poisson counts: each count times the square of what it was multiplied by.

    Parameters
    ----------
    treated, control : array of shape (2,) or (2, n_types)
        Incidents before and after.
    displaced, control_displaced : array of the same shape, optional
        Of the rings around them; without, what moved is left out.
    control_weight : float
        1 over the number of like places, or the size of the action's area for that of the
        comparison.
    ratio : float
        Months observed after for months observed before.
    weights : array of shape (n_types,), optional
        Harm of one incident of each type; a count if not given.
    spread : float
        How much more such changes vary than by chance alone.

    References
    ----------
    Wheeler and Ratcliffe (2018), Crime Science 7:11.
    """
    parts = [(1.0, treated), (-control_weight, control)]
    if displaced is not None:
        parts.append((1.0, displaced))
    if control_displaced is not None:
        parts.append((-control_weight, control_displaced))
    value = variance = 0.0
    for factor, counts in parts:
        before, after = _by_type(counts)
        harm = np.ones(len(before)) if weights is None else np.asarray(weights, dtype=np.float64)
        value += factor * float(harm @ (after - ratio * before))
        variance += factor**2 * float(harm**2 @ (after + ratio**2 * before))
    return Difference(value, variance * spread)


def _by_type(counts: ArrayLike) -> NDArray[np.float64]:
    return np.asarray(counts, dtype=np.float64).reshape(2, -1)


def wdq(treated: ArrayLike, control: ArrayLike, displaced: ArrayLike) -> float | None:
    """
    Work out the weighted displacement quotient where it can be read.

    It is (Da/Ca - Db/Cb) / (Ra/Ca - Rb/Cb). Above 1 the ring gained more than the area, from 0
    to 1 it gained too, from -1 to 0 less moved there than went, below -1 more moved than went.

    Parameters
    ----------
    treated, control, displaced : array of shape (2,)
        Incidents before and after; whatever the months, for only ratios to the comparison count.

    Returns
    -------
    float or None
        None where a count of the action's area or the comparison is zero, or where the area did
        no better than the comparison: then there is nothing that could have moved.

    References
    ----------
    Bowers and Johnson (2003), Journal of Quantitative Criminology 19:275-301; Guerette (2009),
    Analyzing Crime Displacement and Diffusion, appendices B and C.
    """
    (rb, ra), (cb, ca), (db, da) = (
        np.asarray(each, dtype=np.float64).tolist() for each in (treated, control, displaced)
    )
    if 0 in {rb, ra, cb, ca}:
        return None
    success = ra / ca - rb / cb
    return (da / ca - db / cb) / success if success < 0 else None


def verdict(found: Difference) -> str:
    """Return ``fewer`` or ``more`` where the whole interval lies on one side, else neither."""
    if found.variance > 0 and found.high < 0:
        return "fewer"
    return "more" if found.variance > 0 and found.low > 0 else "no clear change"
