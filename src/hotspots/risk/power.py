"""How often a ratio of a given size would be found, at an area's own points and volumes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hotspots.risk.case_case import CasePairs, case_case
from hotspots.risk.evidence import is_associated
from hotspots.risk.matched import matched

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hotspots.risk.blocks import Blocks


@dataclass(frozen=True)
class Rates:
    """
    What is known of the crime to expect at each point: a gamma distribution (EB-mix).

    Attributes
    ----------
    count, prior_mean : array of float64, shape (n_points,)
    strength : float
        Infinite where the counts vary no more than chance about the prior mean.
    """

    count: NDArray[np.float64]
    prior_mean: NDArray[np.float64]
    strength: float

    def draw(self, chance: np.random.Generator) -> NDArray[np.float64]:
        """Draw a rate for each point that its record allows."""
        if np.isinf(self.strength):
            return self.prior_mean
        shape = self.count + self.strength
        return chance.gamma(shape, 1 / (1 + self.strength / self.prior_mean))


def planted_counts(
    rates: Rates,
    factor: NDArray[np.float64],
    *,
    ratio: float,
    chance: np.random.Generator,
) -> NDArray[np.float64]:
    """
    Make the counts of one map on which a crime follows a factor; the volume stays.

    Parameters
    ----------
    rates : Rates
    factor : array of float64, shape (n_points,)
    ratio : float
        For one more of the factor.
    chance : Generator

    Returns
    -------
    array of float64, shape (n_points,)
    """
    risk = rates.draw(chance) * ratio**factor
    total = risk.sum()
    return chance.poisson(risk * (rates.count.sum() / total if total else 0.0)).astype(np.float64)


def found_on_map(
    cases: NDArray[np.float64],
    controls: NDArray[np.float64],
    factor: NDArray[np.float64],
    blocks: Blocks,
    *,
    n_tests: int,
) -> NDArray[np.bool_]:
    """
    Say for which sets the factor of a map would be called associated, above 1.

    Parameters
    ----------
    cases, controls : array of float64, shape (n_points, n_sets)
    factor : array of float64, shape (n_points,)
    blocks : Blocks
    n_tests : int
        Tests that it stands among; none of the others is taken to find anything, which is the
        hardest case for the false discovery rate.

    Returns
    -------
    array of bool, shape (n_sets,)
    """
    first = matched(factor, cases, blocks)
    second = case_case(factor, CasePairs.of(cases, controls, blocks))
    return is_associated(first, second, n_tests * first.p) & (first.log_ratio > 0)
