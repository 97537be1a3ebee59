"""Stage: turn what was detected into the tables of hotspots, their points, months and types."""

from __future__ import annotations

from itertools import pairwise
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
    sets = {each: drawn for each, drawn in found.drawn.items() if len(found.numbers[each.name])}
    named = _whereabouts_of_sets(list(sets.values()), ground, districts)
    for (crime_set, drawn), places in zip(sets.items(), named, strict=True):
        numbers = found.numbers[crime_set.name]
        ids = np.array([hotspot_id(area_id, int(number)) for number in numbers])
        mix = _mix(found, drawn, crime_set, len(ids))
        counts = timeline.counts_of(crime_set)
        series = over_time.monthly(timeline, drawn.labels, counts)
        windows = found.short[crime_set.name]
        tested = judged[crime_set.name]
        chance = tested["chance_hot"].to_numpy()
        hotspots = pd.concat(
            [
                pd.DataFrame({"hotspot_id": ids, "crime_group": crime_set.name}),
                _shape(found, drawn, len(ids)),
                places,
                _harm(mix, harm_weights),
                tested[["label", "expected", "llr", "p_family", "q"]],
                over_time.recurrence_table(timeline, drawn.labels, windows, crime_set, chance),
                over_time.trends(series, counts),
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
        ``schema.POINTS`` but its key, ``street`` of ``naming.street_names``, and ``near``: the
        street of the nearest map point that has one, missing where none is near.
    """
    ground = point_table.set_index("point_id").reindex(at.ids)
    street = naming.street_names(ground["location"])
    known = street.dropna()
    xy = ground.get_coordinates().to_numpy()
    nearest = points.nearest_within(xy, xy[street.notna()], reach_m=NAME_REACH_M)
    near = known.reset_index(drop=True).reindex(nearest)  # -1 is no place, and missing
    return ground.assign(street=street, near=near.to_numpy())


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


def _whereabouts_of_sets(
    sets: Sequence[Drawn], ground: gpd.GeoDataFrame, districts: pd.Series
) -> list[pd.DataFrame]:
    """Say where the hotspots of several sets lie: all of them at once, as each costs little."""
    members = [np.flatnonzero(drawn.labels >= 0) for drawn in sets]
    n = [int(drawn.labels.max()) + 1 for drawn in sets]
    first = np.cumsum([0, *n])
    every = whereabouts(
        np.concatenate([np.zeros(0, dtype=np.int64), *(
            drawn.labels[point] + start
            for drawn, point, start in zip(sets, members, first[:-1], strict=True)
        )]),
        np.concatenate([np.zeros(0, dtype=np.int64), *members]),
        np.concatenate([np.zeros(0), *(
            drawn.count[point] for drawn, point in zip(sets, members, strict=True)
        )]),
        ground,
        districts,
        int(first[-1]),
    )  # fmt: skip
    return [every[start:after].reset_index(drop=True) for start, after in pairwise(first)]


def whereabouts(
    hotspot: NDArray[np.int64],
    point: NDArray[np.int64],
    count: NDArray[np.float64],
    ground: gpd.GeoDataFrame,
    districts: pd.Series,
    n: int,
) -> pd.DataFrame:
    """
    Say in which district each hotspot lies, and what it is called.

    Parameters
    ----------
    hotspot, point : array of int64, shape (n_members,)
        Each hotspot, from 0, and each of its map points, as a row of ``ground``.
    count : array of float64, shape (n_members,)
        Incidents of the map point.
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
    about = ground[["district_code", "street", "near"]].iloc[point]
    here = pd.DataFrame(about).reset_index(drop=True).assign(hotspot=hotspot, n=count)
    total = here.groupby(["hotspot", "district_code"])["n"].sum().reset_index()
    total = total.sort_values(by=["hotspot", "n", "district_code"], ascending=[True, False, True])
    code = total.drop_duplicates("hotspot").set_index("hotspot")["district_code"].reindex(range(n))
    around = here[["hotspot", "near", "n"]].rename(columns={"near": "street"})
    own = here[["hotspot", "street", "n"]]
    named = naming.name_hotspots(own, around.assign(n=around["n"] + 1))["streets"]
    streets = named.reindex(range(n)).fillna(UNNAMED)
    district = code.map(districts)
    return pd.DataFrame(
        {
            "streets": streets,
            "district_code": code,
            "district": district,
            "name": streets + ", " + district,
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
    events = [event for _, _, event in found.events]
    numbers = {number for each in events for number in (each.number, each.related)}
    ids = {None: None} | {n: hotspot_id(area_id, n) for n in numbers if n is not None}
    return pd.DataFrame(
        {
            "hotspot_id": [ids[each.number] for each in events],
            "crime_group": [name for name, _, _ in found.events],
            "window_end": [month for _, month, _ in found.events],
            "event": [each.kind for each in events],
            "related_id": [ids[each.related] for each in events],
            "n": [each.n for each in events],
        }
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
