"""What a contract of a table is, and holding a table against it: every fault at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from hotspots.crs import BNG, require_bng
from hotspots.errors import SchemaError, cut

if TYPE_CHECKING:
    from collections.abc import Sequence

Table = TypeVar("Table", bound="pd.DataFrame")

_SHOWN = 12


@dataclass(frozen=True)
class Column:
    """
    One column: its dtype, unit and meaning, and the values it may hold.

    In memory, text that repeats may be held as categories of text.
    """

    name: str
    dtype: str
    meaning: str
    unit: str = ""
    nullable: bool = False
    low: float | None = None
    high: float | None = None
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Schema:
    """One table: what a row is, its key, its columns in order and its geometry types, if any."""

    name: str
    row: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    geometry: frozenset[str] = frozenset()

    @property
    def names(self) -> list[str]:
        """Column names in order, the geometry last."""
        return [column.name for column in self.columns] + (["geometry"] if self.geometry else [])


def check(table: Table, schema: Schema) -> Table:
    """
    Hold ``table`` against ``schema`` and return it unchanged.

    Raises
    ------
    SchemaError
        With every fault found: missing or unknown columns, dtypes, missing values,
        values out of range, repeated keys, missing or wrong geometries.
    CRSError
        If a table with geometry is not in EPSG:27700.
    """
    _held(table, schema)
    return table


def in_order(table: Table, schema: Schema) -> Table:
    """
    Hold ``table`` against ``schema`` as ``check`` does, and return it sorted by its key.

    Returns
    -------
    DataFrame
        ``table`` itself if it is in order; else a copy, with text that was held as categories
        spelt out, for these have an order of their own.
    """
    if _held(table, schema):
        return table
    return spelt(table, schema).sort_values([*schema.key], ignore_index=True)


def spelt(table: Table, schema: Schema) -> Table:
    """Return ``table`` with every column of the dtype declared, categories of text spelt out."""
    return table.astype({column.name: column.dtype for column in schema.columns})


def _held(table: pd.DataFrame, schema: Schema) -> bool:
    """Hold ``table`` against ``schema``, and say whether its rows ascend by their key."""
    faults = _column_faults(table, schema)
    ascends = not faults and is_in_order(table, schema.key)
    if not faults:
        faults = _value_faults(table, schema) + _geometry_faults(table, schema)
        if not ascends and (repeated := int(table.duplicated(list(schema.key)).sum())):
            faults.append(f"{repeated} rows repeat the key {schema.key}")
    if faults:
        more = [f"and {len(faults) - _SHOWN} more"] if len(faults) > _SHOWN else []
        told = [cut(each, 120) for each in faults[:_SHOWN]]
        raise SchemaError(f"{schema.name}: " + "; ".join([*told, *more]))
    if schema.geometry and isinstance(table, gpd.GeoDataFrame):
        require_bng(table, schema.name)
    return ascends


def _column_faults(table: pd.DataFrame, schema: Schema) -> list[str]:
    faults = [f"column {name} is missing" for name in schema.names if name not in table.columns]
    faults += [f"column {name} is unknown" for name in table.columns if name not in schema.names]
    for column in schema.columns:
        if column.name in table.columns:
            dtype = table[column.name].dtype
            held = dtype.categories.dtype if isinstance(dtype, pd.CategoricalDtype) else dtype
            if str(held) != column.dtype:
                faults.append(f"{column.name} is {held}, expected {column.dtype}")
    return faults


def _value_faults(table: pd.DataFrame, schema: Schema) -> list[str]:
    faults = []
    for column in schema.columns:
        values = table[column.name]
        missing = int(values.isna().sum())
        if missing and not column.nullable:
            faults.append(f"{missing} of {len(table)} values of {column.name} are missing")
        if column.low is not None and (values < column.low).any():
            faults.append(f"{column.name} falls below {column.low:g}")
        if column.high is not None and (values > column.high).any():
            faults.append(f"{column.name} rises above {column.high:g}")
        if column.values:
            strange = sorted(set(values.dropna().unique()) - set(column.values))
            if strange:
                faults.append(f"{column.name} holds {strange[:3]}, not one of {column.values}")
    return faults


def is_in_order(table: pd.DataFrame, key: Sequence[str]) -> bool:
    """Say whether the rows ascend by their key, so that none repeats; False if any is missing."""
    tied = np.ones(max(len(table) - 1, 0), dtype=bool)
    rises = np.zeros_like(tied)
    for name in key:
        values = _comparable(table[name])
        if values.null_count:
            return False
        one, next_one = values.slice(0, len(tied)), values.slice(1)
        rises |= tied & pc.less(one, next_one).to_numpy()
        tied &= pc.equal(one, next_one).to_numpy()
    return bool(rises.all())


def _comparable(values: pd.Series) -> pa.ChunkedArray:
    """Return values that compare as they sort: categories by the place of their text."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        place = values.cat.categories.argsort().argsort()
        codes = pa.array(values.cat.codes.to_numpy(), mask=values.isna().to_numpy())
        return pa.chunked_array([pa.array(place).take(codes)])
    column = pa.array(values)
    return column if isinstance(column, pa.ChunkedArray) else pa.chunked_array([column])


def _geometry_faults(table: pd.DataFrame, schema: Schema) -> list[str]:
    if not schema.geometry:
        return []
    if not isinstance(table, gpd.GeoDataFrame):
        return ["the table has no geometry"]
    faults = []
    missing = int((table.geometry.isna() | table.geometry.is_empty).sum())
    if missing:
        faults.append(f"{missing} of {len(table)} geometries are missing")
    kinds = set(table.geometry.geom_type.dropna().unique()) - schema.geometry
    if kinds:
        faults.append(f"geometries are {sorted(kinds)}, expected {sorted(schema.geometry)}")
    return faults


def empty(schema: Schema) -> pd.DataFrame:
    """Return a table of no rows that keeps to ``schema``."""
    return _empty(schema).copy()


@cache
def _empty(schema: Schema) -> pd.DataFrame:
    columns = {column.name: pd.Series(dtype=column.dtype) for column in schema.columns}
    if not schema.geometry:
        return pd.DataFrame(columns)
    nothing = gpd.GeoSeries([], crs=BNG)
    table: pd.DataFrame = gpd.GeoDataFrame(columns, geometry=nothing, crs=BNG)
    return table
