"""Geographic files: GeoJSON, GeoPackage and shapefile, each told by its content."""

from __future__ import annotations

import warnings
import zlib
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError

from hotspots.errors import DataMissingError, InputError
from hotspots.sources import geojson, gpkg, plain_text, shapefile, whereabouts, zips
from hotspots.sources.columns import listed
from hotspots.sources.whereabouts import Placed, Unplaced

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pyproj import CRS

SUFFIXES = (".geojson", ".json", ".gpkg", ".shp", ".zip")
"""Endings of the geographic files that can be read."""

_GEOJSON = (".geojson", ".json")
_BLANK = b"\xef\xbb\xbf\xff\xfe\x00 \r\n\t"
_GZIP = b"\x1f\x8b"
_PEEK = 65_536
_SHOWN = 24
_PAGE = "a web page"
_FOREIGN = (
    (b"<?xml", "XML, such as GML or KML"),
    (b"<gml", "GML"),
    (b"<kml", "KML"),
    (b"fgb\x03", "FlatGeobuf"),
    (b"PAR1", "Parquet"),
    (b"<!doctype html", _PAGE),
    (b"<html", _PAGE),
    (b"%pdf", "a PDF document"),
    (b"//", "text that begins with a comment"),
    (b"/*", "text that begins with a comment"),
)
# pyogrio 0.13 raises the last one of these for a layer whose CRS cannot be told.
_UNREADABLE = (DataSourceError, DataLayerError, ValueError, UnboundLocalError)
_HOW_TO_SAVE = "Save the layer again as a GeoPackage, for example with QGIS."


def is_vector(path: Path) -> bool:
    """
    Say whether a file is to be read as a geographic file, by its content or else its ending.

    A zip is one unless it is a workbook or what it holds of data is a single table.

    Raises
    ------
    DataMissingError
        If there is no such file.
    """
    head = _head(path)
    if zips.is_zip(head):
        return _is_zip_of_shapes(path)
    head = _unpacked(head)
    by_content = head.startswith((gpkg.MARK, shapefile.MARK)) or head.lstrip(_BLANK)[:1] == b"{"
    return by_content or path.suffix.lower() in SUFFIXES


def _is_zip_of_shapes(path: Path) -> bool:
    try:
        with zips.Archive(path) as archive:
            names = archive.names
    except InputError:
        return path.suffix.lower() == ".zip"  # a workbook that is damaged is still one
    if any(name in names for name in ("[Content_Types].xml", "mimetype", "content.xml")):
        return False
    data = zips.data_members(names)
    if any(name.lower().endswith(".shp") for name in names) or len(data) != 1:
        return True
    return data[0].lower().endswith((*_GEOJSON, ".gpkg"))


def read(path: Path, *, wanted: Sequence[str] = ()) -> Placed:
    """
    Read the one layer of a GeoJSON, GeoPackage, shapefile, or zip with one of these.

    Parameters
    ----------
    path : Path
        The file; GeoJSON may be gzipped. What lies in a zip is checked and copied in memory,
        never extracted.
    wanted : sequence of str
        Columns by which to choose among several layers of a GeoPackage.

    Returns
    -------
    Placed
        The features in EPSG:27700, those without a usable shape among them.

    Raises
    ------
    DataMissingError
        If there is no such file.
    InputError
        If it is damaged, of another kind, empty, cut short by its server, or if its place on
        earth is not certain.
    """
    head = _head(path)
    if not head.strip():
        msg = f"{path}: the file is empty; supply it again."
        raise InputError(msg)
    return whereabouts.place(path, _found(path, head, wanted))


def text(values: pd.Series[Any]) -> pd.Series[str]:
    """Return a column as text without blanks around it; whole numbers have no point."""
    if pd.api.types.is_float_dtype(values) and (values.dropna() % 1 == 0).all():
        values = values.astype("Int64")
    if values.dtype == object:  # a GeoPackage may hold bare bytes in any column
        values = values.map(lambda it: it.decode(errors="replace") if isinstance(it, bytes) else it)
    return values.astype("str").fillna("").str.strip()


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as raw:
            return raw.read(_PEEK)
    except FileNotFoundError:
        msg = f"{path}: there is no such file; check the path in the settings."
        raise DataMissingError(msg) from None
    except OSError as error:
        msg = f"{path}: the file cannot be read ({error.strerror}); check its name and rights."
        raise InputError(msg) from None


def _unpacked(head: bytes) -> bytes:
    """Return what the first bytes of a gzip hold."""
    if not head.startswith(_GZIP):
        return head
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(head, _PEEK)
    except zlib.error:
        return b""  # whoever reads it whole says what is wrong


