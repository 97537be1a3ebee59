"""
How fast the neighbour sums are beside other tools, side by side in one run.

Run as ``python tests/bench/bench_engine.py SETTINGS``: the settings name zips of police.uk and
the layers of an area. Clusters are fitted for every window of twelve months in the last 36 and
every crime set; where a tool would take too long, one window of each set is timed and counted for
all, and the table says so. That all tools find the same core points and clusters is checked.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import ground as grounds
import numpy as np
import rivals
import shapely
import surroundings
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from hotspots import cluster, points
from hotspots.crs import BNG

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd
    from ground import Ground
    from numpy.typing import NDArray
    from scipy import sparse

SKIPPED = "skipped"
_REPEATS = 5


@dataclass(frozen=True)
class Line:
    """
    One line of the table.

    Attributes
    ----------
    what : str
    seconds : float or None
        None if it was skipped.
    target : float or None
        How many times longer than ours it should take at least.
    note : str
    """

    what: str
    seconds: float | None
    target: float | None = None
    note: str = ""


def label_one(links: cluster.Links, weights: NDArray[np.float32]) -> NDArray[np.int32]:
    """Label every window of one set; points without incidents are no rows to the others either."""
    return cluster.label_windows(links, weights, min_weight=rivals.LEAST, skip_empty=True)


def seconds_of_ours(ground: Ground) -> float:
    """Time every fit, set after set; the labels of a set are let go before the next."""
    start = time.perf_counter()
    links = cluster.lay_out(points.neighbour_distances(ground.xy, radius_m=rivals.EPS_M))
    for name in ground.by_month:
        label_one(links, ground.windows(name))
    return time.perf_counter() - start


def steady(ground: Ground) -> float:
    """Time every fit several times: a fifth of a second alone says more about the machine."""
    return statistics.median(seconds_of_ours(ground) for _ in range(_REPEATS))


def middle_windows(ground: Ground) -> NDArray[np.float32]:
    """Give the middle window of every set."""
    middle = ground.n_windows // 2
    return np.column_stack([ground.windows(name)[:, middle] for name in ground.by_month])


def check_against(
    name: str,
    near: sparse.csr_matrix,
    weights: NDArray[np.float32],
    theirs: NDArray[np.integer],
) -> None:
    """Fail unless the engine, on these neighbours, finds what another tool found."""
    ours = label_one(cluster.lay_out(near), weights)
    rivals.check_same(name, ours, theirs, rivals.core_points(near, weights))


def cluster_lines(ground: Ground, *, rounds: int, with_rows: bool, in_full: bool) -> list[Line]:
    """Time every way of clustering; all of them once in each round."""
    sampled = middle_windows(ground)
    sample = f"{sampled.shape[1]} fits, x {ground.n_windows}"
    fits = (
        np.concatenate([ground.windows(name) for name in ground.by_month], axis=1)
        if in_full
        else sampled
    )
    scale, note = (1, "every fit") if in_full else (ground.n_windows, sample)
    ours = (lambda: steady(ground)) if in_full else (lambda: seconds_of_ours(ground))
    works: list[tuple[str, float | None, str, Callable[[], float]]] = [
        ("hotspots, all points at once", None, "every fit", ours)
    ]
    flat = points.neighbour_distances(ground.xy, radius_m=rivals.EPS_M)
    skipped = []
    if with_rows:
        sphere = rivals.great_circle_neighbours(ground.lonlat)

        def rows() -> float:
            found = rivals.scikit_rows(ground.lonlat, sampled)
            check_against("scikit-learn, rows", sphere, sampled, found.labels)
            return found.seconds * ground.n_windows

        works.append(("scikit-learn, haversine, rows", 800, sample, rows))

    def unique() -> float:
        found = rivals.scikit_unique(ground.xy, fits)
        check_against("scikit-learn, unique points", flat, fits, found.labels)
        return found.seconds * scale

    works.append(("scikit-learn, unique points", 30, note, unique))
    why = rivals.why_no_r()
    if why:
        skipped.append(Line("R dbscan, weights", None, 8, why))
    else:

        def in_r() -> float:
            found = rivals.r_dbscan(ground.xy, fits)
            check_against("R dbscan, weights", flat, fits, found.labels)
            return found.seconds * scale

        works.append(("R dbscan, weights", 8, note, in_r))
    times = [[work() for *_, work in works] for _ in range(rounds)]
    lines = [
        Line(what, statistics.median(each[i] for each in times), target, note)
        for i, (what, target, note, _) in enumerate(works)
    ]
    return lines + skipped


def gi_lines(ground: Ground, *, rounds: int) -> list[Line]:
    """Time Gi* beside esda's G_Local, with and without its permutations."""
    n_fits = ground.n_windows * len(ground.by_month)
    runs = [surroundings.gi_ours(ground) for _ in range(rounds)]
    lines = [Line("hotspots, all windows", statistics.median(run[0] for run in runs))]
    why = surroundings.why_no_esda()
    if why:
        return [*lines, Line("esda G_Local, each window", None, 100, why)]
    _, ours = runs[0]
    name = "all crime"
    weights = surroundings.esda_weights(ground)
    for kind, permutations, target in (("W", 0, 100), ("Graph", 0, None), ("Graph", 999, 100)):
        some = [
            surroundings.gi_esda(ground, weights[kind], name, permutations=permutations)
            for _ in range(rounds)
        ]
        np.testing.assert_allclose(ours[name], some[0][1], rtol=1e-7, atol=1e-9)
        seconds = statistics.median(each[0] for each in some) * n_fits
        how = f"{permutations} permutations" if permutations else "formula"
        lines.append(Line(f"esda, {kind}, {how}", seconds, target, f"1 window, x {n_fits}"))
    return lines


