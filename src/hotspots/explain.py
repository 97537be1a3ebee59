"""
What is unusual about a hotspot, held against map points in places like it.

A description: a hotspot is compared with points outside the hotspots of its group in the same
district, about which as many map points stand (and as much street runs, if streets are known), so
that a town centre is not held against villages. Whether what is unusual goes with crime is told by
the evidence of ``risk``, joined here and never implied.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from hotspots.schema import UNUSUAL, check

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd
    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]

BUILT_UP_M = 250.0
"""Map points within this distance say how built-up a place is."""

ALIKE = (0.5, 1.5)
"""A matched place has between these times the map points (and street) about it."""

LEAST_MATCHED = 30
"""With fewer matched places in the district the whole area is asked, and with fewer there none."""

TAIL = 0.1
"""A measure is unusual below this share of the matched places or above all but this share."""

MOST = 3
"""Measures named of one hotspot."""

NOT_TESTED, NOT_ESTABLISHED, ASSOCIATED = "not tested", "not established", "associated"

_FAMILIES = {
    "lamp_spacing_m": "light",
    "dark_share": "light",
    "lamps_per_ha": "light",
    "lamps_per_100m_street": "light",
    "nearest_lamp_m": "light",
    "dark_share_20m": "light",
    "longest_gap_m": "gap",
    "faulty_share": "faults",
    "part_night_share": "regime",
    "dimmed_share": "regime",
    "wattage_w": "lamps",
    "lamp_age_years": "lamps",
}
"""Measures of a hotspot's own polygon that are compared; of one family only one is named."""

_STREET = "street_m_per_ha"
_NEAR = re.compile(r"nearest_(?P<near>.+)_m|(?P<count>.+)_within_\d+m")


@dataclass(frozen=True)
class Places:
    """
    Map points of the list in force, to be matched with hotspots.

    Attributes
    ----------
    points : GeoDataFrame, EPSG:27700
        Rows of ``schema.POINTS``.
    measures : DataFrame of float64
        As ``environment.measure_points`` gives it, in the same order.
    """

    points: gpd.GeoDataFrame
    measures: pd.DataFrame

    def setting(self) -> NDArray[np.float64]:
        """Return what tells how built-up each point is: map points near it, and street if known."""
        xy = self.points.get_coordinates().to_numpy()
        tree = cKDTree(xy)
        near = np.asarray(tree.query_ball_point(xy, BUILT_UP_M, return_length=True), dtype=float)
        if _STREET in self.measures and self.measures[_STREET].notna().any():
            return np.column_stack([near, self.measures[_STREET].to_numpy()])
        return near[:, None]


def unusual(
    hotspots: pd.DataFrame, members: pd.DataFrame, environment: pd.DataFrame, places: Places
) -> pd.DataFrame:
    """
    Find the measures by which hotspots stand out among places like them.

    Parameters
    ----------
    hotspots, members, environment : DataFrame
        ``schema.HOTSPOTS``, ``schema.MEMBERS`` and ``schema.ENVIRONMENT``.
    places : Places

    Returns
    -------
    DataFrame
        ``schema.UNUSUAL``, at most three rows a hotspot and one of each family of measures; none
        without 30 matched places. Lighting is the hotspot's own; distances to places and counts
        near are the mean of its map points, as a wide place is near to more than a point is.
        Evidence is "not tested" until ``with_evidence`` joins it.
    """
    names = [name for name in places.measures.columns if family(str(name))]
    own = _own_values(hotspots, members, environment, places, names)
    known = places.measures[names].to_numpy(dtype=float)
    number = pd.Series(range(len(places.points)), index=places.points["point_id"])
    inside = members.assign(point=members["point_id"].map(number)).dropna(subset="point")
    point = inside["point"].to_numpy(dtype=np.int64)
    by_hotspot = inside.groupby(["crime_group", "hotspot_id"]).indices
    by_group = {key: point[at] for key, at in inside.groupby("crime_group").indices.items()}
    setting, district = places.setting(), places.points["district_code"].to_numpy()
    is_in = {code: district == code for code in hotspots["district_code"].unique()}
    rows = []
    keys = hotspots[["crime_group", "hotspot_id", "district_code"]].to_numpy()
    for (group, name, code), values in zip(keys, own.to_numpy(), strict=True):
        at = by_hotspot.get((group, name))
        if at is None:
            continue
        alike = _alike(setting, point[at])
        alike[by_group[group]] = False
        rows += [
            {"hotspot_id": name, "crime_group": group, **row}
            for row in _stands_out(names, values, known, alike, is_in[code])
        ]
    return _table(rows)


def family(measure: str) -> str:
    """Return what a measure tells of, such as ``light`` or a kind of place; "" if not compared."""
    if measure in _FAMILIES:
        return _FAMILIES[measure]
    found = _NEAR.fullmatch(measure)
    return f"near {found['near'] or found['count']}" if found else ""


