from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hotspots.crs import lonlat_to_bng
from hotspots.sources.coarse import doubts

N = 40


def spread(step_m: float) -> tuple[pd.Series[float], pd.Series[float]]:
    i = np.arange(N)
    return pd.Series(350_000.0 + i * step_m), pd.Series(430_000.0 + i * step_m)


def test_places_that_differ_are_not_doubted() -> None:
    assert doubts(*spread(137.0)) == ()
    assert doubts(*spread(100.0)) == ()


def test_many_rows_on_one_point_are_told() -> None:
    x, y = spread(137.0)
    half = pd.Series(range(N)) < N / 2
    (words,) = doubts(x.mask(half, 350_001.0), y.mask(half, 430_002.0))
    assert words.startswith("20 of 40 rows lie on one and the same point, easting 350,001")


def test_whole_kilometres_and_hundredths_of_a_degree_are_told() -> None:
    (metres,) = doubts(*spread(1_000.0))
    assert "rounded to whole kilometres" in metres
    i = np.arange(N, dtype=np.float64)
    xy = lonlat_to_bng(*np.array([-2.7 + i * 0.01, 53.7 + (i % 7) * 0.01], dtype=np.float64))
    (degrees,) = doubts(pd.Series(xy[:, 0]), pd.Series(xy[:, 1]))
    assert "rounded to hundredths of a degree" in degrees


def test_of_a_few_rows_or_none_nothing_is_said() -> None:
    x, y = spread(0.0)
    assert doubts(x[:19], y[:19]) == ()
    assert doubts(x * np.nan, y) == ()


@pytest.mark.parametrize(("n_same", "is_told"), [(20, True), (19, False)])
def test_half_the_rows_on_one_point_are_many(n_same: int, *, is_told: bool) -> None:
    x, y = spread(137.0)
    same = pd.Series(range(N)) < n_same
    assert bool(doubts(x.mask(same, 350_001.0), y.mask(same, 430_002.0))) is is_told


def test_twenty_rows_are_enough_to_doubt() -> None:
    x, y = spread(0.0)
    (words,) = doubts(x[:20], y[:20])
    assert words.startswith("20 of 20 rows lie on one and the same point, easting 350,000, north")


@pytest.mark.parametrize(("n_other", "is_told"), [(2, True), (3, False)])
def test_nearly_all_coordinates_are_rounded_where_that_is_told(
    n_other: int, *, is_told: bool
) -> None:
    x, y = spread(1_000.0)
    other = pd.Series(range(N)) < n_other
    assert bool(doubts(x.mask(other, x + 400), y)) is is_told


@pytest.mark.parametrize(("off_m", "is_told"), [(0.009, True), (0.011, False)])
def test_a_centimetre_off_a_kilometre_is_none(off_m: float, *, is_told: bool) -> None:
    x, y = spread(1_000.0)
    assert bool(doubts(x + off_m, y)) is is_told
    assert bool(doubts(x, y - off_m)) is is_told


@pytest.mark.parametrize(("off_deg", "is_told"), [(0.9e-6, True), (1.1e-6, False)])
def test_a_millionth_of_a_degree_off_is_none(off_deg: float, *, is_told: bool) -> None:
    i = np.arange(N, dtype=np.float64)
    xy = lonlat_to_bng(-2.7 + i * 0.01 + off_deg, 53.7 + (i % 7) * 0.01)
    assert bool(doubts(pd.Series(xy[:, 0]), pd.Series(xy[:, 1]))) is is_told


@pytest.mark.parametrize(("n", "is_told"), [(1_998, False), (2_000, True)])
def test_of_very_many_rows_a_sample_is_looked_at(n: int, *, is_told: bool) -> None:
    i = np.arange(n, dtype=np.float64)
    x = pd.Series(300_000.0 + 1_000 * (i % 300) + 137 * (i % 2))
    y = pd.Series(400_000.0 + 1_000 * (i // 300))
    assert bool(doubts(x, y)) is is_told
