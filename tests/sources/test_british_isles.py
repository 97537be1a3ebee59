from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hotspots.crs import lonlat_to_bng
from hotspots.sources.british_isles import from_irish, in_northern_ireland, on_isle_of_man, on_land


def at(lonlat: tuple[float, float]) -> tuple[pd.Series[float], pd.Series[float]]:
    xy = lonlat_to_bng(np.array([lonlat[0]]), np.array([lonlat[1]]))
    return pd.Series(xy[:, 0]), pd.Series(xy[:, 1])


@pytest.mark.parametrize(
    "lonlat",
    [
        (-5.54, 50.12), (-6.31, 49.92), (-1.21, 50.59), (1.31, 51.13), (1.73, 52.61), (0.34, 53.14),
        (0.03, 53.73), (-2.0, 55.77), (-1.78, 57.5), (-3.09, 58.44), (-2.96, 58.98), (-1.15, 60.15),
        (-0.87, 60.75), (-6.38, 58.21), (-7.49, 56.96), (-6.19, 55.63), (-5.12, 54.84),
        (-3.23, 54.11), (-3.055, 53.82), (-3.18, 53.39), (-4.63, 53.31), (-4.71, 52.8),
        (-5.27, 51.88), (-3.48, 51.21), (-4.67, 51.18), (-1.62, 59.53), (-1.5, 52.5),
    ],
)  # fmt: skip
def test_the_towns_of_the_coast_are_on_land(lonlat: tuple[float, float]) -> None:
    assert on_land(*at(lonlat)).all()
    assert not in_northern_ireland(*at(lonlat)).any()


@pytest.mark.parametrize(
    ("lonlat", "is_ulster"),
    [
        ((-5.93, 54.6), True), ((-7.31, 55.0), True), ((-5.44, 54.46), True), ((-6.2, 55.3), True),
        ((-6.26, 53.35), False), ((2.35, 48.86), False), ((1.2, 53.6), False),
        ((-5.0, 52.4), False),
    ],
)  # fmt: skip
def test_ireland_and_the_sea_are_not_on_land(
    lonlat: tuple[float, float], *, is_ulster: bool
) -> None:
    assert not on_land(*at(lonlat)).any()
    assert in_northern_ireland(*at(lonlat)).all() == is_ulster


def test_a_missing_place_is_nowhere() -> None:
    none = pd.Series([float("nan")])
    assert not on_land(none, none).any()
    assert not in_northern_ireland(none, none).any()


@pytest.mark.parametrize(
    ("grid", "x", "y"), [("EPSG:29902", 333_900, 374_400), ("EPSG:2157", 733_800, 874_400)]
)
def test_belfast_is_belfast_in_both_irish_grids(grid: str, x: float, y: float) -> None:
    found = from_irish(pd.Series([x, float("nan")]), pd.Series([y, 1.0]), grid)
    there = at((-5.93, 54.6))
    assert np.hypot(found[0][0] - there[0][0], found[1][0] - there[1][0]) < 1_000
    assert found[0].isna().tolist() == [False, True]


def test_the_isle_of_man_is_told_and_galloway_is_not() -> None:
    x, y = pd.Series([238_000.0, 245_000.0, float("nan")]), pd.Series([475_000.0, 534_000.0, 1.0])
    assert on_isle_of_man(x, y).tolist() == [True, False, False]


def metres(x: float, y: float) -> tuple[pd.Series[float], pd.Series[float]]:
    return pd.Series([x], dtype="float64"), pd.Series([y], dtype="float64")


@pytest.mark.parametrize(
    ("x", "y", "is_on_it"),
    [
        (212_000, 460_000, True),
        (253_000, 510_000, True),
        (211_999, 460_000, False),
        (253_001, 510_000, False),
        (212_000, 459_999, False),
        (212_000, 510_001, False),
    ],
)
def test_the_isle_of_man_has_bounds(x: float, y: float, *, is_on_it: bool) -> None:
    assert on_isle_of_man(*metres(x, y)).tolist() == [is_on_it]


@pytest.mark.parametrize(
    ("x", "y", "is_land"),
    [
        (216_001, 421_001, True),
        (240_999, 440_999, True),
        (215_999, 430_000, False),
        (241_001, 430_000, False),
        (230_000, 420_999, False),
        (230_000, 441_001, False),
    ],
)
def test_the_sample_county_is_land(x: float, y: float, *, is_land: bool) -> None:
    assert on_land(*metres(x, y)).tolist() == [is_land]


def test_places_that_are_missing_or_beyond_all_stay_missing() -> None:
    x = pd.Series([1.0, float("nan"), 333_900.0, 1e30], index=[4, 3, 2, 1])
    y = pd.Series([float("nan"), 1.0, 374_400.0, 1e30], index=[4, 3, 2, 1])
    east, north = from_irish(x, y, "EPSG:29902")
    assert east.isna().tolist() == north.isna().tolist() == [True, True, False, True]
    assert east.index.tolist() == [4, 3, 2, 1]