def _found(path: Path, head: bytes, wanted: Sequence[str]) -> Unplaced:
    """Read the file by its kind."""
    if head.startswith(gpkg.MARK):
        gpkg.refuse_unsafe(path)
        # The prefix keeps GDAL from trying any other driver, whatever the file holds.
        return _by_gdal(path, f"GPKG:{path.resolve()}", "GPKG", wanted)
    if zips.is_zip(head):
        return _in_zip(path, wanted)
    if head.startswith(shapefile.MARK):
        return _shapefile(path, shapefile.beside(path))
    if head.startswith(_GZIP) or head.lstrip(_BLANK)[:1] in {b"{", b"["}:
        return geojson.read(path, plain_text.unpack(path))
    start = head.lstrip(_BLANK).lower()
    found = next((name for mark, name in _FOREIGN if start.startswith(mark.lower())), None)
    to_do = "Download the layer itself, not a page." if found == _PAGE else _HOW_TO_SAVE
    msg = (
        f"{path}: expected GeoJSON, a GeoPackage, a shapefile or a zip with one of these, "
        f"found {found or f'a file that begins with {_excerpt(head)!r}'}. {to_do}"
    )
    raise InputError(msg)


def _excerpt(head: bytes) -> str:
    shown = "".join(
        each if each.isprintable() else "\ufffd" for each in head[:_SHOWN].decode("latin-1")
    )
    return shown.strip()


def _in_zip(path: Path, wanted: Sequence[str]) -> Unplaced:
    with zips.Archive(path) as archive:
        names = archive.names
    if not any(name.lower().endswith(".shp") for name in names):
        only = zips.only_member(path)
        if only and only[0].lower().endswith(_GEOJSON):
            return geojson.read(path, only[1])
        if only and only[1].startswith(gpkg.MARK):
            gpkg.refuse_unsafe(path, only[1])
            return _by_gdal(path, only[1], "GPKG", wanted)
    return _shapefile(path, shapefile.zipped(path))


def _shapefile(path: Path, parts: dict[str, bytes]) -> Unplaced:
    shapefile.refuse_broken(path, parts)
    encoding, n_odd = shapefile.encoding(path, parts)
    found = _by_gdal(path, shapefile.packed(parts), "ESRI Shapefile", (), encoding=encoding)
    if not n_odd:
        return found
    words = f"{n_odd:,} features have text that is not UTF-8; read as Windows-1252"
    return Unplaced(found.table, found.shapes, found.faults, found.crs, found.understood, (words,))


def _by_gdal(
    path: Path,
    source: str | bytes,
    driver: str,
    wanted: Sequence[str],
    *,
    encoding: str | None = None,
) -> Unplaced:
    # GDAL also warns about what it puts right by itself; what it cannot becomes an error.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            layer = _layer(path, source, driver, wanted)
            table = pyogrio.read_dataframe(
                source, layer=layer, encoding=encoding, on_invalid="ignore"
            )
            n_shapes = pyogrio.read_info(source, layer=layer, force_feature_count=True)["features"]
        except _UNREADABLE as error:
            reason = str(error).split(";")[0].replace(str(source)[:200], path.name)[:200]
            msg = (
                f"{path}: the file is damaged or not what its name says ({reason}). {_HOW_TO_SAVE}"
            )
            raise InputError(msg) from None
    if not isinstance(table, gpd.GeoDataFrame):
        msg = f"{path}: found a table without geometry; supply a layer with shapes."
        raise InputError(msg)
    if len(table) < n_shapes:
        msg = f"{path}: {len(table):,} of {n_shapes:,} features can be read. {_HOW_TO_SAVE}"
        raise InputError(msg)
    if table.empty:
        msg = f"{path}: found a layer without features; supply the file again."
        raise InputError(msg)
    crs: CRS | None = table.crs
    shapes = np.asarray(table.geometry.to_numpy(), dtype=object)
    attributes = pd.DataFrame(table.drop(columns=table.geometry.name)).reset_index(drop=True)
    return Unplaced(attributes, shapes, [None] * len(table), crs)


def _layer(path: Path, source: str | bytes, driver: str, wanted: Sequence[str]) -> str:
    """Return the name of the layer to read, after a check of the driver that opened the file."""
    layers = pyogrio.list_layers(source)
    spatial = [str(name) for name, kind in layers if kind is not None]
    if not spatial:
        msg = f"{path}: found no layer with shapes in the file; supply one that has."
        raise InputError(msg)
    found = spatial
    if len(spatial) > 1:
        fields = {name: set(pyogrio.read_info(source, layer=name)["fields"]) for name in spatial}
        found = [name for name in spatial if wanted and set(wanted) <= fields[name]]
    if len(found) != 1:
        msg = (
            f"{path}: expected one layer, found {len(spatial)}: {listed(spatial)}. "
            "Save the one you want as a file of its own."
        )
        raise InputError(msg)
    opened_by = pyogrio.read_info(source, layer=found[0])["driver"]
    if opened_by != driver:
        msg = f"{path}: expected {driver}, found {opened_by}. {_HOW_TO_SAVE}"
        raise InputError(msg)
    return found[0]
