from __future__ import annotations

import math

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiPoint, Point
from shapely.geometry.base import BaseGeometry

from hotspots.crs import BNG
from hotspots.errors import InputError
from hotspots.sources.coordinates import Located, from_points, locate, numbers
from hotspots.sources.pairs import EASTING_M, NORTHING_M

E, N = 350_000, 430_000
LON, LAT = -2.75996, 53.76393
"""The same place as ``E``, ``N``, to about ten metres."""


def rows(headings: str, *values: str) -> pd.DataFrame:
    """Make a table of text from values parted by bars, its rows labelled backwards."""
    cells = [value.split("|") for value in values]
    labels = range(len(values) - 1, -1, -1)
    return pd.DataFrame(cells, index=labels, columns=headings.split("|"), dtype="str")


def find(table: pd.DataFrame, **columns: str) -> Located:
    before = table.copy()
    found = locate("f.csv", table, columns, fix="Mend it.")
    pd.testing.assert_frame_equal(table, before)
    holds_its_contract(found, table.index)
    return found


def points(shapes: gpd.GeoSeries) -> Located:
    found = from_points("f.gpkg", shapes)
    holds_its_contract(found, shapes.index)
    return found


def holds_its_contract(found: Located, index: pd.Index) -> None:
    """A row has either both coordinates or a reason with the column at fault."""
    placed = found.reason.isna()
    for series in (found.x, found.y):
        assert series.index.equals(index)
        assert series.dtype == "float64"
        assert series.notna().equals(placed)
    for words in (found.reason, found.column, found.value, found.status):
        assert words.index.equals(index)
        assert words.dtype == "str"
        assert words.isna().equals(placed)
    assert found.x.dropna().between(*EASTING_M).all()
    assert found.y.dropna().between(*NORTHING_M).all()


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("521537", 521_537),
        ("521,537", 521_537),
        ("1,221,537.25", 1_221_537.25),
        ("-2.75", -2.75),
        ("5.2e5", 520_000),
        ("5,37", None),
        ("1,000,00", None),
        ("521 537", None),
        ("0x1F", None),
        ("inf", None),
        ("1e400", None),
        ("nan", None),
        ("True", None),
        ("", None),
    ],
)
def test_a_number_is_finite_and_its_commas_part_thousands(text: str, number: float | None) -> None:
    found = numbers(pd.Series([text, "7"], index=["a", "b"], dtype="str"))
    assert found.dtype == "float64"
    assert found.to_dict()["b"] == 7
    assert math.isnan(found["a"]) if number is None else found["a"] == number


def test_metres_are_taken_as_they_stand() -> None:
    found = find(rows("Northing|Easting", f"{N}.5|{E:,}", f"{N + 1}|{E + 1}"))
    assert found.x.to_dict() == {1: E, 0: E + 1}
    assert found.y.to_dict() == {1: N + 0.5, 0: N + 1}
    assert found.columns == {"easting": "Easting", "northing": "Northing"}
    (repair,) = found.repairs
    assert repair.startswith("1 rows have coordinates in 'Easting' and 'Northing' written with")


@pytest.mark.parametrize(
    ("headings", "value", "columns", "repair"),
    [
        ("lat|long", f"{LAT}|{LON}", {"longitude": "long", "latitude": "lat"}, ""),
        (
            "lat|long",
            f"{LON}|{LAT}",
            {"longitude": "lat", "latitude": "long"},
            "1 rows have latitude and longitude the wrong way round in 'long' and 'lat'",
        ),
        ("x|y", f"{LON}|{LAT}", {"longitude": "x", "latitude": "y"}, ""),
        (
            "x|y",
            f"{LAT}|{LON}",
            {"longitude": "y", "latitude": "x"},
            "wrong way round in 'x' and 'y'",
        ),
        ("n|wkt", f"1|POINT ({LON} {LAT})", {"longitude": "wkt", "latitude": "wkt"}, ""),
        (
            "n|wkt",
            f"1|POINT Z ({LAT} {LON} 9)",
            {"longitude": "wkt", "latitude": "wkt"},
            "wrong way round in 'wkt'",
        ),
    ],
)
def test_degrees_are_told_by_value_and_an_exchange_of_axes_is_said(
    headings: str, value: str, columns: dict[str, str], repair: str
) -> None:
    found = find(rows(headings, value))
    assert math.hypot(found.x[0] - E, found.y[0] - N) < 20
    assert found.columns == columns
    assert len(found.repairs) == bool(repair)
    assert repair in " ".join(found.repairs)


