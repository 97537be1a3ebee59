"""
Case-case estimator: a crime against a control crime at the same places.

Every pair of an incident of the crime and one of the control, in the same 250 m, is asked which of
the two lies at the place with more of the factor. What draws both crimes alike to a place, known
or not, drops out, within blocks too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit

from hotspots.risk.estimates import Estimates, clustered, solve

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hotspots.risk.blocks import Blocks


@dataclass(frozen=True)
class CasePairs:
    """
    Every two points of a block, with their pairs of incidents; made once for all factors.

    Attributes
    ----------
    one, other : array of int64, shape (n_pairs,)
        Points.
    block : array of int64, shape (n_pairs,)
        Rising.
    forth, back : array of float64, shape (n_pairs, n_sets)
        Weight of the crime at the one and the control at the other; and the other way round.
    n : array of float64, shape (n_blocks, n_sets)
        Incidents of both crimes.
    blocks : Blocks
    """

    one: NDArray[np.int64]
    other: NDArray[np.int64]
    block: NDArray[np.int64]
    forth: NDArray[np.float64]
    back: NDArray[np.float64]
    n: NDArray[np.float64]
    blocks: Blocks

    @classmethod
    def of(
        cls, cases: NDArray[np.float64], controls: NDArray[np.float64], blocks: Blocks
    ) -> CasePairs:
        """
        Pair the incidents of crimes with those of their controls.

        Parameters
        ----------
        cases, controls : array of float64, shape (n_points, n_sets)
        blocks : Blocks
        """
        one, other, block = blocks.pairs()
        case, control = cases[blocks.rows], controls[blocks.rows]
        n_cases, n_controls = blocks.by_block(case), blocks.by_block(control)
        # Mantel and Haenszel's weight for a block: pairs over incidents.
        weight = 1 / np.maximum(n_cases + n_controls, 1)
        forth, back = (
            case[a] * control[b] * weight[block] for a, b in ((one, other), (other, one))
        )
        n = np.where((n_cases > 0) & (n_controls > 0), n_cases + n_controls, 0)
        return cls(blocks.rows[one], blocks.rows[other], block, forth, back, n, blocks)


def case_case(factor: NDArray[np.float64], pairs: CasePairs) -> Estimates:
    """
    Estimate the ratio of a crime over its control for one more of a factor, within blocks.

    Parameters
    ----------
    factor : array of float64, shape (n_points,)
        NaN where it is not known; such points are left out.
    pairs : CasePairs

    Returns
    -------
    Estimates

    References
    ----------
    Liang (1987), Biometrics 43, 289-299, for Mantel and Haenszel's estimator with any factor.
    """
    more = factor[pairs.one] - factor[pairs.other]
    speaks = np.flatnonzero(~np.isnan(more) & (more != 0))
    more, block = more[speaks, None], pairs.block[speaks]
    forth, back = pairs.forth[speaks], pairs.back[speaks]
    blocks, first = np.unique(block, return_index=True)
    squares, start = np.unique(pairs.blocks.cluster[blocks], return_index=True)
    starts = first[start]

    def terms(at: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        chance = expit(more * at)
        score = more * (forth * (1 - chance) - back * chance)
        information = more**2 * (forth + back) * chance * (1 - chance)
        if not len(squares):
            return score, information
        return np.add.reduceat(score, starts), np.add.reduceat(information, starts)

    log_ratio = solve(terms, forth.shape[1])
    score, information = terms(np.nan_to_num(log_ratio))
    null_score, _ = terms(np.zeros(forth.shape[1]))
    n = pairs.n[blocks].sum(axis=0).astype(np.int64)
    return clustered(log_ratio, score, information, n, null_score=null_score)
