"""The words of the pages: months, numbers, sentences. Plain English, never causal."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    import pandas as pd

_SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")

LABELS = {
    "strong": "Tested against chance: places that stand out this much would turn up on fewer than "
    "one map in 20 if incidents only followed their wider surroundings.",
    "supported": "Tested against chance: among places marked supported, about one in ten may be "
    "chance.",
    "watch": "Chosen by its score. Tested against chance, it stands out no more than places do on "
    "maps without hotspots. Treat it as a place to look at, not as a finding.",
}

CLASSES = {
    "persistent": "hot in at least 80 % of the periods seen",
    "intermittent": "hot in some of the periods seen, under 80 %, and not only in the latest",
    "emerging": "hot only in the latest 20 % of the periods seen",
    "former": "hot earlier, not in the latest 20 % of the periods seen",
    "no pattern": "hot in under 10 % of the periods seen, though it is over the whole window",
    "too short to say": "fewer than four periods with data, too few to tell",
}

ALERTS = {
    "volume": "a volume that fell by 90 %",
    "new type": "a new crime type",
    "vanished type": "a crime type that went",
    "new column": "a new column in the files",
    "stale": "old records",
    "unlocated": "many records without a place",
    "lsoa vintage": "new codes of small areas",
    "point list": "a new list of map points",
    "force absent": "a month this force did not publish",
    "header only": "a month without records",
    "short": "a month with few records",
    "revised": "a month published again with changes",
}
"""Kind of alert of ``schema.ALERTS`` to what one line says of it."""

_MEASURES = {
    "lamps_n": ("Street lights inside", ""),
    "lamps_per_ha": ("Street lights per hectare", "per hectare"),
    "nearest_lamp_m": ("Mean distance to the nearest street light", "m"),
    "dark_share": ("Ground further than 30 m from a street light", "%"),
    "dark_share_20m": ("Ground further than 20 m from a street light", "%"),
    "lamp_spacing_m": ("Distance from one street light to the next, median", "m"),
    "lamps_per_100m_street": ("Street lights per 100 m of street", "per 100 m"),
    "longest_gap_m": ("Longest stretch of a street without a street light", "m"),
    "dimmed_share": ("Street lights that are dimmed, of those stated", "%"),
    "part_night_share": ("Street lights lit part of the night, of those stated", "%"),
    "faulty_share": ("Street lights with an open fault, of those stated", "%"),
    "wattage_w": ("Mean wattage of the street lights", "W"),
    "lamp_age_years": ("Mean age of the street lights at the date of the list", "years"),
    "street_m": ("Streets inside", "m"),
    "street_m_per_ha": ("Streets per hectare", "m per hectare"),
    "exposure_n": ("Places inside that crime is measured against", ""),
    "field_n": ("Noted on visits", ""),
    "imd_decile": ("Overall", ""),
    "income_decile": ("Income", ""),
    "employment_decile": ("Employment", ""),
    "education_decile": ("Education and skills", ""),
    "health_decile": ("Health", ""),
    "crime_decile": ("Crime", ""),
    "housing_decile": ("Barriers to housing and services", ""),
    "environment_decile": ("Living environment", ""),
}

_OTHER = frozenset({"street_m", "street_m_per_ha", "exposure_n", "field_n"})
_FIELD_MEASURE = re.compile(r"field_(?P<kind>.+)_n")
_PLACE_MEASURE = re.compile(r"nearest_(?P<near>.+)_m|(?P<count>.+)_within_(?P<ring>\d+)m")


def month(when: pd.Timestamp | dt.date) -> str:
    """Write a month in words: ``June 2025``."""
    return f"{when:%B %Y}"


def day(when: dt.date) -> str:
    """Write a day in words: ``3 August 2025``."""
    return f"{when.day} {when:%B %Y}"


def span(first: pd.Timestamp, last: pd.Timestamp) -> str:
    """Write a span of months, both included: ``July 2024 to June 2025``."""
    return f"{month(first)} to {month(last)}"


def spans(months: Sequence[pd.Timestamp]) -> str:
    """Write months in words, runs of them as spans: ``July 2024 to December 2024, March 2025``."""
    runs: list[list[pd.Timestamp]] = []
    for when in months:
        follows = runs and 12 * (when.year - runs[-1][-1].year) + when.month == (
            runs[-1][-1].month + 1
        )
        if follows:
            runs[-1].append(when)
        else:
            runs.append([when])
    return ", ".join(span(run[0], run[-1]) if len(run) > 1 else month(run[0]) for run in runs)


def number(value: int) -> str:
    """Write a count inside a sentence: words under ten, then figures with commas."""
    return _SMALL[value] if 0 <= value < len(_SMALL) else f"{value:,}"


def many(value: int, one: str, more: str = "") -> str:
    """Write a count and its noun: ``one hotspot``, ``12 hotspots``."""
    return f"{number(value)} {one if value == 1 else more or one + 's'}"


def percent(share: float) -> str:
    """Write a share as a percentage: no decimals from ten, one below, two below one."""
    value = 100 * share
    decimals = 0 if value >= 10 else 1 if value >= 1 else 2  # noqa: PLR2004 -- the rule above
    return f"{value:.{decimals}f} %"


def sentence(text: str) -> str:
    """Give a sentence its capital."""
    return text[:1].upper() + text[1:]


def measure_order(name: str) -> tuple[int, str]:
    """Give the place of a measure on a page: the known ones as listed here, then the others."""
    known = list(_MEASURES)
    return (known.index(name) if name in known else len(known), name)


def measure(name: str, unit: str) -> tuple[str, str, str]:
    """
    Say what an environment measure is called on a page.

    Parameters
    ----------
    name, unit : str
        As in ``schema.ENVIRONMENT``.

    Returns
    -------
    tuple of str
        Theme (``lighting``, ``places``, ``deprivation`` or ``other``), words, and unit in words;
        the unit ``%`` asks for the value times 100.
    """
    if name in _MEASURES:
        words, shown = _MEASURES[name]
        theme = "other" if name in _OTHER else "lighting"
        return "deprivation" if name.endswith("_decile") else theme, words, shown
    if name.endswith("_decile"):
        return "deprivation", sentence(name.removesuffix("_decile")), ""
    noted = _FIELD_MEASURE.fullmatch(name)
    if noted:
        return "other", f"Noted on visits: {noted['kind'].replace('_', ' ')}", ""
    found = _PLACE_MEASURE.fullmatch(name)
    if found and found["near"]:
        return "places", f"Distance to the nearest {found['near']}", "m"
    if found:
        return "places", f"{sentence(found['count'])}: how many within {found['ring']} m", ""
    return "other", sentence(name.replace("_", " ")), unit
