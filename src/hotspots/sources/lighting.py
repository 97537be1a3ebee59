"""Street lights from a council's asset register."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NoReturn

import pandas as pd

from hotspots.errors import InputError
from hotspots.schema import LAMPS
from hotspots.sources import coordinates, dates, layer, units
from hotspots.sources.columns import candidates, listed, telling
from hotspots.sources.layer import Given
from hotspots.sources.quantities import has_comma, height_m, is_merged, is_rescaled, wattage_w
from hotspots.sources.rows import together

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from pathlib import Path

    from shapely.geometry.base import BaseGeometry

    from hotspots.sources.layer import Features, LayerFile

# Plain headings (small letters, digits) of real registers, the preferred ones first.
_HEADINGS: Mapping[str, tuple[str, ...]] = {
    "lamp_id": (
        "lampid", "assetid", "centralassetid", "unitid", "localauthorityassetnumber", "itemident",
        "itemid", "iitneid", "lpuniqueref", "unitref", "unitnumber", "unitno", "columnid",
        "columnnumber", "columnref", "columnno", "lampno", "lampnumber", "lightid", "lightno",
        "streetlightid", "assetnumber", "assetno", "assetref", "assetreference", "uniqueid",
        "uniqueref", "id", "featureid", "objectid", "fid", "ogcfid",
    ),
    "unit_type": units.TYPE_HEADINGS,
    "wattage": ("wattage", "lampwattage", "lampwatts", "watts", "lampwatt", "wattagew"),
    "height": (
        "mountingheight", "columnheight", "lampheight", "structureheight", "height",
        "mountingheightm", "columnheightm", "heightm", "heightcm", "heightmm",
        "mountingheightcm", "mountingheightmm", "columnheightmm",
    ),
    "road_name": (
        "roadname", "streetname", "street", "road", "sitename", "streetdescription",
        "roaddescription", "fullstreet", "streetaddress",
    ),
    "lamp_type": ("lamptype", "lampdescription", "lightsource", "lampcode", "lamp", "lanterntype"),
    "dimming": (
        "dimming", "dimmingclassification", "dimmingregime", "dimmingprofile", "dimmingschedule",
        "switchingregime", "burninghours", "regime",
    ),
    "condition": (
        "condition", "conditionlevel", "defect", "opendefect", "fault", "itemstatus", "status",
    ),
    "fault": ("defect", "opendefect", "defects", "opendefects", "fault", "faults", "openfault"),
    "part_night": ("partnight", "partnightlighting", "ispartnight", "pnl"),
    "installed": (
        "installdate", "installationdate", "dateinstalled", "installed", "structureinstalldate",
        "featurestartdate", "startdate", "yearinstalled", "installyear", "erectiondate",
    ),
    "ended": units.END_HEADINGS,
    "lamps_n": ("numberoflamps", "nooflamps", "lampcount", "numlamps", "lamps", "nlamps"),
    "owner": ("owner", "ownership", "assetowner", "maintainedby"),
    "usrn": ("usrn", "nsgref", "streetusrn"),
    "ward": ("ward", "wardname"),
}  # fmt: skip
_KEYS = (*_HEADINGS, *coordinates.KEYS)


def read(
    path: Path,
    *,
    authority: str,
    columns: Mapping[str, str],
    near: BaseGeometry | None = None,
    is_whole: bool = False,
    today: date | None = None,
) -> LayerFile:
    """
    Read street lights; the columns are recognised by their headings and values.

    Parameters
    ----------
    path : Path
        Delimited text (also gzipped or zipped), a workbook, or points in GeoJSON, GeoPackage
        or shapefile.
    authority : str
        Lighting authority; a short form of it starts every ``lamp_id``.
    columns : mapping of str to str
        Columns that are not recognised, by the keys lamp_id, easting, northing,
        longitude, latitude, unit_type, wattage, height, road_name, lamp_type, dimming,
        condition, fault, part_night, installed. Usually empty.
    near : shapely geometry or None
        The area of the settings, EPSG:27700; rows more than 5 km outside it are excluded.
    is_whole : bool, default False
        Somebody made sure that a file of exactly 1,000 or 2,000 rows is not cut short.
    today : date or None
        What end dates are compared with; None is today's date in UTC.

    Returns
    -------
    LayerFile
        Table ``schema.LAMPS``. Signs, bollards, beacons and the like are excluded by
        their unit type, and units whose end date is past; a row that comes again is a
        duplicate; rows without a believable place in Great Britain are quarantined; the
        account is exact. Wattage and height are missing where the text is not certain.

    Raises
    ------
    DataMissingError
        If there is no such file.
    InputError
        If it is damaged, cut short, of another kind, its coordinates are not recognised or
        are not of Great Britain, or no row is a street light.
    SettingsError
        If ``columns`` has an unknown key.
    """
    features = layer.load(
        path,
        expected="street lights",
        fix=(
            "Name them in the settings under this [[lighting]] entry: "
            'columns = { easting = "…", northing = "…" }, or longitude and latitude.'
        ),
        allowed=_KEYS,
        columns=columns,
        given=Given(near, is_whole),
        is_local=True,
    )
    found = _recognised(features)
    types = units.type_columns(features, features.named.get("unit_type"))
    excluded = units.excluded(features, types, today=today or datetime.now(UTC).date())
    standing = features.located.reason.isna() & ~features.line.isin(excluded["line"])
    if not standing.any():
        _refuse_nothing(path, features, excluded)
    again = layer.repeats(features, found.get("lamp_id"), standing)
    kept = standing & ~again
    ids, repairs, warnings = layer.identify(features, found.get("lamp_id"), slug(authority), kept)
    rows = features.table.loc[kept]
    watts, watt_notes, lost_watts = _wattage(rows, found)
    height, height_notes, lost_heights = _height(rows, found)
    installed, lost_dates = _installed(rows, found)
    fault, fault_notes = _fault(rows, found)
    values: dict[str, pd.Series[Any] | str] = {
        "lamp_id": ids,
        "authority": authority,
        "road_name": _text(rows, found, "road_name"),
        "lamp_type": _text(rows, found, "lamp_type"),
        "wattage_w": watts,
        "height_m": height,
        "dimming": _text(rows, found, "dimming"),
        "condition": _text(rows, found, "condition"),
        "fault": fault,
        "part_night": _text(rows, found, "part_night"),
        "installed": installed,
    }
    warnings = (*warnings, *lost_watts, *lost_heights, *lost_dates)
    warnings = (*warnings, *units.doubts(features, types, kept))
    warnings = (*warnings, *units.impossible_ends(features, kept))
    if "lamps_n" in found:
        warnings = (*warnings, *units.several(rows[found["lamps_n"]], found["lamps_n"]))
    return layer.finish(
        features,
        LAMPS,
        values,
        excluded=together([excluded, layer.duplicates(features, again)]),
        repairs=(*repairs, *watt_notes, *height_notes, *fault_notes),
        columns=found,
        warnings=warnings,
    )


def _refuse_nothing(path: Path, features: Features, excluded: pd.DataFrame) -> NoReturn:
    reasons = features.located.reason.dropna()
    if excluded.empty:
        msg = (
            f"{path}: no row can be placed; most often {reasons.mode().iloc[0]}. Supply the file "
            "with coordinates of Great Britain."
        )
        raise InputError(msg)
    seen = listed(excluded["value"].dropna().unique()[:5])
    msg = (
        f"{path}: no row is left as a street light; the types set aside are {seen}. If they are "
        'street lights, name another column in the settings: columns = { unit_type = "…" }.'
    )
    raise InputError(msg)


def slug(authority: str) -> str:
    """Return the name of an authority in small letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", authority.casefold()).strip("-")


