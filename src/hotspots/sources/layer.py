"""Layers of points, such as lamps and places: one file in, a checked table and its account out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from hotspots.crs import BNG
from hotspots.errors import InputError
from hotspots.schema import SET_ASIDE, Schema, check, empty
from hotspots.sources import coarse, coordinates, cut_short, table_file, vector
from hotspots.sources.columns import chosen, refuse_foreign
from hotspots.sources.pairs import is_heading
from hotspots.sources.rows import account, aside, together, unique

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from shapely.geometry.base import BaseGeometry

    from hotspots.sources.coordinates import Located

_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_DAMAGED_ID = rf"\d(?:\.\d+[eE]\+?|[eE]\+)\d+|\d{{1,2}}-{_MONTH}|{_MONTH}-\d\d|#+|#[A-Z/0!?]+"


@dataclass(frozen=True)
class LayerFile:
    """
    One file of points or lines, read.

    Attributes
    ----------
    table : GeoDataFrame, EPSG:27700
        ``schema.LAMPS``, ``schema.PLACES``, ``schema.OBSERVATIONS`` or ``schema.STREETS``.
        The rows kept, sorted by key.
    set_aside : DataFrame, ``schema.SET_ASIDE``
        The rows left out, each with its line and reason, sorted by line. In a geographic
        file the line is the number of the feature.
    account : DataFrame, ``schema.ACCOUNT``
        One row: rows in = kept + set aside.
    repairs : tuple of str
        What was put right, in words, each with its count first.
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
    repairs, warnings : tuple of str
        What was put right so far, and what a person should look at.
    named : dict of str to str
        Columns that the settings name, by key, as the file spells them.
    padded : mapping of str to Series of bool, indexed like ``table``
        Columns and rows whose values had blanks around them.
    """

    file: str
    table: pd.DataFrame
    line: pd.Series[int]
    located: Located
    set_aside: pd.DataFrame
    rows_in: int
    repairs: tuple[str, ...]
    named: dict[str, str]
    padded: Mapping[str, pd.Series[bool]] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Given:
    """
    What is known of a file beside what it holds.

    Attributes
    ----------
    near : shapely geometry or None
        The area of the settings, EPSG:27700; rows well outside it are excluded.
    is_whole : bool
        Somebody made sure that a file of exactly 1,000 or 2,000 rows is not cut short.
    groups : tuple of str
        Crime groups of the settings; none if there are no settings.
    """

    near: BaseGeometry | None = None
    is_whole: bool = False
    groups: tuple[str, ...] = ()


def load(
    path: Path,
    *,
    expected: str,
    fix: str,
    allowed: Sequence[str] = coordinates.KEYS,
    columns: Mapping[str, str] | None = None,
    headings: Sequence[str] | None = None,
    given: Given | None = None,
    is_local: bool = False,
) -> Features:
    """
    Read the rows of a file of points, whichever format it has, and place them.

    Parameters
    ----------
    path : Path
        Delimited text (also gzipped or zipped), a workbook, GeoJSON, GeoPackage or (zipped)
        shapefile.
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
    given : Given or None
        What else is known of the file.
    is_local : bool, default False
        The file is of one authority, so that a few rows far from all others are wrong.

    Raises
    ------
    DataMissingError
        If there is no such file.
    InputError
        If it is damaged, cut short, of another kind, or its coordinates are not recognised.
    SettingsError
        If ``columns`` has a key that is not ``allowed``.
    """
    given = given or Given()
    columns = columns or {}
    if not table_file.is_packed_table(path) and vector.is_vector(path):
        return _load_shapes(path, expected, allowed, columns, given, is_local=is_local)
    known = {columns[key] for key in coordinates.KEYS if key in columns}

    def is_known(values: Sequence[str]) -> bool:
        return known <= set(values) if known else is_heading(values)

    sheet = table_file.read(path, columns=headings, is_heading=is_known)
    n_rows = sheet.rows_in - cut_short.n_totals(sheet)
    cut_short.refuse(path, n_rows, is_whole=given.is_whole)
    found = list(sheet.table.columns)
    refuse_foreign(str(path), found, expected=expected)
    named = chosen(str(path), found, columns, allowed)
    located = coordinates.locate(
        str(path), sheet.table, named, fix=fix, near=given.near, is_local=is_local
    )
    return Features(
        path.name,
        sheet.table,
        sheet.line,
        located,
        sheet.set_aside,
        sheet.rows_in,
        (*sheet.repairs, *located.repairs),
        named,
        sheet.padded,
        (*sheet.warnings, *located.warnings, *coarse.doubts(located.x, located.y)),
    )


def _load_shapes(
    path: Path,
    expected: str,
    allowed: Sequence[str],
    columns: Mapping[str, str],
    given: Given,
    *,
    is_local: bool,
) -> Features:
    shapes = vector.read(path)
    geometry = shapes.table.geometry
    table = pd.DataFrame(shapes.table.drop(columns=geometry.name)).apply(vector.text)
    cut_short.refuse(path, len(table), is_whole=given.is_whole)
    found = list(table.columns)
    refuse_foreign(str(path), found, expected=expected)
    attributes = {key: name for key, name in columns.items() if key not in coordinates.KEYS}
    named = chosen(str(path), found, attributes, allowed)
    located = coordinates.from_points(
        str(path),
        geometry,
        fault=shapes.fault,
        is_grid=shapes.is_assumed,
        near=given.near,
        is_local=is_local,
    )
    if located.reason.notna().all():
        seen = f"{located.reason.iloc[0]} ({located.value.iloc[0]})"
        msg = (
            f"{path}: expected {expected} as points in Great Britain, but no feature is one; of "
            f"the first, {seen}. Save the layer as points, or name another file."
        )
        raise InputError(msg)
    line = pd.Series(table.index + 1, table.index, dtype="int64")
    repairs = (*shapes.repairs, *located.repairs)
    return Features(
        path.name,
        table,
        line,
        located,
        empty(SET_ASIDE),
        len(table),
        repairs,
        named,
        warnings=(*located.warnings, *coarse.doubts(located.x, located.y)),
    )


def repeats(features: Features, column: str | None, kept: pd.Series[bool]) -> pd.Series[bool]:
    """
    Say which of the rows kept are an earlier row again, in its id and in all else.

    Parameters
    ----------
    features : Features
        The rows.
    column : str or None
        Column of the source's own id; without one, like rows are taken for several things.
    kept : Series of bool, indexed like the rows
        Rows to look at.

    Returns
    -------
    Series of bool, indexed like the rows
    """
    again = pd.Series(False, kept.index)
    if column is None:
        return again
    place = pd.DataFrame({"x": features.located.x, "y": features.located.y})
    like = pd.concat([features.table, place.set_axis([-1, -2], axis=1)], axis=1)[kept]
    is_again = like.duplicated() & features.table.loc[kept, column].ne("")
    return again.mask(is_again.reindex(kept.index, fill_value=False), other=True)


def duplicates(features: Features, again: pd.Series[bool]) -> pd.DataFrame:
    """Set aside the rows that are an earlier one ``again``, as ``schema.SET_ASIDE``."""
    return aside(
        features.file,
        features.line[again],
        status="duplicate",
        reason="the whole row came before in this file",
    )


def identify(
    features: Features, column: str | None, prefix: str, kept: pd.Series[bool]
) -> tuple[pd.Series[str], tuple[str, ...], tuple[str, ...]]:
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
        An id that repeats gets ``#2``, ``#3`` … from its second row on; an empty one, and one
        that a spreadsheet damaged, is "line-" and the line.
    repairs : tuple of str
        What was put right, in words with counts; no row is counted twice.
    warnings : tuple of str
        What a person should look at.
    """
    by_line = "line-" + features.line[kept].astype("str")
    if column is None:
        note = f"no column of ids was recognised; {len(by_line):,} rows are numbered by their line"
        return prefix + ":" + by_line, (), (note,)
    given = features.table.loc[kept, column]
    blank = given.eq("")
    damaged = given.str.fullmatch(_DAMAGED_ID)
    ids = given.where(~blank & ~damaged, by_line)
    repeated = ids.duplicated()
    counts = {
        f"ids in {column!r} are empty; those rows are numbered by their line": blank,
        f"ids in {column!r} were damaged by a spreadsheet{_such_as(given[damaged])}; those rows "
        "are numbered by their line": damaged,
        f"ids in {column!r} repeat an earlier one; they are kept, with a number added": repeated,
    }
    notes = tuple(f"{int(rows.sum()):,} {what}" for what, rows in counts.items() if rows.any())
    return prefix + ":" + unique(ids), notes, ()


