"""What an input file is, by its content and name, and what its reader makes of it."""

from __future__ import annotations

import re
import zipfile
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from hotspots.errors import DataMissingError, InputError
from hotspots.pipeline import likely, paste, placing, understand_work
from hotspots.pipeline.understood import Understood, columns, of_layer, row_is, rows
from hotspots.sources import (
    boundaries,
    deprivation,
    excel,
    lighting,
    places,
    police_uk,
    table_file,
    vector,
    zips,
)
from hotspots.sources.columns import candidates, listed, plain, refuse_foreign
from hotspots.sources.coordinates import NoCoordinatesError
from hotspots.sources.pairs import is_heading
from hotspots.sources.police_uk.find import find

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from hotspots.sources.layer import Given
    from hotspots.sources.whereabouts import Placed

KINDS = (
    "lighting", "boundaries", "police", "deprivation", "places", "streets", "visits",
    "interventions",
)  # fmt: skip
"""What a file can be said to be."""

_POLYGONS = ("Polygon", "MultiPolygon")
_POINTS = ("Point", "MultiPoint")
_LINES = ("LineString", "MultiLineString")
_LSOA_HEADINGS = ("lsoacode2011", "lsoacode2021")
_LAMP_COLUMNS = frozenset({"unit_type", "wattage", "height", "lamp_type", "dimming"})
_ANY_ID = frozenset({"id", "objectid", "fid", "ogcfid", "featureid"})
_LAMP_FILE = re.compile(r"light|lamp|lantern|illuminat", re.IGNORECASE)
_STREET_CSV = {
    "crime_id": "Crime ID", "month": "Month", "reported_by": "Reported by",
    "longitude": "Longitude", "latitude": "Latitude", "location": "Location",
    "lsoa_code": "LSOA code", "crime_type": "Crime type", "outcome": "Last outcome category",
}  # fmt: skip


def kind_of(path: Path) -> str:
    """Return one of ``KINDS``, or what only reading can tell: shapes, points, JSON answers."""
    is_geographic = vector.is_vector(path)  # which also refuses what cannot be read
    members = _members(path)
    if any(name.lower().endswith(".shp") for name in members):
        return "shapes"
    if understand_work.is_register_in_toml(path):
        return "interventions"
    is_table = table_file.is_packed_table(path)
    refusal = None
    if not (is_table and excel.is_workbook(path)):
        found, refusal = _police_kind(path, head=_head(path))
        if found:
            return found
        is_other_zip = refusal is not None and not _is_zipped_layer(members)
        if is_geographic and not is_other_zip:
            return "shapes"
        if refusal and not is_table:
            raise refusal
    return _kind_of_table(path, _table(path, members, refusal))


def _kind_of_table(path: Path, table: pd.DataFrame) -> str:
    headings = list(table.columns)
    if candidates(headings, _LSOA_HEADINGS):
        return "deprivation"
    try:
        refuse_foreign(str(path), headings, expected="points")
    except InputError:
        return "police"  # whose reader says what is wrong with it
    return understand_work.kind_of_table(table) or "points"


def _table(path: Path, members: Sequence[str], refusal: InputError | None) -> pd.DataFrame:
    try:
        return table_file.read(path, is_heading=_is_heading).table
    except InputError:
        if refusal and any(name.lower().endswith(".txt") for name in zips.data_members(members)):
            raise refusal from None  # what was read is a note beside something else
        raise


def _is_heading(values: Sequence[str]) -> bool:
    return is_heading(values) or bool(candidates(values, _LSOA_HEADINGS))


