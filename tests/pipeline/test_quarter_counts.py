"""The counts of a quarter beside what came before: right, and no wrong comparison made."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import report_builders as built
from hotspots.pipeline import quarter_counts as counting
from hotspots.schema import ALL_CRIME

YEAR_AGO = ("2024-04", "2024-05")


def table_of(at: counting.Ground) -> pd.DataFrame:
    past = counting.history(at, built.QUARTER)
    return counting.crime_table(at, past, built.QUARTER)


def whole(at: counting.Ground) -> dict[str, Any]:
    """Give the row of all crime in the whole area."""
    table = table_of(at)
    wanted = (table["area_code"] == "anyshire") & (table["crime_group"] == ALL_CRIME)
    return {str(name): value for name, value in table[wanted].iloc[0].items()}


def months_of(at: counting.Ground, first: str, last: str) -> int:
    return sum(int(at.counts[m].sum()) for m in pd.date_range(first, last, freq="MS"))


def test_the_whole_area_is_counted_beside_last_year_and_the_year_to_date() -> None:
    at = built.ground()

    row = whole(at)

    assert row["count"] == months_of(at, "2025-04-01", "2025-06-01")
    assert row["last_year"] == months_of(at, "2024-04-01", "2024-06-01")
    assert row["before"] == months_of(at, "2025-01-01", "2025-03-01")
    assert row["year_to_date"] == months_of(at, "2025-01-01", "2025-06-01")
    assert row["change"] == row["count"] - row["last_year"]
    assert row["change_low"] < row["change"] < row["change_high"]


def test_a_year_ago_with_missing_months_is_not_compared() -> None:
    row = whole(built.ground(missing=YEAR_AGO))

    assert pd.isna(row["last_year"])
    assert row["last_year_state"] == "x"
    assert pd.isna(row["change"])
    assert row["quarters_compared"] == 8


def test_a_quarter_with_a_missing_month_is_compared_with_nothing() -> None:
    row = whole(built.ground(missing=("2025-05",)))

    assert row["verdict"] == "not a whole quarter"
    assert row["months_observed"] == 2
    assert row["before_state"] == row["last_year_state"] == "z"
    assert pd.isna(row["year_to_date"])
    assert pd.isna(row["change"])
    assert pd.isna(row["usual_low"])


def test_too_short_a_record_says_so() -> None:
    early = [f"{m:%Y-%m}" for m in built.MONTHS if m < pd.Timestamp("2024-10-01")]

    row = whole(built.ground(missing=early))

    assert row["verdict"] == "too few quarters to say"


def test_districts_are_ranked_by_rate_where_residents_are_known() -> None:
    at = built.ground(residents={"E07000001": 100, "E07000002": 1000, "E07000003": 100_000})

    table = table_of(at)
    rank = table[table["crime_group"] == ALL_CRIME].set_index("area_code")["rank"]

    assert rank[["E07000001", "E07000002", "E07000003"]].tolist() == [1, 2, 3]
    assert pd.isna(rank["anyshire"])


def test_what_is_hidden_has_no_rate_rank_change_or_limits() -> None:
    early = [f"{m:%Y-%m}" for m in built.MONTHS if m < pd.Timestamp("2025-01-01")]
    found = table_of(built.ground(missing=early, residents={"E07000001": 100}, mean=9))
    hidden = found[found["count_state"] == "c"]

    assert len(hidden)
    for name in ("rate_per_1000", "rank", "change", "usual_low", "usual_mean", "year_to_date"):
        assert hidden[name].isna().all(), name


def test_months_of_a_quarter_are_hidden_together() -> None:
    at = built.ground(mean=0.9)

    found = counting.months_table(at, built.QUARTER.end, months=24)

    start = found["month"].dt.to_period("Q")
    assert all(len(set(own["count_state"])) == 1 for _, own in found.groupby(start))
    assert (found["count_state"] == "c").any()


@pytest.mark.parametrize("mean", [3.0, 9.0])
def test_no_sum_of_printed_figures_gives_a_hidden_one(mean: float) -> None:
    """Each printed figure is an equation; no hidden count may follow from all of them together."""
    at = built.ground(mean=mean)
    counted = counting.count(at, built.QUARTER)
    lines = at.lines
    n_places, n_types = len(at.codes) - 1, 14
    rows: list[list[float]] = []
    cells: list[list[float]] = []
    for place in range(n_places + 1):
        for j, line in enumerate(lines):
            part = [
                float((place in {p, n_places}) and t in line)
                for p in range(n_places)
                for t in range(n_types)
            ]
            (cells if counted.hidden[place, j] else rows).append(part)

    known = pd.DataFrame(rows).to_numpy()
    for part in cells:
        assert _rank([*known, part]) > _rank(known)


def _rank(rows: object) -> int:
    return int(np.linalg.matrix_rank(np.array(rows)))
