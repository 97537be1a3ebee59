"""A ratio with its interval: what both estimators hand back, and how its errors are found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special  # the curves themselves; scipy.stats takes half a second to load

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

LEVEL = 0.95
"""Of every interval."""

POWER_Z = 1.96 + 0.84
"""Standard errors between no association and one that is seen four times in five at 5 %."""

_MOST_STEPS = 50
_FURTHEST = 8.0
"""A logarithm beyond this, a ratio of three thousand, is that of a table with an empty cell."""


@dataclass(frozen=True)
class Estimates:
    """
    The ratio of one factor for several crime sets.

    Attributes
    ----------
    log_ratio, error : array of float64, shape (n_sets,)
        Natural logarithm of the ratio and its standard error; NaN where there is none to be had.
    freedom : array of float64, shape (n_sets,)
        Degrees of freedom of the interval.
    n : array of int64, shape (n_sets,)
        Incidents that speak to it: those of blocks in which the factor varies.
    n_clusters : array of int64, shape (n_sets,)
        Squares of 2 km with such a block.
    null_z : array of float64, shape (n_sets,)
        What the squares' scores at no association sum to, in standard errors of their own.
    """

    log_ratio: NDArray[np.float64]
    error: NDArray[np.float64]
    freedom: NDArray[np.float64]
    n: NDArray[np.int64]
    n_clusters: NDArray[np.int64]
    null_z: NDArray[np.float64]

    @property
    def ratio(self) -> NDArray[np.float64]:
        """The ratios."""
        return np.exp(self.log_ratio)

    @property
    def low(self) -> NDArray[np.float64]:
        """Low ends of the 95 % intervals."""
        return np.exp(self.log_ratio - self._reach)

    @property
    def high(self) -> NDArray[np.float64]:
        """High ends of the 95 % intervals."""
        return np.exp(np.minimum(self.log_ratio + self._reach, np.log(np.finfo(float).max)))

    @property
    def p(self) -> NDArray[np.float64]:
        """
        Two-sided p-values of no association: the larger of those of Wald's and the score test.

        Wald's alone is too sure of itself far out, where many tests are made, if a few busy
        places carry most of the incidents.
        """
        wald = special.stdtr(self.freedom, -np.abs(self.log_ratio) / self.error)
        # A sum over its own root of squares has no longer tails than the normal curve.
        return np.asarray(2 * np.maximum(wald, special.ndtr(-np.abs(self.null_z))))

    @property
    def smallest(self) -> NDArray[np.float64]:
        """Smallest ratio that this volume would have shown four times in five."""
        return np.exp(np.minimum(POWER_Z * self.error, np.log(np.finfo(float).max)))

    @property
    def _reach(self) -> NDArray[np.float64]:
        return np.asarray(special.stdtrit(self.freedom, (1 + LEVEL) / 2) * self.error)


def solve(
    terms: Callable[[NDArray[np.float64]], tuple[NDArray[np.float64], NDArray[np.float64]]],
    n_sets: int,
) -> NDArray[np.float64]:
    """
    Find where the scores of several sets are nothing, each of one parameter.

    Parameters
    ----------
    terms : callable
        Gives score and information, each of shape (n_parts, n_sets), at given parameters.
    n_sets : int

    Returns
    -------
    array of float64, shape (n_sets,)
        NaN where there is no such place, because the data leave the parameter open.
    """
    at = np.zeros(n_sets)
    step = np.zeros(n_sets)
    for _ in range(_MOST_STEPS):
        score, information = (each.sum(axis=0) for each in terms(at))
        step = np.divide(score, information, out=np.zeros(n_sets), where=information > 0)
        at = np.clip(at + np.clip(step, -1, 1), -_FURTHEST, _FURTHEST)
        if np.abs(step).max(initial=0) < 1e-8:  # noqa: PLR2004 - far below any standard error
            break
    is_found = (np.abs(at) < _FURTHEST) & (information > 0) & (np.abs(step) < 1e-4)  # noqa: PLR2004
    return np.where(is_found, at, np.nan)


def clustered(
    log_ratio: NDArray[np.float64],
    score: NDArray[np.float64],
    information: NDArray[np.float64],
    n: NDArray[np.int64],
    *,
    null_score: NDArray[np.float64],
) -> Estimates:
    """
    Give estimates the errors that hold if what lies in one square goes together.

    The sandwich with each square's score enlarged for its own pull on the estimate (CR2, which
    for one parameter is a division), and t intervals with as many degrees of freedom as there
    are squares, counted by how evenly the information is spread over them.

    Parameters
    ----------
    log_ratio : array of float64, shape (n_sets,)
    score, information : array of float64, shape (n_clusters, n_sets)
        At the estimate.
    n : array of int64, shape (n_sets,)
    null_score : array of float64, shape (n_clusters, n_sets)
        Score at no association.

    Returns
    -------
    Estimates

    References
    ----------
    Bell and McCaffrey (2002), Survey Methodology 28, 169-181.
    """
    total = information.sum(axis=0)
    known = (total > 0) & ~np.isnan(log_ratio)
    share = np.divide(information, total, out=np.zeros_like(information), where=total > 0)
    spread = 1 / np.maximum((share**2).sum(axis=0), 1e-12)
    pull = score / np.sqrt(np.maximum(1 - share, 1e-12))
    variance = np.divide((pull**2).sum(axis=0), total**2, out=np.zeros_like(total), where=known)
    known &= (spread > 1) & (variance > 0)
    scatter = np.sqrt((null_score**2).sum(axis=0))
    null_z = np.divide(null_score.sum(axis=0), scatter, out=np.zeros_like(total), where=scatter > 0)
    return Estimates(
        np.where(known, log_ratio, np.nan),
        np.where(known, np.sqrt(variance), np.nan),
        np.where(known, spread - 1, np.nan),
        n,
        (information > 0).sum(axis=0).astype(np.int64),
        null_z,
    )
