"""Registers of interventions: what was done where and when, read row by row, nothing guessed."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
import shapely

from hotspots.errors import DataMissingError, InputError, cut
from hotspots.schema import ACTIONS, ALL_CRIME, SET_ASIDE, check, empty
from hotspots.sources import table_file, vector
from hotspots.sources.columns import by_plain_name, listed
from hotspots.sources.intervention_areas import ROLES, Shapes, written_area
from hotspots.sources.rows import account, aside, together

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from pathlib import Path

    from shapely.geometry.base import BaseGeometry

LONGEST_TEXT = 200
"""Letters of a name or of what was done: a line, not a report."""

MOST_BYTES = 10_000_000
"""A register in TOML is no larger."""

_FIELDS = {
    "intervention_id": ("interventionid", "id"),
    "name": ("name", "title"),
    "what": ("what", "whatwasdone", "kind", "action"),
    "start": ("start", "startmonth", "from"),
    "end": ("end", "endmonth", "until"),
    "crime_groups": ("crimegroups", "crimegroup", "crimetypes", "crimetype", "aimedat"),
    "wkt": ("wkt", "geometry", "areawkt"),
    "hotspot": ("hotspot", "hotspotid"),
    "easting": ("easting",),
    "northing": ("northing",),
    "longitude": ("longitude", "lon"),
    "latitude": ("latitude", "lat"),
    "radius_m": ("radiusm", "radius"),
    "comparison_wkt": ("comparisonwkt",),
    "comparison_hotspot": ("comparisonhotspot", "comparisonhotspotid"),
}
"""What a register may say, and the plain names of its columns or keys."""

_NEEDED = ("intervention_id", "name", "what", "start")
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])(-\d{2})?([ T].*)?")
_HOTSPOT = re.compile(r"HS-[a-z0-9-]+-\d{4,}")
_ENTRY = re.compile(r"\s*\[\[\s*intervention\s*\]\]")
_ONE_AREA = (
    "give its area in one way: wkt, hotspot, easting and northing (or longitude and latitude) "
    "with radius_m, or a shape in the file of areas"
)


@dataclass(frozen=True)
class RegisterFile:
    """
    One register, read.

    Attributes
    ----------
    table : DataFrame, ``schema.ACTIONS``
        The rows kept, sorted by id.
    set_aside : DataFrame, ``schema.SET_ASIDE``
        The rows left out, each with its line, column and reason.
    account : DataFrame, ``schema.ACCOUNT``
        One row: rows in = kept + set aside.
    repairs : tuple of str
        What a person should know, in words.
    """

    table: pd.DataFrame
    set_aside: pd.DataFrame
    account: pd.DataFrame
    repairs: tuple[str, ...] = ()


@dataclass
class _RefusedError(Exception):
    """A row that cannot be used."""

    column: str
    value: str
    reason: str
    status: str = "quarantined"


@dataclass(frozen=True)
class _Given:
    """What rows are held against."""

    shapes: Shapes
    groups: tuple[str, ...]
    near: BaseGeometry | None


def read(
    path: Path,
    *,
    groups: Collection[str],
    shapes: Shapes | None = None,
    near: BaseGeometry | None = None,
) -> RegisterFile:
    """
    Read a register of interventions.

    Each has an id, a name, what was done, a start and maybe an end (months, both included), the
    crime groups it aimed at (parted by a semicolon; all crime if none is named), its area, and
    maybe an area to compare with. It must not name people.

    Parameters
    ----------
    path : Path
        TOML with entries ``[[intervention]]``, or a table: delimited text or a workbook.
    groups : collection of str
        Crime groups there are.
    shapes : Shapes, optional
        Areas drawn in a file of their own.
    near : shapely geometry, optional
        The area of the settings, EPSG:27700; interventions outside it are excluded.

    Returns
    -------
    RegisterFile
        A row that is not understood is quarantined with its reason, never guessed.

    Raises
    ------
    DataMissingError
        If there is no such file.
    InputError
        If it cannot be read, or lacks a column that every intervention needs.
    """
    is_toml = path.suffix.lower() == ".toml"
    rows, lines, before, n_rows = _toml(path) if is_toml else _sheet(path)
    given = _Given(shapes or Shapes.none(), tuple(groups), near)
    kept: list[dict[str, Any]] = []
    parts = [before]
    seen: set[str] = set()
    for line, row in zip(lines, rows, strict=True):
        try:
            kept.append(_understood(row, given, seen) | {"file": path.name, "line": line})
        except _RefusedError as fault:
            parts.append(_left_out(path.name, line, fault))
    set_aside = together(parts)
    table = _typed(kept)
    return RegisterFile(
        check(table, ACTIONS),
        set_aside,
        account(path.name, rows_in=n_rows, kept=len(table), set_aside=set_aside),
        _unknown(rows),
    )


def _typed(kept: list[dict[str, Any]]) -> pd.DataFrame:
    if not kept:
        return empty(ACTIONS)
    table = pd.DataFrame(kept, columns=ACTIONS.names)
    table = table.astype({column.name: column.dtype for column in ACTIONS.columns})
    return table.sort_values([*ACTIONS.key], ignore_index=True)


def _left_out(file: str, line: int, fault: _RefusedError) -> pd.DataFrame:
    return aside(
        file,
        pd.Series([line], dtype="int64"),
        status=fault.status,
        reason=fault.reason,
        column=fault.column,
        value=pd.Series([cut(fault.value)], dtype="str"),
    )


def _unknown(rows: Iterable[Mapping[str, str]]) -> tuple[str, ...]:
    """Name what a register says that nobody reads, for it may be misspelt."""
    names = {name for row in rows for name in row if name.startswith("?")}
    if not names:
        return ()
    found = listed(sorted(name.removeprefix("?") for name in names))
    return (f"{len(names):,} columns of the register are not used: {found}",)


# Files


def _sheet(path: Path) -> tuple[list[dict[str, str]], list[int], pd.DataFrame, int]:
    if vector.is_vector(path) and not table_file.is_packed_table(path):
        msg = (
            f"{path}: is a geographic file; name it as `areas` and the register itself, a CSV or "
            "TOML file, as `file` in [interventions]."
        )
        raise InputError(msg)
    sheet = table_file.read(path)
    names = _named(list(sheet.table.columns))
    missing = [each for each in _NEEDED if each not in names.values()]
    if missing:
        msg = (
            f"{path}, line 1: found no column {listed(missing)}; the file has "
            f"{listed(sheet.table.columns)}. Head the columns {', '.join(_NEEDED)}, end, "
            "crime_groups, and its area."
        )
        raise InputError(msg)
    rows = sheet.table.rename(columns=names).to_dict("records")
    plain = [{str(key): str(value) for key, value in row.items()} for row in rows]
    return plain, sheet.line.tolist(), sheet.set_aside, sheet.rows_in


def columns_of(headings: Iterable[str]) -> dict[str, str]:
    """Say which heading of a register is taken for what; the others are not read."""
    return {ours: each for each, ours in _named(headings).items() if not ours.startswith("?")}


def _named(headings: Iterable[str]) -> dict[str, str]:
    """Give each heading our name, or itself behind a question mark."""
    headings = [str(each) for each in headings]
    by_name = by_plain_name(headings)
    ours = {
        by_name[n]: key for key, names in _FIELDS.items() for n in reversed(names) if n in by_name
    }
    return {each: ours.get(each, f"?{each}") for each in headings}


def _toml(path: Path) -> tuple[list[dict[str, str]], list[int], pd.DataFrame, int]:
    text = _toml_text(path)
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        msg = f"{path}: not valid TOML: {cut(error)}; write each entry under [[intervention]]."
        raise InputError(msg) from None
    entries = data.get("intervention", [])
    if set(data) != {"intervention"} or not _is_list_of_tables(entries):
        found = listed(data)
        msg = (
            f"{path}: expected entries [[intervention]] and nothing else, found {found}; "
            "put each intervention under [[intervention]]."
        )
        raise InputError(msg)
    lines = [n for n, line in enumerate(text.split("\n"), 1) if _ENTRY.match(line)]
    lines = lines if len(lines) == len(entries) else list(range(1, len(entries) + 1))
    rows = [dict(_texts(entry)) for entry in entries]
    return rows, lines, empty(SET_ASIDE), len(rows)


def _toml_text(path: Path) -> str:
    try:
        if path.stat().st_size > MOST_BYTES:
            msg = f"{path}: is far too large for a register of interventions; supply the register."
            raise InputError(msg)
        return path.read_text(encoding="utf-8-sig").replace("\r\n", "\n")
    except FileNotFoundError:
        msg = f"{path}: there is no such file; check the path in the settings."
        raise DataMissingError(msg) from None
    except UnicodeDecodeError as error:
        msg = f"{path}: byte {error.start} is not UTF-8; save the file as UTF-8."
        raise InputError(msg) from error
    except OSError as error:
        msg = f"{path}: cannot be read ({error.strerror}); check that the file is there and open."
        raise InputError(msg) from error


def _is_list_of_tables(entries: object) -> bool:
    return isinstance(entries, list) and all(isinstance(each, dict) for each in entries)


def _texts(entry: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    names = _named(entry)
    for key, value in entry.items():
        words = "; ".join(map(str, value)) if isinstance(value, list) else str(value)
        yield names[key], words.strip()


# Rows


def _understood(row: Mapping[str, str], given: _Given, seen: set[str]) -> dict[str, Any]:
    """Turn a row into one of ``schema.ACTIONS``, or say why it cannot be."""
    own = _text(row, "intervention_id", longest=60)
    if own in seen:
        raise _RefusedError(
            "intervention_id", own, "the id stands in an earlier row; give each its own"
        )
    start = _month(row, "start")
    end = _month(row, "end")
    if start is None:
        raise _RefusedError("start", "", "it is empty; write the month it began, such as 2023-04")
    if end is not None and end < start:
        raise _RefusedError("end", row["end"], f"it ends before it starts ({start:%Y-%m})")
    found = {
        "intervention_id": own,
        "name": _text(row, "name"),
        "what": _text(row, "what"),
        "start": start,
        "end": end,
        "crime_groups": _groups(row, given.groups),
        **_area(row, own, given),
        **_comparison(row, own, given),
    }
    seen.add(own)
    return found


def _text(row: Mapping[str, str], name: str, *, longest: int = LONGEST_TEXT) -> str:
    text = row.get(name, "").strip()
    if not text:
        raise _RefusedError(name, "", "it is empty; fill it")
    if len(text) > longest or not text.isprintable():
        reason = f"expected one line of at most {longest} letters; shorten it"
        raise _RefusedError(name, text, reason)
    return text


def _month(row: Mapping[str, str], name: str) -> pd.Timestamp | None:
    text = row.get(name, "").strip()
    if not text:
        return None
    if not (found := _MONTH.fullmatch(text)):
        raise _RefusedError(name, text, "it is no month; write YYYY-MM, such as 2023-04")
    return pd.Timestamp(int(found[1]), int(found[2]), 1)


def _groups(row: Mapping[str, str], known: tuple[str, ...]) -> str:
    named = [each.strip() for each in row.get("crime_groups", "").split(";") if each.strip()]
    by_plain = {each.casefold(): each for each in known}
    for each in named:
        if each.casefold() not in by_plain:
            reason = f"{cut(each, 60)!r} is no crime group; use {cut(', '.join(known), 600)}"
            raise _RefusedError("crime_groups", each, reason)
    return "; ".join(dict.fromkeys(by_plain[each.casefold()] for each in named)) or ALL_CRIME


def _area(row: Mapping[str, str], own: str, given: _Given) -> dict[str, str | None]:
    drawn = given.shapes.of(own, ROLES[0])
    ways = [name for name in ("wkt", "hotspot", "radius_m") if row.get(name)]
    ways += ["the file of areas"] if drawn is not None else []
    if len(ways) != 1:
        found = f"found {' and '.join(ways)}" if ways else "found none"
        raise _RefusedError(ways[0] if ways else "wkt", "", f"{found}; {_ONE_AREA}")
    if row.get("hotspot"):
        return {"area_wkt": None, "hotspot_id": _hotspot(row, "hotspot")}
    try:
        shape = drawn if drawn is not None else written_area(row)
    except ValueError as error:
        raise _RefusedError(ways[0], row.get(ways[0], ""), str(error)) from None
    if given.near is not None and not shapely.intersects(shape, given.near):
        reason = "it lies outside the area of the settings"
        raise _RefusedError(ways[0], row.get(ways[0], ""), reason, "excluded")
    return {"area_wkt": shapely.to_wkt(shape, rounding_precision=2), "hotspot_id": None}


def _comparison(row: Mapping[str, str], own: str, given: _Given) -> dict[str, str | None]:
    drawn = given.shapes.of(own, ROLES[1])
    if row.get("comparison_hotspot") and (row.get("comparison_wkt") or drawn is not None):
        reason = "the comparison is given in two ways; keep one"
        raise _RefusedError("comparison_hotspot", row["comparison_hotspot"], reason)
    if row.get("comparison_hotspot"):
        named = _hotspot(row, "comparison_hotspot")
        return {"comparison_wkt": None, "comparison_hotspot_id": named}
    if row.get("comparison_wkt"):
        try:
            drawn = written_area({"wkt": row["comparison_wkt"]})
        except ValueError as error:
            raise _RefusedError("comparison_wkt", row["comparison_wkt"], str(error)) from None
    wkt = None if drawn is None else shapely.to_wkt(drawn, rounding_precision=2)
    return {"comparison_wkt": wkt, "comparison_hotspot_id": None}


def _hotspot(row: Mapping[str, str], name: str) -> str:
    if not _HOTSPOT.fullmatch(row[name].strip()):
        reason = "it is no id of a hotspot; write it as the maps do, such as HS-anytown-0001"
        raise _RefusedError(name, row[name], reason)
    return row[name].strip()
