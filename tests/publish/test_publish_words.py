"""Plain words for numbers, months and measures."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from hotspots import schema
from hotspots.publish import words


@pytest.mark.parametrize(
    ("share", "expected"),
    [(0.142, "14 %"), (0.0649, "6.5 %"), (0.0014, "0.14 %"), (0.0, "0.00 %")],
)
def test_percentages_have_no_decimals_above_ten(share: float, expected: str) -> None:
    assert words.percent(share) == expected


def test_numbers_under_ten_are_words() -> None:
    assert words.many(1, "hotspot") == "one hotspot"
    assert words.many(9, "hotspot") == "nine hotspots"
    assert words.many(1234, "hotspot") == "1,234 hotspots"
    assert words.many(0, "is", "are") == "no are"


def test_dates_are_read_as_they_are_spoken() -> None:
    assert words.day(dt.date(2025, 8, 3)) == "3 August 2025"
    span = words.span(pd.Timestamp("2024-07-01"), pd.Timestamp("2025-06-01"))
    assert span == "July 2024 to June 2025"
    months = pd.to_datetime(["2024-11-01", "2024-12-01", "2025-01-01", "2025-03-01"])
    assert words.spans(list(months)) == "November 2024 to January 2025, March 2025"


@pytest.mark.parametrize(
    ("measure", "theme"),
    [
        ("lamps_per_ha", "lighting"),
        ("nearest_lamp_m", "lighting"),
        ("imd_decile", "deprivation"),
        ("nearest_pub_m", "places"),
        ("pub_within_250m", "places"),
        ("something_else", "other"),
        ("longest_gap_m", "lighting"),
        ("dark_share_20m", "lighting"),
        ("street_m_per_ha", "other"),
        ("field_recessed_doorway_n", "other"),
    ],
)
def test_every_measure_finds_its_theme(measure: str, theme: str) -> None:
    found, text, _ = words.measure(measure, "m")
    assert found == theme
    assert text[0].isupper()
    assert "_" not in text


def test_every_label_and_class_of_the_schema_has_its_sentence() -> None:
    values = {column.name: set(column.values) for column in schema.HOTSPOTS.columns}
    assert set(words.LABELS) == values["label"]
    assert set(words.CLASSES) == values["class"]
