"""Geographic files: GeoJSON, GeoPackage and shapefile, each opened by its own GDAL driver only."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
import zlib
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj.exceptions import ProjError

from hotspots.crs import to_bng
from hotspots.errors import DataMissingError, InputError
from hotspots.sources.columns import listed
from hotspots.sources.plain_text import MAX_BYTES, MAX_RATIO

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SUFFIXES = (".geojson", ".json", ".gpkg", ".shp", ".zip")
"""Endings of the geographic files that can be read."""

_ZIP = b"PK\x03\x04"
_SQLITE = b"SQLite format 3\x00"
_SHP = b"\x00\x00\x27\x0a"
_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_NEEDED_PARTS = _PARTS[:3]
_CUT = re.compile(rb'"exceededTransferLimit"\s*:\s*true')
_PEEK = 65_536
_HOW_TO_SAVE = "Save the layer again as a GeoPackage, for example with QGIS."


def is_vector(path: Path) -> bool:
    """
    Say whether a file is to be read as a geographic file, by its content or else its ending.

    Raises
    ------
    DataMissingError
        If there is no such file.
    """
    head = _head(path)
    by_content = (
        head.startswith((_ZIP, _SQLITE, _SHP)) or head.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"{"
    )
    return by_content or path.suffix.lower() in SUFFIXES


def read(path: Path, *, wanted: Sequence[str] = ()) -> gpd.GeoDataFrame:
    """
    Read the one layer of a GeoJSON, GeoPackage, shapefile or zipped shapefile.

    Parameters
    ----------
    path : Path
        The file. A zip may hold one shapefile; it is checked and copied in memory,
        never extracted.
    wanted : sequence of str
        Columns by which to choose among several layers of a GeoPackage.

    Returns
    -------
    GeoDataFrame of shape (n_features, n_columns + 1), EPSG:27700
        In the order of the file, numbered from 0, the geometry last.

    Raises
    ------
    DataMissingError
        If there is no such file.
    InputError
        If it is damaged, of another kind, empty, cut short by its server, states no CRS,
        or its coordinates contradict its CRS.
    """
    driver, source = _source(path)
    # GDAL also warns about what it puts right by itself; what it cannot becomes an error.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        try:
            layer = _layer(path, source, driver, wanted)
            table = pyogrio.read_dataframe(source, layer=layer)
        except (DataSourceError, DataLayerError, ValueError, UnicodeDecodeError) as error:
            reason = str(error).split(";")[0].replace(str(source), path.name)[:200]
            msg = (
                f"{path}: the file is damaged or not what its name says ({reason}). {_HOW_TO_SAVE}"
            )
            raise InputError(msg) from None
    if not isinstance(table, gpd.GeoDataFrame):
        msg = f"{path}: found a table without geometry; supply a layer with shapes."
        raise InputError(msg)
    if table.empty:
        msg = f"{path}: found a layer without features; supply the file again."
        raise InputError(msg)
    return _projected(path, table)


def text(values: pd.Series[Any]) -> pd.Series[str]:
    """Return a column as text without blanks around it; whole numbers have no point."""
    if pd.api.types.is_float_dtype(values) and (values.dropna() % 1 == 0).all():
        values = values.astype("Int64")
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


def _source(path: Path) -> tuple[str, str | bytes]:
    """Return the one driver that may open the file, and what to hand it."""
    head = _head(path)
    if not head.strip():
        msg = f"{path}: the file is empty; supply it again."
        raise InputError(msg)
    # The prefix keeps GDAL from trying any other driver, whatever the file holds.
    if head.startswith(_SQLITE):
        return "GPKG", f"GPKG:{path.resolve()}"
    if head.startswith(_ZIP):
        return "ESRI Shapefile", _repacked(path, _zip_parts(path))
    if head.startswith(_SHP):
        return "ESRI Shapefile", _repacked(path, _sidecars(path))
    if head.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"{":
        _refuse_cut(path, head)
        return "GeoJSON", f"GeoJSON:{path.resolve()}"
    msg = (
        f"{path}: expected GeoJSON, a GeoPackage, a shapefile or a zip with one shapefile, "
        f"found something else. {_HOW_TO_SAVE}"
    )
    raise InputError(msg)


def _refuse_cut(path: Path, head: bytes) -> None:
    """Refuse an ArcGIS answer that says itself that it was cut at the server's limit."""
    with path.open("rb") as raw:
        raw.seek(max(0, path.stat().st_size - _PEEK))
        tail = raw.read()
    if _CUT.search(head) or _CUT.search(tail):
        msg = (
            f"{path}: the file says exceededTransferLimit, so the server cut it short; "
            "download the whole layer, not one page of it."
        )
        raise InputError(msg)


