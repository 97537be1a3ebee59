"""The tables that the reports of a quarter share: headings, data quality, wards, actions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hotspots.pipeline.coverage import observed
from hotspots.pipeline.quarter_counts import limit_of
from hotspots.publish import masking
from hotspots.publish.protect import protect
from hotspots.publish.report import HIDDEN, SHOWN, Table
from hotspots.schema import ALL_CRIME, CRIME_TYPES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hotspots.pipeline.quarters import Quarter
    from hotspots.pipeline.tables import CrimeSet

TITLES: dict[str, tuple[str, dict[str, str]]] = {
    "crime": (
        "Incidents by kind of crime",
        {
            "crime_group": "Kind of crime", "count": "This quarter",
            "rate_per_1000": "Per 1,000 residents", "last_year": "Same quarter last year",
            "change": "Change on last year", "change_low": "Change, low end",
            "change_high": "Change, high end", "before": "Quarter before",
            "year_to_date": "Year to date", "usual_low": "Usually from",
            "usual_high": "Usually to", "verdict": "Against what is usual",
            "quarters_compared": "Earlier quarters compared", "rank": "Rank among districts",
            "ranked_areas": "Districts ranked",
        },
    ),
    "quarters": (
        "Incidents by quarter",
        {
            "crime_group": "Kind of crime", "quarter": "Quarter",
            "months_observed": "Months with data", "count": "Incidents",
        },
    ),
    "months": ("All incidents by month", {"month": "Month", "count": "Incidents"}),
    "hotspot_changes": (
        "Hotspots that are new, were there before, or have gone",
        {
            "crime_group": "Kind of crime", "hotspots": "Hotspots now", "new": "New",
            "there_before": "There before", "gone": "Gone", "hotspots_before": "A quarter before",
            "compared": "How compared",
        },
    ),
    "hotspots": (
        "Hotspots of all crime at the end of the quarter",
        {
            "rank": "Rank", "hotspot_id": "Hotspot", "name": "Near", "n": "Incidents in a year",
            "months_observed": "Months with data", "most": "Reported here",
            "since": "First stood out", "status": "Since the quarter before", "label": "How sure",
            "recurrence": "How often", "n_points": "Map points",
        },
    ),
    "gone": (
        "Hotspots of all crime that have gone since the quarter before",
        {"hotspot_id": "Hotspot", "name": "Near", "what": "What became of it"},
    ),
    "foretold": (
        ("How well hotspots of the quarter before foretold this one, beside other ways to choose "
        "as much ground"),
        {
            "crime_group": "Kind of crime", "method": "How the ground was chosen",
            "hit": "Share of incidents held", "hit_low": "Low end", "hit_high": "High end",
            "area_share": "Share of the ground", "pai": "Share held for share of ground (PAI)",
            "hold_rate": "Places above their surroundings again",
        },
    ),
    "actions": (
        "Interventions, judged by count",
        {
            "name": "Intervention", "crime_group": "Kind of crime", "start": "Began",
            "before": "Before", "after": "After", "wdd": "Difference", "wdd_low": "Low end",
            "wdd_high": "High end", "expected_anyway": "Expected with nothing done",
            "verdict": "Verdict",
        },
    ),
    "wards": (
        "Incidents by ward",
        {"ward": "Ward", "crime_group": "Kind of crime", "count": "This quarter"},
    ),
    "ward_messages": (
        "A message for each ward, for a community messaging service",
        {"ward": "Ward", "message": "Message"},
    ),
    "quality": (
        "Records of the quarter, whole area",
        {
            "quarter": "Quarter", "months_observed": "Months with data", "rows_in": "Records",
            "kept": "Mapped", "unlocated": "Without a place", "unlocated_share": "Share without",
        },
    ),
    "unlocated": (
        "Records without a place by kind of crime, whole area",
        {
            "crime_type": "Kind of crime", "rows_in": "Records", "unlocated": "Without a place",
            "unlocated_share": "Share without",
        },
    ),
    "coverage": (
        "Data by month, whole area",
        {
            "month": "Month", "state": "State", "rows_in": "Records", "kept": "Mapped",
            "unlocated": "Without a place", "list_id": "List of map points",
        },
    ),
}  # fmt: skip
"""Title and headings of every table, in the order of the documents."""

NOT_IN_A_WARD = "not in a ward"


def table(name: str, data: pd.DataFrame) -> Table:
    """Give a table its title and headings."""
    title, headings = TITLES[name]
    return Table(name, title, data.reset_index(drop=True), headings)


def quality(coverage: pd.DataFrame, quarter: Quarter) -> pd.DataFrame:
    """Sum what is known of the records of a quarter: one row."""
    own = coverage[coverage["month"].isin(quarter.months) & (coverage["crime_type"] == ALL_CRIME)]
    known = own[observed(own)]
    rows, lost = int(known["rows_in"].sum()), int(known["unlocated"].sum())
    return pd.DataFrame(
        {
            "quarter": [quarter.name],
            "months_observed": [int(known["month"].nunique())],
            "rows_in": [rows],
            "kept": [int(known["kept"].sum())],
            "unlocated": [lost],
            "unlocated_share": [lost / rows if rows else np.nan],
        }
    )


def unlocated(
    coverage: pd.DataFrame, quarter: Quarter, hidden_types: Sequence[str]
) -> pd.DataFrame:
    """
    Count the records without a place by crime type, small numbers hidden.

    Parameters
    ----------
    coverage : DataFrame
        ``schema.COVERAGE``.
    quarter : Quarter
    hidden_types : sequence of str
        Types whose count in the whole area is hidden, which records less those without would give.
    """
    own = coverage[
        coverage["month"].isin(quarter.months) & coverage["crime_type"].isin(CRIME_TYPES)
    ]
    sums = own.groupby("crime_type", observed=True)[["rows_in", "unlocated"]].sum()
    sums = sums.reindex(CRIME_TYPES, fill_value=0)
    limits = np.array([masking.limit_of(name) for name in CRIME_TYPES], dtype=np.int64)
    counts = sums["unlocated"].to_numpy(dtype=np.int64).reshape(1, -1)
    hidden = masking.hide(counts, limits, np.zeros(counts.shape, dtype=bool))[0] != masking.SHOWN
    hidden |= np.isin(CRIME_TYPES, list(hidden_types))
    found = sums.reset_index().astype({"rows_in": "Int64", "unlocated": "Int64"})
    found["unlocated_share"] = found["unlocated"] / found["rows_in"].where(found["rows_in"] > 0)
    found["unlocated_share"] = found["unlocated_share"].astype("float64")
    for name in ("rows_in", "unlocated", "unlocated_share"):
        found.loc[hidden, name] = pd.NA if name != "unlocated_share" else np.nan
        found[f"{name}_state"] = np.where(hidden, HIDDEN, SHOWN)
    return found


def monthly_coverage(coverage: pd.DataFrame, last: pd.Timestamp, *, months: int) -> pd.DataFrame:
    """List what is known of each month, the newest first."""
    own = coverage[coverage["crime_type"] == ALL_CRIME]
    first = last - pd.DateOffset(months=months - 1)
    own = own[own["month"].between(first, last)]
    sums = own.groupby("month").agg(
        rows_in=("rows_in", "sum"), kept=("kept", "sum"), unlocated=("unlocated", "sum"),
        is_missing=("is_missing", "all"), is_header_only=("is_header_only", "all"),
        is_short=("is_short", "any"), is_revised=("is_revised", "any"),
        list_id=("list_id", "first"),
    )  # fmt: skip
    told = sums.apply(_state, axis=1) if len(sums) else pd.Series(dtype="str")
    is_unknown = sums["is_missing"] | sums["is_header_only"]
    numbers = {
        name: sums[name].astype("Int64").mask(is_unknown)
        for name in ("rows_in", "kept", "unlocated")
    }
    lists = sums["list_id"].astype("str").where(sums["list_id"].notna(), "none")
    found = sums.assign(state=told, **numbers).assign(list_id=lists)
    names = ["state", "rows_in", "kept", "unlocated", "list_id"]
    return found[names].sort_index(ascending=False).reset_index()


def _state(row: pd.Series) -> str:
    if row["is_header_only"]:
        return "a file without records: unknown, not zero"
    if row["is_missing"]:
        return "missing: unknown, not zero"
    told = ["far fewer than around it"] if row["is_short"] else []
    told += ["published again with changes"] if row["is_revised"] else []
    return "; ".join(told) or "complete"


def wards(
    counts: pd.DataFrame,
    points: pd.DataFrame,
    areas: pd.DataFrame,
    sets: Sequence[CrimeSet],
    quarter: Quarter,
    hidden: Mapping[tuple[str, str], bool],
) -> pd.DataFrame:
    """
    Count a quarter by ward, for all crime and the groups; none where no wards were supplied.

    Parameters
    ----------
    counts, points, areas : DataFrame
        Each to its schema.
    sets : sequence of CrimeSet
    quarter : Quarter
    hidden : mapping of (district, crime group) to bool
        Which sums of districts are hidden, and so must not be the sum of printed wards.
    """
    known = areas[areas["level"] == "ward"]
    names = dict(zip(known["area_code"], known["name"], strict=True))
    wide = [each for each in sets if each.kind != "type"]
    own = counts[counts["month"].isin(quarter.months)]
    place = points.set_index("point_id")[["district_code", "ward_code"]]
    here = own.join(place, on="point_id")
    here["ward_code"] = here["ward_code"].where(here["ward_code"].isin(list(names)), "")
    rows: list[dict[str, Any]] = []
    if not names:
        return pd.DataFrame(columns=["area_code", "ward_code", "ward", "crime_group", "count",
                                     "count_state"])  # fmt: skip
    for district, part in here.groupby("district_code", sort=True):
        cube = part.pivot_table(
            index="ward_code", columns="crime_type", values="n", aggfunc="sum", observed=True
        )
        cube = cube.reindex(columns=CRIME_TYPES).fillna(0).astype("int64")
        lines = [[CRIME_TYPES.index(name) for name in each.types] for each in wide]
        base = cube.to_numpy()
        is_hidden = protect(base, lines, [limit_of(each) for each in wide])[:-1]
        for j, crime_set in enumerate(wide):
            values = base[:, lines[j]].sum(axis=1)
            is_out = is_hidden[:, j] | hidden.get((str(district), crime_set.name), False)
            rows += [
                {
                    "area_code": district, "ward_code": code,
                    "ward": names.get(code, NOT_IN_A_WARD), "crime_group": crime_set.name,
                    "count": None if out else int(value), "count_state": HIDDEN if out else SHOWN,
                }
                for code, value, out in zip(cube.index, values, is_out, strict=True)
            ]  # fmt: skip
    return pd.DataFrame(rows).astype({"count": "Int64"})
