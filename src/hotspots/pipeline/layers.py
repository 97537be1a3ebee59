"""What councils and visits supply beside records: layers read into tables, every row counted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from hotspots.crs import BNG
from hotspots.pipeline.interventions.register import read_registers
from hotspots.schema import (
    ACCOUNT,
    ACTIONS,
    DEPRIVATION,
    LAMPS,
    OBSERVATIONS,
    PLACES,
    SET_ASIDE,
    STREETS,
    empty,
)
from hotspots.settings import expand, local_pattern
from hotspots.sources import deprivation, field, lighting, places, rows, streets

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from shapely.geometry.base import BaseGeometry

    from hotspots.schema import Schema
    from hotspots.settings import Settings
    from hotspots.sources.boundaries import AreaFile
    from hotspots.sources.deprivation import DeprivationFile
    from hotspots.sources.interventions import RegisterFile
    from hotspots.sources.layer import LayerFile


@dataclass(frozen=True)
class Layers:
    """Council layers of an area and the account of their rows."""

    tables: dict[str, pd.DataFrame]
    set_aside: pd.DataFrame
    account: pd.DataFrame
    repairs: tuple[str, ...]


def read_layers(
    settings: Settings,
    outlines: Sequence[AreaFile] = (),
    *,
    near: BaseGeometry | None = None,
    as_of: dt.date | None = None,
) -> Layers:
    """
    Read lights, places, deprivation, streets and what visits noted; what is not there is empty.

    A file that two entries of one authority or kind name is read once. Ids and file names that
    repeat between files are told apart by a number, so that no row or account is lost.

    Parameters
    ----------
    settings : Settings
    outlines : sequence of AreaFile
        Files that were read before and belong in the account.
    near : shapely geometry, optional
        The area, EPSG:27700; what lies far from it is excluded.
    as_of : date, optional
        Day at which a lamp must stand to count; today if not given.
    """
    lights = {
        (e.authority, path): e for e in settings.lighting for path in expand(local_pattern(e))
    }
    sites = {(e.kind, path): e for e in settings.places for path in expand(local_pattern(e))}
    lamps = [
        lighting.read(
            path, authority=authority, columns=entry.columns, near=near,
            is_whole=entry.is_whole, today=as_of,
        )
        for (authority, path), entry in lights.items()
    ]  # fmt: skip
    found = [
        places.read(path, kind=kind, columns=entry.columns, near=near, is_whole=entry.is_whole)
        for (kind, path), entry in sites.items()
    ]
    ways = [
        streets.read(path, near=near, is_whole=entry.is_whole)
        for path, entry in {
            path: e for e in settings.streets for path in expand(local_pattern(e))
        }.items()
    ]
    noted = [
        field.read(path, source=entry.source, near=near, is_whole=entry.is_whole)
        for path, entry in {
            path: e for e in settings.field_observations for path in expand(e.file)
        }.items()
    ]
    poor = (
        [deprivation.read(path) for path in expand(local_pattern(settings.deprivation))]
        if settings.deprivation
        else []
    )
    scores = _stack([one.table for one in poor], DEPRIVATION)
    registers = read_registers(settings, near=near)
    layers = _named_apart([*outlines, *poor, *lamps, *found, *ways, *noted, *registers])
    tables = {
        "lamps": _with_own_ids([one.table for one in lamps], LAMPS),
        "places": _with_own_ids([one.table for one in found], PLACES),
        "actions": _with_own_ids([one.table for one in registers], ACTIONS),
        "streets": _with_own_ids([one.table for one in ways], STREETS),
        "observations": _with_own_ids([one.table for one in noted], OBSERVATIONS),
        # Two editions may speak of one LSOA; the first that the settings name is used.
        "deprivation": scores.drop_duplicates([*DEPRIVATION.key]),
    }
    return Layers(
        tables,
        _stack([one.set_aside for one in layers], SET_ASIDE),
        _stack([one.account for one in layers], ACCOUNT),
        tuple(repair for one in layers for repair in one.repairs),
    )


def _named_apart(
    layers: Sequence[AreaFile | DeprivationFile | LayerFile | RegisterFile],
) -> list[AreaFile | DeprivationFile | LayerFile | RegisterFile]:
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