def _recognised(features: Features) -> dict[str, str]:
    """Return key to column, as the settings name them or else as their headings say."""
    found = units.recognised(features.table, _HEADINGS)
    ids = telling(features.table, candidates(list(features.table.columns), _HEADINGS["lamp_id"]))
    found |= {"lamp_id": ids} if ids else {}
    found |= features.named
    return {key: found[key] for key in _HEADINGS if key in found}


def _text(rows: pd.DataFrame, found: Mapping[str, str], key: str) -> pd.Series[str]:
    if key not in found:
        return pd.Series(pd.NA, rows.index, dtype="str")
    values = rows[found[key]]
    return values.where(values.ne(""))


def _wattage(
    rows: pd.DataFrame, found: Mapping[str, str]
) -> tuple[pd.Series[float], tuple[str, ...], tuple[str, ...]]:
    """Return wattages, what was put right, and what was lost."""
    if "wattage" in found:
        given, lost = rows[found["wattage"]], True
    elif "lamp_type" in found:
        # Without a column of its own the wattage may stand in the lamp's code, as in "70SONT".
        given, lost = rows[found["lamp_type"]], False
        given = given.where(given.str.contains("[A-Za-z]"), "")
    else:
        return pd.Series(float("nan"), rows.index), (), ()
    watts = wattage_w(given)
    n = int(is_merged(given, watts).sum())
    notes = (f"{n:,} wattages were read out of the codes in {given.name!r}",) if n else ()
    return watts, notes, _uncertain(given, watts, "wattages") if lost else ()


def _height(
    rows: pd.DataFrame, found: Mapping[str, str]
) -> tuple[pd.Series[float], tuple[str, ...], tuple[str, ...]]:
    """Return heights, what was put right, and what was lost."""
    if "height" not in found:
        return pd.Series(float("nan"), rows.index), (), ()
    given = rows[found["height"]]
    height = height_m(given, found["height"])
    counts = {
        "were brought to metres": int(is_rescaled(given, height).sum()),
        "have a decimal comma; read as a point": int(has_comma(given, height).sum()),
    }
    notes = tuple(f"{n:,} heights in {given.name!r} {what}" for what, n in counts.items() if n)
    return height, notes, _uncertain(given, height, "heights")


def _installed(
    rows: pd.DataFrame, found: Mapping[str, str]
) -> tuple[pd.Series[pd.Timestamp], tuple[str, ...]]:
    """Return months of installation, and what was lost."""
    if "installed" not in found:
        return dates.months(pd.Series("", rows.index, dtype="str")), ()
    given = rows[found["installed"]]
    month = dates.months(given)
    return month, _uncertain(given, month, "dates")


def _fault(rows: pd.DataFrame, found: Mapping[str, str]) -> tuple[pd.Series[str], tuple[str, ...]]:
    """Return open defects; in a column of them that is filled, a blank says that there is none."""
    text = _text(rows, found, "fault")
    blank = text.isna()
    if blank.all() or not blank.any():
        return text, ()
    note = f"{int(blank.sum()):,} rows have nothing in {found['fault']!r}; taken as no open defect"
    return text.fillna("none"), (note,)


def _uncertain(given: pd.Series[str], found: pd.Series[Any], what: str) -> tuple[str, ...]:
    lost = given.ne("") & found.isna()
    if not lost.any():
        return ()
    example = given[lost].iloc[0][:40]
    n = int(lost.sum())
    return (f"{n:,} {what} in {given.name!r} are not certain, such as {example!r}; left empty",)
