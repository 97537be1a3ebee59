"""Places to compare with: those that were most alike before the action, and how they vary."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_PLACES = 5
"""Like places proposed at most: with five, hardly any of the uncertainty is theirs."""

MOST_UNLIKE = 2.0
"""A place with over twice the incidents before, or under half of them, is not alike."""

LEAST_FOR_SPREAD = 10
"""With fewer places nobody can say how much more they vary than by chance."""


def alike(
    treated: NDArray[np.float64], candidates: NDArray[np.float64], *, most: int = MOST_PLACES
) -> NDArray[np.int64]:
    """
    Choose the places nearest in count and in trend before the action.

    Near is meant on the scale of square roots, where counts vary alike, in both halves of the
    months before: alike in both is alike in level and in trend.

    Parameters
    ----------
    treated : array of float64, shape (2,)
        Incidents of the action's area in the first and the second half of the months before.
    candidates : array of float64, shape (n_places, 2)
    most : int

    Returns
    -------
    array of int64
        The nearest first; ties go to the first of the candidates.
    """
    total, own = candidates.sum(axis=1), treated.sum()
    is_near = _alike_in_size(total, float(own))
    apart = ((np.sqrt(candidates) - np.sqrt(treated)) ** 2).sum(axis=1)
    order = np.argsort(np.where(is_near, apart, np.inf), kind="stable")
    return np.asarray(order[: min(most, int(is_near.sum()))], dtype=np.int64)


def _alike_in_size(total: NDArray[np.float64], own: float) -> NDArray[np.bool_]:
    return np.asarray(
        (total <= MOST_UNLIKE * own) & (MOST_UNLIKE * total >= own) & (total > 0), dtype=np.bool_
    )


def spread(before: NDArray[np.float64], after: NDArray[np.float64], *, own: float) -> float:
    """
    Measure how much more the changes of places vary than chance alone would make them.

    Busier places vary more beyond chance, so only those are asked that had from half to twice as
    many incidents as the action's; all of them where fewer than ten are left.

    Parameters
    ----------
    before, after : array of float64, shape (n_places,)
        Incidents of places of the same kind, over the months compared.
    own : float
        Incidents of the action's area before.

    Returns
    -------
    float
        The mean square of their changes, less the change that all have in common, for the
        variance of Poisson counts. At least 1; 1 with fewer than ten places.
    """
    alike_in_size = _alike_in_size(before, own)
    if alike_in_size.sum() >= LEAST_FOR_SPREAD:
        before, after = before[alike_in_size], after[alike_in_size]
    total = before.sum()
    if len(before) < LEAST_FOR_SPREAD or total <= 0:
        return 1.0
    common = after.sum() / total
    chance = (after + common**2 * before).sum()
    if chance <= 0:
        return 1.0
    odd = ((after - common * before) ** 2).sum() * len(before) / (len(before) - 1)
    return max(1.0, float(odd / chance))
