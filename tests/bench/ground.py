"""What the benchmarks run on: an area's map points and counts, and a made-up country of many."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import sparse

from hotspots import points
from hotspots.pipeline.ingest import ingest
from hotspots.settings import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd
    from numpy.typing import NDArray

MONTHS = 36
WINDOW = 12
TILE_M = 200_000.0
"""Distance between the tiles of the made-up country: further than any area is wide."""


@dataclass(frozen=True)
class Ground:
    """
    Map points and monthly counts.

    Attributes
    ----------
    xy : array of float64, shape (n_points, 2)
        Metres, EPSG:27700.
    lonlat : array of float64, shape (n_points, 2)
        Degrees.
    by_month : dict of set name to csr_matrix of float32, shape (n_points, n_months)
        Each crime type, and all crime.
    """

    xy: NDArray[np.float64]
    lonlat: NDArray[np.float64]
    by_month: dict[str, sparse.csr_matrix]

    @property
    def n_windows(self) -> int:
        """How many windows of twelve observed months there are."""
        months: int = self.by_month["all crime"].shape[1]
        return max(months - WINDOW + 1, 0)

    def windows(self, name: str) -> NDArray[np.float32]:
        """Sum one set over every window; points by windows."""
        months = self.by_month[name].shape[1]
        lag = np.arange(months)[:, None] - np.arange(self.n_windows)[None, :]
        sums: NDArray[np.float32] = self.by_month[name] @ (
            ((lag >= 0) & (lag < WINDOW)).astype(np.float32)
        )
        return sums

    def parts(self, n: int) -> Iterator[Ground]:
        """Take the points in ``n`` equal parts, one after the other."""
        each = len(self.xy) // n
        for start in range(0, len(self.xy), each):
            rows = slice(start, start + each)
            by_month = {name: values[rows] for name, values in self.by_month.items()}
            yield Ground(self.xy[rows], self.lonlat[rows], by_month)

    def incidents(self) -> int:
        """Count all incidents."""
        total: float = float(self.by_month["all crime"].sum(dtype=np.float64))
        return int(total)


def read(settings: Path) -> tuple[Ground, dict[str, pd.DataFrame]]:
    """Ingest an area; return the last 36 observed months of it, and all tables."""
    tables, _ = ingest(load(settings), until=None)
    return from_tables(tables["points"], tables["counts"]), tables


def from_tables(table: gpd.GeoDataFrame, counts: pd.DataFrame) -> Ground:
    """Take the last 36 observed months, and the map points on which anything happened in them."""
    months = pd.DatetimeIndex(np.sort(counts["month"].unique()))[-MONTHS:]
    counts = counts[counts["month"].isin(months)]
    used = table[table["point_id"].isin(counts["point_id"].unique())]
    types = sorted(counts["crime_type"].unique())
    matrix = points.CountMatrix.from_counts(
        counts, point_ids=pd.Index(used["point_id"]), months=months, types=types
    )
    columns = matrix.values.tocsc().astype(np.float32)
    by_month = {name: columns[:, j :: len(types)].tocsr() for j, name in enumerate(types)}
    by_month["all crime"] = sum(by_month.values()).tocsr()
    xy = used.geometry.get_coordinates().to_numpy()
    return Ground(xy, used[["longitude", "latitude"]].to_numpy(), by_month)


def country(ground: Ground, *, copies: int, seed: int = 1) -> Ground:
    """
    Make up a country: copies of an area side by side, its counts drawn anew in each.

    Points are moved by a few metres and counts are Poisson draws about those of the area, so no
    two copies are the same.
    """
    rng = np.random.default_rng(seed)
    side = int(np.ceil(np.sqrt(copies)))
    tile = np.column_stack(np.divmod(np.arange(copies), side)) * TILE_M
    xy = np.concatenate([ground.xy + t + rng.normal(0, 10, ground.xy.shape) for t in tile])
    by_month = {
        name: sparse.vstack([_redrawn(values, rng) for _ in range(copies)], format="csr")
        for name, values in ground.by_month.items()
        if name != "all crime"
    }
    by_month["all crime"] = sum(by_month.values()).tocsr()
    return Ground(xy, np.tile(ground.lonlat, (copies, 1)), by_month)


def _redrawn(values: sparse.csr_matrix, rng: np.random.Generator) -> sparse.csr_matrix:
    drawn = values.copy()
    drawn.data = rng.poisson(values.data).astype(np.float32)
    drawn.eliminate_zeros()
    return drawn
