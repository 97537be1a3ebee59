"""
A made-up country of police forces, faithful in what costs time: its sizes, its skew, its files.

Points lie in towns of all sizes, most of them quiet and a few very busy; each crime type has its
own busy points. Files are zips as police.uk makes them, and outlines of districts and LSOAs.
Nine squares of inland England serve as ground, one force on the other: each is refreshed alone.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv
import shapely
from pyproj import Transformer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

SIZES = (
    1100, 400, 380, 330, 230, 220, 215, 200, 200, 190, 190, 190, 190, 180, 170, 160, 140, 130, 125,
    120, 120, 115, 110, 110, 95, 95, 90, 85, 85, 80, 75, 75, 75, 70, 70, 70, 60, 60, 60, 55, 50, 50,
    27.5,
)  # fmt: skip
"""Relative yearly records of the 43 forces, the largest first: forty times the smallest."""

TYPE_SHARES = {
    "Violence and sexual offences": 0.33, "Anti-social behaviour": 0.17, "Shoplifting": 0.08,
    "Criminal damage and arson": 0.08, "Public order": 0.08, "Other theft": 0.07,
    "Vehicle crime": 0.06, "Burglary": 0.04, "Drugs": 0.03, "Other crime": 0.02,
    "Theft from the person": 0.015, "Robbery": 0.012, "Bicycle theft": 0.01,
    "Possession of weapons": 0.01,
}  # fmt: skip

_OUTCOMES = {
    "Under investigation": 0.2, "Investigation complete; no suspect identified": 0.35,
    "Unable to prosecute suspect": 0.3, "Awaiting court outcome": 0.05, "Local resolution": 0.04,
    "Offender given a caution": 0.03, "Status update unavailable": 0.03,
}  # fmt: skip
_COLUMNS = (
    "Crime ID", "Month", "Reported by", "Falls within", "Longitude", "Latitude", "Location",
    "LSOA code", "LSOA name", "Crime type", "Last outcome category", "Context",
)  # fmt: skip
_POINTS_PER_LSOA = 20
_SIDE_M = 55_000.0
_CORNER_M = (390_000.0, 200_000.0)
_SQUARES_A_ROW = 3
_UNLOCATED_SHARE = 0.015
_BACKGROUND_SHARE = 0.15
_STREETS = ("Heron", "Mill", "Quarry", "Church", "Station", "Orchard", "Harbour", "Chapel")


@dataclass(frozen=True)
class MadeUp:
    """
    One force of the country, as it lies on the disk.

    Attributes
    ----------
    id : str
    settings : Path
    rows : int
    points : int
    zip_bytes : int
    """

    id: str
    settings: Path
    rows: int
    points: int
    zip_bytes: int


@dataclass(frozen=True)
class _Ground:
    """Where things can happen: map points, their LSOA and their rates."""

    xy: NDArray[np.float64]
    lsoa: NDArray[np.int64]
    rates: NDArray[np.float64]


def write_force(
    folder: Path,
    number: int,
    *,
    rows: int,
    points: int,
    months: int = 36,
    last: str = "2025-06",
    more_settings: str = "",
) -> MadeUp:
    """
    Write the settings, zip and outlines of one force.

    Parameters
    ----------
    folder : Path
        Gets ``force-NN.toml`` and ``source/force-NN…``.
    number : int
        From 1; also the seed.
    rows, points, months : int
        Records, map points, and months up to ``last``.
    more_settings : str
        Sections to add to the settings; those of ``init`` are used without.
    """
    rng = np.random.default_rng(number)
    name = f"force-{number:02d}"
    source = folder / "source"
    source.mkdir(parents=True, exist_ok=True)
    ground, boxes, districts = _ground(rng, number, points)
    _write_outlines(source / name, boxes, districts, number)
    path = source / f"{name}.zip"
    span = [f"{m:%Y-%m}" for m in pd.date_range(end=f"{last}-01", periods=months, freq="MS")]
    _write_zip(path, _records(rng, ground, name, number, rows, span), name, span)
    settings = folder / f"{name}.toml"
    text = _SETTINGS.format(id=name, number=number) + more_settings
    settings.write_text(text, encoding="utf-8")
    return MadeUp(name, settings, rows, points, path.stat().st_size)


def sizes(n_rows: int, n_points: int, n_forces: int = len(SIZES)) -> list[tuple[int, int]]:
    """Share rows and map points out among the forces; points grow more slowly than rows."""
    weight = np.array(SIZES[:n_forces]) / sum(SIZES)
    spread = np.array(SIZES) ** 0.8
    rows = np.round(n_rows * weight).astype(int)
    points = np.round(n_points * spread[:n_forces] / spread.sum()).astype(int)
    return [(int(r), max(int(p), 60)) for r, p in zip(rows, points, strict=True)]


# The ground ------------------------------------------------------------------------------------


def _ground(
    rng: np.random.Generator, number: int, n_points: int
) -> tuple[_Ground, NDArray[np.float64], NDArray[np.int64]]:
    """Lay out towns and their map points, then cut the ground into districts and LSOAs."""
    side = _SIDE_M
    corner = np.array(_CORNER_M) + side * np.array(
        divmod(number % _SQUARES_A_ROW**2, _SQUARES_A_ROW)
    )
    n_towns = max(2, n_points // 600)
    weight = rng.pareto(1.1, n_towns) + 0.2
    centre = rng.uniform(0.05, 0.95, (n_towns, 2)) * side
    spread_m = 350 * np.sqrt(600 * n_towns * weight / weight.sum() / 100)
    town = rng.choice(n_towns, n_points, p=weight / weight.sum())
    away = rng.normal(0, 1, (n_points, 2)) * spread_m[town, None]
    rural = rng.random(n_points) < _BACKGROUND_SHARE
    xy = np.where(rural[:, None], rng.uniform(0, side, (n_points, 2)), centre[town] + away)
    xy = np.round(np.clip(xy, 1, side - 1) + corner)
    # The nearer to the middle of a town, the busier; and a few points far busier than the others.
    near = np.exp(-np.hypot(*away.T) / (0.5 * spread_m[town]))
    rates = rng.lognormal(0, 1.0, n_points) * (0.3 + 3 * near) * np.where(rural, 0.4, 1.0)
    boxes, districts, lsoa = _cut(xy, np.concatenate([corner, corner + side]))
    return _Ground(xy, lsoa, rates), boxes, districts


def _cut(
    xy: NDArray[np.float64], bounds: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """Halve the ground by its points until a box holds few; eight big boxes are districts."""
    lsoa = np.zeros(len(xy), dtype=np.int64)
    boxes: list[NDArray[np.float64]] = []
    districts: list[int] = []
    todo = [(np.arange(len(xy)), bounds, 0, 1)]
    while todo:
        rows, box, depth, path = todo.pop()
        if len(rows) <= _POINTS_PER_LSOA and depth >= _DISTRICT_DEPTH:
            lsoa[rows] = len(boxes)
            boxes.append(box)
            districts.append((path >> (depth - _DISTRICT_DEPTH)) - 2**_DISTRICT_DEPTH)
            continue
        axis = int(box[3] - box[1] > box[2] - box[0])
        middle = (box[axis] + box[axis + 2]) / 2
        at = float(np.median(xy[rows, axis])) + 0.5 if len(rows) else middle
        at = at if box[axis] + 2 < at < box[axis + 2] - 2 else middle
        low, high = box.copy(), box.copy()
        low[axis + 2] = high[axis] = at
        is_low = xy[rows, axis] < at
        todo += [
            (rows[~is_low], high, depth + 1, 2 * path + 1),
            (rows[is_low], low, depth + 1, 2 * path),
        ]
    return np.array(boxes), np.array(districts), lsoa


_DISTRICT_DEPTH = 3


def _write_outlines(
    stem: Path, boxes: NDArray[np.float64], districts: NDArray[np.int64], number: int
) -> None:
    shapes = shapely.segmentize(shapely.box(*boxes.T), 250.0)
    codes = _lsoa_codes(number, len(boxes))
    table = pd.DataFrame({"LSOA21CD": codes, "LSOA21NM": _lsoa_names(number, len(boxes))})
    lsoas = gpd.GeoDataFrame(table, geometry=shapes, crs="EPSG:27700")
    lsoas.to_file(stem.with_name(f"{stem.name}-lsoa.gpkg"), driver="GPKG")
    whole = lsoas.dissolve(districts)[["geometry"]]
    whole["LAD24CD"] = [f"E07{number:03d}{each:03d}" for each in whole.index]
    whole["LAD24NM"] = [f"District {number}.{each + 1}" for each in whole.index]
    whole.to_file(stem.with_name(f"{stem.name}-districts.gpkg"), driver="GPKG")


def _lsoa_codes(number: int, n: int) -> list[str]:
    return [f"E01{number:02d}{each:04d}" for each in range(n)]


def _lsoa_names(number: int, n: int) -> list[str]:
    return [f"District {number} {each:04d}A" for each in range(n)]


# The records -----------------------------------------------------------------------------------


def _records(
    rng: np.random.Generator, ground: _Ground, name: str, number: int, n_rows: int, span: list[str]
) -> dict[str, Any]:
    """Draw what happened where and when, and give every column of the rows, month by month."""
    types = list(TYPE_SHARES)
    share = np.array(list(TYPE_SHARES.values()))
    counts = rng.multinomial(n_rows, share / share.sum())
    points, kinds = np.empty(n_rows, dtype=np.int64), np.repeat(np.arange(len(types)), counts)
    firsts = np.concatenate([[0], np.cumsum(counts)])
    for kind in range(len(types)):
        own = ground.rates * rng.lognormal(0, 2.0 if types[kind] == "Shoplifting" else 0.8,
                                           len(ground.rates))  # fmt: skip
        ends = np.cumsum(own)
        drawn = rng.random(counts[kind]) * ends[-1]
        points[firsts[kind] : firsts[kind + 1]] = np.searchsorted(ends, drawn, side="right")
    season = 1 + 0.15 * np.sin(2 * np.pi * np.arange(len(span)) / 12)
    month = rng.choice(len(span), n_rows, p=season / season.sum())
    order = np.argsort(month, kind="stable")
    located = rng.random(n_rows) >= _UNLOCATED_SHARE
    return {
        "points": np.minimum(points[order], len(ground.rates) - 1),
        "kinds": kinds[order],
        "ends": np.searchsorted(month[order], np.arange(len(span)), side="right"),
        "located": located | (kinds[order] == types.index("Anti-social behaviour")),
        "outcomes": rng.choice(len(_OUTCOMES), n_rows, p=list(_OUTCOMES.values())),
        "ids": rng.bytes(32 * n_rows),
        "texts": _texts(ground, number),
        "force": f"{name.replace('-', ' ').title()} Police",
    }


def _texts(ground: _Ground, number: int) -> dict[str, pa.Array]:
    """What is printed for each map point."""
    to_degrees = Transformer.from_crs(27700, 4326, always_xy=True)
    lon, lat = to_degrees.transform(*ground.xy.T)
    n_lsoa = int(ground.lsoa.max()) + 1
    streets = [
        f"On or near {_STREETS[i % len(_STREETS)]} Street {i // 3}" for i in range(len(ground.xy))
    ]
    return {
        "Longitude": pa.array([f"{value:.6f}" for value in lon]),
        "Latitude": pa.array([f"{value:.6f}" for value in lat]),
        "Location": pa.array(streets),
        "LSOA code": pa.array(_lsoa_codes(number, n_lsoa)).take(pa.array(ground.lsoa)),
        "LSOA name": pa.array(_lsoa_names(number, n_lsoa)).take(pa.array(ground.lsoa)),
    }


def _write_zip(path: Path, drawn: dict[str, Any], name: str, span: Sequence[str]) -> None:
    first = 0
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for month, end in zip(span, drawn["ends"], strict=True):
            info = zipfile.ZipInfo(f"{month}/{month}-{name}-street.csv", (2025, 8, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, _csv(drawn, slice(first, int(end)), month), compresslevel=1)
            first = int(end)


def _csv(drawn: dict[str, Any], rows: slice, month: str) -> bytes:
    """The rows of one month as police.uk publishes them."""
    types = pa.array(list(TYPE_SHARES))
    kinds = drawn["kinds"][rows]
    n = len(kinds)
    is_asb = pa.array(kinds == list(TYPE_SHARES).index("Anti-social behaviour"))
    is_located = pa.array(drawn["located"][rows])
    nothing = pa.scalar(None, pa.string())
    digits = drawn["ids"][32 * rows.start : 32 * rows.stop].hex().encode()
    offsets = np.arange(0, 64 * (n + 1), 64, dtype=np.int32)
    ids = pa.StringArray.from_buffers(n, pa.py_buffer(offsets), pa.py_buffer(digits))
    at = pa.array(drawn["points"][rows])
    compute = pa.compute
    columns: dict[str, Any] = dict.fromkeys(_COLUMNS)
    for column, texts in drawn["texts"].items():
        other = pa.scalar("No Location") if column == "Location" else nothing
        columns[column] = compute.if_else(is_located, texts.take(at), other)
    outcomes = pa.array(list(_OUTCOMES)).take(pa.array(drawn["outcomes"][rows]))
    columns |= {
        "Crime ID": compute.if_else(is_asb, nothing, ids),
        "Month": pa.array([month]).take(pa.array(np.zeros(n, dtype=np.int64))),
        "Reported by": pa.array([drawn["force"]] * n),
        "Falls within": pa.array([drawn["force"]] * n),
        "Crime type": types.take(pa.array(kinds)),
        "Last outcome category": compute.if_else(is_asb, nothing, outcomes),
        "Context": pa.nulls(n, pa.string()),
    }
    held = io.BytesIO()
    options = pa_csv.WriteOptions(include_header=False, quoting_style="none")
    held.write((",".join(_COLUMNS) + "\n").encode())
    pa_csv.write_csv(pa.table(columns), held, options)
    return held.getvalue()


_SETTINGS = """\
[area]
id = "{id}"
name = "Force {number}"
police_force = "{id}"

[police_uk]
files = ["source/{id}.zip"]

[[boundaries]]
level = "district"
file = "source/{id}-districts.gpkg"
code = "LAD24CD"
name = "LAD24NM"

[[boundaries]]
level = "lsoa21"
file = "source/{id}-lsoa.gpkg"
code = "LSOA21CD"
name = "LSOA21NM"
"""
