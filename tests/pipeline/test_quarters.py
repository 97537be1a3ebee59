"""Quarters: their names, which are complete, and which one a report is about."""

from __future__ import annotations

import pandas as pd
import pytest

from hotspots.errors import DataMissingError, SettingsError
from hotspots.pipeline.quarters import Quarter, chosen, complete

MONTHS = pd.date_range("2024-11-01", "2025-07-01", freq="MS")


def test_calendar_quarters_begin_in_january() -> None:
    quarter = Quarter.named("2025-Q2", "calendar")

    assert quarter.start == pd.Timestamp("2025-04-01")
    assert quarter.end == pd.Timestamp("2025-06-01")
    assert quarter.title == "April to June 2025"
    assert quarter.name == "2025-Q2"


@pytest.mark.parametrize("name", ["2024-25-Q4", "2024-Q4", "2024-25q4"])
def test_financial_quarters_begin_in_april(name: str) -> None:
    quarter = Quarter.named(name, "financial")

    assert quarter.start == pd.Timestamp("2025-01-01")
    assert quarter.year_start == pd.Timestamp("2024-04-01")
    assert quarter.name == "2024-25-Q4"
    assert quarter.number == 4


@pytest.mark.parametrize("name", ["2025-Q5", "Q1", "2025", "2024-25-Q1", "2025-Q1x"])
def test_what_is_no_calendar_quarter_is_refused(name: str) -> None:
    with pytest.raises(SettingsError, match="write 2025-Q1"):
        Quarter.named(name, "calendar")


def test_a_financial_year_of_two_unlike_years_is_refused() -> None:
    with pytest.raises(SettingsError, match="2025-26-Q1"):
        Quarter.named("2024-26-Q1", "financial")


def test_the_same_quarter_a_year_earlier_is_four_before() -> None:
    assert Quarter.named("2025-Q1", "calendar").before(4).name == "2024-Q1"


def test_only_quarters_with_all_three_months_are_complete() -> None:
    assert [each.name for each in complete(MONTHS, "calendar")] == ["2025-Q1", "2025-Q2"]


def test_the_last_complete_quarter_is_chosen() -> None:
    assert chosen(MONTHS, None, "calendar").name == "2025-Q2"


def test_a_quarter_with_some_months_can_be_named() -> None:
    assert chosen(MONTHS, "2025-Q3", "calendar").name == "2025-Q3"


def test_a_quarter_without_data_names_those_that_have_some() -> None:
    with pytest.raises(DataMissingError, match="complete quarters here: 2025-Q1, 2025-Q2"):
        chosen(MONTHS, "2023-Q1", "calendar")


def test_no_complete_quarter_is_said() -> None:
    with pytest.raises(DataMissingError, match="name one with --quarter"):
        chosen(MONTHS[:1], None, "calendar")