@pytest.mark.parametrize(("n_metres", "key"), [(4, "easting"), (2, "easting"), (1, "longitude")])
def test_metres_go_before_degrees_unless_they_place_less_than_half(n_metres: int, key: str) -> None:
    metres = [f"{E}|{N}"] * n_metres + ["|"] * (4 - n_metres)
    values = [f"{LON}|{LAT}|{pair}" for pair in metres]
    found = find(rows("Longitude|Latitude|Easting|Northing", *values))
    assert key in found.columns
    assert found.x.notna().sum() == (n_metres if key == "easting" else 4)


def test_of_two_pairs_in_metres_the_one_that_places_more_rows_is_taken() -> None:
    table = rows("Easting|Northing|Asset_XCords|Asset_YCords", f"||{E}|{N}", f"{E}|{N}|{E}|{N}")
    assert find(table).columns == {"easting": "Asset_XCords", "northing": "Asset_YCords"}


def test_degrees_do_not_go_round_the_globe() -> None:
    found = find(rows("lon|lat", f"{LON + 360}|{LAT}", f"{LON}|{LAT}"))
    assert found.reason.fillna("").tolist() == ["the coordinate is outside Great Britain", ""]


def test_the_settings_go_before_what_the_headings_say() -> None:
    table = rows("easting|northing|a|b", f"{E}|{N}|{LAT}|{LON}")
    found = find(table, longitude="b", latitude="a")
    assert found.columns == {"longitude": "b", "latitude": "a"}
    assert found.repairs == ()


@pytest.mark.parametrize(
    ("key", "other"),
    [
        ("easting", "northing"),
        ("northing", "easting"),
        ("longitude", "latitude"),
        ("latitude", "longitude"),
    ],
)
def test_half_a_pair_in_the_settings_is_refused(key: str, other: str) -> None:
    with pytest.raises(InputError, match=rf"f\.csv: .* column for {key} but none for {other}"):
        find(rows("easting|northing", f"{E}|{N}"), **{key: "easting"})


def test_recognised_columns_need_half_their_rows_in_britain_and_named_ones_need_one() -> None:
    away = "7|7"
    half = rows("x|y", f"{E}|{N}", away, f"{E}|{N}", away, "0|0", "|", "-|-")
    assert find(half).x.notna().tolist() == [True, False, True, False, False, False, False]
    fewer = rows("x|y", away, f"{E}|{N}", away, away)
    with pytest.raises(InputError, match=r"f\.csv: the columns 'x' and 'y' hold .*\(1 of 4"):
        find(fewer)
    assert find(fewer, easting="x", northing="y").x.notna().tolist() == [False, True, False, False]
    with pytest.raises(InputError, match="hold no places"):
        find(rows("x|y", away), easting="x", northing="y")


def test_the_refusal_shows_the_first_row_with_a_place_and_says_what_to_do() -> None:
    with pytest.raises(InputError, match=r"\(0 of 3 rows; an example is '8', '9'\)\. Mend it\."):
        find(rows("x|y", "|", "0|0", "8|9"))
    with pytest.raises(InputError, match=r"the file has 'here', 'there'\. Mend it\."):
        find(rows("here|there", f"{E}|{N}"))


@pytest.mark.parametrize(
    ("easting", "northing", "at_fault"),
    [
        (4_999.9, N, "x"),
        (660_000.1, N, "x"),
        (E, 4_999.9, "y"),
        (E, 1_225_000.1, "y"),
        (1, 1, "x"),
    ],
)
def test_a_number_outside_great_britain_is_named_by_its_column(
    easting: float, northing: float, at_fault: str
) -> None:
    table = rows("x|y", f"{easting}|{northing}", f"{E}|{N}")
    found = find(table)
    assert found.reason.fillna("").tolist() == ["the coordinate is outside Great Britain", ""]
    assert found.column[1] == at_fault
    assert found.value[1] == table.loc[1, at_fault]


