"""Stage: turn what was detected into the tables of hotspots, their points, months and types."""

from __future__ import annotations

import csv
from importlib import resources
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hotspots import naming, points, recurrence
from hotspots.crs import BNG
from hotspots.pipeline.tables import WINDOW_MONTHS, CrimeSet, month_numbers
from hotspots.schema import HISTORY, HOTSPOTS, MEMBERS, MIX, SERIES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hotspots.pipeline.detect import Detection, Drawn
    from hotspots.pipeline.frames import PointList
    from hotspots.schema import Schema

NAME_REACH_M = 250.0
"""Where no point of a hotspot names a street, streets this near to it lend their names."""

UNNAMED = "No street named"


def hotspot_id(area_id: str, number: int) -> str:
    """Write a register number as an id, such as ``HS-lancashire-0001``."""
    return f"HS-{area_id}-{number:04d}"


def harm_weights() -> dict[str, float]:
    """Return days of harm for each crime type, from ``harm_weights.csv`` (FACTS §3)."""
    text = resources.files("hotspots").joinpath("harm_weights.csv").read_text(encoding="utf-8")
    return {row["crime_type"]: float(row["days"]) for row in csv.DictReader(text.splitlines())}


def describe(
    found: Detection,
    lists: Sequence[PointList],
    point_table: gpd.GeoDataFrame,
    districts: pd.Series,
    *,
    area_id: str,
    history_months: int,
) -> dict[str, pd.DataFrame]:
    """
    Describe the hotspots of the last window.

    Parameters
    ----------
    found : Detection
    lists : sequence of PointList
        Oldest first; the last is the one in force.
    point_table : GeoDataFrame
        ``schema.POINTS``.
    districts : Series of str
        Name of each district, indexed by its code.
    area_id : str
    history_months : int
        Months of history shown and used for trends.

    Returns
    -------
    dict of table name to DataFrame
        ``hotspots``, ``members``, ``history``, ``series`` and ``mix``, each to its schema.
    """
    at = found.frame.at
    ground = point_table.set_index("point_id").reindex(at.ids)
    start = found.frame.month - pd.DateOffset(months=history_months - 1)
    landings = [(older, found.frame.landing(older)) for older in lists[:-1]]
    parts: dict[str, list[pd.DataFrame]] = {"hotspots": [], "members": [], "series": [], "mix": []}
    for crime_set, drawn in found.drawn.items():
        numbers = found.numbers[crime_set.name]
        if not len(numbers):
            continue
        ids = np.array([hotspot_id(area_id, int(number)) for number in numbers])
        key = {"hotspot_id": ids, "crime_group": crime_set.name}
        mix = _mix(found, drawn, crime_set, len(ids))
        series = _series(found, landings, drawn, crime_set, start)
        parts["members"].append(_members(at.ids, drawn, ids, crime_set))
        parts["mix"].append(_long(mix, key, "crime_type"))
        parts["series"].append(_long_series(series, key))
        hotspots = pd.concat(
            [
                pd.DataFrame(key),
                _shape(found, drawn, len(ids)),
                _where(drawn, ground, districts, len(ids)),
                _harm(mix),
                _recurrence(found, landings, drawn, crime_set, len(ids)),
                _trends(series, found, landings, crime_set, start),
            ],
            axis=1,
        )
        hotspots["born"] = pd.DatetimeIndex([found.born[int(n)] for n in numbers])
        hotspots["rank"] = _rank(hotspots["n"], hotspots["score"])
        parts["hotspots"].append(hotspots)
    tables = {name: _collect(part) for name, part in parts.items()}
    tables["history"] = _history(found, area_id)
    tables["hotspots"] = _finish(tables["hotspots"], found)
    schemas = (HOTSPOTS, MEMBERS, HISTORY, SERIES, MIX)
    return {schema.name: _typed(tables[schema.name], schema) for schema in schemas}


