"""Layers of points, such as lamps and places: one file in, a checked table and its account out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from hotspots.crs import BNG
from hotspots.errors import InputError
from hotspots.schema import SET_ASIDE, Schema, check, empty
from hotspots.sources import coordinates, tabular, vector
from hotspots.sources.columns import chosen, refuse_foreign
from hotspots.sources.rows import account, aside, together, unique

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from hotspots.sources.coordinates import Located

_PAGE_SIZES = (1_000, 2_000)
_DAMAGED_ID = r"\d(\.\d+)?[eE]\+?\d+"


@dataclass(frozen=True)
class LayerFile:
    """
    One file of points, read.

    Attributes
    ----------
    table : GeoDataFrame, ``schema.LAMPS`` or ``schema.PLACES``, EPSG:27700
        The rows kept, sorted by key.
    set_aside : DataFrame, ``schema.SET_ASIDE``
        The rows left out, each with its line and reason, sorted by line. In a geographic
        file the line is the number of the feature.
    account : DataFrame, ``schema.ACCOUNT``
        One row: rows in = kept + set aside.
    repairs : tuple of str
        What was put right, in words with counts.
    warnings : tuple of str
        What a person should look at, in words.
    columns : dict of str to str
        How the columns were understood: key to column of the file.
    """

    table: gpd.GeoDataFrame
    set_aside: pd.DataFrame
    account: pd.DataFrame
    repairs: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    columns: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Features:
    """
    The rows of a file of points before they are lamps or places.

    Attributes
    ----------
    file : str
        Name of the file.
    table : DataFrame of str
        Values, empty ones ``""``.
    line : Series of int64, indexed like ``table``
        Line in the file, or number of the feature, from 1.
    located : Located, indexed like ``table``
        Where each row lies, or why it cannot be placed.
    set_aside : DataFrame, ``schema.SET_ASIDE``
        Rows that never became one.
    rows_in : int
        Rows of the file.
    repairs : tuple of str
        What was put right so far.
    named : dict of str to str
        Columns that the settings name, by key, as the file spells them.
    """

    file: str
    table: pd.DataFrame
    line: pd.Series[int]
    located: Located
    set_aside: pd.DataFrame
    rows_in: int
    repairs: tuple[str, ...]
    named: dict[str, str]


def load(
    path: Path,
    *,
    expected: str,
    fix: str,
    allowed: Sequence[str] = coordinates.KEYS,
    columns: Mapping[str, str] | None = None,
    headings: Sequence[str] | None = None,
) -> Features:
    """
    Read the rows of a file of points, whichever format it has, and place them.

    Parameters
    ----------
    path : Path
        Delimited text (also gzipped), GeoJSON, GeoPackage or (zipped) shapefile.
    expected : str
        What the file should hold, for messages.
    fix : str
        What to do if no coordinates are found, one sentence.
    allowed : sequence of str
        Keys by which the settings may name columns.
    columns : mapping of str to str or None
        Columns that the settings name.
    headings : sequence of str or None
        Names of the columns of a text file without a heading.

    Raises
    ------
    DataMissingError
        If there is no such file.
    InputError
        If it is damaged, of another kind, or its coordinates are not recognised.
    SettingsError
        If ``columns`` has a key that is not ``allowed``.
    """
    if vector.is_vector(path):
        return _load_shapes(path, expected, allowed, columns or {})
    sheet = tabular.read(path, columns=headings)
    found = list(sheet.table.columns)
    refuse_foreign(str(path), found, expected=expected)
    named = chosen(str(path), found, columns or {}, allowed)
    located = coordinates.locate(str(path), sheet.table, named, fix=fix)
    repairs = (*sheet.repairs, *located.repairs)
    return Features(
        path.name, sheet.table, sheet.line, located, sheet.set_aside, sheet.rows_in, repairs, named
    )


def _load_shapes(
    path: Path, expected: str, allowed: Sequence[str], columns: Mapping[str, str]
) -> Features:
    shapes = vector.read(path)
    table = pd.DataFrame(shapes.drop(columns=shapes.geometry.name)).apply(vector.text)
    found = list(table.columns)
    refuse_foreign(str(path), found, expected=expected)
    attributes = {key: name for key, name in columns.items() if key not in coordinates.KEYS}
    named = chosen(str(path), found, attributes, allowed)
    located = coordinates.from_points(shapes.geometry)
    if located.reason.notna().all():
        seen = f"{located.reason.iloc[0]} ({located.value.iloc[0]})"
        msg = f"{path}: expected {expected} as points in Great Britain; in every feature {seen}."
        raise InputError(msg)
    line = pd.Series(table.index + 1, table.index, dtype="int64")
    return Features(path.name, table, line, located, empty(SET_ASIDE), len(table), (), named)


def identify(
    features: Features, column: str | None, prefix: str, kept: pd.Series[bool]
) -> tuple[pd.Series[str], tuple[str, ...]]:
    """
    Make one id of a kind for every row kept.

    Parameters
    ----------
    features : Features
        The rows.
    column : str or None
        Column of the source's own id; None numbers the rows by their line.
    prefix : str
        Put before every id, with a colon.
    kept : Series of bool, indexed like the rows
        Rows that need an id.

    Returns
    -------
    ids : Series of str, indexed by the rows kept
        An id that repeats gets ``#2``, ``#3`` … from its second row on; an empty one is
        "line-" and the line.
    repairs : tuple of str
        What was put right, in words with counts.
    """
    by_line = "line-" + features.line[kept].astype("str")
    if column is None:
        note = f"no column of ids was recognised; {len(by_line):,} rows are numbered by their line"
        return prefix + ":" + by_line, (note,)
    given = features.table.loc[kept, column]
    blank = given.eq("")
    damaged = given.str.fullmatch(_DAMAGED_ID)
    ids = given.where(~blank, by_line)
    repeated = ids.duplicated()
    counts = {
        f"ids in {column!r} are empty; those rows are numbered by their line": blank,
        f"ids in {column!r} were damaged by a spreadsheet, such as 1.00E+12": damaged,
        f"ids in {column!r} repeat an earlier one; they are kept, with a number added": repeated,
    }
    notes = tuple(f"{int(rows.sum()):,} {what}" for what, rows in counts.items() if rows.any())
    return prefix + ":" + unique(ids), notes


def finish(
    features: Features,
    schema: Schema,
    values: Mapping[str, pd.Series[str] | pd.Series[float] | str],
    *,
    excluded: pd.DataFrame,
    repairs: Sequence[str],
    columns: Mapping[str, str],
) -> LayerFile:
    """
    Put together the table, the rows set aside and the account of one file.

    Parameters
    ----------
    features : Features
        The rows.
    schema : Schema
        ``schema.LAMPS`` or ``schema.PLACES``.
    values : mapping of str to Series or str
        Columns of the table but for the geometry, indexed by the rows kept.
    excluded : DataFrame, ``schema.SET_ASIDE``
        Rows left out for what they are.
    repairs : sequence of str
        What was put right since the rows were read.
    columns : mapping of str to str
        How the columns other than coordinates were understood.
    """
    kept = next(series.index for series in values.values() if isinstance(series, pd.Series))
    x, y = features.located.x.loc[kept], features.located.y.loc[kept]
    table = gpd.GeoDataFrame(values, index=kept, geometry=gpd.points_from_xy(x, y), crs=BNG)
    table = table[schema.names].astype({entry.name: entry.dtype for entry in schema.columns})
    table = table.sort_values(list(schema.key), ignore_index=True)
    faulty = features.located.reason.notna() & ~features.line.isin(excluded["line"])
    misplaced = aside(
        features.file,
        features.line[faulty],
        status="quarantined",
        reason=features.located.reason[faulty],
        column=features.located.column[faulty],
        value=features.located.value[faulty],
    )
    set_aside = check(together([features.set_aside, excluded, misplaced]), SET_ASIDE)
    page = (
        f"{features.file} has exactly {features.rows_in:,} rows, as downloads have that a "
        "server cut short; check that it is whole"
    )
    return LayerFile(
        check(table, schema),
        set_aside,
        account(features.file, rows_in=features.rows_in, kept=len(table), set_aside=set_aside),
        (*features.repairs, *repairs),
        (page,) if features.rows_in in _PAGE_SIZES else (),
        {**features.located.columns, **columns},
    )
