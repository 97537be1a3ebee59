"""Places that are compared with each other: map points of one block, blocks of one square."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

BLOCK_M = 250.0
"""Side of a block. What its places share is held constant (METHODS §8)."""

CLUSTER_M = 2000.0
"""Side of the squares whose errors may go together (METHODS §8); eight blocks fit along it."""


@dataclass(frozen=True)
class Blocks:
    """
    Map points in blocks of 250 m, and blocks in squares of 2 km.

    The lines of both are those of the National Grid: multiples of 250 m and of 2 km of easting
    and northing, so that a block lies in one square whatever points there are. A point alone in
    its block has nothing to be compared with and is left out.

    Attributes
    ----------
    n_points : int
    rows : array of int64, shape (n_rows,)
        Points in order of square and block.
    starts : array of int64, shape (n_blocks,)
        Where each block begins among ``rows``.
    cluster_starts : array of int64, shape (n_clusters,)
        Where each square begins among the blocks.
    """

    n_points: int
    rows: NDArray[np.int64]
    starts: NDArray[np.int64]
    cluster_starts: NDArray[np.int64]

    @classmethod
    def of(
        cls, xy: NDArray[np.float64], *, block_m: float = BLOCK_M, cluster_m: float = CLUSTER_M
    ) -> Blocks:
        """
        Lay the squares over map points.

        Parameters
        ----------
        xy : array of float64, shape (n_points, 2)
            Metres, EPSG:27700.
        block_m, cluster_m : float
            The second a multiple of the first.
        """
        block = np.floor(xy / block_m).astype(np.int64)
        square = np.floor(xy / cluster_m).astype(np.int64)
        keys = np.column_stack([square, block])
        _, number, size = np.unique(keys, axis=0, return_inverse=True, return_counts=True)
        number = number.reshape(-1)
        rows = np.lexsort((*xy.T, number))
        rows = rows[size[number[rows]] > 1]
        starts = _starts(number[rows])
        cluster = square[rows[starts]]
        _, cluster_number = np.unique(cluster, axis=0, return_inverse=True)
        return cls(len(xy), rows, starts, _starts(cluster_number.reshape(-1)))

    @property
    def sizes(self) -> NDArray[np.int64]:
        """Points of each block."""
        return np.diff(self.starts, append=len(self.rows))

    @property
    def owner(self) -> NDArray[np.int64]:
        """Block of each row."""
        return np.repeat(np.arange(len(self.starts)), self.sizes)

    @property
    def cluster(self) -> NDArray[np.int64]:
        """Square of each block."""
        sizes = np.diff(self.cluster_starts, append=len(self.starts))
        return np.repeat(np.arange(len(self.cluster_starts)), sizes)

    def by_block(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum values of rows over each block."""
        return _sums(values, self.starts)

    def by_cluster(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum values of blocks over each square."""
        return _sums(values, self.cluster_starts)

    def pairs(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """
        Name every two points of one block.

        Returns
        -------
        one, other : array of int64, shape (n_pairs,)
            Places among ``rows``.
        block : array of int64, shape (n_pairs,)
            Rising.
        """
        none = np.empty(0, dtype=np.int64)
        ones, others, blocks = [none], [none], [none]
        for size in np.unique(self.sizes):
            here = np.flatnonzero(self.sizes == size)
            i, j = np.triu_indices(size, k=1)
            ones.append((self.starts[here, None] + i).ravel())
            others.append((self.starts[here, None] + j).ravel())
            blocks.append(np.repeat(here, len(i)))
        one, other, block = (np.concatenate(each) for each in (ones, others, blocks))
        order = np.argsort(block, kind="stable")
        return one[order], other[order], block[order]


def _starts(rising: NDArray[np.int64]) -> NDArray[np.int64]:
    """Find where each value of a sorted array begins."""
    return np.flatnonzero(np.diff(rising, prepend=-1)).astype(np.int64)


def _sums(values: NDArray[np.float64], starts: NDArray[np.int64]) -> NDArray[np.float64]:
    if not len(starts):
        return np.zeros((0, *values.shape[1:]))
    return np.asarray(np.add.reduceat(values, starts, axis=0))
