from __future__ import annotations

import numpy as np
import pandas as pd

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
