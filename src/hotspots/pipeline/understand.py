"""What an input file is, by its content and name, and what its reader makes of it."""

from __future__ import annotations

import re
import zipfile
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from hotspots.errors import DataMissingError, InputError
from hotspots.pipeline import likely, paste
from hotspots.schema import SET_ASIDE, empty
from hotspots.sources import boundaries, deprivation, lighting, places, police_uk, tabular, vector
from hotspots.sources.columns import candidates, plain, refuse_foreign
from hotspots.sources.police_uk.find import find

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    import pandas as pd

    from hotspots.sources.layer import LayerFile

KINDS = ("lighting", "boundaries", "police", "deprivation", "places")
"""What a file can be said to be."""

ROWS = ("in", "kept", "unlocated", "excluded", "duplicate", "quarantined")
"""Parts of the row account."""

_POLYGONS = ("Polygon", "MultiPolygon")
_EXCEL = "[Content_Types].xml"
_LSOA_HEADINGS = ("lsoacode2011", "lsoacode2021")
_LAMP_COLUMNS = frozenset({"unit_type", "wattage", "height", "lamp_type", "dimming"})
_ANY_ID = frozenset({"id", "objectid", "fid", "ogcfid", "featureid"})
_LAMP_FILE = re.compile(r"light|lamp|lantern|illuminat", re.IGNORECASE)
_STREET_CSV = {
    "crime_id": "Crime ID", "month": "Month", "reported_by": "Reported by",
    "longitude": "Longitude", "latitude": "Latitude", "location": "Location",
    "lsoa_code": "LSOA code", "crime_type": "Crime type", "outcome": "Last outcome category",
}  # fmt: skip


@dataclass(frozen=True)
class Understood:
    """A file that its reader took."""

    kind: str
    rows: dict[str, int]
    settings: tuple[str, ...]
    columns: tuple[dict[str, str], ...] = ()
    repairs: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    set_aside: pd.DataFrame = field(default_factory=lambda: empty(SET_ASIDE))


def kind_of(path: Path) -> str:
    """Return one of ``KINDS``, or what only reading can tell: shapes, points, JSON answers."""
    is_geographic = vector.is_vector(path)  # which also refuses what cannot be read
    members = _members(path)
    if any(name.lower().endswith(".shp") for name in members):
        return "shapes"
    if _EXCEL not in members:
        found = _police_kind(path, head=_head(path))
        if found:
            return found
        if is_geographic:
            return "shapes"
    headings = list(tabular.read(path).table.columns)
    if candidates(headings, _LSOA_HEADINGS):
        return "deprivation"
    try:
        refuse_foreign(str(path), headings, expected="points")
    except InputError:
        return "police"  # whose reader says what is wrong with it
    return "points"


