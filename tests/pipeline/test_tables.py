from __future__ import annotations

import numpy as np
import pandas as pd

from hotspots.pipeline import tables
from hotspots.schema import ALL_CRIME, ASB, CRIME_TYPES


def test_sets_are_all_crime_then_groups_then_types() -> None:
    sets = tables.crime_sets({"night": (ASB, "Robbery")})
    assert [each.kind for each in sets] == ["all", "group", *["type"] * 14]
    assert sets[0].types == CRIME_TYPES
    assert sets[1].types == (ASB, "Robbery")
    assert [each.name for each in sets[2:]] == list(CRIME_TYPES)


def test_busy_sets_are_read_in_quarters() -> None:
    length = {each.name: each.recurrence_months for each in tables.crime_sets({})}
    assert length[ALL_CRIME] == length[ASB] == length["Shoplifting"] == 3
    assert length["Burglary"] == 6


def test_least_volume_is_a_rate_per_month_observed() -> None:
    enough = tables.is_enough(np.array([299.0, 300.0]), 12, per_year=300)
    assert enough.tolist() == [False, True]
    assert tables.is_enough(np.array([75.0]), 3, per_year=300).tolist() == [True]


def test_months_are_counted_across_years() -> None:
    numbers = tables.month_numbers(pd.DatetimeIndex(["2023-12-01", "2024-02-01"]))
    assert np.diff(numbers).tolist() == [2]


def test_windows_have_a_year_and_are_drawn_from_three_months_on() -> None:
    assert (tables.WINDOW_MONTHS, tables.LEAST_MONTHS) == (12, 3)
    assert tables.is_enough(np.array([24.0, 25.0]), 0, per_year=300).tolist() == [False, True]
    assert tables.month_numbers(pd.DatetimeIndex(["2024-02-01"])).tolist() == [2024 * 12 + 2]
