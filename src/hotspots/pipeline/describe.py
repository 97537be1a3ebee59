"""Stage: turn what was detected into the tables of hotspots, their points, months and types."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hotspots import naming, points
from hotspots.crs import BNG
from hotspots.pipeline import over_time
from hotspots.pipeline.tables import WINDOW_MONTHS, CrimeSet
from hotspots.schema import HISTORY, HOTSPOTS, MEMBERS, MIX, SERIES, empty

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from hotspots.pipeline.detect import Detection
    from hotspots.pipeline.drawing import Drawn
    from hotspots.pipeline.frames import PointList
    from hotspots.schema import Schema

NAME_REACH_M = 250.0
"""Where no point of a hotspot names a street, streets this near to it lend their names."""

DESERT_HARM_SHARE = 0.2
"""A frequency desert is in this top share by harm, and in the lower half by count."""

UNNAMED = "No street named"


def hotspot_id(area_id: str, number: int) -> str:
    """Write a register number as an id, such as ``HS-lancashire-0001``."""
    return f"HS-{area_id}-{number:04d}"


def describe(
    found: Detection,
    judged: Mapping[str, pd.DataFrame],
    lists: Sequence[PointList],
    point_table: gpd.GeoDataFrame,
    districts: pd.Series,
    *,
    area_id: str,
    history_months: int,
    harm_weights: Mapping[str, float],
) -> dict[str, pd.DataFrame]:
    """
    Describe the hotspots of the last window.

    Parameters
    ----------
    found : Detection
    judged : mapping of set name to DataFrame
        Of ``judge.judge``.
    lists : sequence of PointList
        Oldest first; the last is the one in force.
    point_table : GeoDataFrame
        ``schema.POINTS``.
    districts : Series of str
        Name of each district, indexed by its code.
    area_id : str
    history_months : int
        Months of history shown and used for trends.
    harm_weights : mapping of crime type to float
        Days of harm of one incident.

    Returns
    -------
    dict of table name to DataFrame
        ``hotspots``, ``members``, ``history``, ``series`` and ``mix``, each to its schema.
    """
    at = found.frame.at
    ground = ground_of(at, point_table)
    timeline = over_time.Timeline.of(found, lists, history_months=history_months)
    parts: dict[str, list[pd.DataFrame]] = {"hotspots": [], "members": [], "series": [], "mix": []}
    for crime_set, drawn in found.drawn.items():
        numbers = found.numbers[crime_set.name]
        if not len(numbers):
            continue
        ids = np.array([hotspot_id(area_id, int(number)) for number in numbers])
        mix = _mix(found, drawn, crime_set, len(ids))
        series = over_time.monthly(timeline, drawn.labels, crime_set)
        windows = found.short[crime_set.name]
        tested = judged[crime_set.name]
        chance = tested["chance_hot"].to_numpy()
        hotspots = pd.concat(
            [
                pd.DataFrame({"hotspot_id": ids, "crime_group": crime_set.name}),
                _shape(found, drawn, len(ids)),
                whereabouts(drawn.labels, drawn.count, ground, districts, len(ids)),
                _harm(mix, harm_weights),
                tested[["label", "expected", "llr", "p_family", "q"]],
                over_time.recurrence_table(timeline, drawn.labels, windows, crime_set, chance),
                over_time.trends(timeline, series, crime_set),
            ],
            axis=1,
        )
        hotspots["born"] = pd.DatetimeIndex([found.born[int(n)] for n in numbers])
        hotspots["rank"] = _rank(hotspots["n"], hotspots["score"])
        hotspots["is_frequency_desert"] = _is_desert(hotspots)
        parts["hotspots"].append(hotspots)
        parts["members"].append(_members(at.ids, drawn, ids, crime_set))
        parts["mix"].append(_mix_rows(mix, ids, crime_set))
        parts["series"].append(over_time.series_rows(series, ids, crime_set))
    tables = {name: _collect(part) for name, part in parts.items()}
    tables["history"] = _history(found, area_id)
    tables["hotspots"] = _finish(tables["hotspots"], found)
    schemas = (HOTSPOTS, MEMBERS, HISTORY, SERIES, MIX)
    return {schema.name: _typed(tables[schema.name], schema) for schema in schemas}


def ground_of(at: PointList, point_table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """
    Return what is known of the map points of a list, and the name of the street of each.

    Parameters
    ----------
    at : PointList
    point_table : GeoDataFrame
        ``schema.POINTS``.

    Returns
    -------
    GeoDataFrame, one row for each point in the order of the list
        ``schema.POINTS`` but its key, and ``street`` of ``naming.street_names``.
    """
    ground = point_table.set_index("point_id").reindex(at.ids)
    return ground.assign(street=naming.street_names(ground["location"]))


def _collect(parts: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _typed(table: pd.DataFrame, schema: Schema) -> pd.DataFrame:
    """Bring columns to the schema's dtypes and order, rows to the order of its key."""
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


