"""Tables of an area as (Geo)Parquet, each to its schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotspots.errors import DataMissingError, HotspotsError, SchemaError

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from hotspots.schema import Schema


def write_table(table: pd.DataFrame, schema: Schema, folder: Path) -> Path:
    """
    Write ``table`` sorted by its key, or leave the previous file untouched.

    Returns
    -------
    Path
        ``<folder>/<schema.name>.parquet``; GeoParquet where the schema has a geometry.
    """
    from hotspots.schema import check, is_in_order

    path = folder / f"{schema.name}.parquet"
    draft = path.with_suffix(".partial")
    ordered = check(table, schema)
    if not is_in_order(table, schema.key):
        ordered = _plain(table, schema).sort_values([*schema.key], ignore_index=True)
    folder.mkdir(parents=True, exist_ok=True)
    if schema.geometry:
        _plain(ordered, schema)[schema.names].to_parquet(draft, index=False, compression="zstd")
    else:
        _write(ordered[schema.names], schema, draft)
    draft.replace(path)
    return path


def _plain(table: pd.DataFrame, schema: Schema) -> pd.DataFrame:
    return table.astype({column.name: column.dtype for column in schema.columns})


def _write(table: pd.DataFrame, schema: Schema, file: Path) -> None:
    """Write as pandas would; but categories, which Parquet has anyway, without spelling them."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    from hotspots.schema import empty

    # The words of a column in one order, and no others: what else was read leaves no trace.
    table = table.assign(
        **{
            str(name): values.cat.set_categories(sorted(values.cat.categories[used]))
            for name, values in table.select_dtypes("category").items()
            for used in [np.unique(values.cat.codes[values.cat.codes >= 0])]
        }
    )
    plain = pa.Schema.from_pandas(empty(schema), preserve_index=False)
    rows = pa.Table.from_pandas(table, preserve_index=False)
    # Without the Arrow schema the file says text, and is read as such.
    pq.write_table(
        rows.replace_schema_metadata(plain.metadata), file, compression="zstd", store_schema=False
    )


def read_table(schema: Schema, folder: Path) -> pd.DataFrame:
    """
    Read the table of ``schema`` from a folder.

    Raises
    ------
    DataMissingError
        If the file is not there.
    SchemaError
        If it is damaged, or does not keep to the schema.
    """
    import geopandas as gpd
    import pandas as pd

    from hotspots.schema import check

    path = folder / f"{schema.name}.parquet"
    if not path.exists():
        msg = f"{path}: the table {schema.name} is not there; run `hotspots refresh` first."
        raise DataMissingError(msg)
    try:
        table = gpd.read_parquet(path) if schema.geometry else pd.read_parquet(path)
    except MemoryError:
        raise
    except Exception as error:  # the libraries below raise of every kind for a damaged file
        msg = (
            f"{path}: the table {schema.name} is damaged ({type(error).__name__}); run "
            "`hotspots refresh --force` to make it again."
        )
        raise SchemaError(msg) from error
    try:
        return check(table, schema)
    except HotspotsError as error:
        msg = f"{path}: {error}. Run `hotspots refresh --force` to make it again."
        raise SchemaError(msg) from None