@pytest.mark.parametrize(("easting", "northing"), [(5_000, 5_000), (660_000, 1_225_000)])
def test_the_corners_of_the_grid_lie_at_sea(easting: float, northing: float) -> None:
    found = find(rows("x|y", f"{easting}|{northing}", f"{E}|{N}"))
    assert found.reason.fillna("").tolist() == [
        "the coordinate is outside Great Britain, in the sea",
        "",
    ]
    assert (found.column[1], found.value[1]) == ("x", f"{easting}, {northing}")


def test_each_row_tells_by_its_size_whether_it_is_metres_or_degrees() -> None:
    found = find(rows("Easting|Northing", f"{E}|{N}", f"{LON}|{LAT}", f"{LAT}|{LON}", f"{E}|{N}"))
    assert found.x.sub(E).abs().max() < 20
    assert found.columns == {"easting": "Easting", "northing": "Northing"}
    (repair,) = found.repairs
    assert repair.startswith("2 rows have degrees in 'Easting' and 'Northing'")
    metres = find(rows("lon|lat", f"{LON}|{LAT}", f"{E}|{N}", f"{LON}|{LAT}"))
    assert metres.repairs[0].startswith("1 rows have British National Grid metres in 'lon'")


def test_northings_too_large_for_an_easting_are_told_where_others_bear_them_out() -> None:
    wick = ["336000|950000"] * 3
    found = find(rows("Easting|Northing", *wick, "950000|336000"))
    assert found.repairs[0].startswith("1 rows have easting and northing the wrong way round")
    assert found.x.tolist() == [336_000] * 4
    stray = find(rows("Easting|Northing", *[f"{E}|{N}"] * 3, "950000|336000"))
    assert stray.reason.fillna("").tolist()[3] == "the coordinate is outside Great Britain"


def test_a_coordinate_that_a_spreadsheet_rounded_is_no_place() -> None:
    found = find(rows("Easting|Northing", f"{E}|{N}", f"3.5E+05|{N}", f"{E}|4.30001E+05"))
    assert found.reason.fillna("").tolist() == [
        "",
        "the coordinate was rounded by a spreadsheet",
        "",
    ]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("", "there is no coordinate"),
        ("POINT EMPTY", "the coordinate is not a number"),
        ("LINESTRING (1 1, 2 2)", "the coordinate is not a number"),
        ("POINT (350000", "the coordinate is not a number"),
        ("POINT (0 0)", "the coordinate is zero"),
        ("POINT (350000 9999999)", "the coordinate is outside Great Britain"),
    ],
)
def test_well_known_text_that_is_no_place(value: str, reason: str) -> None:
    found = find(rows("n|geom", f"1|{value}", f"2|POINT ({E} {N})"))
    assert found.reason.fillna("").tolist() == [reason, ""]
    assert (found.column[1], found.value[1]) == ("geom", value)
    assert (found.x[0], found.y[0]) == (E, N)


_CELLS = st.sampled_from(["", "0", "x", str(E), str(N), f"{E:,}", str(LON), str(LAT), "-1e9", "95"])


@settings(max_examples=40, deadline=None)
@given(
    cells=st.lists(st.tuples(_CELLS, _CELLS), max_size=8),
    headings=st.sampled_from(["x|y", "lat|lon"]),
)
def test_a_row_is_placed_or_has_a_reason_whatever_the_order(
    cells: list[tuple[str, str]], headings: str
) -> None:
    good = (str(LAT), str(LON)) if headings == "lat|lon" else (str(E), str(N))
    table = rows(headings, *("|".join(pair) for pair in [*cells, *[good] * (2 * len(cells) + 1)]))
    found = find(table)
    turned = find(table.iloc[::-1])
    for name in ("x", "y", "reason", "column", "value"):
        pd.testing.assert_series_equal(getattr(turned, name).iloc[::-1], getattr(found, name))


