"""Which rows of a lighting register are street lights that stand today."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd

from hotspots.sources.columns import by_plain_name, candidates
from hotspots.sources.rows import aside, together

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from hotspots.sources.layer import Features

TYPE_HEADINGS = (
    "unittype", "featuretypename", "assettype", "unitname", "unitcode", "featuretype",
    "featuretypeconfirm", "itemtype", "featuregroupcode", "assetcategory", "unitdescription",
    "typedescription", "columntype",
)  # fmt: skip
"""Plain headings of columns that tell lights from signs, the preferred ones first."""

END_HEADINGS = (
    "featureenddate", "enddate", "dateremoved", "removeddate", "removaldate", "dateofremoval",
    "decommissioned", "decommissioneddate", "datedecommissioned", "decommissiondate",
)  # fmt: skip
"""Plain headings of columns with the date on which a unit went."""

_DEAD_FLAGS = ("featuredeadflag", "deadflag")
_STATUS_HEADINGS = ("itemstatus", "status", "assetstatus", "unitstatus", "lifecyclestatus")
_GONE_STATUS = re.compile(
    r"\s*(?:removed|decommissioned|demolished|deleted|dismantled|no longer (?:there|exists))\s*",
    re.IGNORECASE,
)
_OTHER_UNIT = re.compile(
    r"\bsign(?:s|age|posts?)?\b|\bbollards?\b|\bbeacons?\b|\bbelisha\b|\bnot used\b|\bsignals?\b|"
    r"\bfeeder\b|\bpillars?\b|\bcabinets?\b|\bcctv\b|\bguard ?posts?\b|\bchristmas\b|\bfestive\b|"
    r"\bwig ?wags?\b|\bbus shelters?\b|\bspeed indicator\b|\bVAS\b|\bflashing\b|"
    r"^\s*(?:BB|BOL|BOLL|SGN)\s*$",
    re.IGNORECASE,
)
_SURE_LAMP = re.compile(r"\blight(?:ing)? columns?\b|\blamp ?(?:posts?|columns?)\b", re.IGNORECASE)
_LAMP_LIKE = re.compile(
    r"light|lamp|column|lantern|lumina|mast|pole|bracket|wall|heritage|subway|underpass|"
    r"\bSL\b|\bLC\b|\bLED\b|\bSON|\bSOX|\bCOL\b|\bSTLT\b",
    re.IGNORECASE,
)
_OPEN_FROM_YEAR = 2_100
_NEVER_TO_YEAR = 1_900
_SHOWN = 5


def type_columns(features: Features, named: str | None) -> list[str]:
    """Return the columns that tell lights from other units: the one named, or all with values."""
    if named is not None:
        return [named]
    found = candidates(list(features.table.columns), TYPE_HEADINGS)
    return [name for name in found if features.table[name].ne("").any()]


def excluded(features: Features, types: Sequence[str], *, today: date) -> pd.DataFrame:
    """
    Set aside what is no street light by its unit type, and what no longer stands.

    Parameters
    ----------
    features : Features
        The rows.
    types : sequence of str
        Columns of unit types.
    today : date
        What an end date is compared with; one of the year 2100 or later means "still there".

    Returns
    -------
    DataFrame, ``schema.SET_ASIDE``
        Each row once, for the first reason.
    """
    headings = list(features.table.columns)
    reasons = [(name, _is_other(features.table[name]), "not a street light by its unit type")
               for name in types]  # fmt: skip
    reasons += [
        (name, features.table[name].str.upper().isin(["Y", "YES", "TRUE"]),
         "marked as dead in the register")
        for name in candidates(headings, _DEAD_FLAGS)
    ]  # fmt: skip
    reasons += [
        (name, features.table[name].str.fullmatch(_GONE_STATUS), "no longer there by its status")
        for name in candidates(headings, _STATUS_HEADINGS)
    ]
    reasons += [
        (name, _is_over(features.table[name], today), "no longer there by its end date")
        for name in candidates(headings, END_HEADINGS)
    ]
    parts, taken = [], pd.Series(False, features.table.index)
    for name, rows, reason in reasons:
        fresh = rows & ~taken
        taken |= rows
        if fresh.any():
            parts.append(
                aside(
                    features.file,
                    features.line[fresh],
                    status="excluded",
                    reason=reason,
                    column=name,
                    value=features.table.loc[fresh, name],
                )
            )
    return together(parts)


def _is_other(kinds: pd.Series[str]) -> pd.Series[bool]:
    other = [kind for kind in kinds.unique() if _is_other_unit(str(kind))]
    return kinds.isin(other)


def _is_other_unit(kind: str) -> bool:
    return bool(_OTHER_UNIT.search(kind)) and not _SURE_LAMP.search(kind)


def _is_over(values: pd.Series[str], today: date) -> pd.Series[bool]:
    dates = pd.Series(values.unique(), dtype="str")  # of which a register has few
    _, days = _ends(dates)
    return values.isin(dates[days.lt(pd.Timestamp(today))])


def impossible_ends(features: Features, kept: pd.Series[bool]) -> tuple[str, ...]:
    """Warn of kept rows with an end date that never was, such as the 31st of February."""
    found = []
    for name in candidates(list(features.table.columns), END_HEADINGS):
        values = features.table.loc[kept, name]
        dates = pd.Series(values.unique(), dtype="str")
        is_impossible, _ = _ends(dates)
        n = int(values.isin(dates[is_impossible]).sum())
        if n:
            found.append(
                f"{n:,} end dates in {name!r} are no dates, such as "
                f"{dates[is_impossible].iloc[0][:40]!r}; these rows are used"
            )
    return tuple(found)


def _ends(values: pd.Series[str]) -> tuple[pd.Series[bool], pd.Series[pd.Timestamp]]:
    """Say which dates, day first or ISO, never were, and give the others; "never" is no date."""
    parts = values.str.extract(r"^(?P<d>\d{1,2})[/.-](?P<m>\d{1,2})[/.-](?P<y>\d{4})(?!\d)")
    iso = values.str.extract(r"^(?P<y>\d{4})[/-]?(?P<m>\d{2})[/-]?(?P<d>\d{2})(?!\d)")
    year, month, day = (
        pd.to_numeric(parts[part].fillna(iso[part]), errors="coerce").astype("float64")
        for part in ("y", "m", "d")
    )
    is_ended = year.gt(_NEVER_TO_YEAR) & year.lt(_OPEN_FROM_YEAR)
    parts = pd.DataFrame({"year": year, "month": month, "day": day}).where(is_ended)
    days = pd.to_datetime(parts, errors="coerce")  # missing where there is no such day
    return is_ended & days.isna(), days


def doubts(features: Features, types: Sequence[str], kept: pd.Series[bool]) -> tuple[str, ...]:
    """Warn of kept rows whose unit types name neither lights nor anything known not to be."""
    if not types:
        return ()
    unsure = kept.copy()
    for name in types:
        kinds = features.table[name]
        told = [kind for kind in kinds.unique() if _LAMP_LIKE.search(str(kind))]
        unsure &= ~kinds.isin(told)
    counts = features.table.loc[unsure & features.table[types[0]].ne(""), types[0]].value_counts()
    if counts.empty:
        return ()
    shown = ", ".join(f"{kind!r} ({n:,})" for kind, n in counts.head(_SHOWN).items())
    words = (
        f"units of the types {shown} in {types[0]!r} are taken for street lights; take them out "
        "of the file if they are not"
    )
    return (words,)


def several(values: pd.Series[str], column: str) -> tuple[str, ...]:
    """Warn of rows with several lamps: one row is one column, however many lamps it carries."""
    lamps = pd.to_numeric(values, errors="coerce")
    more = lamps.gt(1)
    if not more.any():
        return ()
    words = (
        f"{int(more.sum()):,} rows have more than one lamp in {column!r}, "
        f"{int(lamps[more].sum()):,} together; each row is counted as one light"
    )
    return (words,)


def recognised(table: pd.DataFrame, headings: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return for each key the first column with values that has one of its plain headings."""
    by_name = by_plain_name(list(table.columns))
    found = {}
    for key, names in headings.items():
        fitting = (by_name[name] for name in names if name in by_name)
        column = next((name for name in fitting if table[name].ne("").any()), None)
        if column is not None:
            found[key] = column
    return found
