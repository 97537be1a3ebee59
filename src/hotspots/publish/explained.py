"""What is unusual about a place, one sentence each, with its evidence; nothing causal."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hotspots.publish.evidence import crime_words

if TYPE_CHECKING:
    from collections.abc import Mapping

_PHRASES: Mapping[str, tuple[str, str, str]] = {
    "lamp_spacing_m": (
        "Lamps stand further apart here", "Lamps stand closer together here", "m",
    ),
    "lamps_per_ha": (
        "There are more lamps on the ground here", "There are fewer lamps on the ground here",
        "per hectare",
    ),
    "lamps_per_100m_street": (
        "There are more lamps along the street here",
        "There are fewer lamps along the street here", "per 100 m",
    ),
    "nearest_lamp_m": (
        "The nearest lamp is further away here", "The nearest lamp is less far away here", "m",
    ),
    "dark_share": (
        "A larger part of the ground here lies over 30 m from any lamp",
        "A smaller part of the ground here lies over 30 m from any lamp", "%",
    ),
    "dark_share_20m": (
        "A larger part of the ground here lies over 20 m from any lamp",
        "A smaller part of the ground here lies over 20 m from any lamp", "%",
    ),
    "longest_gap_m": (
        "The longest stretch of street without a lamp is longer here",
        "The longest stretch of street without a lamp is shorter here", "m",
    ),
    "faulty_share": (
        "More of the lamps here have an open fault", "Fewer of the lamps here have an open fault",
        "%",
    ),
    "part_night_share": (
        "More of the lamps here are lit for part of the night only",
        "Fewer of the lamps here are lit for part of the night only", "%",
    ),
    "dimmed_share": (
        "More of the lamps here are dimmed", "Fewer of the lamps here are dimmed", "%",
    ),
    "wattage_w": ("Lamps here have more watts", "Lamps here have fewer watts", "W"),
    "lamp_age_years": ("Lamps here are older", "Lamps here are newer", "years"),
}  # fmt: skip
"""Measure to what is said above and below, and the unit; % asks for the value times 100."""

_NEAREST = re.compile(r"nearest_(?P<kind>.+)_m")
_WITHIN = re.compile(r"(?P<kind>.+)_within_(?P<ring>\d+)m")
_SHARES = ((0.99, "99 in 100"), (0.95, "19 in 20"), (0.0, "nine in ten"))
_FEW = 10.0


def unusual_sentence(row: Mapping[str, object], *, district: str, area: str) -> str:
    """
    Say what is unusual about a place, and how sure it is that it goes with the crime.

    Parameters
    ----------
    row : mapping of str to value
        One row of ``schema.UNUSUAL``.
    district, area : str
        Names of the hotspot's district and of the whole area.

    Returns
    -------
    str
        "Lamps stand further apart here than at nine in ten similar places in Preston (45 m;
        usually 28 m). Whether that goes with burglary here is not established."
    """
    percentile = float(str(row["percentile"]))
    above, below, unit = _phrases(str(row["measure"]))
    share = max(percentile, 1 - percentile)
    rarity = next(words for least, words in _SHARES if share >= least)
    where = district if row["matched"] == "same district" else area
    value, typical = (_figure(float(str(row[name])), unit) for name in ("value", "typical"))
    first = (
        f"{above if percentile > 1 / 2 else below} than at {rarity} similar places in {where} "
        f"({value}; usually {typical})."
    )
    return f"{first} {_evidence(str(row['evidence']), str(row['crime_group']), area)}"


def _phrases(measure: str) -> tuple[str, str, str]:
    if measure in _PHRASES:
        return _PHRASES[measure]
    nearest = _NEAREST.fullmatch(measure)
    if nearest:
        kind = nearest["kind"]
        return f"The nearest {kind} is further away", f"The nearest {kind} is less far away", "m"
    within = _WITHIN.fullmatch(measure)
    if within:
        near = f"the kind {within['kind']} stand within {within['ring']} m"
        return f"More places of {near}", f"Fewer places of {near}", ""
    plain = measure.replace("_", " ")
    return f"The figure for {plain} is higher here", f"The figure for {plain} is lower here", ""


def _figure(value: float, unit: str) -> str:
    if unit == "%":
        return f"{100 * value:.0f} %"
    number = f"{value:,.0f}" if value >= _FEW or value == round(value) else f"{value:.1f}"
    return f"{number} {unit}".strip()


def _evidence(grade: str, crime_group: str, area: str) -> str:
    crime = crime_words(crime_group)
    if grade == "associated":
        return f"Between places in {area} this is associated with {crime}."
    if grade == "not established":
        return f"Whether that goes with {crime} here is not established."
    return f"Whether that goes with {crime} was not tested."
