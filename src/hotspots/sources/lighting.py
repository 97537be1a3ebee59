"""Street lights from a council's asset register."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NoReturn

import pandas as pd

from hotspots.errors import InputError
from hotspots.schema import LAMPS
from hotspots.sources import coordinates, layer
from hotspots.sources.columns import candidates, listed, telling
from hotspots.sources.quantities import height_m, wattage_w
from hotspots.sources.rows import aside, together

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from hotspots.sources.layer import Features, LayerFile

# Plain headings (small letters, digits) of real registers, the preferred ones first.
_HEADINGS: Mapping[str, tuple[str, ...]] = {
    "lamp_id": (
        "lampid", "assetid", "centralassetid", "unitid", "localauthorityassetnumber", "itemident",
        "itemid", "iitneid", "lpuniqueref", "unitref", "unitnumber", "unitno", "columnid",
        "columnnumber", "columnref", "assetnumber", "assetref", "id", "featureid", "objectid",
        "fid", "ogcfid",
    ),
    "unit_type": (
        "unittype", "featuretypename", "assettype", "unitname", "unitcode", "featuretype",
        "featuretypeconfirm", "itemtype", "featuregroupcode", "assetcategory",
    ),
    "wattage": ("wattage", "lampwattage", "lampwatts", "watts", "lampwatt", "wattagew"),
    "height": (
        "mountingheight", "columnheight", "lampheight", "structureheight", "height",
        "mountingheightm", "columnheightm", "heightm", "heightcm", "heightmm",
        "mountingheightcm", "mountingheightmm", "columnheightmm",
    ),
    "road_name": (
        "roadname", "streetname", "street", "road", "sitename", "streetdescription",
        "roaddescription", "fullstreet",
    ),
    "lamp_type": ("lamptype", "lampdescription", "lightsource", "lampcode", "lamp", "lanterntype"),
    "dimming": (
        "dimming", "dimmingclassification", "dimmingregime", "dimmingprofile", "dimmingschedule",
        "switchingregime", "burninghours", "regime",
    ),
    "condition": ("condition", "conditionlevel", "defect", "fault", "itemstatus", "status"),
}  # fmt: skip
_KEYS = (*_HEADINGS, *coordinates.KEYS)
_GONE = ("featuredeadflag", "deadflag")

_OTHER_UNIT = re.compile(
    r"\bsign(?:s|age|posts?)?\b|\bbollards?\b|\bbeacons?\b|\bbelisha\b|\bnot used\b|\bsignals?\b|"
    r"\bfeeder\b|\bpillars?\b|\bcabinets?\b|\bcctv\b|\bguard ?posts?\b|\bchristmas\b|\bfestive\b|"
    r"\bwig ?wags?\b|\bbus shelters?\b|\bspeed indicator\b|\bVAS\b|\bflashing\b|"
    r"^\s*(?:BB|BOL|BOLL|SGN)\s*$",
    re.IGNORECASE,
)
_SURE_LAMP = re.compile(r"\blight(?:ing)? columns?\b|\blamp ?(?:posts?|columns?)\b", re.IGNORECASE)


def read(path: Path, *, authority: str, columns: Mapping[str, str]) -> LayerFile:
    """
    Read street lights; the columns are recognised by their headings and values.

    Parameters
    ----------
    path : Path
        Delimited text (also gzipped), or points in GeoJSON, GeoPackage or shapefile.
    authority : str
        Lighting authority; a short form of it starts every ``lamp_id``.
    columns : mapping of str to str
        Columns that are not recognised, by the keys lamp_id, easting, northing,
        longitude, latitude, unit_type, wattage, height, road_name, lamp_type, dimming,
        condition. Usually empty.

    Returns
    -------
    LayerFile
        Table ``schema.LAMPS``. Signs, bollards, beacons and the like are excluded by
        their unit type; rows without a place in Great Britain are quarantined; the
        account is exact. Wattage and height are missing where the text is not certain.

    Raises
    ------
    DataMissingError
        If there is no such file.
    InputError
        If it is damaged, of another kind, its coordinates are not recognised, or no row
        is a street light.
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
    )
    found = _recognised(features)
    excluded = _excluded(features, found)
    kept = features.located.reason.isna() & ~features.line.isin(excluded["line"])
    if not kept.any():
        _refuse_nothing(path, excluded)
    ids, repairs = layer.identify(features, found.get("lamp_id"), slug(authority), kept)
    rows = features.table.loc[kept]
    watts, watt_notes = _wattage(rows, found)
    height, height_notes = _height(rows, found)
    values: dict[str, pd.Series[str] | pd.Series[float] | str] = {
        "lamp_id": ids,
        "authority": authority,
        "road_name": _text(rows, found, "road_name"),
        "lamp_type": _text(rows, found, "lamp_type"),
        "wattage_w": watts,
        "height_m": height,
        "dimming": _text(rows, found, "dimming"),
        "condition": _text(rows, found, "condition"),
    }
    repairs = (*repairs, *watt_notes, *height_notes)
    return layer.finish(features, LAMPS, values, excluded=excluded, repairs=repairs, columns=found)


