"""Small towns with all that drawing and testing hotspots needs of the ground."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import sparse

from hotspots import cluster, points


@dataclass(frozen=True)
class Town:
    """Map points of a made-up town; see the arrays of ``pipeline.frames.Frame``."""

    xy: NDArray[np.float64]
    area_m2: NDArray[np.float64]
    reach: NDArray[np.float64]
    near: sparse.csr_matrix
    distances: sparse.csr_matrix

    @classmethod
    def of(cls, n: int, *, seed: int) -> Town:
        """Scatter points about 70 m apart."""
        chance = np.random.default_rng(seed)
        side = int(np.ceil(np.sqrt(n)))
        grid = np.stack(np.meshgrid(np.arange(side), np.arange(side)), axis=-1).reshape(-1, 2)[:n]
        return cls.at(70.0 * grid + chance.uniform(-25, 25, size=(n, 2)))

    @classmethod
    def at(cls, xy: NDArray[np.float64]) -> Town:
        """Give points their ground."""
        cells = points.catchments(xy)
        reach = np.maximum(cluster.reaches(cells), cluster.disc_reaches(xy, 50.0))
        distances = points.neighbour_distances(xy, radius_m=500)
        near = cluster.within(distances, eps_m=100)
        return cls(xy, shapely.area(cells), reach, near, distances)


def draw_one(
    score: NDArray[np.float64],
    count: NDArray[np.float64],
    area_m2: NDArray[np.float64],
    reach: NDArray[np.float64],
    near: sparse.csr_matrix,
    rules: cluster.DrawRules,
    *,
    last: NDArray[np.int64] | None = None,
) -> NDArray[np.int64]:
    """Draw a batch of one map; its labels, shape (n_points,)."""
    return cluster.draw_excess_mass(
        score[:, None].astype(np.float32), count[:, None].astype(np.float32), area_m2, reach, near,
        rules, last=None if last is None else last[:, None],
    ).labels(len(score), 1)[:, 0]  # fmt: skip
