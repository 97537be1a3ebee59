"""The counts of a quarter: by place and crime group, beside what came before, small ones hidden."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hotspots.pipeline import control
from hotspots.pipeline.coverage import observed
from hotspots.pipeline.quarters import MONTHS, Quarter, complete
from hotspots.publish import masking
from hotspots.publish.protect import protect
from hotspots.publish.report import HIDDEN, NO_DATA, NOT_APPLICABLE, SHOWN
from hotspots.schema import ALL_CRIME, CRIME_TYPES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from hotspots.pipeline.tables import CrimeSet

_PER = 1000
"""Rates are for so many residents."""

WHOLE = "area"
"""Level of the whole area; it has no ONS code of its own, so it goes by its id."""


@dataclass(frozen=True)
class Ground:
    """
    The places of a report and what was recorded in each, month by month.

    Attributes
    ----------
    codes, names : tuple of str
        Of the districts by name, and last the whole area.
    sets : tuple of CrimeSet
    counts : mapping of Timestamp to array of int64, shape (n_districts, n_types)
        Of every month that has data.
    residents : mapping of str to int
        By code; empty if none were supplied.
    """

    codes: tuple[str, ...]
    names: tuple[str, ...]
    sets: tuple[CrimeSet, ...]
    counts: Mapping[pd.Timestamp, NDArray[np.int64]]
    residents: Mapping[str, int]

    @property
    def lines(self) -> list[list[int]]:
        """The types of each set, as places in ``CRIME_TYPES``."""
        return [[CRIME_TYPES.index(name) for name in each.types] for each in self.sets]

    @property
    def limits(self) -> list[int]:
        """Smallest count of each set that is printed."""
        return [limit_of(each) for each in self.sets]


def limit_of(crime_set: CrimeSet) -> int:
    """Return the smallest count printed of a set: violence's where it may make up the sum."""
    is_mixed = crime_set.kind != "all" and masking.VIOLENCE in crime_set.types
    return masking.VIOLENCE_LIMIT if is_mixed else masking.OTHER_LIMIT


def ground(
    counts: pd.DataFrame,
    points: pd.DataFrame,
    coverage: pd.DataFrame,
    districts: pd.DataFrame,
    sets: Sequence[CrimeSet],
    *,
    whole: tuple[str, str],
    residents: Mapping[str, int],
) -> Ground:
    """
    Sum the counts of map points by district.

    Parameters
    ----------
    counts, points, coverage : DataFrame
        Each to its schema; months after the quarter cut off.
    districts : DataFrame
        ``area_code`` and ``name``, in the order of the report.
    sets : sequence of CrimeSet
    whole : tuple of str
        Id and name of the whole area.
    residents : mapping of str to int
        By code.
    """
    codes = tuple(districts["area_code"])
    months = pd.DatetimeIndex(sorted(coverage.loc[observed(coverage), "month"].unique()))
    place = points.set_index("point_id")["district_code"].reindex(counts["point_id"])
    row = pd.Index(codes).get_indexer(pd.Index(place))
    column = pd.Index(CRIME_TYPES).get_indexer(pd.Index(counts["crime_type"]))
    when = months.get_indexer(pd.DatetimeIndex(counts["month"]))
    known = (row >= 0) & (column >= 0) & (when >= 0)
    cube = np.zeros((len(months), len(codes), len(CRIME_TYPES)), dtype=np.int64)
    np.add.at(cube, (when[known], row[known], column[known]), counts["n"].to_numpy()[known])
    return Ground(
        (*codes, whole[0]),
        (*districts["name"], whole[1]),
        tuple(sets),
        dict(zip(months, cube, strict=True)),
        residents,
    )


@dataclass(frozen=True)
class Counted:
    """
    Counts of one quarter with a row for the whole area, and which are hidden.

    Attributes
    ----------
    values : array of int64, shape (n_places, n_sets)
    hidden : array of bool, shape (n_places, n_sets)
    months_observed : int
    """

    values: NDArray[np.int64]
    hidden: NDArray[np.bool_]
    months_observed: int


def count(at: Ground, quarter: Quarter) -> Counted:
    """Count a quarter in the months that have data; what is hidden depends on it alone."""
    known = [month for month in quarter.months if month in at.counts]
    base = np.zeros((len(at.codes) - 1, len(CRIME_TYPES)), dtype=np.int64)
    for month in known:
        base = base + at.counts[month]
    inside = np.zeros((len(CRIME_TYPES), len(at.sets)), dtype=np.int64)
    for i, line in enumerate(at.lines):
        inside[line, i] = 1
    own = base @ inside
    values = np.vstack([own, own.sum(axis=0)])
    return Counted(values, protect(base, at.lines, at.limits), len(known))