def _members(path: Path) -> list[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return []


def _is_zipped_layer(members: Sequence[str]) -> bool:
    data = zips.data_members(members)
    return len(data) == 1 and data[0].lower().endswith(vector.SUFFIXES)


def _head(path: Path) -> bytes:
    with path.open("rb") as raw:
        return raw.read(4_096).lstrip(b"\xef\xbb\xbf \r\n\t")


def _police_kind(path: Path, *, head: bytes) -> tuple[str | None, InputError | None]:
    """Return the kind if the file is of police.uk, or what is wrong with a zip that is not."""
    if path.suffix.lower() == ".json" and head[:1] != b"[":
        return None, None
    try:
        with ExitStack() as opened:
            members = find([path], force=None, opened=opened).members
    except DataMissingError:
        return "police", None  # of police.uk, though not of the street level
    except InputError as error:
        is_zip = zips.is_zip(head) or path.suffix.lower() == ".zip"
        return None, error if is_zip else None
    return ("police" if any(member.is_street for member in members) else "answers"), None


def _read_police(path: Path, given: Given) -> Understood:
    if excel.is_workbook(path):
        msg = (
            f"{path}: found a workbook; police records are read as data.police.uk gives them. "
            "Supply its CSV files or zips, not a copy that a spreadsheet saved."
        )
        raise InputError(msg)
    found = police_uk.read([path], force=None)
    forces = sorted({each.force for each in found.supplies})
    account, set_aside = found.account, found.set_aside
    if given.near is not None and len(found.records):
        _, _, excluded = placing.set_apart(found.records, given.near)
        account = placing.recount(account, excluded)
        set_aside = pd.concat([set_aside, excluded], ignore_index=True)
    counts = rows(account)
    is_nothing = counts["in"] and not counts["kept"]
    return Understood(
        "police",
        counts,
        tuple(paste.police(path, forces)),
        columns=columns(_STREET_CSV if found.supplies else {}),
        repairs=found.repairs,
        warnings=(
            *(("no row of the file would be on the map",) if is_nothing else ()),
            *_police_news(found),
            *found.warnings,
            *(f"left alone: {words}" for words in found.ignored),
        ),
        set_aside=set_aside,
    )


def _police_news(found: police_uk.PoliceRecords) -> Iterator[str]:
    """Say what police.uk has not published before."""
    new = sorted({name for each in found.supplies for name in each.new_columns})
    if new:
        named = [name if name.strip() else "(one without a heading)" for name in new]
        yield f"new columns, which are not read: {listed(named)}"
    unknown = found.set_aside.loc[found.set_aside["reason"].eq(police_uk.UNKNOWN_TYPE), "value"]
    types = sorted(unknown.dropna().unique())
    if types:
        yield f"new crime types, whose rows are not used: {listed(types[:5])}"


def _read_shapes(path: Path, given: Given) -> Understood:
    features = vector.read(path)
    kinds = features.table.geom_type
    work = understand_work.kind_of_table(features.table.drop(columns=features.table.geometry.name))
    if kinds.isin(_POLYGONS).any():
        if work == "interventions":
            return understand_work.read_interventions(path, given)
        return _read_boundaries(path, given, features)
    if work == "visits":
        return understand_work.read_visits(path, given)
    if not kinds.isin(_POINTS).any() and kinds.notna().any():
        return _read_lines(path, given, kinds)
    return _read_points(path, given)


def _read_lines(path: Path, given: Given, kinds: pd.Series[str]) -> Understood:
    if kinds.isin(_LINES).any():
        return understand_work.read_streets(path, given)
    found = listed(sorted(kinds.dropna().unique()))
    msg = (
        f"{path}: expected areas, streets or points, found {found}. "
        "Save the layer as polygons if it holds areas, as lines, or as points."
    )
    raise InputError(msg)


def _read_boundaries(path: Path, given: Given, features: Placed | None = None) -> Understood:
    features = vector.read(path) if features is None else features
    found = likely.area_columns(path, features.table)
    best = found[0]
    areas = boundaries.read(
        path,
        level=best.level,
        code=best.code,
        name=best.name,
        is_whole=given.is_whole,
        features=features,
    )
    doubt = (
        f"that {best.code!r} and {best.name!r} are code and name of the level {best.level!r} "
        "is likely, not certain; make sure"
    )
    return Understood(
        "boundaries",
        rows(areas.account),
        tuple(paste.boundaries(path, found)),
        columns=columns({"code": best.code, "name": best.name}, best.sure),
        repairs=areas.repairs,
        warnings=(*((doubt,) if best.sure != likely.RECOGNISED else ()), *areas.warnings),
        set_aside=areas.set_aside,
        row_is="feature",
    )


def _read_deprivation(path: Path, _: Given) -> Understood:
    found = deprivation.read(path)
    headings = list(table_file.read(path, is_heading=_is_heading).table.columns)
    code = candidates(headings, _LSOA_HEADINGS)[0]
    return Understood(
        "deprivation",
        rows(found.account),
        tuple(paste.deprivation(path)),
        columns=columns({"lsoa_code": code}),
        repairs=found.repairs,
        set_aside=found.set_aside,
    )


def _read_points(path: Path, given: Given) -> Understood:
    """Read points as lamps if anything speaks for lamps, else as places if anything does."""
    lamps, refusal = _tried(_read_lighting, path, given)
    if lamps and (_LAMP_FILE.search(path.name) or _has_lamp_columns(lamps.columns)):
        return lamps
    if lamps is None and _LAMP_FILE.search(path.name):
        raise _not_recognised(path, refusal)
    found, _ = _tried(_read_places, path, given)
    if found and any(column["name"] == "name" for column in found.columns):
        return found
    if lamps is None:
        raise _not_recognised(path, refusal)
    doubt = "nothing tells what stands at these points; read as street lights, or say --as places"
    return replace(lamps, warnings=(*lamps.warnings, doubt))


def _not_recognised(path: Path, refusal: InputError | None) -> InputError:
    """Return why a file is no kind of input, or why it cannot be used though it is one."""
    if refusal is not None and not isinstance(refusal, NoCoordinatesError):
        return refusal
    reason, _ = parted(str(refusal).removeprefix(f"{path}: "))
    msg = (
        f"{path}: not recognised as any kind of input; as street lights: {reason} "
        "Say what it is with --as, or supply another file."
    )
    return InputError(msg)


def _tried(
    reader: Callable[[Path, Given], Understood], path: Path, given: Given
) -> tuple[Understood | None, InputError | None]:
    try:
        return reader(path, given), None
    except InputError as error:
        return None, error


def _has_lamp_columns(columns: Iterable[dict[str, str]]) -> bool:
    return any(
        column["name"] in _LAMP_COLUMNS
        or (column["name"] == "lamp_id" and plain(column["found"]) not in _ANY_ID)
        for column in columns
    )


def _read_lighting(path: Path, given: Given) -> Understood:
    return of_layer(
        "lighting",
        lighting.read(
            path, authority="checked", columns={}, near=given.near, is_whole=given.is_whole
        ),
        paste.lighting(path, is_whole=given.is_whole),
        row_is=row_is(path),
    )


def _read_places(path: Path, given: Given) -> Understood:
    names = None if vector.is_vector(path) else likely.columns_without_heading(path)
    found = of_layer(
        "places",
        places.read(path, kind="checked", columns=names, near=given.near, is_whole=given.is_whole),
        paste.places(path, names, is_whole=given.is_whole),
        row_is=row_is(path),
    )
    if names:
        doubt = "the file has no heading; what its columns hold was told by their values: make sure"
        told = {
            column["name"]: f"column {names.index(column['found']) + 1}" for column in found.columns
        }
        return replace(
            found,
            columns=columns(told, likely.LIKELY),
            warnings=(*found.warnings, doubt),
        )
    return found


READERS: dict[str, Callable[[Path, Given], Understood]] = {
    "police": _read_police,
    "boundaries": _read_boundaries,
    "deprivation": _read_deprivation,
    "lighting": _read_lighting,
    "places": _read_places,
    "streets": understand_work.read_streets,
    "visits": understand_work.read_visits,
    "interventions": understand_work.read_interventions,
    "shapes": _read_shapes,
    "points": _read_points,
    "answers": _read_police,
}


def parted(message: str) -> tuple[str, str]:
    """Part a message into what is wrong and, its last sentence or clause, what to do."""
    sentences = re.split(r"(?<=\.)\s+(?=[A-Z])", message)
    clauses = sentences if len(sentences) > 1 else message.split("; ")
    if len(clauses) == 1:
        return message, "Say what the file is with --as, or supply it again."
    fix = clauses[-1]
    reason = message.removesuffix(fix).rstrip(" ;.")
    return f"{reason}.", fix[:1].upper() + fix[1:]