def place_lines(ground: Ground, areas: gpd.GeoDataFrame, *, rounds: int) -> list[Line]:
    """Time area, nearest lamp and lamps in reach of every incident beside GeoPandas."""
    level = max(("lsoa11", "lsoa21", "district"), key=lambda name: (areas["level"] == name).sum())
    layer = areas[areas["level"] == level].reset_index(drop=True)
    lamps = surroundings.made_up_lamps(ground)
    total = np.asarray(ground.by_month["all crime"].sum(axis=1)).ravel().astype(np.int64)
    point = np.repeat(np.arange(len(total)), total)
    rows = gpd.GeoDataFrame(geometry=shapely.points(ground.xy[point]), crs=BNG)
    times = []
    for _ in range(rounds):
        ours, mine = surroundings.placed_ours(ground.xy, point, layer, lamps)
        theirs, found = surroundings.placed_geopandas(rows, layer, lamps)
        surroundings.check_placed(mine, found)
        times.append((ours, theirs))
    mine_s, theirs_s = (statistics.median(column) for column in zip(*times, strict=True))
    note = f"{len(point):,} rows, {len(layer):,} areas, {len(lamps):,} made-up lamps"
    return [
        Line("hotspots, unique points", mine_s, note=f"{len(total):,} points"),
        Line("GeoPandas, rows", theirs_s, 20, note),
    ]


def write_table(title: str, lines: Sequence[Line]) -> None:
    """Print one table; the first line is ours."""
    ours = lines[0].seconds or 0.0
    sys.stdout.write(f"\n{title}\n{'':<34}{'seconds':>10}{'ratio':>9}{'target':>9}  note\n")
    for line in lines:
        target = f"{line.target:.0f} x" if line.target else ""
        seconds = f"{line.seconds:.2f}" if line.seconds is not None else SKIPPED
        ratio = f"{line.seconds / ours:.1f} x" if line.seconds is not None else ""
        sys.stdout.write(f"{line.what:<34}{seconds:>10}{ratio:>9}{target:>9}  {line.note}\n")
    sys.stdout.flush()


def described(ground: Ground) -> str:
    """Say how large it is."""
    n_fits = ground.n_windows * len(ground.by_month)
    return f"{len(ground.xy):,} map points, {ground.incidents():,} incidents, {n_fits} fits"


def main(arguments: Sequence[str]) -> None:
    """Print one table for each comparison."""
    parser = argparse.ArgumentParser(description="Time the engine beside other tools.")
    parser.add_argument("settings", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--copies", type=int, default=43, help="areas in the made-up country")
    parser.add_argument("--only", choices=("force", "country"), help="one size, not both")
    given = parser.parse_args(arguments)
    here, tables = grounds.read(given.settings)
    # One thread for everybody: the others use one, and so do we.
    with threadpool_limits(1):
        if given.only != "country":
            force_tables(here, tables["areas"], rounds=given.rounds)
        if given.only != "force":
            whole = grounds.country(here, copies=given.copies)
            by_area = [seconds_of_ours(part) for part in whole.parts(given.copies)]
            ours = Line("hotspots, area by area", sum(by_area), note="every fit")
            lines = [ours, *cluster_lines(whole, rounds=1, with_rows=False, in_full=False)]
            write_table(f"DBSCAN, a made-up country: {described(whole)}; one run", lines)


def force_tables(ground: Ground, areas: pd.DataFrame, *, rounds: int) -> None:
    """Print the tables of one force."""
    size = described(ground)
    lines = cluster_lines(ground, rounds=rounds, with_rows=True, in_full=True)
    write_table(f"DBSCAN, one force: {size}; median of {rounds}", lines)
    lines = gi_lines(ground, rounds=rounds)
    write_table(f"Gi* within {surroundings.GI_RADIUS_M:.0f} m; median of {rounds}", lines)
    lines = place_lines(ground, gpd.GeoDataFrame(areas), rounds=rounds)
    write_table(f"Area, nearest lamp, lamps within 100 m; median of {rounds}", lines)


if __name__ == "__main__":
    main(sys.argv[1:])