def history(at: Ground, quarter: Quarter) -> dict[Quarter, Counted]:
    """Count the last complete quarters before one, and itself; oldest first."""
    earlier = [each for each in complete(at.counts, quarter.years) if each < quarter]
    wanted = [*earlier[-control.MOST_QUARTERS :], quarter]
    return {each: count(at, each) for each in wanted}


def crime_table(at: Ground, past: Mapping[Quarter, Counted], quarter: Quarter) -> pd.DataFrame:
    """
    Lay out the quarter by place and crime group beside what came before.

    Parameters
    ----------
    at : Ground
    past : mapping of Quarter to Counted
        Of ``history``.
    quarter : Quarter

    Returns
    -------
    DataFrame
        One row for each place and crime group. Where a figure is missing, ``<name>_state`` says
        why: hidden, no data or not applicable.
    """
    rows = [
        _row(at, past, quarter, i, j)
        for i in range(len(at.codes))
        for j in range(len(at.sets))
    ]  # fmt: skip
    table = pd.DataFrame(rows)
    whole = ["count", "last_year", "before", "year_to_date", "usual_low", "usual_high",
             "usual_mean", "change", "change_low", "change_high"]  # fmt: skip
    table = table.astype(dict.fromkeys(whole, "Int64"))
    return _ranked(table)


def _row(
    at: Ground, past: Mapping[Quarter, Counted], quarter: Quarter, i: int, j: int
) -> dict[str, Any]:
    now = past[quarter]
    is_whole = now.months_observed == MONTHS
    code = at.codes[i]
    row: dict[str, Any] = {
        "area_code": code,
        "area_name": at.names[i],
        "level": WHOLE if i == len(at.codes) - 1 else "district",
        "crime_group": at.sets[j].name,
        "kind": at.sets[j].kind,
        "quarter": quarter.name,
        "months_observed": now.months_observed,
    }
    row |= _figure("count", _seen(now, i, j))
    row |= _rate(row, at.residents.get(code, 0))
    for name, n in (("last_year", 4), ("before", 1)):
        seen = _seen(past.get(quarter.before(n)), i, j)
        row |= _figure(name, seen if is_whole else (None, NOT_APPLICABLE))
    row |= _year_to_date(past, quarter, i, j)
    earlier = [_seen(each, i, j) for q, each in past.items() if q < quarter]
    counts = [value for value, _ in earlier if value is not None]
    is_hidden = row["count_state"] == HIDDEN or len(counts) < len(earlier)
    usual = None if is_hidden else control.limits(counts)
    row |= _usual(row, usual, len(earlier), is_whole=is_whole, is_hidden=is_hidden)
    spread = usual.spread if usual else 1.0
    return row | _change(row, spread, is_whole=is_whole)


def _seen(counted: Counted | None, i: int, j: int) -> tuple[int | None, str]:
    """Give a count and why it is missing, if it is."""
    if counted is None:
        return None, NO_DATA
    return (None, HIDDEN) if counted.hidden[i, j] else (int(counted.values[i, j]), SHOWN)


def _figure(name: str, seen: tuple[Any, str]) -> dict[str, Any]:
    return {name: seen[0], f"{name}_state": seen[1]}


def _rate(row: Mapping[str, Any], residents: int) -> dict[str, Any]:
    if not residents:
        return _figure("rate_per_1000", (None, NO_DATA))
    if row["count"] is None:
        return _figure("rate_per_1000", (None, row["count_state"]))
    return _figure("rate_per_1000", (round(_PER * row["count"] / residents, 2), SHOWN))


def _year_to_date(
    past: Mapping[Quarter, Counted], quarter: Quarter, i: int, j: int
) -> dict[str, Any]:
    """Sum the quarters of the year: of printed figures only, so that it gives nothing away."""
    parts = [quarter.before(n) for n in range(quarter.number)]
    if any(each not in past or past[each].months_observed < MONTHS for each in parts):
        return _figure("year_to_date", (None, NO_DATA))
    seen = [_seen(past[each], i, j) for each in parts]
    if any(state for _, state in seen):
        return _figure("year_to_date", (None, HIDDEN))
    return _figure("year_to_date", (sum(value or 0 for value, _ in seen), SHOWN))


