from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

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
