from __future__ import annotations

import math

import pandas as pd
import pytest

from hotspots.sources.figures import figures


@pytest.mark.parametrize(
    ("text", "number", "is_mended"),
    [
        ("353000", 353_000, False),
        ("-2.7166", -2.7166, False),
        ("353,000", 353_000, True),
        ("1,221,537.25", 1_221_537.25, True),
        ("353 000", 353_000, True),
        ("53,7552", 53.7552, True),
        ("-2,71", -2.71, True),
        ("353000,125", 353_000.125, True),
        ("353000m", 353_000, True),
        ("'353000", 353_000, True),
        ("53.7552°", 53.7552, True),
        ("2.7166 W", -2.7166, True),
        ("53.7552°N", 53.7552, True),
        ("-2,716", None, False),
        ("1,000,00", None, False),
        ("0x1F", None, False),
        ("inf", None, False),
        ("nan", None, False),
        ("SD 530 290", None, False),
        ("", None, False),
    ],
)
def test_a_coordinate_is_a_number_only_where_certain(
    text: str, number: float | None, *, is_mended: bool
) -> None:
    found = figures(pd.Series([text, "7"], dtype="str"))
    first = found.number.iloc[0]
    assert math.isnan(first) if number is None else math.isclose(first, number)
    assert found.number.iloc[1] == 7
    assert found.is_mended.tolist() == [is_mended, False]
    assert not found.is_rounded.any()


@pytest.mark.parametrize(
    ("text", "is_rounded"),
    [
        ("3.53E+05", True),
        ("4e5", True),
        ("3.5301E+05", True),
        ("3.53012E+05", False),
        ("0.00E+00", False),
        ("5.376E+01", True),
    ],
)
def test_what_a_spreadsheet_rounded_is_told(text: str, *, is_rounded: bool) -> None:
    found = figures(pd.Series([text], dtype="str"))
    assert found.is_rounded.tolist() == [is_rounded]
    assert found.number.notna().all()
