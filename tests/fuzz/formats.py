"""Damage to zips, gzips, shapefiles, GeoPackages and Parquet, and the forms that files can have."""

from __future__ import annotations

import gzip
import io
import re
import sqlite3
import struct
import tempfile
import warnings
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from fuzz.mutate import BYTES, JSON, MOST_BYTES, TEXT, WORDS_32, Chance, Mutation, flip, overwrite

# Zips -------------------------------------------------------------------------------------------

# Offset and size of the fields of each record of a zip, by its signature.
_ZIP_RECORDS = {
    b"PK\x01\x02": ((4, 2), (6, 2), (8, 2), (10, 2), (12, 4), (16, 4), (20, 4), (24, 4), (28, 2),
                    (30, 2), (32, 2), (34, 2), (38, 4), (42, 4), (46, 4)),
    b"PK\x03\x04": ((4, 2), (6, 2), (8, 2), (14, 4), (18, 4), (22, 4), (26, 2), (28, 2), (30, 4)),
    b"PK\x05\x06": ((4, 2), (6, 2), (8, 2), (10, 2), (12, 4), (16, 4), (20, 2)),
}  # fmt: skip
_NAMES = (
    "../x.csv", "/x.csv", "C:\\x.csv", "a\x00b.csv", "", "x" * 300, "con.csv", "é.csv", ".csv",
    "2024-01/2024-01-anytown-street.csv", "__MACOSX/._x", "layer.shp", "x.dbf", "xl/workbook.xml",
    "a/../b.csv", "x.zip", "2024-01-anytown-outcomes.csv", "folder/",
)  # fmt: skip


