from __future__ import annotations

import gzip
import io
import json
import sqlite3
import zipfile
from contextlib import closing
from typing import TYPE_CHECKING

import geopandas as gpd
import pyogrio
import pytest
from shapely import Point, box

from hotspots.errors import DataMissingError, InputError
from hotspots.sources import vector

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def layer() -> gpd.GeoDataFrame:
    shapes = [box(350_000, 430_000, 351_000, 431_000), box(351_000, 430_000, 352_000, 431_000)]
    return gpd.GeoDataFrame({"code": ["A", "B"]}, geometry=shapes, crs="EPSG:27700")


def shapefile_zip(
    path: Path, layer: gpd.GeoDataFrame, stems: list[str], leave_out: str = ""
) -> Path:
    """Write ``layer`` as one shapefile per stem into a zip."""
    folder = path.parent / "parts"
    folder.mkdir()
    layer.to_file(folder / "shapes.shp")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for stem in stems:
            for part in sorted(folder.iterdir()):
                if part.suffix != leave_out:
                    archive.write(part, f"{stem}{part.suffix}")
    return path


@pytest.mark.parametrize("name", ["a b!c.gpkg", "a.geojson", "a.json", "a.shp", "a.SHP.zip"])
def test_every_format_gives_the_same_shapes(
    tmp_path: Path, layer: gpd.GeoDataFrame, name: str
) -> None:
    path = tmp_path / name
    if name.endswith("zip"):
        shapefile_zip(path, layer, ["folder/shapes", "__MACOSX/folder/._shapes"])
    elif name.endswith("json"):
        layer.to_crs("EPSG:4326").to_file(path, driver="GeoJSON", engine="pyogrio")
    else:
        layer.to_file(tmp_path / f"plain{path.suffix}")
        for part in list(tmp_path.glob("plain.*")):
            part.rename(path.with_suffix(part.suffix))
    assert vector.is_vector(path)
    found = vector.read(path).table
    assert found.crs.to_epsg() == 27700
    assert found["code"].tolist() == ["A", "B"]
    assert found.normalize().geom_equals_exact(layer.normalize(), tolerance=0.2).all()


def test_a_zip_with_two_shapefiles_names_both(tmp_path: Path, layer: gpd.GeoDataFrame) -> None:
    path = shapefile_zip(tmp_path / "two.zip", layer, ["old", "new"])
    with pytest.raises(InputError, match=r"found 2: 'new.shp', 'old.shp'. Unpack the zip and name"):
        vector.read(path)


@pytest.mark.parametrize(
    ("leave_out", "message"),
    [
        (".dbf", r"lacks its \.dbf"),
        (".shx", r"lacks its \.shx"),
        (".shp", r"found no \.shp in it"),
    ],
)
def test_a_shapefile_without_a_part(
    tmp_path: Path, layer: gpd.GeoDataFrame, leave_out: str, message: str
) -> None:
    path = shapefile_zip(tmp_path / "cut.zip", layer, ["shapes"], leave_out)
    with pytest.raises(InputError, match=message):
        vector.read(path)


def test_a_zip_that_would_unpack_to_far_more_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for suffix in (".shp", ".shx", ".dbf"):
            archive.writestr("x" + suffix, b"\0" * 2**20)
    with pytest.raises(InputError, match=r"unpack from .* to 3,145,728 bytes"):
        vector.read(path)


def test_a_zip_member_named_twice_and_one_with_a_password(
    tmp_path: Path, layer: gpd.GeoDataFrame
) -> None:
    path = shapefile_zip(tmp_path / "twice.zip", layer, ["x"])
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("x.DBF", b"again")
    with pytest.raises(InputError, match=r"x.DBF is there twice"):
        vector.read(path)
    locked = tmp_path / "locked.zip"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("x.shp", b"secret")
    data = bytearray(buffer.getvalue())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    locked.write_bytes(data)
    with pytest.raises(InputError, match="password"):
        vector.read(locked)


def test_a_geopackage_of_several_layers_is_chosen_by_columns_or_refused(
    tmp_path: Path, layer: gpd.GeoDataFrame
) -> None:
    path = tmp_path / "many.gpkg"
    layer.to_file(path, layer="one")
    layer.rename(columns={"code": "other"}).to_file(path, layer="two")
    assert "other" in vector.read(path, wanted=["other"]).table.columns
    with pytest.raises(InputError, match="expected one layer, found 2: 'one', 'two'"):
        vector.read(path)


def feature_collection(*coordinates: tuple[float, float], **extra: object) -> str:
    features = [
        {
            "type": "Feature",
            "properties": {"id": 1},
            "geometry": {"type": "Point", "coordinates": c},
        }
        for c in coordinates
    ]
    return json.dumps({"type": "FeatureCollection", "features": features, **extra})


