"""Stage: published files in, tables of the area out, every row accounted for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hotspots import points
from hotspots.crs import BNG, lonlat_to_bng
from hotspots.errors import DataMissingError
from hotspots.schema import (
    ACCOUNT,
    ALL_CRIME,
    AREAS,
    COUNTS,
    COVERAGE,
    DEPRIVATION,
    INCIDENTS,
    LAMPS,
    PLACES,
    POINTS,
    SET_ASIDE,
    empty,
)
from hotspots.settings import expand, police_files
from hotspots.sources import boundaries, deprivation, lighting, places, police_uk, rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hotspots.schema import Schema
    from hotspots.settings import Settings
    from hotspots.sources.layer import LayerFile

EDGE_M = 250.0
"""A record this far outside the districts still counts as inside: outlines are simplified and
map points lie on their edges (FACTS §1: 0.2 % of rows lie further out)."""


@dataclass(frozen=True)
class Layers:
    """Council layers of an area and the account of their rows."""

    tables: dict[str, pd.DataFrame]
    set_aside: pd.DataFrame
    account: pd.DataFrame
    repairs: tuple[str, ...]


def read_areas(settings: Settings) -> gpd.GeoDataFrame:
    """
    Read every boundary layer and give each smaller area its district.

    Returns
    -------
    GeoDataFrame
        ``schema.AREAS``, EPSG:27700.
    """
    parts = [
        boundaries.read(path, level=layer.level, code=layer.code, name=layer.name)
        for layer in settings.boundaries
        for path in expand(layer.file)
    ]
    areas = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), geometry="geometry", crs=BNG)
    areas = areas.drop_duplicates(["level", "area_code"], ignore_index=True)
    districts = areas[areas["level"] == "district"]
    inner = areas.representative_point()
    areas["district_code"] = _area_at(districts, inner.to_numpy())
    is_force = areas["level"] == "force"
    areas.loc[is_force, "district_code"] = None
    areas["district_code"] = areas["district_code"].astype("str")
    return areas.sort_values([*AREAS.key], ignore_index=True)


def _area_at(areas: gpd.GeoDataFrame, places_at: NDArray[np.object_]) -> pd.Series:
    """Code of the area that each place lies in or is nearest to; ties to the lowest code."""
    if areas.empty or not len(places_at):
        return pd.Series([None] * len(places_at), dtype="str")
    ordered = areas.sort_values("area_code", ignore_index=True)
    tree = shapely.STRtree(ordered.geometry.to_numpy())
    place, area = tree.query_nearest(places_at, all_matches=True)
    first = pd.Series(area).groupby(place).min()
    return pd.Series(ordered["area_code"].to_numpy()[first.to_numpy()], dtype="str")


def read_layers(settings: Settings) -> Layers:
    """
    Read lights, places and deprivation; a layer that is not in the settings is empty.

    A file that two entries of one authority or kind name is read once. Ids and file names that
    repeat between files are told apart by a number, so that no row or account is lost.
    """
    lights = {(e.authority, path): e for e in settings.lighting for path in expand(e.file)}
    sites = {(e.kind, path): e for e in settings.places for path in expand(e.file)}
    lamps = [
        lighting.read(path, authority=authority, columns=entry.columns)
        for (authority, path), entry in lights.items()
    ]
    found = [
        places.read(path, kind=kind, columns=entry.columns) for (kind, path), entry in sites.items()
    ]
    poor = (
        [deprivation.read(path) for path in expand(settings.deprivation.file)]
        if settings.deprivation
        else []
    )
    layers = _named_apart([*lamps, *found])
    tables = {
        "lamps": _with_own_ids([one.table for one in lamps], LAMPS),
        "places": _with_own_ids([one.table for one in found], PLACES),
        # Two editions may speak of one LSOA; the first that the settings name is used.
        "deprivation": _stack(poor, DEPRIVATION).drop_duplicates([*DEPRIVATION.key]),
    }
    return Layers(
        tables,
        _stack([one.set_aside for one in layers], SET_ASIDE),
        _stack([one.account for one in layers], ACCOUNT),
        tuple(repair for one in layers for repair in one.repairs),
    )


def _named_apart(layers: Sequence[LayerFile]) -> list[LayerFile]:
    """Give each file a name of its own in its account and its rows set aside."""
    names = rows.unique(pd.Series([one.account["file"].iloc[0] for one in layers], dtype="str"))
    return [
        replace(
            one,
            account=one.account.assign(file=name).astype({"file": "str"}),
            set_aside=one.set_aside.assign(file=name).astype({"file": "str"}),
        )
        for one, name in zip(layers, names, strict=True)
    ]


def _with_own_ids(tables: Sequence[pd.DataFrame], schema: Schema) -> pd.DataFrame:
    """Put tables under each other and tell repeated ids apart."""
    (key,) = schema.key
    both = _stack(tables, schema)
    return both.assign(**{key: rows.unique(both[key])})


def _stack(tables: Sequence[pd.DataFrame], schema: Schema) -> pd.DataFrame:
    """Put tables of one schema under each other, every row kept."""
    filled = [table for table in tables if len(table)]
    if not filled:
        return empty(schema)
    both = pd.concat(filled, ignore_index=True)
    if schema.geometry:
        framed: pd.DataFrame = gpd.GeoDataFrame(both, geometry="geometry", crs=BNG)
        return framed
    return both


def ingest(
    settings: Settings, *, until: pd.Timestamp | None
) -> tuple[dict[str, pd.DataFrame], tuple[str, ...]]:
    """
    Read everything that the settings name.

    Parameters
    ----------
    settings : Settings
    until : Timestamp, optional
        Last month to use; later records are set apart as if they did not exist yet.

    Returns
    -------
    tables : dict of table name to DataFrame
        ``incidents``, ``set_aside``, ``account``, ``points``, ``counts``, ``coverage``,
        ``areas``, ``deprivation``, ``lamps`` and ``places``, each to its schema.
    notes : tuple of str
        What a person should know: files not used, values repaired.

    Raises
    ------
    DataMissingError
        If no record lies in the area.
    InputError
        If a file is refused.
    """
    areas = read_areas(settings)
    files = police_files(settings)
    police = police_uk.read(files, force=settings.area.police_force)
    records, excluded = _set_apart(police.records, areas, until)
    if records.empty:
        msg = (
            f"No located record lies in the districts of {settings.area.name}; "
            "check [area] police_force and the district boundaries."
        )
        raise DataMissingError(msg)
    layers = read_layers(settings)
    located = _place(records)
    table = _points(located, areas)
    set_aside = _join(police.set_aside, excluded, layers.set_aside)
    incidents = located.assign(line=located["line"].astype("int64"))[INCIDENTS.names]
    tables = {
        "incidents": incidents.sort_values([*INCIDENTS.key], ignore_index=True),
        "set_aside": set_aside.sort_values([*SET_ASIDE.key], ignore_index=True),
        "account": _join(_recount(police.account, excluded), layers.account),
        "points": table,
        "counts": _counts(located),
        "coverage": _coverage(located, police.set_aside, until, _force(settings)),
        "areas": areas,
        **layers.tables,
    }
    return tables, (*police.ignored, *layers.repairs)


def _force(settings: Settings) -> str:
    return settings.area.police_force or settings.area.id


def _join(*tables: pd.DataFrame) -> pd.DataFrame:
    filled = [table for table in tables if len(table)]
    return pd.concat(filled, ignore_index=True) if filled else tables[0]


def _set_apart(
    records: pd.DataFrame, areas: gpd.GeoDataFrame, until: pd.Timestamp | None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Part the records into those in the area and time asked for, and the rest with reasons."""
    districts = areas.loc[areas["level"] == "district", "geometry"]
    ground = shapely.buffer(shapely.union_all(districts.to_numpy()), EDGE_M)
    shapely.prepare(ground)
    spot = records.groupby(["longitude", "latitude"], sort=False).ngroup()
    unique = records[["longitude", "latitude"]][~spot.duplicated()]
    xy = lonlat_to_bng(unique["longitude"].to_numpy(), unique["latitude"].to_numpy())
    is_inside = shapely.contains_xy(ground, xy)[spot.to_numpy()]
    is_late = (
        np.zeros(len(records), dtype=bool)
        if until is None
        else (records["month"] > until).to_numpy()
    )
    apart = records[~is_inside | is_late]
    reasons = np.where(
        is_late[~is_inside | is_late],
        f"after the last month asked for, {until:%Y-%m}" if until is not None else "",
        f"more than {EDGE_M:.0f} m outside the districts",
    )
    excluded = pd.DataFrame(
        {
            "file": apart["file"],
            "line": apart["line"],
            "status": "excluded",
            "reason": reasons,
            "column": "Longitude, Latitude",
            "value": [
                f"{x:.6f}, {y:.6f}"
                for x, y in zip(apart["longitude"], apart["latitude"], strict=True)
            ],
            "month": apart["month"],
            "crime_type": apart["crime_type"],
        }
    ).astype({column.name: column.dtype for column in SET_ASIDE.columns})
    return records[is_inside & ~is_late].reset_index(drop=True), excluded