def _such_as(values: pd.Series[str]) -> str:
    return f", such as {values.iloc[0][:40]!r}" if len(values) else ""


def finish(
    features: Features,
    schema: Schema,
    values: Mapping[str, pd.Series[Any] | str],
    *,
    excluded: pd.DataFrame,
    repairs: Sequence[str],
    columns: Mapping[str, str],
    warnings: Sequence[str] = (),
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
        Rows left out for what they are, or because they are there twice.
    repairs, warnings : sequence of str
        What was put right since the rows were read, and what a person should look at.
    columns : mapping of str to str
        How the columns other than coordinates were understood.
    """
    kept = next(series.index for series in values.values() if isinstance(series, pd.Series))
    x, y = features.located.x.loc[kept], features.located.y.loc[kept]
    table = gpd.GeoDataFrame(values, index=kept, geometry=gpd.points_from_xy(x, y), crs=BNG)
    table = table[schema.names].astype({entry.name: entry.dtype for entry in schema.columns})
    table = table.sort_values(list(schema.key), ignore_index=True)
    faulty = features.located.reason.notna() & ~features.line.isin(excluded["line"])
    misplaced = [
        aside(
            features.file,
            features.line[rows],
            status=status,
            reason=features.located.reason[rows],
            column=features.located.column[rows],
            value=features.located.value[rows],
        )
        for status in ("quarantined", "excluded")
        if (rows := faulty & features.located.status.eq(status)).any()
    ]
    set_aside = check(together([features.set_aside, excluded, *misplaced]), SET_ASIDE)
    return LayerFile(
        check(table, schema),
        set_aside,
        account(features.file, rows_in=features.rows_in, kept=len(table), set_aside=set_aside),
        (*features.repairs, *_padded(features, kept, columns), *repairs),
        (*features.warnings, *warnings),
        {**features.located.columns, **columns},
    )


def _padded(features: Features, kept: pd.Index, columns: Mapping[str, str]) -> tuple[str, ...]:
    """Count the rows kept of which a value was padded with blanks, in a column that is used."""
    used = [name for name in columns.values() if name in features.padded]
    if not used:
        return ()
    n = int(
        pd.DataFrame({name: features.padded[name] for name in used}).loc[kept].any(axis=1).sum()
    )
    words = ", ".join(map(repr, dict.fromkeys(used)))
    return (f"{n:,} rows have values padded with blanks in {words}; taken off",) if n else ()
