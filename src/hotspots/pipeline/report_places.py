"""The pages of single hotspots in a report: map, history, surroundings, questions for a visit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from hotspots.pipeline.quarter_hotspots import past_counts
from hotspots.pipeline.tables import WINDOW_MONTHS
from hotspots.publish import explained, prompts, report_words, words
from hotspots.publish.charts import PlaceMap, Series
from hotspots.publish.report import Place
from hotspots.schema import ALL_CRIME

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    from numpy.typing import NDArray

    from hotspots.pipeline.quarter_hotspots import MapThen

_HISTORY_MONTHS = 36
_LEAST_REACH_M = 260.0
_MARGIN_M = 130.0
_SHAPE_OF_MAP = 1.5
"""Width of a map for its height."""

_SIMPLE_M = 1.5
"""Corners that move an outline less than this are left out of a small map."""

_DECILES = "_decile"
_DEPRIVATION = "Deprivation, by tenths of England (1 is the most deprived)"


@dataclass(frozen=True)
class Around:
    """
    What the pages of all hotspots are made from.

    Attributes
    ----------
    now : MapThen
    history : DataFrame
        ``schema.HISTORY`` up to the month of the map.
    environment, unusual : DataFrame
        Of the latest map; empty where ``now`` is an earlier one.
    lines : array of geometry
        Streets if there are any, else borders of small areas; EPSG:27700.
    are_streets : bool
    area_name : str
    months : DatetimeIndex
        Months that have data.
    """

    now: MapThen
    history: pd.DataFrame
    environment: pd.DataFrame
    unusual: pd.DataFrame
    lines: NDArray[np.object_]
    are_streets: bool
    area_name: str
    months: pd.DatetimeIndex


def lines_of(
    areas: gpd.GeoDataFrame, streets: gpd.GeoDataFrame
) -> tuple[NDArray[np.object_], bool]:
    """Choose what a small map takes its bearings from: streets, or the finest outlines."""
    if len(streets):
        return streets.geometry.to_numpy(), True
    for level in ("lsoa21", "lsoa11", "ward", "district"):
        found = areas[areas["level"] == level]
        if len(found):
            return shapely.boundary(found.geometry.to_numpy()), False
    return np.empty(0, dtype=object), False


def place(row: Mapping[str, Any], around: Around) -> Place:
    """
    Make the page of one hotspot.

    Parameters
    ----------
    row : mapping
        A row of ``quarter_hotspots.hotspots_table``.
    around : Around
    """
    unusual = around.unusual
    own = unusual[
        (unusual["hotspot_id"] == row["hotspot_id"]) & (unusual["crime_group"] == ALL_CRIME)
    ].sort_values("rank")
    return Place(
        hotspot_id=str(row["hotspot_id"]),
        name=str(row["name"]),
        rank=int(row["rank"]),
        facts=_facts(row),
        sentences=report_words.place(row),
        surroundings=_surroundings(around.environment, str(row["hotspot_id"])),
        unusual=tuple(
            explained.unusual_sentence(each, district=str(row["district"]), area=around.area_name)
            for each in own.to_dict("records")
        ),
        questions=tuple(prompts.prompts_for(list(row["types"]), list(own["measure"]))),
        map=_map(row, around),
        history=_history(row, around),
    )


def _facts(row: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    facts = [
        ("Number", str(row["hotspot_id"])),
        ("Rank in the whole area", f"{row['rank']:,}"),
        ("Reported here", str(row["most"])),
        ("Map points", f"{row['n_points']:,}"),
        ("Size", f"{row['area_m2'] / 10_000:.1f} hectares"),
    ]
    if pd.notna(row["label"]):
        facts.append(("How sure", f"{row['label']}. {words.LABELS[row['label']]}"))
    if pd.notna(row["recurrence"]):
        told = words.CLASSES[row["recurrence"]]
        facts.append(("How often", f"{row['recurrence']}: {told}"))
    return tuple(facts)


def _surroundings(environment: pd.DataFrame, hotspot_id: str) -> tuple[tuple[str, str, str], ...]:
    own = environment[(environment["subject"] == "hotspot")
                      & (environment["subject_id"] == hotspot_id)]  # fmt: skip
    own = own.dropna(subset="value")
    rows = sorted(own.to_dict("records"), key=lambda each: words.measure_order(each["measure"]))
    found = []
    deciles = [each for each in rows if each["measure"].endswith(_DECILES)]
    if deciles:
        told = [
            f"{words.measure(each['measure'], each['unit'])[1].lower()} {each['value']:.0f}"
            for each in deciles
        ]
        found.append((_DEPRIVATION, "; ".join(told), deciles[0]["source"]))
    for each in rows:
        if each in deciles:
            continue
        _, name, unit = words.measure(each["measure"], each["unit"])
        found.append((name, _value(each["value"], unit), each["source"]))
    return tuple(found)


def _value(value: float, unit: str) -> str:
    if unit == "%":
        return words.percent(value)
    shown = f"{value:,.0f}" if value >= 10 else f"{value:.1f}".removesuffix(".0")  # noqa: PLR2004 - whole numbers from ten
    return f"{shown} {unit}".strip()


def _map(row: Mapping[str, Any], around: Around) -> PlaceMap:
    shapes = around.now.shapes.geometry
    shape = shapes[row["hotspot_id"]]
    west, south, east, north = shape.bounds
    x, y = (west + east) / 2, (south + north) / 2
    high = max(
        _LEAST_REACH_M,
        (north - south) / 2 + _MARGIN_M,
        (east - west) / 2 / _SHAPE_OF_MAP + _MARGIN_M,
    )
    wide = high * _SHAPE_OF_MAP
    frame = (x - wide, y - high, x + wide, y + high)
    box = shapely.box(*frame)
    near = shapes[shapes.intersects(box) & (shapes.index != row["hotspot_id"])]
    base = around.lines[shapely.intersects(around.lines, box)]
    lines = shapely.simplify(shapely.intersection(base, box), _SIMPLE_M)
    bearings = "streets" if around.are_streets else "borders of small statistical areas"
    others = (
        f" {words.sentence(words.many(len(near), 'other hotspot'))} in view." if len(near) else ""
    )
    return PlaceMap(
        title=f"Map of {row['name']}",
        words=(
            f"Outline of the hotspot, about {2 * wide:.0f} metres of ground from west to east, "
            f"with its {words.many(int(row['n_points']), 'map point')}; thin "
            f"lines are {bearings}.{others}"
        ),
        frame=frame,
        shape=_rings(np.array([shape])),
        others=_rings(shapely.intersection(near.to_numpy(), box)),
        lines=_coordinates(shapely.get_parts(lines)),
        points=tuple((float(a), float(b)) for a, b in around.now.members[row["hotspot_id"]]),
    )


def _rings(polygons: NDArray[np.object_]) -> tuple[tuple[tuple[float, float], ...], ...]:
    simple = shapely.get_parts(shapely.simplify(polygons, _SIMPLE_M))
    return _coordinates(shapely.get_rings(simple[shapely.get_dimensions(simple) == 2]))  # noqa: PLR2004 - areas


def _coordinates(lines: NDArray[np.object_]) -> tuple[tuple[tuple[float, float], ...], ...]:
    return tuple(
        tuple((round(float(x), 1), round(float(y), 1)) for x, y in shapely.get_coordinates(line))
        for line in lines
        if shapely.get_dimensions(line) == 1
    )


def _history(row: Mapping[str, Any], around: Around) -> Series:
    last = around.now.month
    counts = past_counts(around.history, str(row["hotspot_id"]), last)
    first = max(counts.index.min(), last - pd.DateOffset(months=_HISTORY_MONTHS - 1))
    months = pd.date_range(first, last, freq="MS", unit="ms")
    seen = {month: _observed(around.months, month) for month in months}
    values = tuple(
        round(counts[month] / seen[month]) if month in counts.index and seen[month] else None
        for month in months
    )
    known = [value for value in values if value is not None]
    told = f"from {min(known):,} to {max(known):,} a month" if known else "none known"
    return Series(
        title="Incidents a month, over the year to each month",
        words=(
            f"Incidents near the hotspot for each month with data, over the twelve months to each "
            f"month from {words.span(first, last)}: {told}. The line breaks where a month has no "
            "data or the place was no hotspot."
        ),
        labels=tuple(f"{month:%b %Y}" for month in months),
        values=values,
    )


def _observed(months: pd.DatetimeIndex, end: pd.Timestamp) -> int:
    start = end - pd.DateOffset(months=WINDOW_MONTHS - 1)
    return int(((months >= start) & (months <= end)).sum())
