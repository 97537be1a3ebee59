"""Boundary files that are odd, damaged or meant to do harm, each in its right class."""

from __future__ import annotations

import gzip
import io
import json
import sqlite3
import struct
import warnings
import zipfile
from contextlib import closing
from typing import TYPE_CHECKING, Any, NamedTuple

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from shapely import GeometryCollection, LineString, MultiPolygon, Point, Polygon, box

from hotspots.pipeline.check import check
from hotspots.pipeline.understood import ROWS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

E0, N0 = 350_000, 430_000
CODES = ["E07999001", "E07999002", "E07999003"]
NAMES = ["Anytown", "Nextown", "Fartown"]
SQUARES = [box(E0 + i * 1_000, N0, E0 + (i + 1) * 1_000, N0 + 1_000) for i in range(3)]
DEGREES = "EPSG:4326"
BNG = "EPSG:27700"


def layer(
    shapes: list[Any] | None = None,
    codes: list[Any] | None = None,
    names: list[Any] | None = None,
    crs: str | None = BNG,
) -> gpd.GeoDataFrame:
    shapes = SQUARES if shapes is None else shapes
    codes = CODES if codes is None else codes
    names = [NAMES[CODES.index(code)] for code in codes] if names is None else names
    return gpd.GeoDataFrame({"LAD24CD": codes, "LAD24NM": names}, geometry=shapes, crs=crs)


def geojson(table: gpd.GeoDataFrame, to: str | None = DEGREES, **extra: Any) -> bytes:  # noqa: ANN401
    """Return a table as GeoJSON, in degrees unless said otherwise, stating no CRS."""
    table = table if to is None else table.to_crs(to)
    content = json.loads(table.to_json(drop_id=True))
    content.pop("crs", None)
    return json.dumps(content | extra).encode()


