"""Let hotspots and every baseline of METHODS §7 rank their places, with what an origin knows."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hotspots import cluster, forecast, intensity, points
from hotspots.pipeline.frames import LEAST_RADIUS_M

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    from numpy.typing import NDArray
    from scipy import sparse

    from hotspots.pipeline.frames import Frame

AREA_SHARES = (0.001, 0.0025, 0.005, 0.01, 0.02)
TOP = 50
"""How much is flagged: shares of the area, and this many units (METHODS §7)."""

HOTSPOTS = "hotspots"
POINTS = "EB-mix points"
RAW_COUNT = "raw count"
KDE = "KDE 200 m"
GI_STAR = "Gi* 150 m"
LSOA = "LSOA"
DBSCAN = "DBSCAN 100 m / 10"
HDBSCAN_10 = "HDBSCAN 10"
POLYGONS = "polygons"
"""Names of methods; ``POLYGONS`` are those that an analyst brings."""

KDE_RADIUS_M = 200.0
GI_RADIUS_M = 150.0
GRIDS = {"grid 150 m": 150.0, "grid 200 m": 200.0}
DBSCAN_EPS_M, DBSCAN_INCIDENTS = 100.0, 10
"""Baselines as METHODS §7 names them."""

METHODS = (
    HOTSPOTS, POINTS, RAW_COUNT, KDE, GI_STAR, *GRIDS, LSOA, DBSCAN, HDBSCAN_10, POLYGONS,
)  # fmt: skip
"""Every method in the order of the table of scores."""

OWN = {HOTSPOTS: "as hotspots", DBSCAN: "as DBSCAN", POLYGONS: "as polygons"}
"""Budgets named after the method whose ground they are; that of DBSCAN is no more than ours."""

BUDGETS = (*(f"{100 * share:g} %" for share in AREA_SHARES), f"top {TOP}", *OWN.values())
"""Every budget in the order of the table of scores."""

MOST_FOR_HDBSCAN = 16_000
"""HDBSCAN works on incidents, not points, and takes minutes beyond this many."""


@dataclass(frozen=True)
class Ground:
    """
    What a frame offers every crime set: counts, surfaces, tiles, neighbours.

    Attributes
    ----------
    frame : Frame
    counts : array of float64, shape (n_points, n_sets)
        Of the training window.
    area_m2 : array of float64, shape (n_points,)
    points : MapPoints
    surfaces : dict of method name to array of float64, shape (n_points, n_sets)
        What to rank single points by.
    tiles : dict of method name to Tiles
    rims : Rims
        Of every point of a hotspot.
    distances : csr_matrix
    plain : array of int64, shape (n_points, n_sets)
        Clusters of plain DBSCAN over the points seen only: one that appears later must not join
        clusters now.
    """

    frame: Frame
    counts: NDArray[np.float64]
    area_m2: NDArray[np.float64]
    points: forecast.MapPoints
    surfaces: dict[str, NDArray[np.float64]]
    tiles: dict[str, forecast.Tiles]
    rims: forecast.Rims
    distances: sparse.csr_matrix
    plain: NDArray[np.int64]


def map_points(frame: Frame) -> tuple[forecast.MapPoints, NDArray[np.float64]]:
    """Return the points of a frame as they are now, and the areas of their catchments."""
    cells = frame.cells.copy()
    cells[~frame.seen] = None
    return forecast.MapPoints(frame.at.xy, cells), np.where(frame.seen, frame.area_m2, 0.0)


def survey(
    frame: Frame,
    counts: NDArray[np.float64],
    score: NDArray[np.float64],
    labels: Sequence[NDArray[np.int64]],
    lsoas: gpd.GeoDataFrame,
    *,
    before: Ground | None = None,
) -> Ground:
    """
    Work out once what every crime set of an origin needs; earlier work is used again.

    Parameters
    ----------
    frame : Frame
    counts, score : array of float64, shape (n_points, n_sets)
        Incidents of the training window, and EB-mix scores.
    labels : sequence of array of int64
        Hotspots of each set.
    lsoas : GeoDataFrame
        Outlines; without rows, that baseline is left out.
    before : Ground, optional
        Of an earlier origin.
    """
    if before is not None and before.frame.at is not frame.at:
        before = None
    places, area_m2 = map_points(frame)
    known = before.tiles if before else {}
    with ThreadPoolExecutor(1) as pool:
        # The slowest part is geometry, which leaves Python free for the rest.
        areas = pool.submit(_areas, places, lsoas, known.get(LSOA))
        tiles = {
            name: forecast.square_tiles(places, size_m=size_m, before=known.get(name))
            for name, size_m in GRIDS.items()
        }
        rims = rims_of(places, labels, before=before.rims if before else None)
        radius_m = max(KDE_RADIUS_M, GI_RADIUS_M, DBSCAN_EPS_M)
        distances = (
            before.distances
            if before
            else points.neighbour_distances(frame.at.xy, radius_m=radius_m)
        )
        surfaces = _surfaces(frame, counts, score, area_m2, distances)
        plain = _plain(counts, distances, places.seen)
        tiles |= areas.result()
    return Ground(frame, counts, area_m2, places, surfaces, tiles, rims, distances, plain)


def _surfaces(
    frame: Frame,
    counts: NDArray[np.float64],
    score: NDArray[np.float64],
    area_m2: NDArray[np.float64],
    distances: sparse.csr_matrix,
) -> dict[str, NDArray[np.float64]]:
    """Work out what single points are ranked by, column by column: each set asks for its own."""
    per_m2 = np.divide(1.0, area_m2, out=np.zeros_like(area_m2), where=area_m2 > 0)[:, None]
    found = {
        POINTS: score * per_m2,
        RAW_COUNT: counts * per_m2,
        KDE: intensity.kernel_density(distances, counts, radius_m=KDE_RADIUS_M),
        GI_STAR: intensity.gi_star(distances, counts, frame.seen, radius_m=GI_RADIUS_M),
    }
    return {name: np.asfortranarray(each) for name, each in found.items()}


def _plain(
    counts: NDArray[np.float64], distances: sparse.csr_matrix, seen: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Cluster the points seen by plain DBSCAN, for every set."""
    near = cluster.within(distances, eps_m=DBSCAN_EPS_M)[seen][:, seen]
    plain = np.full(counts.shape, cluster.NOISE, dtype=np.int64)
    plain[seen] = cluster.label_windows(
        cluster.lay_out(near), counts[seen], min_weight=DBSCAN_INCIDENTS
    )
    return plain