def _collect(parts: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _typed(table: pd.DataFrame, schema: Schema) -> pd.DataFrame:
    """Bring columns to the schema's dtypes and order, rows to the order of its key."""
    from hotspots.schema import empty

    if table.empty:
        return empty(schema)
    dtypes = {column.name: column.dtype for column in schema.columns}
    ordered = table.astype(dtypes)[schema.names].sort_values(by=[*schema.key], ignore_index=True)
    if schema.geometry:
        framed: pd.DataFrame = gpd.GeoDataFrame(ordered, geometry="geometry", crs=BNG)
        return framed
    return ordered


def _by_label(
    labels: NDArray[np.int64], values: NDArray[np.float64], n: int
) -> NDArray[np.float64]:
    """Sum values of points by hotspot, for one column of values or for several."""
    total = np.zeros((n, *values.shape[1:]))
    inside = labels >= 0
    np.add.at(total, labels[inside], values[inside])
    return total


def _shape(found: Detection, drawn: Drawn, n: int) -> pd.DataFrame:
    inside = np.flatnonzero(drawn.labels >= 0)
    owner = drawn.labels[inside]
    order = np.argsort(owner, kind="stable")
    groups = np.split(inside[order], np.searchsorted(owner[order], np.arange(1, n)))
    polygons = np.array([found.frame.polygon(group) for group in groups])
    polygons = shapely.normalize(shapely.set_precision(polygons, 0.01))
    own = _by_label(drawn.labels, drawn.own_share * drawn.score, n)
    score = _by_label(drawn.labels, drawn.score, n)
    return pd.DataFrame(
        {
            "geometry": polygons,
            "area_m2": shapely.area(polygons),
            "width_m": [_width(polygon) for polygon in polygons],
            "n_points": np.bincount(owner, minlength=n),
            "n": _by_label(drawn.labels, drawn.count, n).astype(np.int64),
            "score": score,
            "own_share": np.clip(own / score, 0, 1),
        }
    )


def _width(polygon: shapely.Geometry) -> float:
    """Greatest distance between two corners of a polygon, in metres."""
    corners = shapely.get_coordinates(shapely.convex_hull(polygon))
    apart = corners[:, None, :] - corners[None, :, :]
    return float(np.sqrt((apart**2).sum(axis=2).max()))


def _members(
    ids: pd.Index, drawn: Drawn, hotspots: NDArray[np.str_], crime_set: CrimeSet
) -> pd.DataFrame:
    inside = drawn.labels >= 0
    return pd.DataFrame(
        {
            "hotspot_id": hotspots[drawn.labels[inside]],
            "crime_group": crime_set.name,
            "point_id": ids[inside],
            "n": drawn.count[inside],
        }
    )


def _where(drawn: Drawn, ground: gpd.GeoDataFrame, districts: pd.Series, n: int) -> pd.DataFrame:
    """District with most of the incidents, and the streets that name the hotspot."""
    inside = drawn.labels >= 0
    here = pd.DataFrame(
        {
            "hotspot": drawn.labels[inside],
            "n": drawn.count[inside],
            "district_code": ground["district_code"].to_numpy()[inside],
            "street": naming.street_names(ground["location"]).to_numpy()[inside],
        }
    )
    total = here.groupby(["hotspot", "district_code"])["n"].sum().reset_index()
    total = total.sort_values(by=["hotspot", "n", "district_code"], ascending=[True, False, True])
    code = total.drop_duplicates("hotspot").set_index("hotspot")["district_code"].reindex(range(n))
    named = naming.name_hotspots(here, _around(drawn, ground))["streets"].reindex(range(n))
    streets = named.fillna(UNNAMED)
    district = code.map(districts)
    return pd.DataFrame(
        {
            "streets": streets,
            "district_code": code,
            "district": district,
            "name": streets + ", " + district,
        }
    )


def _around(drawn: Drawn, ground: gpd.GeoDataFrame) -> pd.DataFrame:
    """Named points near each hotspot, the nearer the heavier."""
    street = naming.street_names(ground["location"])
    named = np.flatnonzero(street.notna())
    inside = np.flatnonzero(drawn.labels >= 0)
    xy = ground.get_coordinates().to_numpy()
    nearest = points.nearest_within(xy[inside], xy[named], reach_m=NAME_REACH_M)
    found = nearest >= 0
    return pd.DataFrame(
        {
            "hotspot": drawn.labels[inside[found]],
            "street": street.to_numpy()[named[nearest[found]]],
            "n": drawn.count[inside[found]] + 1,
        }
    )


def _mix(found: Detection, drawn: Drawn, crime_set: CrimeSet, n: int) -> pd.DataFrame:
    """Incidents of each type of the set, hotspots by types."""
    counts, _, _ = found.frame.window_counts(WINDOW_MONTHS, [(t,) for t in crime_set.types])
    total = _by_label(drawn.labels, counts, n)
    return pd.DataFrame(total, columns=list(crime_set.types))


def _harm(mix: pd.DataFrame) -> pd.DataFrame:
    """Category-level harm, its ranks, and whether one incident is over half of it."""
    weights = pd.Series(harm_weights()).reindex(mix.columns)
    harm = mix @ weights
    heaviest = (mix > 0).mul(weights, axis=1).max(axis=1)
    n = mix.sum(axis=1)
    return pd.DataFrame(
        {
            "harm": harm,
            "rank_harm": _rank(harm, n),
            "rank_sqrt_harm": _rank(mix @ weights.pow(0.5), n),
            "is_one_event": heaviest > 0.5 * harm,
        }
    )


def _rank(value: pd.Series, tie: pd.Series) -> NDArray[np.int64]:
    """Rank from 1 for the greatest; ties by a second value, then by order."""
    order = np.lexsort((-tie.to_numpy(), -value.to_numpy()))
    rank = np.empty(len(value), dtype=np.int64)
    rank[order] = np.arange(1, len(value) + 1)
    return rank


def _landed(labels: NDArray[np.int64], landing: NDArray[np.int64]) -> NDArray[np.int64]:
    """Hotspot of each point of an earlier list, by the point it lands on."""
    return np.where(landing >= 0, labels[landing], -1)


def _recurrence(
    found: Detection,
    landings: list[tuple[PointList, NDArray[np.int64]]],
    drawn: Drawn,
    crime_set: CrimeSet,
    n: int,
) -> pd.DataFrame:
    """Windows in which each hotspot was hot, and the class they make."""
    on_list = {id(older): _landed(drawn.labels, landing) for older, landing in landings}
    on_list[id(found.frame.at)] = drawn.labels
    windows = found.short[crime_set.name]
    hot = np.zeros((n, len(windows)), dtype=bool)
    for i, window in enumerate(windows):
        hotspot = on_list[id(window.at)]
        hot[:, i] = recurrence.were_hot(hotspot, window.count, window.is_drawn, n_hotspots=n)
    return pd.DataFrame(
        {
            "windows_hot": hot.sum(axis=1),
            "windows_seen": len(windows),
            "window_months": crime_set.recurrence_months,
            "class": recurrence.classify_recurrence(hot),
            "is_recurring": recurrence.is_recurring(hot),
        }
    )


def _series(
    found: Detection,
    landings: list[tuple[PointList, NDArray[np.int64]]],
    drawn: Drawn,
    crime_set: CrimeSet,
    start: pd.Timestamp,
) -> pd.DataFrame:
    """Incidents of the set in each hotspot, by observed month and whether it is re-based."""
    n = int(drawn.labels.max(initial=-1)) + 1
    own = _monthly(found.frame.at, drawn.labels, crime_set, start, n, is_rebased=False)
    before = [
        _monthly(older, _landed(drawn.labels, landing), crime_set, start, n, is_rebased=True)
        for older, landing in landings
    ]
    return pd.concat([*before, own], axis=1)


def _monthly(
    at: PointList,
    hotspot: NDArray[np.int64],
    crime_set: CrimeSet,
    start: pd.Timestamp,
    n: int,
    *,
    is_rebased: bool,
) -> pd.DataFrame:
    shown = np.asarray(at.counts.months >= start)
    inside = hotspot >= 0
    counts = at.counts.by_month(crime_set.types)[:, shown]
    columns = pd.MultiIndex.from_arrays(
        [at.counts.months[shown], np.full(int(shown.sum()), is_rebased)],
        names=["month", "is_rebased"],
    )
    total = np.zeros((n, counts.shape[1]))
    np.add.at(total, hotspot[inside], counts[inside])
    return pd.DataFrame(total, columns=columns)


def _trends(
    series: pd.DataFrame,
    found: Detection,
    landings: list[tuple[PointList, NDArray[np.int64]]],
    crime_set: CrimeSet,
    start: pd.Timestamp,
) -> pd.DataFrame:
    """Trend of each hotspot's share of the area's incidents of the set."""
    whole = pd.Series(0.0, index=series.columns)
    for at in [*(older for older, _ in landings), found.frame.at]:
        shown = at.counts.months >= start
        whole.loc[at.counts.months[shown]] = at.counts.by_month(crime_set.types)[:, shown].sum(
            axis=0
        )
    months = month_numbers(pd.DatetimeIndex(series.columns.get_level_values("month")))
    observed = whole.to_numpy() > 0
    share = series.to_numpy()[:, observed] / whole.to_numpy()[observed]
    found_trends = [recurrence.trend(months[observed], row) for row in share]
    table = pd.DataFrame(found_trends, columns=["per_year", "low", "high", "p"])
    return table.add_prefix("trend_")


def _long(wide: pd.DataFrame, key: dict[str, object], name: str) -> pd.DataFrame:
    """Turn hotspots by columns into one row for each count above zero."""
    row, column = np.nonzero(wide.to_numpy())
    return pd.DataFrame(
        {
            "hotspot_id": np.asarray(key["hotspot_id"])[row],
            "crime_group": key["crime_group"],
            name: wide.columns.to_numpy()[column],
            "n": wide.to_numpy()[row, column],
        }
    )


def _long_series(series: pd.DataFrame, key: dict[str, object]) -> pd.DataFrame:
    """Turn hotspots by months into one row each; an observed month of none is a zero."""
    n, width = series.shape
    return pd.DataFrame(
        {
            "hotspot_id": np.repeat(np.asarray(key["hotspot_id"]), width),
            "crime_group": key["crime_group"],
            "month": np.tile(series.columns.get_level_values("month").to_numpy(), n),
            "n": series.to_numpy().ravel(),
            "is_rebased": np.tile(series.columns.get_level_values("is_rebased").to_numpy(), n),
        }
    )


def _history(found: Detection, area_id: str) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "hotspot_id": hotspot_id(area_id, event.number),
                "crime_group": name,
                "window_end": month,
                "event": event.kind,
                "related_id": None if event.related is None else hotspot_id(area_id, event.related),
                "n": event.n,
            }
            for name, month, event in found.events
        ]
    )


def _finish(hotspots: pd.DataFrame, found: Detection) -> pd.DataFrame:
    """Add what all hotspots of the window share."""
    end = found.frame.month
    return hotspots.assign(
        window_start=end - pd.DateOffset(months=WINDOW_MONTHS - 1),
        window_end=end,
        months_observed=found.months_observed,
        list_id=found.frame.at.list_id,
        is_rebased=found.is_rebased,
        # Until significance is tested every hotspot is chosen by its score only (METHODS §5).
        label="watch",
    )
