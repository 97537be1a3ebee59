"""Benchmarks of the other two kinds of sums over neighbours: Gi*, and what stands at each point."""

from __future__ import annotations

import importlib
import importlib.util
import time
import warnings
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy import sparse
from scipy.spatial import cKDTree

from hotspots import intensity, points
from hotspots.crs import BNG
from hotspots.pipeline.placing import area_at

if TYPE_CHECKING:
    from ground import Ground
    from numpy.typing import NDArray

GI_RADIUS_M = 150.0
LAMPS_PER_POINT = 4
LAMPS_WITHIN_M = 100.0
_SQUARE_M = 500.0


def why_no_esda() -> str:
    """Say why esda cannot be asked; empty if it can."""
    return "" if importlib.util.find_spec("esda") else "skipped: esda is not installed here"


def gi_ours(ground: Ground) -> tuple[float, dict[str, NDArray[np.float64]]]:
    """Time Gi* of every point in every window of every set; return the middle windows too."""
    middle, kept = ground.n_windows // 2, {}
    seen = np.ones(len(ground.xy), dtype=bool)
    start = time.perf_counter()
    distances = points.neighbour_distances(ground.xy, radius_m=GI_RADIUS_M)
    for name in ground.by_month:
        counts = ground.windows(name).astype(np.float64)
        kept[name] = intensity.gi_star(distances, counts, seen, radius_m=GI_RADIUS_M)[:, middle]
    return time.perf_counter() - start, kept


def esda_weights(ground: Ground) -> dict[str, object]:
    """Make the weights that esda takes, of the older and the newer kind, ready for it to use."""
    older, newer = (importlib.import_module(f"libpysal.{name}") for name in ("weights", "graph"))
    distances = points.neighbour_distances(ground.xy, radius_m=GI_RADIUS_M)
    distances.data = np.ones(distances.nnz)
    matrix = distances + sparse.identity(len(ground.xy), format="csr")
    return {
        "W": older.WSP(matrix).to_W(silence_warnings=True),
        "Graph": newer.Graph.from_sparse(matrix.tocoo()).transform("B"),
    }


def gi_esda(
    ground: Ground, weights: object, name: str, *, permutations: int
) -> tuple[float, NDArray[np.float64]]:
    """Time esda's G_Local for the middle window of one set, once its compiler is done."""
    g_local = importlib.import_module("esda.getisord").G_Local
    count = ground.windows(name)[:, ground.n_windows // 2].astype(np.float64)
    how = {"transform": "B", "star": True, "keep_simulations": False, "n_jobs": 1, "seed": 1}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # esda's own, on points without neighbours
        g_local(count, weights, permutations=min(permutations, 1), **how)
        start = time.perf_counter()
        found = g_local(count, weights, permutations=permutations, **how)
        seconds = time.perf_counter() - start
    return seconds, np.asarray(found.Zs)


def made_up_lamps(ground: Ground, *, seed: int = 1) -> NDArray[np.float64]:
    """Scatter lamps about the map points; eastings and northings in metres."""
    rng = np.random.default_rng(seed)
    about = np.repeat(ground.xy, LAMPS_PER_POINT, axis=0)
    return np.asarray(about + rng.uniform(-60, 60, about.shape))


def placed_ours(
    xy: NDArray[np.float64],
    point: NDArray[np.int64],
    areas: gpd.GeoDataFrame,
    lamps: NDArray[np.float64],
) -> tuple[float, pd.DataFrame]:
    """Time area, nearest lamp and lamps within 100 m for every row, by way of unique points."""
    start = time.perf_counter()
    code = area_at(areas, xy)
    tree = cKDTree(lamps, 32, compact_nodes=False, balanced_tree=False)  # built once, asked once
    # Asked one place after its neighbour, the tree finds most of its answers in the cache.
    order = np.lexsort(xy.T // _SQUARE_M)
    nearest, count = np.empty(len(xy)), np.empty(len(xy), dtype=np.int64)
    nearest[order], _ = tree.query(xy[order])
    count[order] = tree.query_ball_point(xy[order], LAMPS_WITHIN_M, return_length=True)
    rows = pd.DataFrame(
        {
            "area_code": code.array.take(point),
            "nearest_m": nearest[point],
            "lamps": count[point],
        }
    )
    return time.perf_counter() - start, rows


def placed_geopandas(
    rows: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, lamps: NDArray[np.float64]
) -> tuple[float, pd.DataFrame]:
    """Time the same with GeoPandas' joins of one row for each incident."""
    lamp_table = gpd.GeoDataFrame(geometry=shapely.points(lamps), crs=BNG)
    start = time.perf_counter()
    inside = gpd.sjoin(rows, areas[["area_code", "geometry"]], how="left", predicate="intersects")
    near = gpd.sjoin_nearest(rows, lamp_table, distance_col="nearest_m")
    within = gpd.sjoin(rows, lamp_table, predicate="dwithin", distance=LAMPS_WITHIN_M)
    lamps_in_reach = within.groupby(level=0).size().reindex(rows.index, fill_value=0)
    seconds = time.perf_counter() - start
    first = inside[~inside.index.duplicated()]
    nearest = near.loc[~near.index.duplicated(), "nearest_m"]
    found = pd.DataFrame(
        {"area_code": first["area_code"], "nearest_m": nearest, "lamps": lamps_in_reach}
    )
    return seconds, found


def check_placed(ours: pd.DataFrame, theirs: pd.DataFrame) -> None:
    """Fail unless both say the same; on a shared edge GeoPandas names two areas."""
    same = (ours["area_code"] == theirs["area_code"]) | theirs["area_code"].isna()
    if same.mean() < 0.999 or not (ours["lamps"].to_numpy() == theirs["lamps"].to_numpy()).all():
        message = "areas or lamps in reach differ from those of GeoPandas"
        raise AssertionError(message)
    np.testing.assert_allclose(ours["nearest_m"], theirs["nearest_m"], atol=1e-6)
