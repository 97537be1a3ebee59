from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
from shapely import GeometryCollection, MultiPolygon, Point, Polygon, box

from hotspots import schema
from hotspots.errors import InputError
from hotspots.sources import boundaries

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "boundaries"
E0, N0 = 350_000, 430_000


def square(column: int, row: int = 0) -> Polygon:
    """One kilometre square of an invented county."""
    x, y = E0 + 1_000 * column, N0 + 1_000 * row
    return box(x, y, x + 1_000, y + 1_000)


def written(path: Path, shapes: list[Any], **columns: list[Any]) -> Path:
    gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:27700").to_file(path)
    return path


def read(path: Path, code: str = "code", name: str = "name") -> gpd.GeoDataFrame:
    return boundaries.read(path, level="district", code=code, name=name).table


def test_areas_are_dissolved_by_code_and_sorted(tmp_path: Path) -> None:
    path = written(
        tmp_path / "a.gpkg",
        [square(2), square(0), square(1), square(5)],
        code=["D2", "D1", "D1", "D2"],
        name=["Far ", "Near", "Near", "Far"],
    )
    areas = read(path)
    schema.check(areas, schema.AREAS)
    assert areas["area_code"].tolist() == ["D1", "D2"]
    assert areas["name"].tolist() == ["Near", "Far"]
    assert areas["area_m2"].tolist() == [2e6, 2e6]
    assert areas.geom_type.tolist() == ["Polygon", "MultiPolygon"]
    assert areas["district_code"].isna().all()
    assert set(areas["level"]) == {"district"}


def test_row_order_does_not_matter(tmp_path: Path) -> None:
    shapes, codes = [square(i) for i in range(6)], ["C", "A", "B", "A", "C", "B"]
    one = read(written(tmp_path / "one.gpkg", shapes, code=codes, name=codes))
    two = read(written(tmp_path / "two.gpkg", shapes[::-1], code=codes[::-1], name=codes[::-1]))
    assert one["area_code"].tolist() == two["area_code"].tolist()
    assert one.geometry.normalize().geom_equals(two.geometry.normalize()).all()


def test_shapes_that_touch_themselves_keep_their_polygons_only(tmp_path: Path) -> None:
    bow_tie = Polygon([(E0, N0), (E0 + 100, N0 + 100), (E0 + 100, N0), (E0, N0 + 100)])
    spike = Polygon(
        [(E0, N0), (E0 + 100, N0), (E0 + 100, N0 + 500), (E0 + 100, N0 + 100), (E0, N0 + 100)]
    )
    overlap = MultiPolygon([square(0), square(0)])
    path = written(
        tmp_path / "a.gpkg", [bow_tie, spike, overlap], code=["A", "B", "C"], name=["a", "b", "c"]
    )
    areas = read(path)
    assert areas.is_valid.all()
    assert set(areas.geom_type) <= {"Polygon", "MultiPolygon"}
    assert areas["area_m2"].round(3).tolist() == [5_000, 10_000, 1_000_000]


def test_codes_that_are_numbers_become_text(tmp_path: Path) -> None:
    path = written(tmp_path / "a.gpkg", [square(0), square(1)], code=[7.0, 8.0], name=["a", "b"])
    assert read(path)["area_code"].tolist() == ["7", "8"]


def test_a_missing_column_lists_those_found(tmp_path: Path) -> None:
    path = written(tmp_path / "a.gpkg", [square(0)], LAD24CD=["A"], LAD24NM=["a"])
    with pytest.raises(InputError, match=r"no column 'code'; the file has 'LAD24CD', 'LAD24NM'"):
        read(path, name="LAD24NM")
    assert read(path, code="LAD24CD", name="LAD24CD")["name"].tolist() == ["A"]


@pytest.mark.parametrize(
    ("shape", "code", "name", "message"),
    [
        (None, "B", "b", "feature 2: the area 'B' has no shape with an area"),
        (Point(E0, N0), "B", "b", r"feature 2: the shape is not a polygon \(found Point"),
        (box(5e6, 0, 6e6, 9), "B", "b", "feature 2: the shape lies outside Great Britain"),
        (
            Polygon([(E0, N0), (E0 + 9, N0), (E0, N0)]),
            "B",
            "b",
            "feature 2: the area 'B' has no shape with an area",
        ),
        (square(1), None, "b", r"feature 2, column 'code': the value is empty \(1 of 2"),
        (square(1), "B", " ", "feature 2, column 'name': the value is empty"),
        (
            square(1),
            "A",
            "b",
            "feature 2, column 'name': the code 'A' has 2 different names, 'a', 'b'",
        ),
    ],
)
def test_faulty_features_are_refused(
    tmp_path: Path, shape: Polygon | Point | None, code: str | None, name: str, message: str
) -> None:
    path = written(tmp_path / "a.gpkg", [square(0), shape], code=["A", code], name=["a", name])
    with pytest.raises(InputError, match=message) as caught:
        read(path)
    assert str(path) in str(caught.value)