def test_grid_metres_in_geojson_are_taken_for_what_they_are(tmp_path: Path) -> None:
    path = tmp_path / "lamps.geojson"
    path.write_text(feature_collection((350_000.0, 430_000.0)))
    found = vector.read(path)
    assert found.is_assumed
    assert found.repairs[0].startswith("1 features are in British National Grid metres, the file")
    assert found.table.geometry.iloc[0].equals(Point(350_000, 430_000))
    stated = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}
    path.write_text(feature_collection((350_000.0, 430_000.0), crs=stated))
    assert vector.read(path).table.geometry.iloc[0].equals(Point(350_000, 430_000))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "the file is empty"),
        ('{"type": "FeatureCol', "line 1, column 10: the file is damaged or cut short"),
        ('{"type": "FeatureCollection", "features": []}', "without features"),
        ('{"type": "Topology", "objects": {}, "arcs": []}', "found TopoJSON"),
        ('{"type":"gdal_streamed_alg","command_line":"gdal vector"}', "found JSON of the type"),
        ("<OGRVRTDataSource></OGRVRTDataSource>", "begins with '<OGRVRT"),
        ("PK\x03\x04 cut", "damaged zip"),
        ("SQLite format 3\x00 cut", "the file is damaged: its database cannot be read"),
        ("\x89PNG", "a file that begins with '.PNG"),
    ],
)
def test_faulty_files_get_one_clear_message(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "layer.geojson"
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises(InputError, match=message) as caught:
        vector.read(path)
    assert str(path) in str(caught.value)


def test_a_page_cut_by_its_server_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "page.geojson"
    path.write_text(feature_collection((-2.5, 53.5), properties={"exceededTransferLimit": True}))
    with pytest.raises(InputError, match="the server cut it short"):
        vector.read(path)


def test_a_missing_file_and_a_plain_table(tmp_path: Path) -> None:
    with pytest.raises(DataMissingError, match="no such file"):
        vector.read(tmp_path / "absent.gpkg")
    table = tmp_path / "lamps.csv"
    table.write_text("a,b\n1,2\n")
    assert not vector.is_vector(table)


def test_text_of_numbers_has_no_needless_point() -> None:
    whole = gpd.pd.Series([1.0, None, 3.0])
    assert vector.text(whole).tolist() == ["1", "", "3"]
    assert vector.text(gpd.pd.Series([1.5, 2.0])).tolist() == ["1.5", "2.0"]


def test_a_geopackage_without_crs_or_without_shapes(
    tmp_path: Path, layer: gpd.GeoDataFrame
) -> None:
    nowhere = tmp_path / "nowhere.gpkg"
    with pytest.warns(UserWarning, match="'crs' was not provided"):
        layer.set_crs(None, allow_override=True).to_file(nowhere)
    assert vector.read(nowhere).is_assumed
    far = tmp_path / "far.gpkg"
    with pytest.warns(UserWarning, match="'crs' was not provided"):
        gpd.GeoDataFrame(geometry=layer.translate(9e6).to_numpy()).to_file(far)
    with pytest.raises(InputError, match="states no coordinate reference system"):
        vector.read(far)
    plain = tmp_path / "plain.gpkg"
    pyogrio.write_dataframe(layer.drop(columns="geometry"), plain)
    with pytest.raises(InputError, match="found no layer with shapes"):
        vector.read(plain)


def test_what_cannot_be_opened_is_told(tmp_path: Path) -> None:
    (tmp_path / "folder.geojson").mkdir()
    with pytest.raises(InputError, match=r"cannot be read \(Is a directory\)"):
        vector.read(tmp_path / "folder.geojson")
    packed = tmp_path / "a.geojson"
    packed.write_bytes(b"\x1f\x8b\x08 and no more")
    with pytest.raises(InputError, match="the gzip file is damaged"):
        vector.read(packed)
    packed.write_bytes(gzip.compress(feature_collection((-2.5, 53.5)).encode(), mtime=0))
    assert len(vector.read(packed).table) == 1


def test_a_geopackage_that_is_empty_or_only_says_so(
    tmp_path: Path, layer: gpd.GeoDataFrame
) -> None:
    empty = tmp_path / "empty.gpkg"
    layer.iloc[:0].to_file(empty)
    with pytest.raises(InputError, match="found a layer without features"):
        vector.read(empty)
    odd = tmp_path / "odd.gpkg"
    with closing(sqlite3.connect(odd)) as opened:
        opened.execute("CREATE TABLE gpkg_contents (table_name TEXT)")
        opened.commit()
    with pytest.raises(InputError, match=r"odd\.gpkg: "):
        vector.read(odd)


def test_a_layer_of_several_needs_every_column_that_is_wanted(
    tmp_path: Path, layer: gpd.GeoDataFrame
) -> None:
    path = tmp_path / "many.gpkg"
    layer.assign(name="x").to_file(path, layer="one")
    layer.to_file(path, layer="two")
    assert list(vector.read(path, wanted=["code", "name"]).table["name"]) == ["x", "x"]
    with pytest.raises(InputError, match="expected one layer, found 2"):
        vector.read(path, wanted=["code"])


@pytest.mark.parametrize(("name", "is_one"), [("a.zip", True), ("a.xlsx", False)])
def test_a_damaged_zip_is_what_its_name_says(tmp_path: Path, name: str, *, is_one: bool) -> None:
    (tmp_path / name).write_bytes(b"PK\x03\x04 cut")
    assert vector.is_vector(tmp_path / name) is is_one


def test_bare_bytes_in_a_column_become_text() -> None:
    told = vector.text(gpd.pd.Series([b" lamp\xff", "post ", 3, None], dtype=object))
    assert told.tolist() == ["lamp�", "post", "3", ""]


@pytest.mark.parametrize(
    ("names", "is_one"),
    [
        (["[Content_Types].xml", "a.shp"], False),
        (["mimetype", "a.geojson"], False),
        (["content.xml"], False),
        (["a.shp", "a.csv"], True),
        (["a.csv"], False),
        (["a.csv", "b.csv"], True),
        (["a.png"], True),
        (["a.geojson"], True),
        (["a.GPKG"], True),
        (["a.json", "readme.txt"], True),
        (["a.xlsx"], False),
    ],
)
def test_a_zip_is_a_layer_by_what_it_holds(
    tmp_path: Path, names: list[str], *, is_one: bool
) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, b"1")
    assert vector.is_vector(path) is is_one


def test_the_first_letters_of_an_unknown_file_are_shown(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    path.write_bytes(b"odd\x01" + b"x" * 50)
    with pytest.raises(
        InputError, match="found a file that begins with 'odd\ufffd" + "x" * 20 + "'"
    ):
        vector.read(path)