def stated(code: str) -> dict[str, Any]:
    return {"crs": {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{code}"}}}


def turned(table: gpd.GeoDataFrame, to: str = DEGREES) -> gpd.GeoDataFrame:
    """Return a table with its axes in the wrong order."""
    shapes = shapely.transform(table.to_crs(to).geometry.to_numpy(), lambda xy: xy[:, ::-1])
    return gpd.GeoDataFrame(table.drop(columns="geometry"), geometry=shapes, crs=to)


def edited(edit: Callable[[list[dict[str, Any]]], object], **extra: object) -> bytes:
    """Return the sound GeoJSON with its features changed by ``edit``."""
    content = json.loads(geojson(layer()))
    edit(content["features"])
    return json.dumps(content | extra).encode()


def ring_of(features: list[dict[str, Any]]) -> Any:  # noqa: ANN401 - nested lists of numbers
    return features[1]["geometry"]["coordinates"][0]


def saved(folder: Path, table: gpd.GeoDataFrame, suffix: str, **options: Any) -> None:  # noqa: ANN401
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        table.to_file(folder / f"areas{suffix}", **options)


class Case(NamedTuple):
    """A GeoJSON file, and what is to become of it and its features."""

    title: str
    data: bytes
    verdict: str
    rows: tuple[int, int, int, int, int, int] = (0, 0, 0, 0, 0, 0)
    repaired: int = 0
    says: str = ""
    name: str = "areas.geojson"


KEPT = (3, 3, 0, 0, 0, 0)
BOW = Polygon([(E0, N0), (E0 + 900, N0 + 900), (E0 + 900, N0), (E0, N0 + 900)])
LOOP = Polygon(
    [(E0, N0), (E0 + 900, N0), (E0 + 900, N0 + 600), (E0 + 300, N0 + 600), (E0 + 300, N0 + 300),
     (E0 + 600, N0 + 300), (E0 + 600, N0 + 900), (E0, N0 + 900)]
)  # fmt: skip
HOLE_OUTSIDE = Polygon(
    SQUARES[0].exterior.coords, [box(E0 - 900, N0, E0 - 100, N0 + 900).exterior.coords]
)
MANY = [box(E0 + 10 * i, N0, E0 + 10 * (i + 1), N0 + 10) for i in range(1_000)]
MANY_CODES = [f"E07{i:06d}" for i in range(1_000)]
HIGH = [shapely.force_3d(each, 7) for each in SQUARES]
LINE = LineString([(E0, N0), (E0, N0 + 9)])
WIDE = box(E0, N0, E0 + 1_500, N0 + 1_000)
IRISH = layer(
    [box(330_000 + 900 * i, 370_000, 330_900 + 900 * i, 371_000) for i in range(3)],
    crs="EPSG:29902",
)
OFF_KINTYRE = layer().set_crs("EPSG:29902", allow_override=True)

CASES = (
    # Sound, or the same in another form
    Case("degrees", geojson(layer()), "accept", KEPT),
    Case("degrees, stated", geojson(layer(), **stated("4326")), "accept", KEPT),
    Case("grid, stated", geojson(layer(), None, **stated("27700")), "accept", KEPT),
    Case(
        "web Mercator, stated", geojson(layer(), "EPSG:3857", **stated("3857")), "accept", KEPT
    ),
    Case("byte order mark", b"\xef\xbb\xbf" + geojson(layer()), "accept", KEPT),
    Case("blanks before", b"\n\n  " + geojson(layer()), "accept", KEPT),
    Case("gzipped", gzip.compress(geojson(layer()), mtime=0), "accept", KEPT, name="a.geojson.gz"),
    Case("another ending", geojson(layer()), "accept", KEPT, name="areas.txt"),
    Case("heights", geojson(layer(HIGH)), "accept", KEPT),
    Case(
        "values that are lists",
        edited(lambda features: features[0]["properties"].update(tags=[1, {"a": 2}])),
        "accept",
        KEPT,
    ),
    Case(
        "parts of one area",
        geojson(layer(codes=[CODES[0], CODES[1], CODES[1]])),
        "accept",
        KEPT,
        says="the 3 features bear 2 codes",
    ),
    Case(
        "a feature that comes again",
        geojson(layer([*SQUARES, SQUARES[0]], [*CODES, CODES[0]])),
        "accept",
        (4, 3, 0, 0, 1, 0),
    ),
    Case(
        "areas that overlap",
        geojson(layer([WIDE, *SQUARES[1:]])),
        "accept",
        KEPT,
        says="'E07999001', 'E07999002' by 50%",
    ),
    Case("a list of 1,001", geojson(layer([*MANY, WIDE], [*MANY_CODES, CODES[0]], ["x"] * 1_001)),
         "accept", (1_001, 1_001, 0, 0, 0, 0)),
    # What is put right
    Case("grid metres", geojson(layer(), None), "refuse", says="British National Grid metres"),
    Case(
        "grid metres, said to be degrees",
        geojson(layer(), None, **stated("4326")),
        "repair",
        KEPT,
        3,
        "though the file states another",
    ),
    Case("degrees, said to be metres", geojson(layer(), **stated("27700")), "repair", KEPT, 3),
    Case("degrees, said to be Mercator", geojson(layer(), **stated("3857")), "repair", KEPT, 3),
    Case("latitude first", geojson(turned(layer()), None), "repair", KEPT, 3, "axes were swapped"),
    Case(
        "latitude first in one feature",
        edited(lambda features: [spot.reverse() for spot in ring_of(features)]),
        "repair",
        KEPT,
        1,
    ),
    Case(
        "degrees and metres mixed",
        edited(
            lambda features: features[1]["geometry"].update(
                json.loads(shapely.to_geojson(SQUARES[1]))
            )
        ),
        "refuse",
        says="states no coordinate reference system",
    ),
    Case("a bow tie", geojson(layer([BOW, *SQUARES[1:]])), "repair", KEPT, 1, "were mended"),
    Case("an open ring", edited(lambda features: ring_of(features).pop()), "repair", KEPT, 1),
    Case(
        "a part twice",
        geojson(layer([MultiPolygon([SQUARES[0]] * 2), *SQUARES[1:]])),
        "repair",
        KEPT,
        1,
    ),
    Case(
        "a line beside the polygon",
        geojson(layer([GeometryCollection([SQUARES[0], LINE]), *SQUARES[1:]])),
        "repair",
        KEPT,
        1,
    ),
    Case("UTF-16", geojson(layer()).decode().encode("utf-16"), "repair", KEPT, 3),
    Case(
        "Windows-1252",
        geojson(layer()).replace(b"Anytown", b"Ynys M\xf4n"),
        "repair",
        KEPT,
        1,
        "read as Windows-1252",
    ),
    # Features that cannot be used, of areas that have others
    Case(
        "a part without a shape",
        geojson(layer([*SQUARES, None], [*CODES, CODES[0]])),
        "quarantine",
        (4, 3, 0, 0, 0, 1),
    ),
    Case(
        "an empty part",
        geojson(layer([*SQUARES, Polygon()], [*CODES, CODES[0]])),
        "quarantine",
        (4, 3, 0, 0, 0, 1),
    ),
    Case(
        "a part with a coordinate that is no number",
        edited(lambda features: features.append(
            json.loads(json.dumps(features[0]).replace("53.", "NaN, 53.", 1)))),
        "quarantine",
        (4, 3, 0, 0, 0, 1),
        1,
    ),
    Case(
        "a part with words for coordinates",
        edited(lambda features: features.append(
            {**features[0], "geometry": {"type": "Polygon", "coordinates": "here"}})),
        "quarantine",
        (4, 3, 0, 0, 0, 1),
    ),
    # Files that cannot be used
    Case("empty", b"", "refuse", says="empty"),
    Case("cut", geojson(layer())[:-40], "refuse", says="cut short"),
    Case("a bare word", geojson(layer()).replace(b"-2.", b"two", 1), "refuse", says="line 1"),
    Case("a web page", b"<!DOCTYPE html><html></html>", "refuse", says="a web page"),
    Case("KML", b'<?xml version="1.0"?><kml></kml>', "refuse", says="GML or KML"),
    Case("FlatGeobuf", b"fgb\x03fgb\x00" + bytes(99), "refuse", says="FlatGeobuf"),
    Case("Parquet", b"PAR1" + bytes(99), "refuse", says="Parquet"),
    Case("TopoJSON", b'{"type": "Topology", "objects": {}, "arcs": []}', "refuse", says="TopoJSON"),
    Case("ArcGIS JSON", b'{"geometryType": "esriGeometryPolygon", "features": []}', "refuse",
         says="f=geojson"),
    Case("an error", b'{"error": {"code": 400}}', "refuse", says="error message"),
    Case("a bare shape", b'{"type": "Polygon", "coordinates": []}', "refuse", says="'Polygon'"),
    Case("no features", b'{"type": "FeatureCollection", "features": []}', "refuse"),
    Case("words for features", b'{"type": "FeatureCollection", "features": ["a"]}', "refuse",
         says="feature 1"),
    Case("deep nesting", b'{"a":' * 50_000, "refuse", says="damaged"),
    Case("a long number", b'{"a": ' + b"9" * 9_999 + b"}", "refuse", says="damaged"),
    Case("cut by its server", geojson(layer(), exceededTransferLimit=True), "refuse",
         says="whole layer"),
    Case("cut by its server, inside", geojson(layer(), properties={"exceededTransferLimit": True}),
         "refuse", says="whole layer"),
    Case("exactly 1,000", geojson(layer(MANY, MANY_CODES, ["x"] * 1_000)), "refuse",
         says="exactly 1,000 features"),
    Case("an unknown CRS", geojson(layer(), **stated("999999")), "refuse", says="not known"),
    Case("a path for a CRS", geojson(layer(), crs={"type": "name", "properties": {"name": "/x"}}),
         "refuse", says="not known"),
    Case("Irish Grid, stated", geojson(IRISH, None, **stated("29902")), "refuse", says="Ireland"),
    Case("grid metres, said to be Irish", geojson(OFF_KINTYRE, None, **stated("29902")), "refuse",
         says="lies in"),
    Case("in the North Sea", geojson(layer([box(6e5, 6e5, 6.1e5, 6.1e5)], CODES[:1])), "refuse",
         says="no part of Great Britain"),
    Case("Irish Grid in degrees", geojson(IRISH), "refuse", says="Ireland"),
    Case("grid metres without ONS codes", geojson(layer(codes=["1", "2", "3"], names=NAMES), None),
         "refuse", says="states no coordinate reference system"),
    Case("another country", geojson(layer([box(2, 48, 3, 48.5)], CODES[:1], crs=DEGREES)), "refuse",
         says="outside Great Britain"),
    Case("nowhere", geojson(layer([box(9e6, 9e6, 9.1e6, 9.1e6)], CODES[:1]), None), "refuse",
         says="no degrees"),
    Case("points", geojson(layer([Point(E0, N0), *SQUARES[1:]])), "refuse", says="not a polygon"),
    Case("lines", geojson(layer([LINE, *SQUARES[1:]])), "refuse",
         says="not a polygon"),
    Case("an area without a shape", geojson(layer([None, *SQUARES[1:]])), "refuse",
         says="the area 'E07999001' has no shape"),
    Case("an area that is a line", geojson(layer([Polygon([(E0, N0), (E0 + 9, N0), (E0, N0)]),
         *SQUARES[1:]])), "refuse", says="has no shape"),
    Case("a ring over itself", geojson(layer([LOOP, *SQUARES[1:]])), "refuse",
         says="hides its area"),
    Case("a hole outside", geojson(layer([HOLE_OUTSIDE, *SQUARES[1:]])), "refuse",
         says="hides its area"),
    Case("an empty code", geojson(layer(codes=[*CODES[:2], ""], names=NAMES)), "refuse",
         says="column 'LAD24CD'"),
    Case("no code at all", geojson(layer(codes=[*CODES[:2], None], names=NAMES)), "refuse",
         says="the value is empty"),
    Case("two names for a code", geojson(layer(codes=[CODES[0]] * 3, names=NAMES)), "refuse",
         says="3 different names"),
    Case("one shape under two codes", geojson(layer([SQUARES[0], SQUARES[0], SQUARES[2]])),
         "refuse", says="have the same shape"),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case.title for case in CASES])
def test_each_boundary_file_gets_its_class(tmp_path: Path, case: Case) -> None:
    path = tmp_path / case.name
    path.write_bytes(case.data)
    (found,) = check(path, kind="boundaries")
    assert (found.verdict, found.rows) == (case.verdict, dict(zip(ROWS, case.rows, strict=True)))
    assert sum(repair["count"] for repair in found.repairs) == case.repaired
    assert case.says in str(found.as_json())
    (told,) = check(path)
    assert told.verdict == found.verdict
    if case.verdict == "refuse":
        assert found.problems[0]["fix"]
        assert case.name in found.problems[0]["reason"]


# Shapefiles and GeoPackages -----------------------------------------------------------------------


def shapefile(folder: Path, table: gpd.GeoDataFrame, **parts: bytes | None) -> Path:
    """Write a zipped shapefile, its ``parts`` replaced or, if None, left out."""
    saved(folder, table, ".shp")
    found = {path.suffix[1:]: path.read_bytes() for path in sorted(folder.glob("areas.*"))}
    for path in folder.glob("areas.*"):
        path.unlink()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for suffix, data in (found | parts).items():
            if data is not None:
                archive.writestr(f"folder/areas.{suffix}", data)
    path = folder / "areas.zip"
    path.write_bytes(packed.getvalue())
    return path


def part(folder: Path, suffix: str, table: gpd.GeoDataFrame | None = None) -> bytes:
    other = folder / "other"
    other.mkdir(exist_ok=True)
    saved(other, layer() if table is None else table, ".shp")
    return (other / f"areas.{suffix}").read_bytes()


def longer(data: bytes) -> bytes:
    return data[:24] + struct.pack(">L", len(data)) + data[28:]


PARTS: tuple[tuple[str, Callable[[Path], Path], str, int, str], ...] = (
    ("sound", lambda at: shapefile(at, layer()), "accept", 0, ""),
    ("no .prj, metres", lambda at: shapefile(at, layer(), prj=None), "refuse", 0, "states no"),
    (
        "no .prj, degrees",
        lambda at: shapefile(at, layer().to_crs(DEGREES), prj=None),
        "repair", 3, "read as EPSG:4326",
    ),
    (
        "a .prj of Irish Grid",
        lambda at: shapefile(at, IRISH),
        "refuse", 0, "Ireland",
    ),
    (
        "a .prj that contradicts",
        lambda at: shapefile(at, layer().to_crs(DEGREES), prj=part(at, "prj")),
        "repair", 3, "though the file states another",
    ),
    (
        "no .prj, Mercator",
        lambda at: shapefile(at, layer().to_crs("EPSG:3857"), prj=None),
        "refuse", 0, "neither degrees nor metres",
    ),
    ("no .dbf", lambda at: shapefile(at, layer(), dbf=None), "refuse", 0, "lacks its .dbf"),
    ("no .shx", lambda at: shapefile(at, layer(), shx=None), "refuse", 0, "lacks its .shx"),
    (
        "a .shp cut short",
        lambda at: shapefile(at, layer(), shp=part(at, "shp")[:-20]),
        "refuse", 0, "bytes",
    ),
    (
        "a .shp longer by its header",
        lambda at: shapefile(at, layer(), shp=longer(part(at, "shp"))),
        "refuse", 0, "bytes",
    ),
    (
        "a .shp that is none",
        lambda at: shapefile(at, layer(), shp=b"hello"),
        "refuse", 0, "does not begin as one",
    ),
    (
        "a .dbf of fewer rows",
        lambda at: shapefile(at, layer(), dbf=part(at, "dbf", layer().head(2))),
        "refuse", 0, "3 shapes and 2 rows",
    ),
    (
        "a .dbf cut short",
        lambda at: shapefile(at, layer(), dbf=part(at, "dbf")[:-40]),
        "refuse", 0, "rows it states",
    ),
    (
        "a .dbf of another encoding",
        lambda at: shapefile(
            at, layer(), dbf=part(at, "dbf").replace(b"Anytown", b"Anyt\xf4wn"), cpg=None
        ),
        "repair", 1, "Windows-1252",
    ),
    (
        "a .dbf not coded as it says",
        lambda at: shapefile(at, layer(), dbf=part(at, "dbf").replace(b"Anytown", b"Anyt\xf4wn")),
        "repair", 1, "Windows-1252",
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    ("make", "verdict", "repaired", "says"), [each[1:] for each in PARTS], ids=[p[0] for p in PARTS]
)
def test_each_shapefile_gets_its_class(
    tmp_path: Path, make: Callable[[Path], Path], verdict: str, repaired: int, says: str
) -> None:
    (found,) = check(make(tmp_path))
    assert found.verdict == verdict
    assert found.rows["in"] == (0 if verdict == "refuse" else 3)
    assert sum(repair["count"] for repair in found.repairs) == repaired
    assert says in str(found.as_json())


def changed(path: Path, *statements: str) -> Path:
    with closing(sqlite3.connect(path)) as database:
        for statement in statements:
            database.execute(statement)
        database.commit()
    return path


def geopackage(folder: Path, table: gpd.GeoDataFrame | None = None) -> Path:
    saved(folder, layer() if table is None else table, ".gpkg")
    return folder / "areas.gpkg"


ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"


def test_a_sound_geopackage_is_read_from_a_zip_too(tmp_path: Path) -> None:
    path = geopackage(tmp_path)
    packed = tmp_path / "areas.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(path, "a/areas.gpkg")
        archive.writestr("a/readme.txt", "words")
    assert [check(each)[0].verdict for each in (path, packed)] == ["accept", "accept"]


def test_a_zipped_geojson_is_read(tmp_path: Path) -> None:
    path = tmp_path / "areas.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("areas.geojson", geojson(layer()))
    (found,) = check(path)
    assert (found.kind, found.verdict, found.rows["kept"]) == ("boundaries", "accept", 3)


def test_a_view_in_a_geopackage_is_never_run(tmp_path: Path) -> None:
    path = changed(
        geopackage(tmp_path),
        "ALTER TABLE areas RENAME TO hidden",
        f"CREATE VIEW areas AS {ENDLESS}",
        "UPDATE gpkg_contents SET table_name = 'areas'",
    )
    (found,) = check(path)
    assert found.verdict == "refuse"
    assert "stored query" in found.problems[0]["reason"]


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda path: path.read_bytes()[:5_000], "damaged"),
        (lambda path: path.read_bytes()[:40] + b"\xff" * 4_000, "damaged"),
        (lambda _: b"SQLite format 3\x00" + bytes(4_000), "damaged"),
    ],
)
def test_a_damaged_geopackage_is_refused(
    tmp_path: Path, make: Callable[[Path], bytes], says: str
) -> None:
    path = geopackage(tmp_path)
    path.write_bytes(make(path))
    (found,) = check(path)
    assert found.verdict == "refuse"
    assert says in found.problems[0]["reason"]


def test_a_geopackage_of_two_layers_is_refused_with_their_names(tmp_path: Path) -> None:
    path = geopackage(tmp_path)
    layer().to_file(path, layer="second")
    (found,) = check(path)
    assert found.verdict == "refuse"
    assert "'areas', 'second'" in found.problems[0]["reason"]


def test_another_database_is_no_geopackage(tmp_path: Path) -> None:
    path = changed(tmp_path / "a.gpkg", "CREATE TABLE t (a)")
    (found,) = check(path)
    assert "database of another kind" in found.problems[0]["reason"]


def test_a_shapefile_in_a_folder_without_its_parts_is_refused(tmp_path: Path) -> None:
    saved(tmp_path, layer(), ".shp")
    (tmp_path / "areas.dbf").unlink()
    (found,) = check(tmp_path / "areas.shp")
    assert found.verdict == "refuse"
    assert "lacks its .dbf" in found.problems[0]["reason"]


def test_codes_keep_their_digits(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    codes = [2**60 + 1, 2**60 + 3]
    table = layer(SQUARES[:2], codes, NAMES[:2])
    assert isinstance(table["LAD24CD"], pd.Series)
    path.write_bytes(geojson(table))
    (found,) = check(path)
    assert found.rows["kept"] == 2