def test_degrees_in_the_wrong_order_are_turned_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    swapped = gpd.GeoDataFrame(
        {"code": ["A"], "name": ["a"]}, geometry=[box(53, -3, 54, -2)], crs="EPSG:4326"
    )
    swapped.to_file(path)
    found = boundaries.read(path, level="district", code="code", name="name")
    assert found.repairs == ("1 features have latitude before longitude; the axes were swapped",)
    assert found.table.to_crs("EPSG:4326").total_bounds.round().tolist() == [-3, 53, -2, 54]


def test_every_feature_is_accounted_for(tmp_path: Path) -> None:
    path = written(
        tmp_path / "a.gpkg",
        [square(0), square(0), None, square(1)],
        code=["A", "A", "A", "B"],
        name=["a", "a", "a", "b"],
    )
    found = boundaries.read(path, level="district", code="code", name="name")
    assert found.account.drop(columns=["file", "member"]).iloc[0].to_dict() == {
        "rows_in": 4, "kept": 2, "unlocated": 0, "excluded": 0, "duplicate": 1, "quarantined": 1,
    }  # fmt: skip
    assert found.set_aside[["line", "status"]].to_numpy().tolist() == [
        [2, "duplicate"],
        [3, "quarantined"],
    ]
    assert found.table["area_m2"].tolist() == [1e6, 1e6]


def real(file: str) -> Path:
    if not (DATA / file).exists():
        pytest.skip(f"the real file {file} is not here")
    return DATA / file


@pytest.mark.parametrize(
    ("file", "level", "code", "name", "n"),
    [
        ("lad24_lancashire.geojson", "district", "ltla24_code", "ltla24_name", 14),
        ("lsoa21_lancashire.geojson", "district", "ltla24_code", "ltla24_name", 14),
        ("lad_lancashire_bng_shapefile.zip", "district", "LAD13CD", "LADNM", 14),
        ("lsoa11_lancashire.geojson", "lsoa11", "LSOA11CD", "LSOA11NM", 941),
        ("lsoa21_lancashire.geojson", "lsoa21", "lsoa21_code", "lsoa21_name", 945),
        ("ward22_lancashire.geojson", "ward", "ward22_code", "ward22_name", 271),
        ("pfa20_lancashire.geojson", "force", "pfa20_code", "pfa20_name", 1),
    ],
)
def test_real_lancashire(file: str, level: str, code: str, name: str, n: int) -> None:
    areas = boundaries.read(real(file), level=level, code=code, name=name).table
    assert len(areas) == n
    assert areas.is_valid.all()
    assert 3_069e6 <= areas["area_m2"].sum() <= 3_084e6


def test_real_barnet_is_one_district_of_220_lsoas() -> None:
    path = real("lsoa21_barnet.geojson")
    lsoas = boundaries.read(path, level="lsoa21", code="lsoa21_code", name="lsoa21_name").table
    district = boundaries.read(path, level="district", code="ltla24_code", name="ltla24_name").table
    assert len(lsoas) == 220
    assert district[["area_code", "name"]].to_numpy().tolist() == [["E09000003", "Barnet"]]
    assert district["area_m2"].sum() == pytest.approx(lsoas["area_m2"].sum(), rel=1e-4)


def test_real_zip_without_a_shapefile_is_refused() -> None:
    with pytest.raises(InputError, match=r"found no \.shp in it \(it holds 'lsoa_by_lad/"):
        read(real("ukgeojson_barnet_E09000003.zip"))


def test_features_of_one_code_are_joined_and_those_on_each_other_are_told(tmp_path: Path) -> None:
    codes = ["E05000001", "E05000001", "E05000002", "E05000002", "E0500003", "E05000004"]
    half = box(E0 + 500, N0, E0 + 1_500, N0 + 1_000)
    shapes = [square(0), half, square(5), square(9), square(7), square(8)]
    path = written(tmp_path / "a.gpkg", shapes, code=codes, name=codes)
    found = boundaries.read(path, level="ward", code="code", name="name")
    joined, twice, odd = found.warnings
    assert joined.startswith("the 6 features bear 4 codes, so 4 areas come out")
    assert twice.startswith("the features 1, 2 all have the code 'E05000001' but lie on each other")
    assert odd.endswith("as the ONS writes them: 'E0500003'")