def _areas(
    places: forecast.MapPoints, lsoas: gpd.GeoDataFrame, before: forecast.Tiles | None
) -> dict[str, forecast.Tiles]:
    """Take the LSOAs as tiles, if there are any."""
    if lsoas.empty:
        return {}
    shapes = np.asarray(lsoas.geometry.array)
    return {LSOA: forecast.area_tiles(places, shapes, before=before)}


def rims_of(
    places: forecast.MapPoints,
    labels: Sequence[NDArray[np.int64]],
    *,
    before: forecast.Rims | None = None,
) -> forecast.Rims:
    """Work out what the ground of some sets' hotspots needs."""
    drawn = np.flatnonzero(np.any([each >= 0 for each in labels], axis=0))
    before = before or forecast.Rims.none(places, radius_m=LEAST_RADIUS_M)
    return before.about(places, drawn, points.discs)


def rank_all(
    ground: Ground,
    j: int,
    labels: NDArray[np.int64],
    *,
    up_to_m2: float,
    with_hdbscan: bool,
) -> dict[str, forecast.Units]:
    """
    Let every method rank its places for one crime set.

    Parameters
    ----------
    ground : Ground
    j : int
        Column of the set.
    labels : array of int64, shape (n_points,)
        The set's hotspots, best first.
    up_to_m2 : float
        Largest ground that will be flagged; that of the hotspots may be larger.
    with_hdbscan : bool
        Ask for the slow one too; left out all the same where a set has too many incidents.
    """
    count, area_m2 = ground.counts[:, j], ground.area_m2
    drawn = ground.rims.units(labels, area_m2)
    up_to_m2 = max(up_to_m2, float(drawn.area_m2.sum()))
    methods = {HOTSPOTS: drawn}
    for name, surface in ground.surfaces.items():
        methods[name] = forecast.ranked_points(
            surface[:, j], area_m2, up_to_m2=up_to_m2, at_least=TOP
        )
    for name, tiles in ground.tiles.items():
        methods[name] = tiles.ranked(count)
    methods[DBSCAN] = _by_density(ground.plain[:, j], count, area_m2)
    if with_hdbscan and count.sum() <= MOST_FOR_HDBSCAN:
        methods[HDBSCAN_10] = _by_density(_hdbscan(ground.frame, count), count, area_m2)
    return methods


def ranked_labels(
    labels: NDArray[np.int64], value: NDArray[np.float64], area_m2: NDArray[np.float64]
) -> NDArray[np.int64]:
    """
    Rank groups by value for their ground, most first, from 0; ties: lowest label.

    Parameters
    ----------
    labels : array of int64, shape (n_points,)
        Any numbers from 0; -1 for none.
    value, area_m2 : array of float64, shape (n_points,)
    """
    inside = labels >= 0
    _, group = np.unique(labels[inside], return_inverse=True)
    total, area = (np.bincount(group, each[inside]) for each in (value, area_m2))
    rank = np.argsort(np.argsort(-total / np.maximum(area, 1e-9), kind="stable"))
    found = np.full(len(labels), cluster.NOISE, dtype=np.int64)
    found[inside] = rank[group]
    return found


def _by_density(
    labels: NDArray[np.int64], count: NDArray[np.float64], area_m2: NDArray[np.float64]
) -> forecast.Units:
    """Rank clusters by incidents for their ground, which serves them better than by count."""
    unit = ranked_labels(labels, count, area_m2)
    inside = unit >= 0
    area = np.bincount(unit[inside], area_m2[inside])
    return forecast.Units(unit, area.astype(np.float64))


def _hdbscan(frame: Frame, count: NDArray[np.float64]) -> NDArray[np.int64]:
    """Cluster incidents; those at the same point are told apart by nothing, and stay together."""
    from sklearn.cluster import HDBSCAN  # takes half a second, and only a score needs it

    row = np.repeat(np.arange(len(count)), count.astype(np.int64))
    labels = np.full(len(count), cluster.NOISE, dtype=np.int64)
    if len(row) >= DBSCAN_INCIDENTS:
        fit = HDBSCAN(
            min_cluster_size=DBSCAN_INCIDENTS, min_samples=DBSCAN_INCIDENTS, copy=True
        ).fit(frame.at.xy[row])
        labels[row] = fit.labels_
    return labels


def all_budgets(
    methods: Mapping[str, forecast.Units], study_area_m2: float
) -> tuple[forecast.Budget, ...]:
    """Lay down how much ground is flagged, the same for every method."""
    own = {
        name: float(methods[name].area_m2.sum()) for name in OWN if name in methods
    }  # fmt: skip
    own[DBSCAN] = min(own[DBSCAN], own[HOTSPOTS])
    return (
        *(
            forecast.Budget(f"{100 * share:g} %", area_m2=share * study_area_m2)
            for share in AREA_SHARES
        ),
        forecast.Budget(f"top {TOP}", top=TOP),
        *(forecast.Budget(OWN[name], area_m2=area_m2) for name, area_m2 in own.items()),
    )
