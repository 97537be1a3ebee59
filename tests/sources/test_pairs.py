from __future__ import annotations

import pandas as pd
import pytest

from hotspots.sources.pairs import best_of, in_metres, is_heading, n_placed, pair_of, recognised

E, N = 350_000.0, 430_000.0
LON, LAT = -2.75996, 53.76393
"""The same place as ``E``, ``N``, to about ten metres."""


def table(head: str, *rows: tuple[object, ...]) -> pd.DataFrame:
    return pd.DataFrame([list(map(str, row)) for row in rows], columns=head.split(","), dtype="str")


@pytest.mark.parametrize(
    ("values", "is_one"),
    [
        (["id", "EASTINGS", "NORTHINGS"], True),
        (["Lat", "Long"], True),
        (["x", "", "y"], True),
        (["the_geom"], True),
        (["Easting"], False),
        (["Easting", "Longitude"], False),
        (["", ""], False),
        (["Street lights of the county", "2024"], False),
    ],
)
def test_headings_are_told_by_a_pair_of_coordinates(values: list[str], *, is_one: bool) -> None:
    assert is_heading(values) == is_one


def test_all_pairs_of_a_table_are_found_those_in_metres_first() -> None:
    found = recognised(table("lat,long,X,Y,Easting,Northing,wkt", (LAT, LON, 1, 2, E, N, "x")))
    assert [(pair.across, pair.up) for pair in found] == [
        ("Easting", "Northing"),
        ("long", "lat"),
        ("X", "Y"),
        ("wkt", "wkt"),
    ]
    assert best_of(found).across == "Easting"


def test_metres_are_best_if_they_place_half_as_many() -> None:
    half = recognised(table("lat,long,x,y", (LAT, LON, E, N), (LAT, LON, "", "")))
    assert best_of(half).across == "x"
    less = recognised(table("lat,long,x,y", (LAT, LON, E, N), *[(LAT, LON, "", "")] * 2))
    assert best_of(less).across == "long"


def test_each_row_is_what_its_size_says() -> None:
    rows = [(E, N), (LON, LAT), (LAT, LON), (N + 500_000, E), (0, 0), ("", "x"), (9e9, 1)]
    pair = pair_of(table("a,b", *rows), "a", "b", is_grid=True)
    kinds = (pair.metres, pair.degrees, pair.turned_degrees, pair.turned_metres)
    assert [kind.to_numpy().argmax() for kind in kinds] == [0, 1, 2, 3]
    assert all(kind.sum() == 1 for kind in kinds)
    assert n_placed(pair) == 4
    assert pair.filled.tolist() == [True] * 4 + [False, False, True]
    assert pair.is_metric


@pytest.mark.parametrize(("is_grid", "is_metric"), [(True, True), (False, False), (None, True)])
def test_in_doubt_the_headings_say_whether_it_is_metres(
    *, is_grid: bool | None, is_metric: bool
) -> None:
    pair = pair_of(table("a,b", (E, N), (LON, LAT)), "a", "b", is_grid=is_grid)
    assert pair.is_metric == is_metric


def test_every_kind_comes_to_the_same_metres() -> None:
    pair = pair_of(table("a,b", (E, N), (LON, LAT), (LAT, LON), ("", "")), "a", "b", is_grid=None)
    x, y, turned = in_metres(pair)
    assert (x[:3] - E).abs().max() < 20
    assert (y[:3] - N).abs().max() < 20
    assert x.isna().tolist() == [False, False, False, True]
    assert not turned.any()


def test_turned_metres_are_believed_as_a_whole_or_near_the_others() -> None:
    whole = pair_of(table("a,b", *[(900_000, 300_000)] * 3), "a", "b", is_grid=True)
    assert in_metres(whole)[2].all()
    near = pair_of(table("a,b", *[(E, 700_000)] * 9, (700_000, E)), "a", "b", is_grid=True)
    assert in_metres(near)[2].tolist() == [False] * 9 + [True]
    far = pair_of(table("a,b", *[(E, N)] * 9, (900_000, E)), "a", "b", is_grid=True)
    x, _, turned = in_metres(far)
    assert not turned.any()
    assert x.isna().tolist() == [False] * 9 + [True]