def _usual(
    row: Mapping[str, Any],
    usual: control.Limits | None,
    n_earlier: int,
    *,
    is_whole: bool,
    is_hidden: bool,
) -> dict[str, Any]:
    if not is_whole:
        said = "not a whole quarter"
    elif n_earlier < control.LEAST_QUARTERS:
        said = control.TOO_FEW_QUARTERS
    elif is_hidden:
        said = control.TOO_FEW_INCIDENTS
    else:
        said = control.verdict(row["count"], usual)
    is_shown = said in {control.IN_LINE, control.ABOVE, control.BELOW} and usual is not None
    state = SHOWN if is_shown else HIDDEN if said == control.TOO_FEW_INCIDENTS else NO_DATA
    values = (usual.low, usual.high, round(usual.mean)) if is_shown and usual else (None,) * 3
    return {
        "verdict": said,
        "quarters_compared": n_earlier,
        "usual_low": values[0],
        "usual_high": values[1],
        "usual_mean": values[2],
        "usual_state": state,
    }


def _change(row: Mapping[str, Any], spread: float, *, is_whole: bool) -> dict[str, Any]:
    names = ("change", "change_low", "change_high")
    if row["count"] is None or row["last_year"] is None or not is_whole:
        state = HIDDEN if HIDDEN in {row["count_state"], row["last_year_state"]} else NO_DATA
        return dict.fromkeys(names) | {"change_state": state}
    values = control.change(row["count"], row["last_year"], spread)
    return dict(zip(names, values, strict=True)) | {"change_state": SHOWN}


def _ranked(table: pd.DataFrame) -> pd.DataFrame:
    """Rank the districts, most first: by rate where there are residents, else by count."""
    is_in = (table["level"] == "district") & table["count"].notna()
    has_rates = bool(table.loc[is_in, "rate_per_1000"].notna().all()) and bool(is_in.any())
    by = "rate_per_1000" if has_rates else "count"
    groups = table[is_in].assign(by=table.loc[is_in, by].astype("float64")).groupby("crime_group")
    rank = groups["by"].rank(method="min", ascending=False)
    size = groups["by"].transform("size")
    state = np.where(table["level"] == WHOLE, NOT_APPLICABLE, table["count_state"])
    return table.assign(
        rank=rank.reindex(table.index).astype("Int64"),
        ranked_areas=size.reindex(table.index).astype("Int64"),
        ranked_by="rate" if has_rates else "count",
        rank_state=state,
    )


def quarters_table(at: Ground, past: Mapping[Quarter, Counted]) -> pd.DataFrame:
    """List the count of each place and crime group in each quarter."""
    parts = []
    for quarter, counted in past.items():
        n_places, n_sets = counted.values.shape
        hidden = counted.hidden.ravel()
        parts.append(
            pd.DataFrame(
                {
                    "area_code": np.repeat(np.array(at.codes, dtype=object), n_sets),
                    "area_name": np.repeat(np.array(at.names, dtype=object), n_sets),
                    "crime_group": np.tile([each.name for each in at.sets], n_places),
                    "quarter": quarter.name,
                    "quarter_start": quarter.start,
                    "months_observed": counted.months_observed,
                    "count": pd.array(counted.values.ravel(), dtype="Int64"),
                    "count_state": np.where(hidden, HIDDEN, SHOWN),
                }
            )
        )
        parts[-1].loc[hidden, "count"] = pd.NA
    return pd.concat(parts, ignore_index=True)


def months_table(at: Ground, last: pd.Timestamp, *, months: int) -> pd.DataFrame:
    """
    List all incidents of each place by month.

    The months of a quarter are shown only if every district has none or enough in each of them:
    otherwise the quarter's printed total would give the one that is hidden away.
    """
    wanted = pd.date_range(end=last, periods=months, freq="MS", unit="ms")
    all_types = next(i for i, each in enumerate(at.sets) if each.name == ALL_CRIME)
    types = at.lines[all_types]
    totals = {month: cube[:, types].sum(axis=1) for month, cube in at.counts.items()}
    least = masking.VIOLENCE_LIMIT
    is_small = {month: bool(((n > 0) & (n < least)).any()) for month, n in totals.items()}
    rows = []
    for month in wanted:
        quarter = Quarter.of(month, "calendar")
        hidden = any(is_small.get(each, False) for each in quarter.months)
        state = NO_DATA if month not in totals else HIDDEN if hidden else SHOWN
        values = [*totals[month], totals[month].sum()] if state == SHOWN else [None] * len(at.codes)
        rows += [
            {"area_code": code, "area_name": name, "month": month, "count": n, "count_state": state}
            for code, name, n in zip(at.codes, at.names, values, strict=True)
        ]
    return pd.DataFrame(rows).astype({"count": "Int64"})
