"""GeoPackages, looked at before they are opened: sound, and without stored queries as layers."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import quote

from hotspots.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

MARK = b"SQLite format 3\x00"
"""First bytes of a GeoPackage, as of every SQLite database."""

_OBJECTS = "SELECT name, type, upper(ltrim(sql)) LIKE 'CREATE VIRTUAL%' FROM sqlite_master"
_LAYERS = "SELECT table_name FROM gpkg_contents"
_CONTENTS = "gpkg_contents"
_HOW_TO_SAVE = "Save the layer again as a GeoPackage, for example with QGIS."


def refuse_unsafe(path: Path, data: bytes | None = None) -> None:
    """
    Make sure that a GeoPackage is one, whole, and that its layers are plain tables.

    A layer may be a view, whose stored query would run as soon as it is read. Nothing of the
    file is run here: it is opened read-only and only its own lists are looked at.

    Parameters
    ----------
    path : Path
        The file, for messages; also what is opened if there is no ``data``.
    data : bytes or None
        Its content, if it lay in a zip.

    Raises
    ------
    InputError
        If it is damaged, no GeoPackage, or a layer or list of it is not a plain table.
    """
    try:
        with closing(_opened(path, data)) as database:
            _refuse_queries(path, database)
            (sound,) = database.execute("PRAGMA quick_check(1)").fetchone()
    except (sqlite3.Error, UnicodeDecodeError):
        msg = (
            f"{path}: the file is damaged: its database cannot be read. Download it again, or "
            "save the layer again as a GeoPackage, for example with QGIS."
        )
        raise InputError(msg) from None
    if sound != "ok":
        msg = (
            f"{path}: the file is damaged: its database contradicts itself. Download it again, or "
            "save the layer again as a GeoPackage, for example with QGIS."
        )
        raise InputError(msg)


def _refuse_queries(path: Path, database: sqlite3.Connection) -> None:
    objects = database.execute(_OBJECTS).fetchall()
    tables = {str(name) for name, kind, is_virtual in objects if kind == "table" and not is_virtual}
    queries = {str(name) for name, kind, is_virtual in objects if kind == "view" or is_virtual}
    if _CONTENTS not in tables:
        msg = f"{path}: expected a GeoPackage, found a database of another kind. {_HOW_TO_SAVE}"
        raise InputError(msg)
    listed = {str(name) for (name,) in database.execute(_LAYERS)}
    unsafe = sorted(name for name in queries if name in listed or name.startswith("gpkg_"))
    if unsafe:
        msg = (
            f"{path}: the layer {unsafe[0]!r} is a stored query, which is not run. "
            "Save its result as a layer."
        )
        raise InputError(msg)


def _opened(path: Path, data: bytes | None) -> sqlite3.Connection:
    if data is None:
        address = f"file:{quote(str(path.resolve()))}?mode=ro&immutable=1"
        return sqlite3.connect(address, uri=True)
    database = sqlite3.connect(":memory:")
    database.deserialize(data)
    return database