def _members(path: Path) -> list[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return []


def _head(path: Path) -> bytes:
    with path.open("rb") as raw:
        return raw.read(4_096).lstrip(b"\xef\xbb\xbf \r\n\t")


def _police_kind(path: Path, *, head: bytes) -> str | None:
    if path.suffix.lower() == ".json" and head[:1] != b"[":
        return None
    try:
        with ExitStack() as opened:
            members = find([path], force=None, opened=opened).members
    except DataMissingError:
        return "police"  # of police.uk, though not of the street level
    except InputError:
        if head[:2] == b"PK" or path.suffix.lower() == ".zip":
            raise  # a zip without a shapefile is nothing else, so its fault is the file's
        return None
    return "police" if any(member.is_street for member in members) else "answers"


def _read_police(path: Path) -> Understood:
    found = police_uk.read([path], force=None)
    with ExitStack() as opened:
        members = find([path], force=None, opened=opened).members
    forces = sorted({member.force for member in members if member.force})
    published = _STREET_CSV if all(member.is_street for member in members) else {}
    return Understood(
        "police",
        _rows(found.account),
        tuple(paste.police(path, forces)),
        columns=_columns(published),
        warnings=tuple(f"left alone: {words}" for words in found.ignored),
        set_aside=found.set_aside,
    )


def _read_shapes(path: Path) -> Understood:
    is_area = vector.read(path).geom_type.isin(_POLYGONS).any()
    return _read_boundaries(path) if is_area else _read_points(path)


def _read_boundaries(path: Path) -> Understood:
    shapes = vector.read(path)
    found = likely.area_columns(path, shapes)
    best = found[0]
    areas = boundaries.read(path, level=best.level, code=best.code, name=best.name)
    n, n_broken = len(shapes), int((~shapes.geometry.is_valid).sum())
    warnings = []
    if best.sure != likely.RECOGNISED:
        warnings.append(
            f"that {best.code!r} and {best.name!r} are code and name of the level {best.level!r} "
            "is likely, not certain; make sure"
        )
    if len(areas) < n:
        warnings.append(f"{n:,} features share {len(areas):,} codes and become as many areas")
    return Understood(
        "boundaries",
        _count(n),
        tuple(paste.boundaries(path, found)),
        columns=_columns({"code": best.code, "name": best.name}, best.sure),
        repairs=(f"{n_broken:,} shapes that cross themselves were mended",) if n_broken else (),
        warnings=tuple(warnings),
    )


def _read_deprivation(path: Path) -> Understood:
    table = deprivation.read(path)
    sheet = tabular.read(path)
    code = candidates(list(sheet.table.columns), _LSOA_HEADINGS)[0]
    return Understood(
        "deprivation",
        _count(table["lsoa_code"].nunique(), sheet.set_aside),
        tuple(paste.deprivation(path)),
        columns=_columns({"lsoa_code": code}),
        repairs=sheet.repairs,
        set_aside=sheet.set_aside,
    )


def _read_points(path: Path) -> Understood:
    """Read points as lamps if anything speaks for lamps, else as places if anything does."""
    lamps, refusal = _tried(_read_lighting, path)
    if lamps and (_LAMP_FILE.search(path.name) or _has_lamp_columns(lamps.columns)):
        return lamps
    found, _ = _tried(_read_places, path)
    if found and any(column["name"] == "name" for column in found.columns):
        return found
    if lamps is None:
        reason, _ = parted(str(refusal).removeprefix(f"{path}: "))
        msg = (
            f"{path}: not recognised as any kind of input; as street lights: {reason} "
            "Say what it is with --as, or supply another file."
        )
        raise InputError(msg)
    doubt = "nothing tells what stands at these points; read as street lights, or say --as places"
    return replace(lamps, warnings=(*lamps.warnings, doubt))


def _tried(
    reader: Callable[[Path], Understood], path: Path
) -> tuple[Understood | None, InputError | None]:
    try:
        return reader(path), None
    except InputError as error:
        return None, error


def _has_lamp_columns(columns: Iterable[dict[str, str]]) -> bool:
    return any(
        column["name"] in _LAMP_COLUMNS
        or (column["name"] == "lamp_id" and plain(column["found"]) not in _ANY_ID)
        for column in columns
    )


def _read_lighting(path: Path) -> Understood:
    return _layer(
        "lighting",
        lighting.read(path, authority="checked", columns={}),
        paste.lighting(path),
    )


def _read_places(path: Path) -> Understood:
    names = None if vector.is_vector(path) else likely.columns_without_heading(path)
    found = _layer(
        "places",
        places.read(path, kind="checked", columns=names),
        paste.places(path, names),
    )
    if names:
        doubt = "the file has no heading; what its columns hold was told by their values: make sure"
        columns = {
            column["name"]: f"column {names.index(column['found']) + 1}" for column in found.columns
        }
        return replace(
            found,
            columns=_columns(columns, likely.LIKELY),
            warnings=(*found.warnings, doubt),
        )
    return found


def _layer(kind: str, found: LayerFile, settings: Iterable[str]) -> Understood:
    return Understood(
        kind,
        _rows(found.account),
        tuple(settings),
        columns=_columns(found.columns),
        repairs=found.repairs,
        warnings=found.warnings,
        set_aside=found.set_aside,
    )


READERS: dict[str, Callable[[Path], Understood]] = {
    "police": _read_police,
    "boundaries": _read_boundaries,
    "deprivation": _read_deprivation,
    "lighting": _read_lighting,
    "places": _read_places,
    "shapes": _read_shapes,
    "points": _read_points,
    "answers": _read_police,
}


def _columns(found: dict[str, str], sure: str = likely.RECOGNISED) -> tuple[dict[str, str], ...]:
    return tuple({"name": name, "found": column, "sure": sure} for name, column in found.items())


def _rows(account: pd.DataFrame) -> dict[str, int]:
    return {name: int(account[f"rows_{name}" if name == "in" else name].sum()) for name in ROWS}


def _count(kept: int, set_aside: pd.DataFrame | None = None) -> dict[str, int]:
    """Give the account of a reader that keeps none."""
    aside = {} if set_aside is None else set_aside["status"].value_counts().to_dict()
    parts = {name: int(aside.get(name, 0)) for name in ROWS[2:]}
    return {"in": kept + sum(parts.values()), "kept": kept, **parts}


def parted(message: str) -> tuple[str, str]:
    """Part a message into what is wrong and, its last sentence or clause, what to do."""
    sentences = re.split(r"(?<=\.)\s+(?=[A-Z])", message)
    clauses = sentences if len(sentences) > 1 else message.split("; ")
    if len(clauses) == 1:
        return message, "Say what the file is with --as, or supply it again."
    fix = clauses[-1]
    reason = message.removesuffix(fix).rstrip(" ;.")
    return f"{reason}.", fix[:1].upper() + fix[1:]