@pytest.mark.parametrize(
    ("shape", "reason", "value"),
    [
        (None, "there is no coordinate", "nothing"),
        (Point(), "there is no coordinate", "Point"),
        (LineString(), "there is no coordinate", "LineString"),
        (LineString([(E, N), (E, N + 1)]), "the shape is not a point", "LineString"),
        (MultiPoint([(E, N), (E, 1)]), "the shape is not a point", "MultiPoint"),
        (Point(1, N), "the coordinate is outside Great Britain", "1.0 430000.0"),
        (Point(E, 1.26), "the coordinate is outside Great Britain", "350000.0 1.3"),
    ],
)
def test_a_shape_that_cannot_be_placed(shape: BaseGeometry | None, reason: str, value: str) -> None:
    shapes = gpd.GeoSeries([shape, Point(E, N)], index=[1, 0], crs=BNG)
    found = points(shapes)
    assert found.reason.fillna("").tolist() == [reason, ""]
    assert (found.column[1], found.value[1]) == ("geometry", value)
    assert (found.x[0], found.y[0]) == (E, N)
    assert found.columns == {"easting": "geometry", "northing": "geometry"}


def test_shapes_none_of_which_is_a_point_all_have_a_reason() -> None:
    shapes = gpd.GeoSeries([LineString([(E, N), (E, N + 1)]), None], crs=BNG)
    found = points(shapes)
    assert found.reason.notna().all()


def test_a_fault_that_the_reader_knows_is_told_as_it_is() -> None:
    shapes = gpd.GeoSeries([None, Point(E, N)], crs=BNG)
    fault = pd.Series(["a coordinate is not a number", None], dtype="str")
    found = from_points("f.json", shapes, fault=fault)
    assert found.reason.fillna("").tolist() == ["a coordinate is not a number", ""]


def test_points_outside_the_area_are_excluded_and_far_ones_quarantined() -> None:
    shapes = gpd.GeoSeries([*[Point(E + i, N) for i in range(9)], Point(530_000, 180_000)], crs=BNG)
    found = from_points("f.gpkg", shapes, near=Point(E, N).buffer(1_000))
    assert found.status.fillna("").tolist()[8:] == ["", "excluded"]
    assert points(shapes).status.fillna("").tolist()[8:] == ["", "quarantined"]


def test_a_multipoint_of_one_point_is_a_point_and_counted() -> None:
    found = points(gpd.GeoSeries([MultiPoint([(E, N)]), Point(E, N)], crs=BNG))
    assert found.x.tolist() == [E, E]
    assert found.repairs == ("1 features are a MultiPoint of one point each; taken as points",)


def test_a_shape_at_fault_is_shown_to_a_tenth_of_a_metre() -> None:
    shapes = gpd.GeoSeries([Point(9_000_000.26, 5.04), Point(350_000, 430_000)], crs="EPSG:27700")
    assert from_points("f", shapes).value.tolist()[0] == "9000000.3 5.0"


def test_an_example_of_what_is_no_place_is_cut() -> None:
    rows = pd.DataFrame({"x": ["x" * 70], "y": ["y"]}, dtype="str")
    with pytest.raises(InputError, match=rf"of 1 rows; an example is '{'x' * 60}', 'y'\)"):
        locate("f.csv", rows, {}, fix="Mend it.")


@pytest.mark.parametrize(
    ("headings", "words"),
    [
        (("x", "y"), "1 rows have degrees in 'x' and 'y', which are not such columns otherwise"),
        (("Easting", "Northing"), "1 rows have degrees in 'Easting' and 'Northing', which"),
        (("Longitude", "Latitude"), "3 rows have British National Grid metres in 'Longitude' and"),
    ],
)
def test_rows_of_another_kind_than_the_headings_say_are_told(
    headings: tuple[str, str], words: str
) -> None:
    rows = [("350000", "430000")] * 3 + [("-2.75996", "53.76393")]
    table = pd.DataFrame(rows, columns=list(headings), dtype="str")
    (told,) = locate("f.csv", table, {}, fix="Mend it.").repairs
    assert told.startswith(words)


@pytest.mark.parametrize(("n_placed", "is_taken"), [(1, False), (2, True)])
def test_half_the_rows_have_to_be_places(n_placed: int, *, is_taken: bool) -> None:
    rows = [("350000", "430000")] * n_placed + [("1", "2")] * (4 - n_placed)
    table = pd.DataFrame(rows, columns=["x", "y"], dtype="str")
    if is_taken:
        assert locate("f.csv", table, {}, fix="Mend it.").x.notna().sum() == n_placed
    else:
        with pytest.raises(InputError, match=r"\(1 of 4 rows; an example is '350000', '430000'\)"):
            locate("f.csv", table, {}, fix="Mend it.")
