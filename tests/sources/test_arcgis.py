"""ArcGIS layers: paged, counted, and all or nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely

import played_faults as play
from hotspots.errors import SettingsError, SourceError
from hotspots.sources import arcgis, boundaries
from played_web import PlayedWeb

CODES = ("E07000117", "E07000118", "E07000119", "E08000001", "W06000001")


def districts() -> list[dict[str, Any]]:
    return [
        {
            "geometry": shapely.box(-3 + n, 53, -2.5 + n, 53.5).__geo_interface__,
            "properties": {"LAD24CD": code, "LAD24NM": f"District {n}", "Shape__Area": n / 3},
        }
        for n, code in enumerate(CODES)
    ]


def fetched(
    played: PlayedWeb,
    url: str,
    into: Path,
    *,
    where: str = "",
    fields: list[str] | None = None,
    bbox: tuple[float, float, float, float] | None = None,
) -> arcgis.LayerFetched:
    with played.web() as web:
        return arcgis.fetch_layer(web, url, where=where, fields=fields, bbox_lonlat=bbox, into=into)


def codes(path: Path) -> list[str]:
    found = json.loads(path.read_text(encoding="utf-8"))
    assert found["type"] == "FeatureCollection"
    return [feature["properties"]["LAD24CD"] for feature in found["features"]]


@pytest.mark.parametrize(("page_size", "n_pages"), [(1, 5), (2, 3), (5, 1), (2_000, 1)])
def test_a_layer_comes_whole_in_pages_of_any_size(
    played_web: PlayedWeb, tmp_path: Path, page_size: int, n_pages: int
) -> None:
    url = played_web.publish_layer("LAD", districts(), page_size=page_size)
    found = fetched(played_web, url, tmp_path / "a.geojson")
    assert (found.n_features, found.n_pages) == (5, n_pages)
    assert found.last_edited == "2026-01-02T00:00:00+00:00"
    assert codes(tmp_path / "a.geojson") == list(CODES)
    assert len(played_web.requests) == 2 + n_pages
    fetched(played_web, f"{url}/query?f=json", tmp_path / "b.geojson")
    assert (tmp_path / "a.geojson").read_bytes() == (tmp_path / "b.geojson").read_bytes()


def test_a_layer_is_read_as_boundaries(played_web: PlayedWeb, tmp_path: Path) -> None:
    shapes = [shapely.geometry.shape(feature["geometry"]) for feature in districts()[:4]]
    english = [*CODES[:4]]  # the fifth lies at sea
    table = gpd.GeoDataFrame({"CODE": english, "NAME": english}, geometry=shapes, crs="EPSG:4326")
    url = played_web.publish_layer("LAD", table.to_crs("EPSG:27700"), id_field="OBJECTID")
    fetched(played_web, url, tmp_path / "a.geojson", fields=["CODE", "NAME"])
    read = boundaries.read(tmp_path / "a.geojson", level="district", code="CODE", name="NAME")
    assert list(read.table["area_code"]) == english


def test_a_condition_columns_and_a_box_narrow_the_layer(
    played_web: PlayedWeb, tmp_path: Path
) -> None:
    url = played_web.publish_layer("LAD", districts(), page_size=2)
    path = tmp_path / "a.geojson"
    fetched(played_web, url, path, where="LAD24CD LIKE 'E07%'", fields=["LAD24CD"])
    assert codes(path) == list(CODES[:3])
    features: list[dict[str, Any]] = json.loads(path.read_text())["features"]
    assert [set(feature["properties"]) for feature in features] == [{"FID", "LAD24CD"}] * 3
    fetched(played_web, url, path, bbox=(-2.4, 53.1, -0.9, 53.2))
    assert codes(path) == [CODES[1], CODES[2]]
    fetched(played_web, url, path, where="LAD24CD IN ('X')")
    assert not codes(path)


@pytest.mark.parametrize(
    ("stated", "asked"),
    [(1, "1"), (1_999, "1999"), (2_000, "2000"), (5_000, "2000"), (0, "2000"), ("9", "2000")],
)
def test_no_more_is_asked_for_than_the_server_gives_at_once(
    played_web: PlayedWeb, tmp_path: Path, stated: object, asked: str
) -> None:
    path = "/arcgis/rest/services/LAD/FeatureServer/0"
    about = {"objectIdField": "FID", "maxRecordCount": stated}
    played_web.fail(path, play.body(json.dumps(about).encode()))
    played_web.fail(path + "/query", play.body(b'{"count": 1}'), page([1]))
    fetched(played_web, played_web.base_url + path, tmp_path / "a.geojson")
    assert played_web.requests[-1].query["resultRecordCount"] == asked
    assert played_web.requests[-1].query["resultOffset"] == "0"


def test_a_long_condition_is_posted(played_web: PlayedWeb, tmp_path: Path) -> None:
    url = played_web.publish_layer("LAD", districts())
    where = "LAD24CD IN (" + ",".join(f"'{code}'" for code in CODES[:2] * 90) + ")"
    fetched(played_web, url, tmp_path / "a.geojson", where=where)
    assert codes(tmp_path / "a.geojson") == list(CODES[:2])
    assert [seen.method for seen in played_web.requests] == ["GET", "POST", "POST"]


def test_when_a_layer_was_edited_costs_one_request(played_web: PlayedWeb) -> None:
    url = played_web.publish_layer("LAD", districts(), edited=1_767_225_600_500)
    with played_web.web() as web:
        assert arcgis.last_edited(web, url) == "2026-01-01T00:00:00+00:00"
        assert web.n_requests == 1
        about = {"fields": [{"name": "OBJECTID", "type": "esriFieldTypeOID"}]}
        for info in (None, {"lastEditDate": None}, {"lastEditDate": 10**30}):
            answer = json.dumps({**about, "editingInfo": info}).encode()
            played_web.fail("/arcgis/*", play.body(answer), for_ever=True)
            assert arcgis.last_edited(web, url) is None


def page(ids: list[int]) -> play.Fault:
    features: list[dict[str, Any]] = [
        {"type": "Feature", "id": n, "geometry": None, "properties": {}} for n in ids
    ]
    found = {"type": "FeatureCollection", "features": features}
    return play.body(json.dumps(found).encode())


def test_a_layer_that_changes_under_way_is_fetched_again(
    played_web: PlayedWeb, tmp_path: Path
) -> None:
    url = played_web.publish_layer("LAD", districts())
    query = url.removeprefix(played_web.base_url) + "/query"
    played_web.fail(query, play.FINE, page([1, 2, 2, 3, 4]))
    assert fetched(played_web, url, tmp_path / "a.geojson").n_features == 5
    played_web.fail(query, play.FINE, page([1, 2]), page([]), for_ever=True)
    played_web.fail(query, play.FINE, page([1, 2]), page([]), play.FINE, page([]))
    with pytest.raises(SourceError, match="counts 5 features and gives 0 different ones"):
        fetched(played_web, url, tmp_path / "b.geojson")
    assert [path.name for path in tmp_path.iterdir()] == ["a.geojson"]


def test_a_server_that_gives_the_same_page_for_ever_is_asked_no_further(
    played_web: PlayedWeb, tmp_path: Path
) -> None:
    url = played_web.publish_layer("LAD", districts())
    query = url.removeprefix(played_web.base_url) + "/query"
    many = play.body(b'{"count": 900000}')
    played_web.fail(query, many, page([1, 2]), page([1, 2]), many, page([1, 2]), page([2, 1]))
    with pytest.raises(SourceError, match="counts 900,000 features and gives 2 different ones"):
        fetched(played_web, url, tmp_path / "a.geojson")
    assert len(played_web.requests) == 7


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        ([{"error": {"code": 499, "message": "Token Required"}}], r"refuses .* \(Token Required\)"),
        ([{"error": "no"}], r"refuses the question \(no\)"),
        ([[]], "expected a JSON object"),
        ([{}], "describes no layer with ids"),
        ([{"objectIdField": "\ud800"}], "describes no layer with ids"),
        ([{"objectIdField": "FID"}, {"count": "5"}], "found '5'"),
        ([{"objectIdField": "FID"}, {"count": 10**9}], "found 1000000000"),
        ([{"objectIdField": "FID"}, {"count": -1}], "found -1"),
        ([{"objectIdField": "FID"}, {"count": 1}, {"features": 1}], "expected GeoJSON"),
        ([{"objectIdField": "FID"}, {"count": 1}, {"features": [{}]}], "without its id"),
        ([{"objectIdField": "FID"}, {"count": 1}, {"features": [7]}], "without its id"),
    ],
)
def test_an_arcgis_answer_of_another_shape_is_one_sentence(
    played_web: PlayedWeb, tmp_path: Path, answers: list[Any], found: str
) -> None:
    path = "/arcgis/rest/services/LAD/FeatureServer/0"
    bodies = [play.body(json.dumps(answer).encode()) for answer in answers]
    played_web.fail(path, bodies[0])
    if bodies[1:]:
        played_web.fail(path + "/query", *bodies[1:])
    with pytest.raises(SourceError, match=found):
        fetched(played_web, played_web.base_url + path, tmp_path / "a.geojson")
    assert not list(tmp_path.iterdir())


def test_a_condition_that_the_server_refuses_is_said(played_web: PlayedWeb, tmp_path: Path) -> None:
    url = played_web.publish_layer("LAD", districts())
    with pytest.raises(SourceError, match=r"Invalid query parameters\).*`where`"):
        fetched(played_web, url, tmp_path / "a.geojson", where="1=1; DROP TABLE x")


@pytest.mark.parametrize(
    ("url", "is_one"),
    [
        ("https://h/arcgis/rest/services/A/FeatureServer/0", True),
        ("https://h/arcgis/rest/services/A/MapServer/12/query?where=1", True),
        ("https://h/arcgis/rest/services/A/FeatureServer/0/", True),
        ("https://h/arcgis/rest/services/A/FeatureServer", False),
        ("https://h/lamps.csv", False),
    ],
)
def test_layers_are_told_from_files_by_address(*, url: str, is_one: bool) -> None:
    assert arcgis.is_layer(url) is is_one


def test_a_file_is_no_layer(played_web: PlayedWeb, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="FeatureServer/<number>"):
        fetched(played_web, f"{played_web.base_url}/lamps.csv", tmp_path / "a.geojson")
    assert not played_web.requests