def change_directory(data: bytes, _other: bytes, chance: Chance) -> bytes:
    """Change a field of a record of the zip's directory, of a member's head, or of its end."""
    signature = chance.choice(list(_ZIP_RECORDS))
    places = [found.start() for found in re.finditer(re.escape(signature), data)]
    if not places:
        return flip(data, b"", chance)
    offset, size = chance.choice(_ZIP_RECORDS[signature])
    at = chance.choice(places) + offset
    if at + size > len(data):
        return data
    old = int.from_bytes(data[at : at + size], "little")
    new: int = chance.choice((*WORDS_32, old + 1, old - 1, old * 2, old ^ 1, old ^ 8, old // 2))
    field: bytes = (new & (2 ** (8 * size) - 1)).to_bytes(size, "little")
    return data[:at] + field + data[at + size :]


def change_members(data: bytes, other: bytes, chance: Chance) -> bytes:
    """Pack the zip again with a member left out, named anew, there twice, or damaged inside."""
    try:
        held = _members(data)
        borrowed = _members(other)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, zlib.error,
            EOFError):  # fmt: skip
        return change_directory(data, b"", chance)
    if not held:
        return data
    at = chance.randrange(len(held))
    name, inner = held[at]
    deed = chance.randrange(8)
    if deed == 0:
        held.pop(at)
    elif deed == 1:
        held[at] = (chance.choice(_NAMES), inner)
    elif deed == 2:
        held.append((chance.choice((name, chance.choice(_NAMES))), inner))
    elif deed == 3 and borrowed:
        held[at] = (name, chance.choice(borrowed)[1])
    else:
        held[at] = (name, chance.choice(_inside(name))(inner, inner, chance)[:MOST_BYTES])
    return packed(held, chance.choice((zipfile.ZIP_STORED, *[zipfile.ZIP_DEFLATED] * 3)))


def _inside(name: str) -> tuple[Mutation, ...]:
    if name.lower().endswith((".shp", ".shx", ".dbf")):
        return (*BYTES, overwrite, overwrite, overwrite, change_record)
    if name.lower().endswith(".json"):
        return JSON
    return TEXT


def _members(data: bytes) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        held = [each for each in archive.infolist() if each.file_size < MOST_BYTES]
        return [(each.filename, archive.read(each)) for each in held]


def packed(members: Sequence[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip of the members, always the same one."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for name, data in members:
            entry = zipfile.ZipInfo(name.replace("\x00", "\x01") or "-", (2024, 4, 1, 0, 0, 0))
            entry.compress_type = method
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of two members of one name
                archive.writestr(entry, data)
    return whole.getvalue()


def change_record(data: bytes, _other: bytes, chance: Chance) -> bytes:
    """Change a number in the head of a shapefile's part, where lengths and counts stand."""
    at = chance.randrange(0, 140, 2)
    size = chance.choice((2, 4, 8))
    if len(data) < at + size:
        return flip(data, b"", chance)
    if size == 8:
        value = struct.pack("<d", chance.choice((float("nan"), float("inf"), -1e308, 0.0, 1e20)))
    else:
        number = chance.choice(WORDS_32) & (2 ** (8 * size) - 1)
        value = number.to_bytes(size, chance.choice(("little", "big")))
    return data[:at] + value + data[at + size :]


ZIP: tuple[Mutation, ...] = (*BYTES, *[change_directory] * 6, *[change_members] * 12)

# Gzip and databases -----------------------------------------------------------------------------


def change_unpacked(data: bytes, other: bytes, chance: Chance) -> bytes:
    """Gzip the text again, damaged."""
    try:
        text, more = gzip.decompress(data), gzip.decompress(other)
    except (OSError, EOFError, zlib.error):
        return flip(data, b"", chance)
    return gzip.compress(chance.choice(TEXT)(text, more, chance), mtime=0)


def change_page(data: bytes, _other: bytes, chance: Chance) -> bytes:
    """Damage the head of a page of a database, where its counts and offsets stand."""
    page = 4_096
    at = chance.randrange(max(1, len(data) // page)) * page + chance.choice((0, 0, 16, 24, 100))
    part = chance.choice(BYTES)(data[at : at + 64], b"", chance)[:64]
    return data[:at] + part + data[at + 64 :]


_SQL = (
    "UPDATE gpkg_contents SET srs_id = {n}",
    "UPDATE gpkg_contents SET table_name = 'x'",
    "UPDATE gpkg_contents SET data_type = 'attributes'",
    "UPDATE gpkg_contents SET min_x = 'a'",
    "UPDATE gpkg_geometry_columns SET geometry_type_name = '{w}'",
    "UPDATE gpkg_geometry_columns SET srs_id = {n}",
    "UPDATE gpkg_geometry_columns SET column_name = '{w}'",
    "UPDATE gpkg_spatial_ref_sys SET definition = '{w}'",
    "UPDATE gpkg_spatial_ref_sys SET organization_coordsys_id = {n}",
    "UPDATE layer SET geom = substr(geom, 1, abs({n}) % 60)",
    "UPDATE layer SET geom = NULL WHERE rowid = 1",
    "UPDATE layer SET geom = x'4750000100' || geom",
    "UPDATE layer SET geom = 'text'",
    "UPDATE layer SET {c} = NULL",
    "UPDATE layer SET {c} = {n}",
    "UPDATE layer SET {c} = x'00ff'",
    "UPDATE layer SET {c} = '{w}' WHERE rowid = 1",
    "DELETE FROM layer",
    "DELETE FROM gpkg_contents",
    "DELETE FROM gpkg_geometry_columns",
    "DROP TABLE gpkg_spatial_ref_sys",
    "DROP TABLE layer",
    "CREATE VIEW more AS SELECT * FROM layer",
    "CREATE TRIGGER t AFTER INSERT ON layer BEGIN DELETE FROM layer; END",
    "ALTER TABLE layer RENAME TO other",
    "ALTER TABLE layer ADD COLUMN more BLOB DEFAULT x'ff'",
    "INSERT INTO layer SELECT rowid + 100, * FROM layer",
    "PRAGMA user_version = {n}",
    "PRAGMA application_id = {n}",
)
_SQL_WORDS = ("", "POINT", "CURVE", "geom", "PROJCS[", "\u00e9" * 300, "NaN", "a''b", "E06000001")


def change_rows(data: bytes, _other: bytes, chance: Chance) -> bytes:
    """Change what a GeoPackage says of itself, or what is in its rows."""
    statement = chance.choice(_SQL).format(
        n=chance.choice((0, -1, 4326, 29902, 27700, 99999, 2**40)),
        w=chance.choice(_SQL_WORDS),
        c=chance.choice(("LAD24CD", "LAD24NM", "name", "fid", "geom")),
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.gpkg"
        path.write_bytes(data)
        base = sqlite3.connect(path)
        try:
            base.execute("PRAGMA synchronous = OFF")  # waiting for the disk takes long
            triggers = base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for (name,) in triggers.fetchall():  # they ask for functions that only GDAL has
                base.execute(f'DROP TRIGGER "{name}"')
            base.execute(statement)
            base.commit()
        except (sqlite3.DatabaseError, OverflowError, UnicodeDecodeError):
            return change_page(data, b"", chance)
        finally:
            base.close()
        return path.read_bytes()


FORMS: Mapping[str, tuple[Mutation, ...]] = {
    "text": TEXT,
    "json": JSON,
    "zip": ZIP,
    "gzip": (*BYTES, *[change_unpacked] * 12),
    "database": (*BYTES, *[change_page] * 6, *[change_rows] * 12),
    "bytes": BYTES,
}
"""What a file can be damaged by, by the form that it has."""


def mutated(form: str, data: bytes, other: bytes, chance: Chance) -> bytes:
    """
    Damage a file in one to three places.

    Parameters
    ----------
    form : str
        One of ``FORMS``.
    data, other : bytes
        The file, and another one of the same kind.
    chance : random.Random
        From a seed.
    """
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        data = chance.choice(FORMS[form])(data, other, chance)[:MOST_BYTES]
    return data