@pytest.mark.parametrize(("share", "is_same"), [(0.99895, False), (0.9991, True)])
def test_two_codes_of_nearly_one_shape_are_refused(
    tmp_path: Path, share: float, *, is_same: bool
) -> None:
    wider = box(E0, N0, E0 + 1_000 / share, N0 + 1_000)
    path = written(tmp_path / "a.gpkg", [square(0), wider], code=["A", "B"], name=["a", "b"])
    if is_same:
        with pytest.raises(InputError, match="the areas 'A', 'B' have the same shape"):
            read(path)
    else:
        found = boundaries.read(path, level="district", code="code", name="name")
        assert any("'A', 'B' by 100% of the smaller one" in each for each in found.warnings)


def test_of_several_areas_out_of_place_the_first_is_told(tmp_path: Path) -> None:
    codes = ["E07000001", "E07000002", "E07000003"]
    shapes = [
        square(0),
        box(300_000, 700_000, 301_000, 701_000),
        box(310_000, 720_000, 311_000, 721_000),
    ]
    path = written(tmp_path / "a.gpkg", shapes, code=codes, name=codes)
    words = r"'E07000002' .* lies in Scotland: easting 300,500, northing 700,500 \(2 of 3 areas\)"
    with pytest.raises(InputError, match=words):
        read(path)


@pytest.mark.parametrize(
    ("shape", "is_near"),
    [
        (box(700_000, 5, 700_009, 9), True),
        (box(700_000.5, 5, 700_009, 9), False),
        (box(5, 1_300_000, 9, 1_300_009), True),
        (box(5, 1_300_000.5, 9, 1_300_009), False),
        (box(-9, 5, 0, 9), True),
        (box(-9, 5, -0.5, 9), False),
        (box(5, -9, 9, 0), True),
        (box(5, -9, 9, -0.5), False),
    ],
)
def test_shapes_touch_the_national_grid(shape: Polygon, *, is_near: bool) -> None:
    given = gpd.GeoSeries([shape], crs="EPSG:27700")
    if is_near:
        assert boundaries.polygons(Path("a"), given)[0].tolist() == [shape]
    else:
        with pytest.raises(InputError, match=r"^a, feature 1: the shape lies outside Great Brit"):
            boundaries.polygons(Path("a"), given)


def twice_enclosed(side: float) -> Polygon:
    """A square of 100 m with a part of it that its ring goes round again."""
    loop = [(0, 0), (side, 0.001), (side, side), (0.001, side), (0, 0)]
    ring = [(0, 0), (100, 0), (100, 100), (0, 100), *loop]
    return Polygon([(E0 + x, N0 + y) for x, y in ring])


@pytest.mark.parametrize(("side", "is_mended"), [(22.0, True), (22.8, False)])
def test_a_polygon_is_mended_if_hardly_anything_of_it_is_in_doubt(
    side: float, *, is_mended: bool
) -> None:
    given = gpd.GeoSeries([square(5), twice_enclosed(side)], crs="EPSG:27700")
    if is_mended:
        found, repairs = boundaries.polygons(Path("a"), given)
        assert found.iloc[1].area == pytest.approx(10_000)
        assert repairs == ("1 shapes that cross themselves were mended",)
    else:
        with pytest.raises(InputError, match="feature 2: the polygon crosses itself in a way that"):
            boundaries.polygons(Path("a"), given)


def test_points_beside_polygons_are_left_out_and_told() -> None:
    mixed = GeometryCollection([square(0), Point(E0, N0), square(1), MultiPolygon([square(3)])])
    given = gpd.GeoSeries([mixed, square(5)], crs="EPSG:27700")
    found, repairs = boundaries.polygons(Path("a"), given)
    assert found.area.tolist() == [3e6, 1e6]
    assert repairs == ("1 shapes have points or lines besides polygons; these were left out",)


@pytest.mark.parametrize(
    ("n", "is_whole", "is_refused"),
    [
        (1_000, False, True),
        (2_000, False, True),
        (999, False, False),
        (1_001, False, False),
        (1_999, False, False),
        (2_001, False, False),
        (1_000, True, False),
    ],
)
def test_a_full_page_of_features_may_be_cut_short(
    n: int, *, is_whole: bool, is_refused: bool
) -> None:
    if is_refused:
        with pytest.raises(InputError, match=f"found exactly {n:,} features"):
            boundaries._refuse_page(Path("a"), n, is_whole=is_whole)
    else:
        boundaries._refuse_page(Path("a"), n, is_whole=is_whole)


def at(x: float, y: float) -> Polygon:
    return box(x - 0.1, y - 0.1, x + 0.1, y + 0.1)