def _refuse_nothing(path: Path, excluded: pd.DataFrame) -> NoReturn:
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
    headings = list(features.table.columns)
    found = {}
    for key, names in _HEADINGS.items():
        fitting = candidates(headings, names)
        if key == "lamp_id":
            column = telling(features.table, fitting)
        else:
            column = next((name for name in fitting if features.table[name].ne("").any()), None)
        column = features.named.get(key, column)
        if column is not None:
            found[key] = column
    return found


def _excluded(features: Features, found: Mapping[str, str]) -> pd.DataFrame:
    """Set aside what is no street light by its unit type, and what the register calls dead."""
    parts = []
    is_other = pd.Series(False, features.table.index)
    if "unit_type" in found:
        column = found["unit_type"]
        kinds = features.table[column]
        other = [kind for kind in kinds.unique() if _is_other_unit(str(kind))]
        is_other = kinds.isin(other)
        parts.append(
            aside(
                features.file,
                features.line[is_other],
                status="excluded",
                reason="not a street light by its unit type",
                column=column,
                value=kinds[is_other],
            )
        )
    for column in candidates(list(features.table.columns), _GONE):
        flags = features.table[column]
        is_dead = flags.str.upper().isin(["Y", "YES", "TRUE"]) & ~is_other
        parts.append(
            aside(
                features.file,
                features.line[is_dead],
                status="excluded",
                reason="marked as dead in the register",
                column=column,
                value=flags[is_dead],
            )
        )
        is_other |= is_dead
    return together(parts)


def _is_other_unit(kind: str) -> bool:
    return bool(_OTHER_UNIT.search(kind)) and not _SURE_LAMP.search(kind)


def _text(rows: pd.DataFrame, found: Mapping[str, str], key: str) -> pd.Series[str]:
    if key not in found:
        return pd.Series(pd.NA, rows.index, dtype="str")
    values = rows[found[key]]
    return values.where(values.ne(""))


def _wattage(
    rows: pd.DataFrame, found: Mapping[str, str]
) -> tuple[pd.Series[float], tuple[str, ...]]:
    if "wattage" in found:
        given = rows[found["wattage"]]
        watts = wattage_w(given)
        return watts, _uncertain(given, watts, found["wattage"], "wattages")
    if "lamp_type" in found:
        # Without a column of its own the wattage may stand in the lamp's code, as in "70SONT".
        given = rows[found["lamp_type"]]
        watts = wattage_w(given.where(given.str.contains("[A-Za-z]"), ""))
        n = int(watts.notna().sum())
        note = f"{n:,} wattages were read from {found['lamp_type']!r}"
        return watts, (note,) if n else ()
    return pd.Series(float("nan"), rows.index), ()


def _height(
    rows: pd.DataFrame, found: Mapping[str, str]
) -> tuple[pd.Series[float], tuple[str, ...]]:
    if "height" not in found:
        return pd.Series(float("nan"), rows.index), ()
    given = rows[found["height"]]
    height = height_m(given, found["height"])
    changed = int((height.notna() & (height != coordinates.numbers(given))).sum())
    notes = _uncertain(given, height, found["height"], "heights")
    if changed:
        notes = (*notes, f"{changed:,} heights in {found['height']!r} were brought to metres")
    return height, notes


def _uncertain(
    given: pd.Series[str], found: pd.Series[float], column: str, what: str
) -> tuple[str, ...]:
    lost = given.ne("") & found.isna()
    if not lost.any():
        return ()
    example = given[lost].iloc[0][:40]
    n = int(lost.sum())
    return (f"{n:,} {what} in {column!r} are not certain, such as {example!r}; left empty",)
