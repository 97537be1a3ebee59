"""The smooth background: what each map point would have without hotspots (METHODS §5)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import gaussian_filter

if TYPE_CHECKING:
    from numpy.typing import NDArray

BANDWIDTH_M = 1500.0
"""Standard deviation of the Gaussian kernel of the background (METHODS §5)."""

LEAST_EXPOSURE_SHARE = 0.1
"""No point's exposure is taken for less than this share of the mean: an incident happened there
although the register of addresses or residents has nobody."""

N_CORRECTIONS = 3
"""
Times that the background is corrected for what smoothing took off its own peaks.

A Gaussian kernel flattens towns, and with tens of thousands of incidents that alone makes the
middle of a town look hot: without correction, 121 of 125 maps of all crime without hotspots
showed one at 5 %, with three (and before ``LEAST_RATIO``) 2 of 40.
"""

_CELLS_PER_BANDWIDTH = 4
_KERNEL_REACH = 4.0
"""Cells of the grid, and where the kernel ends, in bandwidths."""


def background(
    count: NDArray[np.float64],
    xy: NDArray[np.float64],
    *,
    bandwidth_m: float = BANDWIDTH_M,
    exposure: NDArray[np.float64] | None = None,
    n_corrections: int = N_CORRECTIONS,
) -> NDArray[np.float64]:
    """
    Smooth a set's incidents over the map points: what each would have without hotspots.

    A point expects its exposure times the local rate, which is incidents over exposure, both
    weighted by a Gaussian kernel; the rate is then multiplied, ``n_corrections`` times, by what
    the kernel makes of the incidents over what it makes of the estimate. Without exposure each
    point counts as one: police.uk chose its points so that each stands for a street or a place,
    and crime gathers by streets, not hectares.

    Parameters
    ----------
    count : array of float64, shape (n_points,)
        Incidents of the set in the window, over all points seen.
    xy : array of float64, shape (n_points, 2)
        Metres, EPSG:27700.
    bandwidth_m : float
        Standard deviation of the kernel.
    exposure : array of float64, shape (n_points,), optional
        Addresses, street metres, residents or square metres of each catchment.
    n_corrections : int
        None gives the plain kernel, smoother than the incidents call for.

    Returns
    -------
    array of float64, shape (n_points,)
        Sums to the incidents; the same to the last bit in whatever order the points come.

    References
    ----------
    Jones, Linton and Nielsen (1995), Biometrika 82, 327-338, for the correction.
    """
    return Neighbourhood.of(xy, bandwidth_m=bandwidth_m, exposure=exposure).background(
        count, n_corrections=n_corrections
    )


@dataclass(frozen=True)
class Neighbourhood:
    """
    What the backgrounds of all sets over the same map points share, worked out once.

    Attributes
    ----------
    order : array of int64, shape (n_points,)
        From west to east, so that the order in which points come changes no bit of a sum.
    exposed : array of float64, shape (n_points,)
        In that order.
    smooth : _Smoother, optional
        Of the points in that order; None if there are none.
    """

    order: NDArray[np.int64]
    exposed: NDArray[np.float64]
    smooth: _Smoother | None

    @classmethod
    def of(
        cls,
        xy: NDArray[np.float64],
        *,
        bandwidth_m: float = BANDWIDTH_M,
        exposure: NDArray[np.float64] | None = None,
    ) -> Neighbourhood:
        """Prepare map points; parameters as of ``background``."""
        order = np.lexsort(xy.T)
        if not len(xy):
            return cls(order, np.empty(0), None)
        exposed = np.ones(len(xy)) if exposure is None else np.asarray(exposure, dtype=np.float64)
        exposed = np.maximum(exposed[order], LEAST_EXPOSURE_SHARE * exposed[order].mean())
        return cls(order, exposed, _Smoother.over(xy[order], bandwidth_m=bandwidth_m))

    @cached_property
    def _exposed_around(self) -> NDArray[np.float64]:
        return self.exposed if self.smooth is None else self.smooth(self.exposed)

    def background(
        self, count: NDArray[np.float64], *, n_corrections: int = N_CORRECTIONS
    ) -> NDArray[np.float64]:
        """Smooth a set's incidents; parameters as of ``background``."""
        total = float(count.sum())
        if self.smooth is None or total <= 0:
            return np.zeros(len(count))
        found, local = self.smooth(count[self.order]), self.exposed
        for i in range(1 + n_corrections):
            again = self.smooth(local) if i else self._exposed_around
            local = local * np.divide(found, again, out=np.zeros_like(again), where=again > 0)
        result = np.empty(len(count))
        result[self.order] = local * (total / local.sum())
        return result


@dataclass(frozen=True)
class _Smoother:
    """
    Sums values at points under a Gaussian kernel, by way of a grid.

    Attributes
    ----------
    shape : tuple of int
        Cells of the grid.
    shares : tuple of (array of int64, array of float64)
        The four corners around each point, and its part in each: points give to them, and take
        from them, in proportion.
    """

    shape: tuple[int, int]
    shares: tuple[tuple[NDArray[np.int64], NDArray[np.float64]], ...]

    @classmethod
    def over(cls, xy: NDArray[np.float64], *, bandwidth_m: float) -> _Smoother:
        """Lay a grid over points."""
        at = (xy - xy.min(axis=0)) * (_CELLS_PER_BANDWIDTH / bandwidth_m)
        corner = np.floor(at).astype(np.int64)
        part = at - corner
        width, height = (int(most) + 2 for most in corner.max(axis=0))
        shares = tuple(
            (
                (corner[:, 0] + dx) * height + corner[:, 1] + dy,
                np.abs(1 - dx - part[:, 0]) * np.abs(1 - dy - part[:, 1]),
            )
            for dx in (0, 1)
            for dy in (0, 1)
        )
        return cls((width, height), shares)

    def __call__(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Smooth one value for each point."""
        cells = np.zeros(self.shape[0] * self.shape[1])
        for corner, share in self.shares:
            cells += np.bincount(corner, share * values, len(cells))
        smooth = gaussian_filter(
            cells.reshape(self.shape), _CELLS_PER_BANDWIDTH, mode="constant", truncate=_KERNEL_REACH
        ).ravel()
        return np.asarray(sum(smooth[corner] * share for corner, share in self.shares))
