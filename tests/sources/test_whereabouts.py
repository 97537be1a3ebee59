from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import CRS
from shapely import Point

from hotspots.errors import InputError
from hotspots.sources.whereabouts import Placed, Unplaced, _Numbers, place

HERE_M = (350_000.0, 430_000.0)
HERE_DEG = (-2.7594, 53.7640)


def placed(*spots: tuple[float, float], crs: str | None, understood: str | None = None) -> Placed:
    shapes = np.array([Point(*spot) for spot in spots], dtype=object)
    table = pd.DataFrame(index=pd.RangeIndex(len(spots)))
    stated = None if crs is None else CRS.from_user_input(crs)
    return place(Path("a"), Unplaced(table, shapes, [None] * len(spots), stated, understood))


@pytest.mark.parametrize("crs", ["EPSG:27700", "EPSG:4326", None])
@pytest.mark.parametrize("spot", [HERE_M, HERE_DEG, HERE_DEG[::-1]])
def test_numbers_are_believed_before_what_a_file_states(
    crs: str | None, spot: tuple[float, float]
) -> None:
    found = placed(spot, crs=crs)
    assert shapely.distance(found.table.geometry.iloc[0], Point(*HERE_M)) < 60
    is_as_stated = (crs, spot) in {("EPSG:27700", HERE_M), ("EPSG:4326", HERE_DEG)}
    assert bool(found.repairs) != is_as_stated
    assert found.is_assumed == (crs is None and spot == HERE_M)


def test_each_feature_is_judged_by_itself() -> None:
    found = placed(HERE_M, HERE_DEG, HERE_DEG[::-1], crs=None, understood="EPSG:4326")
    assert (found.table.distance(Point(*HERE_M)) < 60).all()
    assert [words.split()[0] for words in found.repairs] == ["1", "1"]


def test_what_is_no_place_has_no_shape_and_says_why() -> None:
    found = placed(*[HERE_DEG] * 30, (np.nan, 1.0), (np.inf, 1.0), crs="EPSG:4326")
    assert found.table.geometry.isna().tolist() == [False] * 30 + [True, True]
    assert found.fault.dropna().unique().tolist() == ["a coordinate is not a number"]


def test_a_few_odd_numbers_without_a_crs_are_left_out() -> None:
    found = placed(*[HERE_M] * 30, (9e6, 9e6), crs=None)
    assert found.fault.iloc[-1].startswith("its coordinates are neither degrees nor metres")


@pytest.mark.parametrize(
    ("spot", "crs", "message"),
    [
        ((9e6, 9e6), None, "states no coordinate reference system"),
        ((9e6, 9e6), "EPSG:4326", "are no degrees"),
        ((333_000, 374_000), "EPSG:29902", "lie in Ireland"),
        ((-5.93, 54.6), "EPSG:4326", "lie in Ireland"),
    ],
)
def test_an_uncertain_place_is_refused(
    spot: tuple[float, float], crs: str | None, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        placed(spot, crs=crs)


@pytest.mark.parametrize(
    ("lon", "lat", "is_inside"),
    [
        (-9.5, 49.0, True),
        (3.0, 61.5, True),
        (-9.6, 49.0, False),
        (3.1, 61.5, False),
        (-9.5, 48.9, False),
        (3.0, 61.6, False),
    ],
)
def test_degrees_of_britain_have_their_bounds(lon: float, lat: float, *, is_inside: bool) -> None:
    found = _Numbers(np.array([[lon, lat, lon, lat], [lat, lon, lat, lon]]))
    assert found.degrees.tolist() == [is_inside, False]
    assert found.swapped.tolist() == [False, is_inside]
    assert not found.metres.any()


@pytest.mark.parametrize(
    ("east", "north", "is_inside"),
    [
        (0, 1_300_000, True),
        (700_000, 0, True),
        (700_001, 5_000, False),
        (5_000, 1_300_001, False),
        (-1, 5_000, False),
        (5_000, -1, False),
        (1_000, 1_001, True),
        (1_000, 1_000, False),
    ],
)
def test_metres_of_the_grid_have_their_bounds(
    east: float, north: float, *, is_inside: bool
) -> None:
    found = _Numbers(np.array([[east, north, east, north]], dtype=float))
    assert found.metres.tolist() == [is_inside]
    assert not (found.degrees | found.swapped).any()
