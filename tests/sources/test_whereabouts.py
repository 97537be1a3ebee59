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


@pytest.mark.parametrize(("n_here", "is_read"), [(19, True), (18, False)])
def test_one_in_twenty_may_be_odd_without_a_crs(n_here: int, *, is_read: bool) -> None:
    spots = [*[HERE_M] * n_here, (9e6, 9e6)]
    if is_read:
        assert placed(*spots, crs=None).table.geometry.isna().tolist() == [False] * 19 + [True]
    else:
        with pytest.raises(InputError, match="states no coordinate reference system"):
            placed(*spots, crs=None)


def test_half_the_features_may_be_no_degrees() -> None:
    found = placed(HERE_DEG, (9e6, 9e6), crs="EPSG:4326")
    assert found.fault.tolist()[1] == "its coordinates are none of its reference system"
    words = r"^a: the coordinates \(8000000, 9000000, 8000000, 9000000\) are no degrees, though"
    with pytest.raises(InputError, match=words):
        placed(HERE_DEG, (8e6, 9e6), (9e6, 9e6), crs="EPSG:4326")


@pytest.mark.parametrize(
    ("spot", "is_degrees"),
    [
        ((180.0, 80.0), True),
        ((-180.0, 80.0), True),
        ((180.5, 80.0), False),
        ((-180.5, 80.0), False),
        ((10.0, 90.0), True),
        ((10.0, 90.5), False),
        ((10.0, -90.5), False),
    ],
)
def test_degrees_end_at_the_poles(spot: tuple[float, float], *, is_degrees: bool) -> None:
    if is_degrees:
        placed(spot, crs="EPSG:4326")
    else:
        with pytest.raises(InputError, match="are no degrees"):
            placed(spot, crs="EPSG:4326")


def test_half_the_features_may_lie_in_ireland() -> None:
    assert placed(HERE_DEG, (-5.93, 54.6), crs="EPSG:4326").table.geometry.notna().all()
    with pytest.raises(InputError, match=r"^a: 2 of 3 features lie in Ireland, outside"):
        placed(HERE_DEG, *[(-5.93, 54.6)] * 2, crs="EPSG:4326")


def test_what_was_believed_is_told_with_counts() -> None:
    metres = "features are in British National Grid metres,"
    assert placed(HERE_M, HERE_M, HERE_DEG, crs="EPSG:4326").repairs == (
        f"2 {metres} though the file states another reference system; read as EPSG:27700",
    )
    assert placed(HERE_M, HERE_DEG, HERE_DEG[::-1], HERE_DEG[::-1], crs=None).repairs == (
        "3 features are in degrees, the file states no reference system; read as EPSG:4326",
        f"1 {metres} the file states no reference system; read as EPSG:27700",
        "2 features have latitude before longitude; the axes were swapped",
    )


def test_a_reference_system_of_another_kind_says_nothing() -> None:
    found = placed(HERE_M, crs="EPSG:4978")
    assert found.is_assumed
    assert "the file states no reference system" in found.repairs[0]


def test_repairs_of_the_reader_come_first() -> None:
    shapes = np.array([Point(*HERE_DEG)], dtype=object)
    crs = CRS.from_user_input("EPSG:27700")
    found = place(Path("a"), Unplaced(pd.DataFrame(index=[0]), shapes, [None], crs, None, ("x",)))
    assert found.repairs[0] == "x"
    assert len(found.repairs) == 2
