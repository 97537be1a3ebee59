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
