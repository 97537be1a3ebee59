"""Pubs, shops, stations and other places: one kind to a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from hotspots.errors import InputError
from hotspots.schema import PLACES
from hotspots.sources import layer
from hotspots.sources.columns import candidates, telling
from hotspots.sources.layer import Given

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from shapely.geometry.base import BaseGeometry

    from hotspots.sources.layer import LayerFile

_IDS = (
    "placeid", "osmid", "fhrsid", "urn", "atcocode", "uprn", "id", "uniqueid", "objectid", "fid",
)  # fmt: skip
_NAMES = (
    "name", "placename", "pubname", "shopname", "businessname", "establishmentname", "commonname",
    "stationname", "stopname", "schoolname", "premisesname", "title",
)  # fmt: skip


def read(
    path: Path,
    *,
    kind: str,
    columns: Sequence[str] | None,
    near: BaseGeometry | None = None,
    is_whole: bool = False,
) -> LayerFile:
    """
    Read places of one kind.

    Parameters
    ----------
    path : Path
        Delimited text (also gzipped or zipped), a workbook, or points in GeoJSON, GeoPackage
        or shapefile.
    kind : str
        Kind of place, from the settings.
    columns : sequence of str or None
        Names of the columns in order, for a text file without a heading; coordinates are
        recognised by them ("latitude" and "longitude", or "easting" and "northing").
    near : shapely geometry or None
        The area of the settings, EPSG:27700; rows more than 5 km outside it are excluded.
    is_whole : bool, default False
        Somebody made sure that a file of exactly 1,000 or 2,000 rows is not cut short.

    Returns
    -------
    LayerFile
        Table ``schema.PLACES``; ``place_id`` is the kind and the source's own id. A row
        that comes again is a duplicate; rows without a believable place in Great Britain are
        quarantined; the account is exact.

    Raises
    ------
    DataMissingError
        If there is no such file.
    InputError
        If it is damaged, of another kind, or its coordinates are not recognised.
    """
    if columns is not None:
        _refuse_repeats(path, columns)
    features = layer.load(
        path,
        expected=f"places of the kind {kind!r}",
        fix=(
            "Head the columns latitude and longitude, or easting and northing; for a file without "
            'a heading name all its columns in the settings: columns = ["name", "id", "latitude", '
            '"longitude"].'
        ),
        headings=columns,
        given=Given(near, is_whole),
    )
    headings = list(features.table.columns)
    placed = features.located.reason.isna()
    if not placed.any():
        reason = features.located.reason.mode().iloc[0]
        msg = f"{path}: no row can be placed; most often {reason}. Supply it with coordinates."
        raise InputError(msg)
    id_column = telling(features.table, candidates(headings, _IDS))
    again = layer.repeats(features, id_column, placed)
    kept = placed & ~again
    name_column = next(iter(candidates(headings, _NAMES)), None)
    ids, repairs, warnings = layer.identify(features, id_column, kind, kept)
    names = pd.Series(pd.NA, ids.index, dtype="str")
    if name_column:
        given = features.table.loc[kept, name_column]
        names = given.where(given.ne(""))
    understood = {"place_id": id_column, "name": name_column}
    return layer.finish(
        features,
        PLACES,
        {"place_id": ids, "kind": kind, "name": names},
        excluded=layer.duplicates(features, again),
        repairs=repairs,
        columns={key: column for key, column in understood.items() if column},
        warnings=warnings,
    )


def _refuse_repeats(path: Path, columns: Sequence[str]) -> None:
    repeated = sorted({column for column in columns if list(columns).count(column) > 1})
    if repeated or not columns:
        msg = f"{path}: `columns` in the settings must name each column once; got {list(columns)}."
        raise InputError(msg)
