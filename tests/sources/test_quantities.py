from __future__ import annotations

import math

import pandas as pd
import pytest

from hotspots.sources.quantities import has_comma, height_m, is_merged, is_rescaled, wattage_w


def same(found: pd.Series[float], expected: list[float | None]) -> bool:
    wanted = [math.nan if value is None else value for value in expected]
    return all(
        math.isclose(a, b) or (math.isnan(a) and math.isnan(b))
        for a, b in zip(found, wanted, strict=True)
    )


@pytest.mark.parametrize(
    ("text", "watts"),
    [
        ("70", 70),
        ("70.5 W", 70.5),
        ("70 watts", 70),
        ("70SONT", 70),
        ("70 SON-T", 70),
        ("35w sox", 35),
        ("24W LED", 24),
        ("60W Cosmo", 60),
        ("SON 70W", 70),
        ("SON 70", None),
        ("LED 740", None),
        ("2 x 36W", None),
        ("70/100", None),
        ("0", None),
        ("5000", None),
        ("2000", 2_000),
        ("2000.5", None),
        ("0.5", 0.5),
        ("1 x 36W", 36),
        ("0.07kW", None),
        ("unknown", None),
        ("", None),
    ],
)
def test_wattage_is_a_number_only_where_certain(text: str, watts: float | None) -> None:
    assert same(wattage_w(pd.Series([text], dtype="str")), [watts])


@pytest.mark.parametrize(
    ("heading", "text", "metres"),
    [
        ("Height", ["6", "6m", "6 metres", "10.0", "", "0", "x"], [6, 6, 6, 10] + [None] * 3),
        ("Height", ["600cm", "6000 mm", "20ft", "5 mtrs", "6m/8m"], [6, 6, 6.096, 5, None]),
        ("Height", ["500", "1000", "3000"], [5, 10, 30]),
        ("Height", ["5000", "8000", "3000"], [5, 8, 3]),
        ("Height", ["199", "200", "1999", "45000", "45001"], [None, 2, 19.99, 45, None]),
        ("Height", ["2000", "4999", "5000", "4000"], [2, 4.999, 5, 4]),
        ("Height", ["3000"], [None]),
        ("Height", ["6.12349"], [6.123]),
        ("Height", ["6", "600", "6000", "3000", "100"], [6, 6, 6, None, None]),
        ("Height (mm)", ["6000", "600"], [6, None]),
        ("Height_cm", ["600", "6 m"], [6, 6]),
        ("Height", ["60 m", "99999"], [None, None]),
        ("Height", ["6", "99", "999", "9999.0"], [6, None, None, None]),
        ("Height (cm)", ["600", "999"], [6, None]),
        ("Height", ["6,5", "6,50 m", "6,500"], [6.5, 6.5, None]),
        ("Height", ["1", "0.9", "45", "45.1"], [1, None, 45, None]),
        ("Height (ft)", ["10", "3"], [3.048, None]),
    ],
)
def test_height_is_in_metres_only_where_certain(
    heading: str, text: list[str], metres: list[float | None]
) -> None:
    assert same(height_m(pd.Series(text, dtype="str"), heading), metres)


def test_heights_with_a_decimal_comma_are_told() -> None:
    given = pd.Series(["6,5", "6.5", "6,5 x", "6,500"], dtype="str")
    assert has_comma(given, height_m(given, "Height")).tolist() == [True, False, False, False]


def test_rescaled_heights_and_merged_wattages_are_told() -> None:
    heights = pd.Series(["6", "600", "6.12349", "6,5", "20ft", "x"], dtype="str")
    found = is_rescaled(heights, height_m(heights, "Height"))
    assert found.tolist() == [False, True, False, False, True, False]
    watts = pd.Series(["70", "70 W", "70SON", "SON 70W", "x"], dtype="str")
    assert is_merged(watts, wattage_w(watts)).tolist() == [False, False, True, True, False]
