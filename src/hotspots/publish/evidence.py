"""What two estimators found, in sentences: an association between places, or none established."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hotspots.schema import ALL_CRIME, CRIME_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

ASSOCIATION = "This is an association between places."

MONTHS_ONLY = (
    "Published records carry a month and no hour, so nothing can be said about darkness itself."
)

_TOLD_UP_TO = 10.0
"""Ratios above this are told as more than this."""

_OFFENCES = {"Drugs": "drugs offences", "Public order": "public order offences"}

_PLACE = re.compile(r"nearest_(?P<kind>.+)_m")


def factor_sentences(factors: pd.DataFrame) -> Iterator[tuple[str, str, str]]:
    """
    Give a sentence or two for every crime group and factor.

    Parameters
    ----------
    factors : DataFrame
        ``schema.FACTORS``.

    Yields
    ------
    crime_group, factor, words : str
        Those associated first, then in the order of the table; only what the matched estimator
        was tried for.
    """
    ordered = factors.sort_values("evidence", kind="stable")
    for (group, factor), rows in ordered.groupby(["crime_group", "factor"], sort=False):
        yield str(group), str(factor), factor_sentence(rows)


def factor_sentence(rows: pd.DataFrame) -> str:
    """
    Say what was found for one crime group and one factor.

    Parameters
    ----------
    rows : DataFrame
        One row of ``schema.FACTORS`` for each estimator.
    """
    found = {str(row["estimator"]): row for _, row in rows.iterrows()}
    first, second = found["matched"], found.get("case_case")
    said = [_comparison(first)]
    if second is None:
        said.append("There was no control crime to hold it against.")
    else:
        control = _control_words(str(second["control"]))
        said.append(f"Held against {control} at the same places: {_ratio(second)}.")
    if first["evidence"] == "associated":
        return " ".join([*said, ASSOCIATION])
    least = max(float(row["smallest"]) for row in found.values())
    said.append(
        f"That they go together is not established; at this volume a ratio between "
        f"{1 / least:.2f} and {_number(least)} would often not have shown."
    )
    return " ".join(said)


def untested_sentence(factor: str, crime_group: str, reason: str) -> str:
    """Say that a factor was not tested, and why."""
    if crime_group == "all":
        return f"Not tested: {_short(factor)} ({reason})."
    return f"Not fully tested for {crime_words(crime_group)}: {_short(factor)} ({reason})."


def crime_words(crime_group: str) -> str:
    """Write the name of a crime group inside a sentence."""
    if crime_group in _OFFENCES:
        return _OFFENCES[crime_group]
    if crime_group in {ALL_CRIME, *CRIME_TYPES}:
        return crime_group[:1].lower() + crime_group[1:]
    return f"crime of the group '{crime_group}'"


def _control_words(control: str) -> str:
    types = [crime_words(each) for each in control.split(" / ")]
    return " and ".join([", ".join(types[:-1]), types[-1]] if len(types) > 1 else types)


def _comparison(row: pd.Series) -> str:
    """Compare places of one block."""
    crime = crime_words(str(row["crime_group"]))
    kind = _kind(str(row["factor"]))
    if kind:
        return (
            f"Places within 100 m of {kind} had {_number(row['ratio'])} times the recorded {crime} "
            f"of places in the same 250 m without one ({_interval(row)})."
        )
    return (
        f"{str(row['unit']).capitalize()} more, places had {_number(row['ratio'])} times the "
        f"recorded {crime} of others in the same 250 m ({_interval(row)})."
    )


def _kind(factor: str) -> str:
    """Name a kind of place with its article; nothing for a factor that is no place."""
    place = _PLACE.fullmatch(factor)
    if place is None or factor == "nearest_lamp_m":
        return ""
    kind = place["kind"].replace("_", " ").lower()
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}" if not kind.endswith("s") else kind


def _short(factor: str) -> str:
    kind = _kind(factor)
    if kind:
        return f"{kind} within 100 m"
    words = re.sub(r"_(?:m|w)$", "", factor).replace("_per_ha", " per hectare")
    return words.replace("_", " ")


def _ratio(row: pd.Series) -> str:
    return f"{_number(row['ratio'])} times ({_interval(row)})"


def _interval(row: pd.Series) -> str:
    if row["high"] > _TOLD_UP_TO:
        return f"95 % interval {_number(row['low'])} to more than {_TOLD_UP_TO:g}"
    return f"95 % interval {_number(row['low'])} to {_number(row['high'])}"


def _number(ratio: float) -> str:
    """Write a ratio so that none that differs from 1 is told as 1."""
    if ratio > _TOLD_UP_TO:
        return f"more than {_TOLD_UP_TO:g}"
    return f"{ratio:.2f}"
