"""Stage: published files in, tables of the area out, every row accounted for."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import shapely

from hotspots.crs import BNG
from hotspots.errors import DataMissingError
from hotspots.pipeline import alerts, coverage
from hotspots.pipeline.layers import read_layers
from hotspots.pipeline.placing import (
    EDGE_M,
    Ids,
    area_at,
    place,
    points_table,
    recount,
    set_apart,
    vintages,
)
from hotspots.schema import AREAS, SET_ASIDE
from hotspots.settings import expand, local_pattern, police_files
from hotspots.sources import boundaries, police_uk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapely.geometry.base import BaseGeometry

    from hotspots.pipeline.placing import Placed
    from hotspots.settings import Settings
    from hotspots.sources.boundaries import AreaFile
    from hotspots.sources.police_uk import PoliceRecords


Done = Callable[[str, pd.DataFrame], object]
"""What is done with a table, given its name, as soon as it is made."""


def ignored(name: str, table: pd.DataFrame) -> None:
    """Do nothing with a table."""


@dataclass(frozen=True)
class Mapped:
    """
    Tables made of the records of an area, and the records that lie outside it.

    Attributes
    ----------
    tables : dict of table name to DataFrame
        ``incidents``, ``counts``, ``points``, ``coverage``, ``revisions`` and ``alerts``.
    excluded : DataFrame
        ``schema.SET_ASIDE``.
    """

    tables: dict[str, pd.DataFrame]
    excluded: pd.DataFrame


def read_areas(settings: Settings) -> gpd.GeoDataFrame:
    """
    Read every boundary layer and give each smaller area its district.

    Returns
    -------
    GeoDataFrame
        ``schema.AREAS``, EPSG:27700.
    """
    return _areas(_read_area_files(settings))


def _read_area_files(settings: Settings) -> list[AreaFile]:
    return [
        boundaries.read(
            path,
            level=layer.level,
            code=layer.code,
            name=layer.name,
            is_whole=layer.is_whole,
        )
        for layer in settings.boundaries
        for path in expand(local_pattern(layer))
    ]


def _areas(files: Sequence[AreaFile]) -> gpd.GeoDataFrame:
    """Put areas of all levels into one table and give each smaller one its district."""
    parts = [one.table for one in files]
    areas = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), geometry="geometry", crs=BNG)
    areas = areas.drop_duplicates(["level", "area_code"], ignore_index=True)
    districts = areas[areas["level"] == "district"]
    inner = areas.representative_point()
    # Layers that come by a box around the districts hold their neighbours too.
    is_here = shapely.dwithin(inner.to_numpy(), _outline(areas), EDGE_M)
    is_here |= areas["level"].isin(["district", "force"]).to_numpy()
    areas, inner = areas[is_here].reset_index(drop=True), inner[is_here].reset_index(drop=True)
    areas["district_code"] = area_at(districts, inner.get_coordinates().to_numpy())
    is_force = areas["level"] == "force"
    areas.loc[is_force, "district_code"] = None
    areas["district_code"] = areas["district_code"].astype("str")
    return areas.sort_values([*AREAS.key], ignore_index=True)


def _outline(areas: gpd.GeoDataFrame) -> BaseGeometry:
    return shapely.union_all(areas.loc[areas["level"] == "district", "geometry"].to_numpy())


def ingest(
    settings: Settings, *, until: pd.Timestamp | None, done: Done = ignored
) -> tuple[dict[str, pd.DataFrame], tuple[str, ...]]:
    """
    Read everything that the settings name; records of police.uk and outlines side by side.

    Parameters
    ----------
    settings : Settings
    until : Timestamp, optional
        Last month to use; later records are set apart as if they did not exist yet.
    done : callable, optional
        Is given the name of each table, and the table, as soon as it is made.

    Returns
    -------
    tables : dict of table name to DataFrame
        ``incidents``, ``set_aside``, ``account``, ``points``, ``counts``, ``coverage``,
        ``revisions``, ``alerts`` (but for the age of the data), ``areas``, ``deprivation``,
        ``lamps``, ``places``, ``streets``, ``observations`` and ``actions``, each to its schema.
    notes : tuple of str
        What a person should know: files not used, values repaired.

    Raises
    ------
    DataMissingError
        If no record lies in the area.
    InputError
        If a file is refused.
    """
    with ThreadPoolExecutor(1) as beside:
        reading = beside.submit(read_police, settings)
        outlines = _read_area_files(settings)
        areas = _areas(outlines)
        police = reading.result()
    near = _outline(areas)
    made = mapped(settings, police, areas, near, until=until, done=done)
    # The day is the data's, not the clock's: the same inputs give the same lamps on any day.
    as_of = (made.tables["counts"]["month"].max() + pd.offsets.MonthEnd()).date()
    layers = read_layers(settings, outlines, near=near, as_of=as_of)
    set_aside = _join(police.set_aside, made.excluded, layers.set_aside)
    tables = {
        "set_aside": set_aside.sort_values([*SET_ASIDE.key], ignore_index=True),
        "account": _join(recount(police.account, made.excluded), layers.account),
        "areas": areas,
        **layers.tables,
    }
    for name, table in tables.items():
        done(name, table)
    notes = (*police.ignored, *police.repairs, *police.warnings)
    return {**made.tables, **tables}, (*notes, *layers.repairs)


def read_police(settings: Settings) -> PoliceRecords:
    """Read the records of the force."""
    return police_uk.read(
        police_files(settings),
        force=settings.area.police_force,
        publications=settings.police_uk.publications,
    )


def mapped(
    settings: Settings,
    police: PoliceRecords,
    areas: gpd.GeoDataFrame,
    near: BaseGeometry,
    *,
    until: pd.Timestamp | None,
    done: Done = ignored,
) -> Mapped:
    """
    Put the records of an area on its map points and count them.

    Parameters
    ----------
    settings : Settings
    police : PoliceRecords
    areas : GeoDataFrame
        ``schema.AREAS``.
    near : shapely geometry
        The area, EPSG:27700.
    until : Timestamp, optional
        Last month to use.
    done : callable, optional
        Is given the name of each table, and the table, as soon as it is made.

    Raises
    ------
    DataMissingError
        If no record lies in the area.
    """
    tables: dict[str, pd.DataFrame] = {}

    def add(**made: pd.DataFrame) -> None:
        for name, table in made.items():
            tables[name] = table
            done(name, table)

    with ThreadPoolExecutor(1) as beside:
        # Incidents take longest: to name, to put in the order of their names, and to write.
        ids = beside.submit(Ids.among, police)
        stays, spots, excluded = set_apart(police.records, near, until=until)
        if not stays.any():
            msg = (
                f"No located record lies in the districts of {settings.area.name}; "
                "check [area] police_force and the district boundaries."
            )
            raise DataMissingError(msg)
        placed = place(police.records[stays].reset_index(drop=True), spots)
        adding = beside.submit(lambda: add(incidents=placed.incidents(ids.result(), stays)))
        add(counts=placed.counts())
        add(points=points_table(placed, areas))
        add(**_known_months(settings, police, placed, areas, until))
        adding.result()
    return Mapped(dict(sorted(tables.items())), excluded)  # whichever was made first


def _known_months(
    settings: Settings,
    police: PoliceRecords,
    placed: Placed,
    areas: gpd.GeoDataFrame,
    until: pd.Timestamp | None,
) -> dict[str, pd.DataFrame]:
    """Say which months are known and how well: coverage, revisions and alerts."""
    last = pd.Timestamp.max if until is None else until
    revisions = police.revisions[police.revisions["month"] <= last].reset_index(drop=True)
    supplies = [each for each in police.supplies if pd.Timestamp(f"{each.month}-01") <= last]
    aside = police.set_aside[police.set_aside["month"] <= last]
    table = coverage.by_month(
        placed.kept(),
        aside[aside["status"] == "unlocated"],
        lists=placed.lists,
        supplies=supplies,
        other_months=police.other_months,
        revisions=revisions,
        until=until,
        force=settings.area.police_force or settings.area.id,
    )
    found = alerts.find(
        table,
        revisions,
        supplies=supplies,
        other_months=police.other_months,
        unknown_types=aside[aside["reason"] == police_uk.UNKNOWN_TYPE],
        vintages=vintages(placed, areas),
    )
    return {"coverage": table, "revisions": revisions, "alerts": found}


def _join(*tables: pd.DataFrame) -> pd.DataFrame:
    filled = [table for table in tables if len(table)]
    return pd.concat(filled, ignore_index=True) if filled else tables[0]