def test_points_in_well_known_text_may_state_their_reference_system() -> None:
    (pair,) = recognised(table("WKT", (f"SRID=27700;POINT ({E} {N})",)))
    assert pair.metres.all()


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        (5_000, 5_000, "metres"),
        (660_000, 1_225_000, "metres"),
        (4_999, 5_000, None),
        (5_000, 4_999, None),
        (660_000, 1_225_001, None),
        (660_000.5, 5_000, "turned_metres"),
        (1_225_000, 660_000, "turned_metres"),
        (1_225_001, 660_000, None),
        (1_225_000, 660_001, None),
        (700_000, 4_999, None),
        (-9, 49.5, "degrees"),
        (2, 61, "degrees"),
        (-9.01, 49.5, None),
        (2.01, 61, None),
        (-9, 49.49, None),
        (2, 61.01, None),
        (49.5, -9, "turned_degrees"),
        (61, 2, "turned_degrees"),
    ],
)
def test_great_britain_has_bounds(first: float, second: float, kind: str | None) -> None:
    pair = pair_of(table("a,b", (first, second)), "a", "b", is_grid=None)
    kinds = ("metres", "degrees", "turned_degrees", "turned_metres")
    assert [name for name in kinds if getattr(pair, name).any()] == ([kind] if kind else [])


def test_a_row_with_one_zero_is_filled() -> None:
    pair = pair_of(table("a,b", (0, 5), (5, 0), (0, 0)), "a", "b", is_grid=None)
    assert pair.filled.tolist() == [True, True, False]


@pytest.mark.parametrize(("n_turned", "is_believed"), [(8, True), (7, False)])
def test_turned_metres_far_off_are_believed_if_they_are_most(
    n_turned: int, *, is_believed: bool
) -> None:
    rows = [(900_000, 300_000)] * n_turned + [(500_000, 100_000)] * (10 - n_turned)
    turned = in_metres(pair_of(table("a,b", *rows), "a", "b", is_grid=True))[2]
    assert int(turned.sum()) == (n_turned if is_believed else 0)


@pytest.mark.parametrize(("off_m", "is_turned"), [(100_000, True), (100_001, False)])
def test_a_turned_row_lies_among_the_others(off_m: float, *, is_turned: bool) -> None:
    rows = [(300_000, 700_000)] * 9 + [(700_000, 300_000 + off_m)]
    turned = in_metres(pair_of(table("a,b", *rows), "a", "b", is_grid=True))[2]
    assert turned.tolist() == [False] * 9 + [is_turned]


@pytest.mark.parametrize(
    ("is_metric", "values", "fits"),
    [
        (True, (5_000, 660_000, 4_999, 660_001), [True, True, False, False]),
        (False, (-9, 2, 49.5, 61, 3), [True, True, True, True, False]),
    ],
)
def test_first_numbers_fit_what_most_are(
    values: tuple[float, ...], fits: list[bool], *, is_metric: bool
) -> None:
    rows = [(value, "") for value in values]
    pair = pair_of(table("a,b", *rows), "a", "b", is_grid=is_metric)
    assert pair.first_fits.tolist() == fits


def test_well_known_text_that_is_no_point_has_no_place() -> None:
    rows = (f"POINT ({E} {N})", "POINT EMPTY", "LINESTRING (0 0, 1 1)", "x", "")
    (pair,) = recognised(table("geom", *[(row,) for row in rows]))
    assert pair.metres.tolist() == [True, False, False, False, False]
    assert pair.first.number.notna().tolist() == [True, False, False, False, False]
    assert not (pair.first.is_mended | pair.second.is_rounded).any()


@pytest.mark.parametrize(("n_first", "is_turned"), [(2, True), (1, False)])
def test_most_rows_say_whether_latitude_comes_first(n_first: int, *, is_turned: bool) -> None:
    rows = [(LAT, LON)] * n_first + [(LON, LAT)]
    assert pair_of(table("a,b", *rows), "a", "b", is_grid=False).is_turned is is_turned