def _recount(account: pd.DataFrame, excluded: pd.DataFrame) -> pd.DataFrame:
    """Move the rows set apart here from kept to excluded, file by file."""
    name = account["file"].where(account["member"] == "", account["file"] + "/" + account["member"])
    moved = name.map(excluded["file"].value_counts()).fillna(0).astype("int64")
    return account.assign(kept=account["kept"] - moved, excluded=account["excluded"] + moved)


def _place(records: pd.DataFrame) -> pd.DataFrame:
    """Give each record its list and its map point."""
    lists = points.detect_lists(records)
    list_id = records["month"].map(lists).astype("str")
    point_id = points.point_ids(list_id, records["longitude"], records["latitude"])
    return records.assign(list_id=list_id, point_id=point_id)


def _points(located: pd.DataFrame, areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """One row for each map point, with its most frequent text and the areas it lies in."""
    grouped = located.groupby("point_id", sort=True)
    table = grouped.agg(
        list_id=("list_id", "first"),
        longitude=("longitude", "first"),
        latitude=("latitude", "first"),
        first_month=("month", "min"),
    ).reset_index()
    table["location"] = table["point_id"].map(_most_frequent(located, "location"))
    xy = lonlat_to_bng(table["longitude"].to_numpy(), table["latitude"].to_numpy())
    geometry = shapely.points(np.round(xy, 2))
    published = table["point_id"].map(
        _most_frequent(located.dropna(subset="lsoa_code"), "lsoa_code")
    )
    for level in ("district", "ward", "lsoa11", "lsoa21"):
        layer = areas[areas["level"] == level]
        code = _area_at(layer, geometry)
        if level.startswith("lsoa"):
            # The publisher's own code was made with unsimplified boundaries.
            code = published.where(published.isin(layer["area_code"]), code)
        table[f"{level}_code"] = code.astype("str")
    dtypes = {column.name: column.dtype for column in POINTS.columns}
    framed = gpd.GeoDataFrame(table.astype(dtypes), geometry=geometry, crs=BNG)
    return framed[POINTS.names]


def _most_frequent(located: pd.DataFrame, column: str) -> pd.Series:
    """Most frequent value at each point; ties to the first in alphabetical order."""
    total = located.groupby(["point_id", column]).size().rename("n").reset_index()
    ordered = total.sort_values(by=["point_id", "n", column], ascending=[True, False, True])
    return ordered.drop_duplicates("point_id").set_index("point_id")[column]


def _counts(located: pd.DataFrame) -> pd.DataFrame:
    total = located.groupby(["point_id", "month", "crime_type"]).size().rename("n").reset_index()
    return total.astype({column.name: column.dtype for column in COUNTS.columns})[COUNTS.names]


def _coverage(
    located: pd.DataFrame, set_aside: pd.DataFrame, until: pd.Timestamp | None, force: str
) -> pd.DataFrame:
    """Rows kept and unlocated by month and type, and a row for each month without a file."""
    lists = located.drop_duplicates("month").set_index("month")["list_id"]
    unlocated = set_aside[set_aside["status"] == "unlocated"]
    if until is not None:
        unlocated = unlocated[unlocated["month"] <= until]
    kept = _by_month(located).rename("kept")
    lost = _by_month(unlocated).rename("unlocated")
    table = pd.concat([kept, lost], axis=1).fillna(0).reset_index()
    total = table.groupby("month")[["kept", "unlocated"]].sum().reset_index()
    months = pd.DatetimeIndex(total["month"])
    gaps = points.missing_months(months)
    nothing = pd.DataFrame({"month": gaps, "kept": 0, "unlocated": 0})
    parts = [
        table.assign(is_missing=False),
        total.assign(crime_type=ALL_CRIME, is_missing=False),
        nothing.assign(crime_type=ALL_CRIME, is_missing=True),
    ]
    both = pd.concat([part for part in parts if len(part)], ignore_index=True)
    both["rows_in"] = both["kept"] + both["unlocated"]
    both["force"] = force
    both["list_id"] = both["month"].map(lists)
    typed = both.astype({column.name: column.dtype for column in COVERAGE.columns})
    return typed[COVERAGE.names].sort_values([*COVERAGE.key], ignore_index=True)


def _by_month(table: pd.DataFrame) -> pd.Series:
    return table.groupby(["month", "crime_type"]).size()
