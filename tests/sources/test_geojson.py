from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import shapely

from hotspots.errors import InputError
from hotspots.sources import geojson

PATH = Path("a.geojson")


def collection(*features: dict[str, Any], **extra: object) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features, **extra}).encode()


def feature(geometry: object, **properties: object) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def point(*spot: object) -> dict[str, object]:
    return {"type": "Point", "coordinates": list(spot)}


def test_values_keep_their_digits() -> None:
    found = geojson.read(PATH, collection(feature(None, id=2**60 + 1, n=7.0, s="007", b=None)))
    assert found.table.iloc[0].to_dict() | {"b": ""} == {
        "id": str(2**60 + 1), "n": "7", "s": "007", "b": "",
    }  # fmt: skip


def test_the_id_of_a_feature_serves_if_there_is_no_other() -> None:
    found = geojson.read(PATH, collection(feature(None, a=1) | {"id": 9}))
    assert found.table["id"].tolist() == ["9"]


@pytest.mark.parametrize("spot", [("a", 1), (1,), (None, 2), ("53.7", "-2.7"), ({}, [])])
def test_a_point_that_is_none_is_a_fault_of_its_own(spot: tuple[object, ...]) -> None:
    found = geojson.read(PATH, collection(feature(point(*spot)), feature(point(-2.7, 53.7, 9))))
    assert found.faults == ["its coordinates are not in order", None]
    assert found.shapes[1].x == -2.7


def test_degrees_are_understood_where_nothing_is_stated() -> None:
    found = geojson.read(PATH, collection(feature(point(1, 2))))
    assert (found.crs, found.understood) == (None, "EPSG:4326")
    named = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    stated = geojson.read(PATH, collection(feature(point(1, 2)), crs=named)).crs
    assert stated is not None
    assert stated.to_epsg() == 4326


def test_a_cut_file_is_refused_with_line_and_column() -> None:
    with pytest.raises(InputError, match=r"^a\.geojson, line 2, column 1: .*cut short"):
        geojson.read(PATH, b'{"type":\n')


def test_text_of_other_encodings_is_read_and_neither_is_refused() -> None:
    words = {"type": "FeatureCollection", "features": [feature(None, a="Caf\u00e9")]}
    text = json.dumps(words, ensure_ascii=False)
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "cp1252"):
        assert geojson.read(PATH, text.encode(encoding)).table["a"].tolist() == ["Caf\u00e9"]
    with pytest.raises(InputError, match=r"^a\.geojson, line 2: the byte 0x81 is neither"):
        geojson.read(PATH, b'{"a":\n"\x81\xff"}')


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"[" * 100_000, "its brackets nest too deeply"),
        (b'{"a": ' + b"9" * 5_000 + b"}", "a number too long to read"),
        (b"[1]", "found JSON of another kind"),
    ],
)
def test_what_cannot_be_read_as_features_is_one_sentence(data: bytes, words: str) -> None:
    with pytest.raises(InputError, match=rf"^a\.geojson: .*{words}"):
        geojson.read(PATH, data)


def test_values_of_every_kind_become_text() -> None:
    data = collection(feature(None, nan=float("nan"), whole=3.0, broken=0.5, big=1e17, flag=True))
    assert geojson.read(PATH, data).table.iloc[0].fillna("").to_dict() == {
        "nan": "", "whole": "3", "broken": "0.5", "big": "1e+17", "flag": "True",
    }  # fmt: skip


def test_a_coordinate_too_large_to_hold_is_a_fault_of_its_own() -> None:
    found = geojson.read(PATH, collection(feature(point(10**400, 1)), feature(point(1, 2))))
    assert found.faults[0] is not None
    assert found.faults[1] is None


def test_a_ring_left_open_is_closed_with_a_count() -> None:
    ring = [[0, 0], [0, 1], [1, 1], [0, 0]]
    shapes = [{"type": "Polygon", "coordinates": [ring[:n]]} for n in (4, 3)]
    shapes.append({"type": "MultiPolygon", "coordinates": [[ring], [ring[:3]]]})
    found = geojson.read(PATH, collection(*map(feature, shapes)))
    assert any(note.startswith("2 ") for note in found.repairs), found.repairs
    assert [shapely.area(shape) for shape in found.shapes] == [0.5, 0.5, 1.0]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (float(2**53 - 1), "9007199254740991"),
        (float(2**53), "9007199254740992.0"),
        (-float(2**53), "-9007199254740992.0"),
        ([1, 2], "[1, 2]"),
        ({"a": 1}, '{"a": 1}'),
        (-2.0, "-2"),
    ],
)
def test_whole_numbers_lose_their_point_while_they_are_exact(value: object, text: str) -> None:
    assert geojson.read(PATH, collection(feature(None, n=value))).table["n"].tolist() == [text]


def test_what_is_no_feature_is_told_by_its_number() -> None:
    for odd in (5, {"type": "Point"}):
        data = {"type": "FeatureCollection", "features": [feature(None), odd]}
        with pytest.raises(InputError, match="feature 2: found something that is no feature"):
            geojson.read(PATH, json.dumps(data).encode())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"type": "x" * 50}, rf"found JSON of the type '{'x' * 40}'\. "),
        ({"error": {"message": "x" * 200}}, rf"message of a server \('{'x' * 100}'\)"),
        ({"error": "no"}, r"message of a server \('no'\)"),
        ({"type": "Topology"}, "found TopoJSON"),
        ({"geometryType": "x", "features": []}, "found JSON of ArcGIS"),
        ({"type": "FeatureCollection", "features": []}, "a layer without features"),
        ({"exceededTransferLimit": True, "features": []}, "the server cut it short"),
        ({"properties": {"exceededTransferLimit": True}}, "the server cut it short"),
    ],
)
def test_other_json_is_told_for_what_it_is(content: object, words: str) -> None:
    with pytest.raises(InputError, match=words):
        geojson.read(PATH, json.dumps(content).encode())


@pytest.mark.parametrize(
    ("name", "shown"), [("x" * 70, "x" * 60), ("EPSG:99999", "EPSG:99999"), (5, "5")]
)
def test_an_unknown_reference_system_is_named(name: object, shown: str) -> None:
    stated = {"type": "name", "properties": {"name": name}}
    with pytest.raises(InputError, match=rf"that is not known \('{shown}'\)\. Save"):
        geojson.read(PATH, collection(feature(None), crs=stated))


def test_windows_text_is_counted_by_feature() -> None:
    words = [
        feature(None, a="Caf\u00e9", b="\u00e9"),
        feature(None, a="x"),
        feature(None, b="\u00e9"),
    ]
    text = json.dumps({"type": "FeatureCollection", "features": words}, ensure_ascii=False)
    assert geojson.read(PATH, text.encode("cp1252")).repairs == (
        "2 features have text that is not UTF-8; read as Windows-1252",
    )
    assert geojson.read(PATH, text.encode("utf-16")).repairs == (
        "3 features of UTF-16 text were read, as its mark says",
    )