@pytest.mark.parametrize(
    ("code", "x", "y", "words"),
    [
        ("E07000001", 300_000, 572_499.5, ""),
        ("E07000001", 300_000, 572_500.5, "has a code of England or Wales and lies in Scotland"),
        ("W07000001", 300_000, 572_500.5, "has a code of England or Wales and lies in Scotland"),
        ("S12000001", 300_000, 572_500.5, ""),
        ("E07000001", 320_000, 594_999.5, ""),
        ("E07000001", 320_000, 595_000.5, "lies in Scotland"),
        ("S12000001", 350_000, 525_000.5, ""),
        ("S12000001", 350_000, 524_999.5, "has a code of Scotland and lies in England"),
        ("x", 300_000, 572_500.5, ""),
        ("E07000001", 290_000, 450_000, "lies in no part of Great Britain"),
    ],
)
def test_codes_of_a_country_lie_in_it(
    tmp_path: Path, code: str, x: float, y: float, words: str
) -> None:
    path = written(tmp_path / "a.gpkg", [at(x, y)], code=[code], name=["a"])
    if words:
        with pytest.raises(InputError, match=words):
            read(path)
    else:
        assert read(path)["area_code"].tolist() == [code]


@pytest.mark.parametrize(("n_odd", "is_told"), [(0, False), (1, True), (2, False)])
def test_odd_codes_are_told_if_they_are_the_fewer(
    tmp_path: Path, n_odd: int, *, is_told: bool
) -> None:
    codes = [f"E0700000{n}" if n >= n_odd else f"x{n}" for n in range(4)]
    shapes = [square(2 * n) for n in range(4)]
    path = written(tmp_path / "a.gpkg", shapes, code=codes, name=codes)
    found = boundaries.read(path, level="district", code="code", name="name").warnings
    assert bool(found) is is_told
    if is_told:
        assert found[0].startswith("1 of 4 codes are not a letter and eight digits as")


@pytest.mark.parametrize(("over_m", "is_told"), [(10, False), (11, True)])
def test_areas_may_overlap_by_a_hundredth(tmp_path: Path, over_m: float, *, is_told: bool) -> None:
    beside = box(E0 + 1_000 - over_m, N0, E0 + 2_000 - over_m, N0 + 1_000)
    for codes in (["A", "B"], ["A", "A"]):
        path = tmp_path / f"{codes[1]}{over_m}.gpkg"
        written(path, [square(0), beside], code=codes, name=codes)
        found = boundaries.read(path, level="district", code="code", name="name").warnings
        lying = [words for words in found if "overlap" in words or "lie on each other" in words]
        assert bool(lying) is is_told
        if is_told and codes[1] == "B":
            assert lying[0] == "1 pairs of areas overlap, 'A', 'B' by 1% of the smaller one"
        if is_told and codes[1] == "A":
            assert lying[0].startswith("the features 1, 2 all have the code 'A' but lie on each")


def test_the_worst_of_several_overlaps_is_named(tmp_path: Path) -> None:
    shapes = [
        square(0),
        box(E0 + 800, N0, E0 + 1_800, N0 + 1_000),
        square(5),
        box(E0 + 5_300, N0, E0 + 6_300, N0 + 1_000),
    ]
    path = written(tmp_path / "a.gpkg", shapes, code=list("ABCD"), name=list("ABCD"))
    (found,) = boundaries.read(path, level="ward", code="code", name="name").warnings
    assert found == "2 pairs of areas overlap, 'C', 'D' by 70% of the smaller one"


def test_many_names_for_one_code_are_listed_so_far(tmp_path: Path) -> None:
    names = list("abcdefg")
    path = written(
        tmp_path / "a.gpkg", [square(2 * n) for n in range(7)], code=["A"] * 7, name=names
    )
    words = r"feature 2, column 'name': the code 'A' has 7 different names, 'a', 'b', 'c', 'd', 'e'"
    with pytest.raises(InputError, match=rf"{words} \(1 such codes\)"):
        read(path)


def test_of_several_empty_values_the_first_is_named(tmp_path: Path) -> None:
    shapes = [square(2 * n) for n in range(4)]
    path = written(tmp_path / "a.gpkg", shapes, code=["A", "", "C", None], name=list("abcd"))
    with pytest.raises(InputError, match=r"feature 2, column 'code': .* \(2 of 4 are\)"):
        read(path)


def test_the_first_area_without_a_shape_is_named(tmp_path: Path) -> None:
    shapes = [square(0), None, None, square(3)]
    path = written(tmp_path / "a.gpkg", shapes, code=list("ADCB"), name=list("adcb"))
    with pytest.raises(InputError, match=r"feature 3: the area 'C' has no .* \(2 of 4 areas\)"):
        read(path)