def _sidecars(path: Path) -> dict[str, bytes]:
    """Return the parts of a shapefile that lies beside others in a folder."""
    beside = {
        entry.suffix.lower(): entry
        for entry in sorted(path.parent.iterdir())
        if entry.stem == path.stem and entry.suffix.lower() in _PARTS
    }
    size = sum(entry.stat().st_size for entry in beside.values())
    if size > MAX_BYTES:
        msg = f"{path}: the shapefile is over {MAX_BYTES // 2**20} MiB; cut it to the area first."
        raise InputError(msg)
    return {suffix: entry.read_bytes() for suffix, entry in beside.items()}


def _zip_parts(path: Path) -> dict[str, bytes]:
    """Return the parts of the only shapefile in a zip, after a check of its member list."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = [
                member
                for member in archive.infolist()
                if not member.is_dir() and not member.filename.startswith("__MACOSX/")
            ]
            chosen = _shapefile_members(path, members)
            return {suffix: archive.read(member) for suffix, member in chosen.items()}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError):
        msg = f"{path}: the zip file is damaged or cut short; download it again."
        raise InputError(msg) from None


def _shapefile_members(path: Path, members: list[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    names = [PurePosixPath(member.filename) for member in members]
    shapes = sorted(str(name) for name in names if name.suffix.lower() == ".shp")
    if not shapes:
        held = listed(str(name) for name in names[:5])
        msg = (
            f"{path}: expected a zip with one shapefile, found no .shp in it (it holds {held}). "
            "Unpack it and name the file inside, or save an Excel workbook as CSV."
        )
        raise InputError(msg)
    if len(shapes) > 1:
        msg = (
            f"{path}: expected one shapefile in the zip, found {len(shapes)}: {listed(shapes)}. "
            "Unpack the zip and name the .shp you want in the settings."
        )
        raise InputError(msg)
    stem = PurePosixPath(shapes[0]).with_suffix("")
    chosen: dict[str, zipfile.ZipInfo] = {}
    for name, member in zip(names, members, strict=True):
        if name.with_suffix("") == stem and name.suffix.lower() in _PARTS:
            if name.suffix.lower() in chosen:
                msg = f"{path}: the zip holds {str(name)!r} twice; make it again."
                raise InputError(msg)
            chosen[name.suffix.lower()] = member
    _refuse_unsafe(path, list(chosen.values()))
    return chosen


def _refuse_unsafe(path: Path, members: list[zipfile.ZipInfo]) -> None:
    """Refuse encrypted members and those that would unpack to far more than they are."""
    if any(member.flag_bits & 1 for member in members):
        msg = f"{path}: the zip is protected by a password; supply it without."
        raise InputError(msg)
    size = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if size > MAX_BYTES or size > max(2**20, packed * MAX_RATIO):
        msg = (
            f"{path}: the shapefile in the zip would unpack to {size:,} bytes from {packed:,}; "
            f"the limits are {MAX_BYTES // 2**20} MiB and {MAX_RATIO} times. Check what it holds."
        )
        raise InputError(msg)


def _repacked(path: Path, parts: dict[str, bytes]) -> bytes:
    """Return a zip of the parts under names of our own, so that nothing else in theirs counts."""
    missing = [suffix for suffix in _NEEDED_PARTS if suffix not in parts]
    if missing:
        msg = f"{path}: the shapefile lacks its {' and '.join(missing)}; supply all its parts."
        raise InputError(msg)
    clean = io.BytesIO()
    with zipfile.ZipFile(clean, "w") as archive:
        for suffix, data in parts.items():
            archive.writestr(f"layer{suffix}", data)
    return clean.getvalue()


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


def _projected(path: Path, table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Bring a layer to EPSG:27700, or refuse one whose place on earth is not certain."""
    crs = table.crs
    if crs is None or not (crs.is_geographic or crs.is_projected):
        msg = (
            f"{path}: the file states no coordinate reference system (a shapefile does so in its "
            ".prj). Ask the publisher which one it is, often EPSG:27700, and save it with that."
        )
        raise InputError(msg)
    bounds = np.asarray(table.total_bounds, dtype="float64")
    if crs.is_geographic and (np.abs(bounds) > [180, 90, 180, 90]).any():
        seen = ", ".join(f"{bound:.0f}" for bound in bounds)
        msg = (
            f"{path}: the coordinates ({seen}) are no degrees, though the file states degrees or, "
            "as GeoJSON may, nothing. If they are British National Grid metres, save it again "
            "with EPSG:27700 stated, or as degrees (EPSG:4326)."
        )
        raise InputError(msg)
    try:
        return to_bng(table).reset_index(drop=True)
    except ProjError as error:
        msg = f"{path}: the layer cannot be brought to EPSG:27700 ({error}). {_HOW_TO_SAVE}"
        raise InputError(msg) from None