def with_evidence(table: pd.DataFrame, factors: pd.DataFrame) -> pd.DataFrame:
    """
    Say of each unusual measure whether it goes with the crime group in the area.

    Parameters
    ----------
    table : DataFrame
        ``schema.UNUSUAL``.
    factors : DataFrame
        Columns ``crime_group``, ``factor`` (name of a measure) and ``evidence``.

    Returns
    -------
    DataFrame
        ``schema.UNUSUAL``. A measure that was no factor itself takes the evidence of its family:
        "associated" only if all of the family that was tested is.
    """
    tested = factors.assign(family=factors["factor"].map(family))
    by_name = _grades(tested, "factor")
    by_family = _grades(tested, "family")
    evidence = [
        by_name.get((group, name)) or by_family.get((group, family(name))) or NOT_TESTED
        for group, name in zip(table["crime_group"], table["measure"], strict=True)
    ]
    graded = table.assign(evidence=pd.Series(evidence, index=table.index, dtype="str"))
    return check(graded, UNUSUAL)


def _grades(tested: pd.DataFrame, column: str) -> dict[tuple[str, str], str]:
    grades: dict[tuple[str, str], str] = {}
    keys = zip(tested["crime_group"].astype("str"), tested[column].astype("str"), strict=True)
    for key, evidence in zip(keys, tested["evidence"], strict=True):
        holds = evidence == ASSOCIATED and grades.get(key) != NOT_ESTABLISHED
        grades[key] = ASSOCIATED if holds else NOT_ESTABLISHED
    return grades


def _own_values(
    hotspots: pd.DataFrame,
    members: pd.DataFrame,
    environment: pd.DataFrame,
    places: Places,
    names: list[str],
) -> pd.DataFrame:
    """Give each hotspot's value of every measure compared."""
    ids = pd.Index(hotspots["hotspot_id"])
    rows = environment[environment["measure"].isin(list(_FAMILIES))]
    polygon = rows.pivot_table(index="subject_id", columns="measure", values="value", dropna=False)
    near = [name for name in names if name not in _FAMILIES]
    at = places.measures[near].reindex(members["point_id"])
    mean = at.groupby(members["hotspot_id"].to_numpy()).mean()
    joined = pd.concat([polygon.reindex(ids), mean.reindex(ids)], axis=1)
    return joined.reindex(columns=names)


def _alike(setting: NDArray[np.float64], points: NDArray[np.int64]) -> Mask:
    """Say which points are about as built-up as the middle one of some."""
    # A hotspot without a known value is not held against one.
    middle = np.array([np.median(column[~np.isnan(column)]) if (~np.isnan(column)).any() else np.nan
                       for column in setting[points].T])  # fmt: skip
    low, high = ALIKE[0] * middle, ALIKE[1] * middle
    fits = np.isnan(middle) | ((setting >= low) & (setting <= high))
    return np.asarray(fits.all(axis=1))


def _stands_out(
    names: list[str],
    own: NDArray[np.float64],
    known: NDArray[np.float64],
    alike: Mask,
    is_near: Mask,
) -> Iterator[dict[str, object]]:
    """Give the measures of one hotspot that lie in a tail, strongest first."""
    where, matched = "same district", known[alike & is_near]
    number = (~np.isnan(matched)).sum(axis=0)
    if number.max(initial=0) < LEAST_MATCHED:
        where, matched = "whole area", known[alike]
        number = (~np.isnan(matched)).sum(axis=0)
    with np.errstate(invalid="ignore"):
        below = (matched < own).sum(axis=0) + (matched == own).sum(axis=0) / 2
    percentile = below / np.maximum(number, 1)
    far = np.abs(percentile - 0.5)
    is_told = ~np.isnan(own) & (number >= LEAST_MATCHED) & (far > 0.5 - TAIL)
    taken: set[str] = set()
    order = sorted(np.flatnonzero(is_told), key=lambda i: (-far[i], _place(names[i])))
    for i in order:
        told = family(names[i])
        if told in taken or len(taken) == MOST:
            continue
        taken.add(told)
        yield {
            "measure": names[i],
            "rank": len(taken),
            "value": own[i],
            "typical": float(np.nanmedian(matched[:, i])),
            "percentile": percentile[i],
            "n_matched": int(number[i]),
            "matched": where,
            "evidence": NOT_TESTED,
        }


def _place(name: str) -> tuple[int, str]:
    known = list(_FAMILIES)
    return (known.index(name) if name in known else len(known), name)


def _table(rows: list[dict[str, object]]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=UNUSUAL.names)
    typed = table.astype({column.name: column.dtype for column in UNUSUAL.columns})
    return check(typed.sort_values([*UNUSUAL.key], ignore_index=True), UNUSUAL)