def whereabouts(
    labels: NDArray[np.int64],
    count: NDArray[np.float64],
    ground: gpd.GeoDataFrame,
    districts: pd.Series,
    n: int,
) -> pd.DataFrame:
    """
    Say in which district each hotspot lies, and what it is called.

    Parameters
    ----------
    labels : array of int64, shape (n_points,)
        Hotspot of each map point, from 0; -1 elsewhere.
    count : array of float64, shape (n_points,)
        Its incidents.
    ground : GeoDataFrame
        Of ``ground_of``.
    districts : Series of str
        Name of each district, indexed by its code.
    n : int
        Hotspots.

    Returns
    -------
    DataFrame of shape (n, 4)
        ``streets``, ``district_code``, ``district`` and ``name``: the district with most of the
        incidents, and the streets that name the hotspot.
    """
    inside = labels >= 0
    here = pd.DataFrame(
        {
            "hotspot": labels[inside],
            "n": count[inside],
            "district_code": ground["district_code"].to_numpy()[inside],
            "street": ground["street"].to_numpy()[inside],
        }
    )
    total = here.groupby(["hotspot", "district_code"])["n"].sum().reset_index()
    total = total.sort_values(by=["hotspot", "n", "district_code"], ascending=[True, False, True])
    code = total.drop_duplicates("hotspot").set_index("hotspot")["district_code"].reindex(range(n))
    around = _around(labels, count, ground)
    named = naming.name_hotspots(here, around)["streets"].reindex(range(n))
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


def _around(
    labels: NDArray[np.int64], count: NDArray[np.float64], ground: gpd.GeoDataFrame
) -> pd.DataFrame:
    """Nearest named point to each member point, where one is near, weighed by its incidents."""
    street = ground["street"]
    named = np.flatnonzero(street.notna())
    inside = np.flatnonzero(labels >= 0)
    xy = ground.get_coordinates().to_numpy()
    nearest = points.nearest_within(xy[inside], xy[named], reach_m=NAME_REACH_M)
    found = nearest >= 0
    return pd.DataFrame(
        {
            "hotspot": labels[inside[found]],
            "street": street.to_numpy()[named[nearest[found]]],
            "n": count[inside[found]] + 1,
        }
    )


def _mix(found: Detection, drawn: Drawn, crime_set: CrimeSet, n: int) -> pd.DataFrame:
    """Incidents of each type of the set, hotspots by types."""
    counts, _, _ = found.frame.window_counts(WINDOW_MONTHS, [(t,) for t in crime_set.types])
    total = _by_label(drawn.labels, counts, n)
    return pd.DataFrame(total, columns=list(crime_set.types))


def _harm(mix: pd.DataFrame, harm_weights: Mapping[str, float]) -> pd.DataFrame:
    """Category-level harm, its ranks, and whether one incident is over half of it."""
    weights = pd.Series(harm_weights, dtype="float64").reindex(mix.columns)
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


def _is_desert(hotspots: pd.DataFrame) -> pd.Series:
    """Mark places that a ranking by count would hide though their harm is among the greatest."""
    n = len(hotspots)
    return (hotspots["rank_harm"] <= DESERT_HARM_SHARE * n) & (hotspots["rank"] > n / 2)


def _mix_rows(mix: pd.DataFrame, hotspots: NDArray[np.str_], crime_set: CrimeSet) -> pd.DataFrame:
    """Turn hotspots by types into one row for each count above zero."""
    row, column = np.nonzero(mix.to_numpy())
    return pd.DataFrame(
        {
            "hotspot_id": hotspots[row],
            "crime_group": crime_set.name,
            "crime_type": mix.columns.to_numpy()[column],
            "n": mix.to_numpy()[row, column],
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
    )
