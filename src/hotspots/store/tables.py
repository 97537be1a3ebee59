"""Tables of an area as (Geo)Parquet, each to its schema."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Self

from hotspots.errors import DataMissingError, HotspotsError, SchemaError

if TYPE_CHECKING:
    from concurrent.futures import Future
    from pathlib import Path
    from types import TracebackType

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
    from hotspots.schema import in_order, spelt

    path = folder / f"{schema.name}.parquet"
    draft = path.with_suffix(".partial")
    ordered = in_order(table, schema)
    folder.mkdir(parents=True, exist_ok=True)
    if schema.geometry:
        spelt(ordered, schema)[schema.names].to_parquet(draft, index=False, **_kept_as(schema))
    else:
        _write(ordered[schema.names], schema, draft)
    draft.replace(path)
    return path


class Writing:
    """
    Writes tables one after the other while others are being made; wait for it at the end.

    An error in writing is raised where the block ends, unless the block raises another.
    """

    def __enter__(self) -> Self:
        self._pool = ThreadPoolExecutor(1)
        self._files: list[Future[Path]] = []
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.shutdown(cancel_futures=kind is not None)
        if kind is None:
            for file in self._files:
                file.result()

    def write(self, table: pd.DataFrame, schema: Schema, folder: Path) -> None:
        """Write ``table`` as ``write_table`` does, soon; it must not be changed any more."""
        if schema.geometry:  # GeoPandas changes how warnings are treated, for all threads
            write_table(table, schema, folder)
        else:
            self._files.append(self._pool.submit(write_table, table, schema, folder))


def _write(table: pd.DataFrame, schema: Schema, file: Path) -> None:
    """Write as pandas would; but categories, which Parquet has anyway, without spelling them."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from hotspots.schema import empty

    # The words of a column in one order, and no others: what else was read leaves no trace.
    table = table.assign(
        **{str(name): _in_order(values) for name, values in table.select_dtypes("category").items()}
    )
    plain = pa.Schema.from_pandas(empty(schema), preserve_index=False)
    rows = pa.Table.from_pandas(table, preserve_index=False)
    # Without the Arrow schema the file says text, and is read as such.
    rows = rows.replace_schema_metadata(plain.metadata)
    pq.write_table(rows, file, store_schema=False, **_kept_as(schema))


def _kept_as(schema: Schema) -> dict[str, Any]:
    """
    Say how Parquet keeps a table.

    It is read whole, so statistics of its columns help nobody; and a key of one column holds
    nothing twice, so its dictionary would be the column once more. Its texts lie side by side,
    their lengths apart, which takes no more room and packs in three quarters of the time.
    """
    words = [each.name for each in schema.columns if each.dtype == "str"]
    unique = [name for name in words if schema.key == (name,)]
    return {
        "compression": "zstd",
        "write_statistics": False,
        "use_dictionary": [name for name in schema.names if schema.key != (name,)],
        "column_encoding": dict.fromkeys(unique, "DELTA_LENGTH_BYTE_ARRAY"),
    }


def _in_order(values: pd.Series) -> pd.Series:
    """Return categories without those that no row has, the others sorted."""
    import numpy as np

    words = values.cat.categories
    codes = values.cat.codes.to_numpy()
    is_used = np.bincount(codes[codes >= 0], minlength=len(words)) > 0
    if is_used.all() and words.is_monotonic_increasing:
        return values
    return values.cat.set_categories(sorted(words[is_used].tolist()))


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
