"""The EB-mix score of many maps by one settled rule, for simulations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hotspots.intensity.eb_mix import EbMix


@dataclass(frozen=True)
class FixedMix:
    """
    An EB-mix whose coefficients and strength are settled, for scoring simulated counts.

    Attributes
    ----------
    base : array of float32, shape (n_points,)
        What the area's mean, all other crime and earlier records say of each point.
    mixing : csr_matrix of float32, shape (n_points, n_points)
        What an incident at one point says of another.
    inverse_strength : float
        Zero where the counts vary no more than chance.
    """

    base: NDArray[np.float32]
    mixing: sparse.csr_matrix
    inverse_strength: float

    @classmethod
    def of(
        cls,
        mix: EbMix,
        kernels: tuple[sparse.csr_matrix, ...],
        seen: NDArray[np.bool_],
        *,
        mean: float,
        other: NDArray[np.float64],
        earlier: tuple[NDArray[np.float64], ...] = (),
    ) -> FixedMix:
        """
        Settle the rule that a real map was scored by.

        Parameters
        ----------
        mix : EbMix
        kernels : tuple of csr_matrix
            Of ``biweight_kernels``, all points of the list.
        seen : array of bool, shape (n_points,)
        mean : float
            Incidents of the set for each point seen.
        other : array of float64, shape (n_points,)
            All other crime, which the simulations leave as it is.
        earlier : tuple of arrays of float64, shape (n_points,)
            Earlier records as they would be on a map without hotspots.
        """
        of_mean, of_rest = mix.coefficients[0], mix.coefficients[1:]
        of_kernels, (of_other, *of_earlier) = of_rest[: len(kernels)], of_rest[len(kernels) :]
        mixing = sparse.csr_matrix(kernels[0].shape, dtype=np.float32)
        for coefficient, kernel in zip(of_kernels, kernels, strict=True):
            if coefficient:
                weight = kernel @ seen.astype(np.float64)
                share = np.divide(coefficient, weight, out=np.zeros_like(weight), where=weight > 0)
                data = (kernel.data * np.repeat(share, np.diff(kernel.indptr))).astype(np.float32)
                mixing += sparse.csr_matrix((data, kernel.indices, kernel.indptr), kernel.shape)
        base = of_mean * mean + of_other * other
        for coefficient, record in zip(of_earlier, earlier, strict=True):
            base = base + coefficient * record
        return cls(base.astype(np.float32), mixing, 1 / mix.strength)

    def scores(self, counts: NDArray[np.float32]) -> NDArray[np.float32]:
        """
        Score many maps.

        Parameters
        ----------
        counts : array of float32, shape (n_points, n_maps)

        Returns
        -------
        array of float32, shape (n_points, n_maps)
        """
        prior = self.mixing @ counts
        prior += self.base[:, None]
        np.maximum(prior, np.float32(1e-9), out=prior)
        loose = np.float32(self.inverse_strength)
        # prior * (1 + loose * counts) / (1 + loose * prior), in place: this is most of the time.
        score = loose * counts
        score += 1
        score *= prior
        prior *= loose
        prior += 1
        score /= prior
        return np.asarray(score)
