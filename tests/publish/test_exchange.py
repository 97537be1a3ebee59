"""Files for other programs: the same rows, nothing that runs, nothing too small."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd
import publication_builders as builders
import pytest
import shapely

from hotspots.publish import cells, exchange

if TYPE_CHECKING:
    from pathlib import Path

    from hotspots.publish.publication import Publication

WANTED = [
    "hotspot_id", "crime_group", "rank", "score", "label", "class", "n", "n_points", "area_m2",
    "width_m", "window_start", "window_end", "name", "district",
]  # fmt: skip


def write(publication: Publication, folder: Path) -> tuple[list[dict[str, str]], dict[str, Any]]:
    table = exchange.shared(cells.prepare(publication))
    exchange.write_csv(table, folder / "hotspots.csv")
    exchange.write_geojson(table, folder / "hotspots.geojson")
    with (folder / "hotspots.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return rows, json.loads((folder / "hotspots.geojson").read_text(encoding="utf-8"))


def test_both_files_hold_every_hotspot_with_the_promised_columns_first(tmp_path: Path) -> None:
    publication = builders.publication()
    rows, geojson = write(publication, tmp_path)
    features = geojson["features"]
    assert len(rows) == len(features) == len(publication.hotspots)
    assert list(rows[0])[: len(WANTED)] == WANTED
    assert list(features[0]["properties"])[: len(WANTED)] == WANTED
    for row, feature in zip(rows, features, strict=True):
        properties = feature["properties"]
        assert row["hotspot_id"] == properties["hotspot_id"]
        assert int(row["n"]) == properties["n"]
        assert row["window_start"] == properties["window_start"] == "2024-07"
        shape = shapely.from_wkt(row["geometry"])
        assert shape.equals(shapely.from_geojson(json.dumps(feature["geometry"])))
        assert shape.contains(shapely.Point(float(row["longitude"]), float(row["latitude"])))


def test_geometry_is_in_degrees_and_outer_rings_run_anticlockwise(tmp_path: Path) -> None:
    _, geojson = write(builders.publication(), tmp_path)
    assert "crs" not in geojson
    shapes = [shapely.from_geojson(json.dumps(f["geometry"])) for f in geojson["features"]]
    assert all(
        shapely.is_ccw(shapely.get_exterior_ring(shapely.get_geometry(s, 0))) for s in shapes
    )
    west, south, east, north = shapely.total_bounds(shapes)
    assert -5 < west < east < -3
    assert 53 < south < north < 55


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\nx", "  =1+1"])
def test_no_text_is_a_formula(tmp_path: Path, start: str) -> None:
    plain = builders.publication()
    publication = replace(plain, hotspots=plain.hotspots.assign(name=start).astype({"name": "str"}))
    rows, geojson = write(publication, tmp_path)
    assert {row["name"] for row in rows} == {"'" + start}
    assert {f["properties"]["name"] for f in geojson["features"]} == {start}


def test_numbers_below_zero_stay_numbers(tmp_path: Path) -> None:
    write(builders.publication(), tmp_path)
    trend = pd.read_csv(tmp_path / "hotspots.csv")["trend_low"]
    assert trend.dtype == "float64"
    assert trend.min() < 0


def test_hidden_numbers_are_hidden_here_too(tmp_path: Path) -> None:
    publication = builders.publication()
    rows, geojson = write(publication, tmp_path)
    text = "; ".join(row["types"] for row in rows)
    assert "fewer than 5" in text
    assert "fewer than 3" in text
    assert "not shown" in text
    assert "Violence and sexual offences 4;" not in text
    assert [row["types"] for row in rows] == [
        feature["properties"]["types"] for feature in geojson["features"]
    ]
    assert "crime_id" not in rows[0]


DECIMALS = {
    "score": 3, "area_m2": 0, "width_m": 0, "trend_per_year": 6, "trend_low": 6, "trend_high": 6,
    "trend_p": 4, "own_share": 3, "expected": 2, "p_family": 4, "q": 4, "chance_hot": 3,
}  # fmt: skip


def test_figures_are_rounded_so_far() -> None:
    plain = builders.publication()
    long = replace(plain, hotspots=plain.hotspots.assign(**dict.fromkeys(DECIMALS, 0.123456789)))
    found = exchange.shared(cells.prepare(long)).iloc[0]
    assert {name: found[name] for name in DECIMALS} == {
        name: round(0.123456789, n) for name, n in DECIMALS.items()
    }


def test_degrees_have_six_decimals(tmp_path: Path) -> None:
    rows, geojson = write(builders.publication(), tmp_path)
    for text in ((tmp_path / "hotspots.csv").read_text("utf-8"), json.dumps(geojson)):
        lengths = {len(each) for each in re.findall(r"(?<=5[34]\.)\d+", text)}
        assert max(lengths) == 6
    for name in ("longitude", "latitude"):
        assert max(len(row[name].partition(".")[2]) for row in rows) == 6
    assert max(len(x.partition(".")[2]) for x in re.findall(r"[\d.]+", rows[0]["geometry"])) == 6
