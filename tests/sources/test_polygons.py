"""Polygons that an analyst brings: their order, their place, and refusals."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
import shapely

import builders
from hotspots.crs import BNG
from hotspots.errors import DataMissingError, InputError
from hotspots.sources import polygons

X, Y = builders.SEA_EASTING, builders.SEA_NORTHING
AREA = shapely.box(X, Y, X + 1000, Y + 1000)


def _file(folder: Path, name: str = "mine.gpkg", **columns: list[object]) -> Path:
    boxes = [shapely.box(X + d, Y, X + d + 50, Y + 50) for d in (0, 200, 400)]
    table = gpd.GeoDataFrame(columns, geometry=boxes, crs=BNG)
    path = folder / name
    shown = table.to_crs("EPSG:4326") if path.suffix == ".geojson" else table
    shown.to_file(path)
    return path


@pytest.mark.parametrize("name", ["mine.gpkg", "mine.geojson"])
def test_polygons_come_in_the_order_of_their_rank(tmp_path: Path, name: str) -> None:
    found = polygons.read(_file(tmp_path, name, Rank=[2, 3, 1]), area=AREA)
    assert found.order_column == "Rank"
    west = shapely.bounds(found.shapes)[:, 0]
    assert west == pytest.approx([X + 400, X, X + 200], abs=0.5)


def test_without_an_order_they_stay_as_they_are(tmp_path: Path) -> None:
    found = polygons.read(_file(tmp_path, name="mine.gpkg", label=["a", "b", "c"]))
    assert found.order_column is None
    assert shapely.bounds(found.shapes)[:, 0].tolist() == [X, X + 200, X + 400]


def test_an_order_that_is_no_number_is_said_and_not_used(tmp_path: Path) -> None:
    found = polygons.read(_file(tmp_path, priority=["high", "2", "low"]))
    assert found.order_column is None
    assert found.notes[-1].startswith("2 values of 'priority' are no numbers")


def test_polygons_outside_the_area_are_left_out_and_counted(tmp_path: Path) -> None:
    near = shapely.box(X, Y, X + 100, Y + 100)
    found = polygons.read(_file(tmp_path, rank=[1, 2, 3]), area=near)
    assert len(found.shapes) == 1
    assert "2 polygons lie outside the area; left out" in found.notes
    with pytest.raises(InputError, match="none of its 3 features is a polygon in the area"):
        polygons.read(tmp_path / "mine.gpkg", area=shapely.box(0, 0, 9, 9))


def test_what_is_no_polygon_with_a_place_is_refused(tmp_path: Path) -> None:
    points = gpd.GeoDataFrame(geometry=[shapely.Point(X, Y)], crs=BNG)
    points.to_file(tmp_path / "points.gpkg")
    with pytest.raises(InputError, match="not a polygon"):
        polygons.read(tmp_path / "points.gpkg")
    with pytest.raises(DataMissingError, match="no such file"):
        polygons.read(tmp_path / "nothing.gpkg")
    shape = _file(tmp_path, "bare.shp", rank=[1, 2, 3])
    shape.with_suffix(".prj").unlink()
    with pytest.raises(InputError, match="states no coordinate reference system"):
        polygons.read(shape)
