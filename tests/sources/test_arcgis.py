"""ArcGIS layers: paged, counted, and all or nothing."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
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


class Said:
    """A server that says one thing, and notes how it was asked."""

    def __init__(self, *said: object) -> None:
        self.said = list(said)
        self.asked: list[str] = []

    def get(self, url: str, **_: object) -> Any:  # noqa: ANN401
        self.asked.append(f"get {url}")
        return SimpleNamespace(json=lambda: self.said.pop(0))

    def post(self, url: str, *_: object, **__: object) -> Any:  # noqa: ANN401
        self.asked.append(f"post {url}")
        return SimpleNamespace(json=lambda: self.said.pop(0))


def web_that_says(*said: object) -> Any:  # noqa: ANN401 - stands for a Web
    return Said(*said)


URL = "https://example.org/FeatureServer/0"
LAYER = arcgis._Layer(URL, "id", 1_000, None)


@pytest.mark.parametrize(
    ("stated", "size"),
    [
        (1, 1),
        (0, 2_000),
        (-1, 2_000),
        (1_999, 1_999),
        (2_000, 2_000),
        (2_001, 2_000),
        (None, 2_000),
    ],
)
def test_no_page_is_longer_than_two_thousand(stated: int | None, size: int) -> None:
    about = {"objectIdField": "id", "maxRecordCount": stated}
    assert arcgis._layer(web_that_says(about), URL).page_size == size


def test_the_field_of_ids_may_be_told_by_its_type() -> None:
    fields = [
        5,
        {"name": "a", "type": "esriFieldTypeString"},
        {"name": "b", "type": "esriFieldTypeOID"},
    ]
    assert arcgis._layer(web_that_says({"fields": fields}), URL).id_field == "b"
    odd: tuple[dict[str, object], ...] = (
        {"fields": 5},
        {"fields": []},
        {"objectIdField": 5},
        {"objectIdField": "a\tb"},
    )
    for about in odd:
        with pytest.raises(SourceError, match="describes no layer with ids there"):
            arcgis._layer(web_that_says(about), URL)


@pytest.mark.parametrize(("length", "way"), [(1_500, "get"), (1_501, "post")])
def test_a_question_of_many_letters_is_posted(length: int, way: str) -> None:
    web = web_that_says({})
    arcgis._asked(web, URL, {"a": "x" * 1_000, "b": "y" * (length - 1_000)})
    assert web.asked == [f"{way} {URL}"]


@pytest.mark.parametrize(
    ("count", "is_taken"),
    [(0, True), (1_000_000, True), (1_000_001, False), (-1, False), ("5", False), (None, False)],
)
def test_a_layer_has_a_million_features_at_most(count: object, *, is_taken: bool) -> None:
    web = web_that_says({"count": count})
    if is_taken:
        assert arcgis._count(web, LAYER, {}) == count
    else:
        with pytest.raises(SourceError, match=f"up to 1,000,000, found {count!r}. Narrow it"):
            arcgis._count(web, LAYER, {})


def test_long_words_of_a_server_are_cut() -> None:
    with pytest.raises(SourceError, match=rf"found '{'x' * 29}\. Narrow"):
        arcgis._count(web_that_says({"count": "x" * 50}), LAYER, {})
    for error in ({"message": "x" * 300}, "x" * 300):
        with pytest.raises(SourceError, match=rf"refuses the question \({'x' * 200}\)\."):
            arcgis._asked(web_that_says({"error": error}), URL, {})


@pytest.mark.parametrize(
    ("milliseconds", "when"),
    [
        (1_700_000_000_000, "2023-11-14T22:13:20+00:00"),
        (1_700_000_000_999, "2023-11-14T22:13:20+00:00"),
        (None, None),
        ("x", None),
        (10**30, None),
    ],
)
def test_the_time_of_an_edit_is_in_whole_seconds(milliseconds: object, when: str | None) -> None:
    assert arcgis._date(milliseconds) == when


def feature(number: object, **more: object) -> dict[str, object]:
    return {"type": "Feature", "properties": {"id": number}, "geometry": None, **more}


@pytest.mark.parametrize(
    ("held", "number"),
    [
        (feature(7), 7),
        (feature(None, id=8), 8),
        (feature(0, id=8), 0),
        ({"type": "Feature", "id": 9}, 9),
        (feature("7"), None),
        ({**feature(7), "type": "Point"}, None),
        (5, None),
    ],
)
def test_each_feature_has_its_id(held: object, number: int | None) -> None:
    if number is None:
        with pytest.raises(SourceError, match="gives a feature without its id"):
            arcgis._id(LAYER, held)
    else:
        assert arcgis._id(LAYER, held) == number


def test_a_layer_that_stays_short_is_asked_for_twice(tmp_path: Path) -> None:
    about = {"objectIdField": "id"}
    page = {"features": [feature(1)]}
    said = [about, *[{"count": 2}, page, {"features": []}] * 2]
    web = web_that_says(*said)
    words = "the server counts 2 features and gives 1 different ones, twice over"
    with pytest.raises(SourceError, match=words):
        arcgis.fetch_layer(
            web, URL, where="", fields=None, bbox_lonlat=None, into=tmp_path / "a.geojson"
        )
    assert len(web.asked) == 7
    assert not list(tmp_path.iterdir())


def test_pages_are_counted_and_features_sorted_by_id(tmp_path: Path) -> None:
    pages = [{"features": [feature(3), feature(1)]}, {"features": [feature(2)]}]
    web = web_that_says({"objectIdField": "id"}, {"count": 3}, *pages)
    found = arcgis.fetch_layer(
        web, URL, where="", fields=None, bbox_lonlat=None, into=tmp_path / "a.geojson"
    )
    assert (found.n_features, found.n_pages, found.last_edited) == (3, 2, None)
    held = json.loads((tmp_path / "a.geojson").read_text())["features"]
    assert [each["properties"]["id"] for each in held] == [1, 2, 3]
