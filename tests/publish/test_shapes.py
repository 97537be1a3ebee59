"""Geometry on a page is the geometry of the tables, to within a metre or so."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import publication_builders as builders
import pytest
import shapely

from hotspots.publish import shapes


def decoded(flat: list[int]) -> list[tuple[float, float]]:
    places = np.cumsum(np.reshape(flat, (-1, 2)), axis=0) / shapes.STEPS_PER_DEGREE
    return [(x, y) for x, y in places.tolist()]


def back(shape: shapes.Shape) -> shapely.Geometry:
    parts = [shapely.Polygon(decoded(p[0]), [decoded(r) for r in p[1:]]) for p in shape]
    table = gpd.GeoSeries([shapely.MultiPolygon(parts)], crs="EPSG:4326")
    return table.to_crs("EPSG:27700").iloc[0]


@pytest.mark.parametrize(
    "polygon",
    [
        shapely.box(0, 0, 400, 200),
        shapely.box(0, 0, 400, 400).difference(shapely.box(100, 100, 200, 200)),
        shapely.MultiPolygon([shapely.box(0, 0, 90, 90), shapely.box(200, 0, 300, 90)]),
    ],
)
def test_polygons_come_back(polygon: shapely.Geometry) -> None:
    moved = shapely.transform(polygon, lambda xy: xy + np.array(builders.CORNER))
    found = back(shapes.encode_polygons(np.array([moved]))[0])
    assert shapely.hausdorff_distance(found, moved) < 1


def test_each_polygon_keeps_its_place_in_the_list() -> None:
    many = shapely.box(
        270_000 + 1000 * np.arange(5), 440_000, 270_100 + 1000 * np.arange(5), 440_100
    )
    many[2] = shapely.union(many[2], shapely.box(275_000, 445_000, 275_100, 445_100))
    found = shapes.encode_polygons(many)
    assert [len(shape) for shape in found] == [1, 1, 2, 1, 1]
    for shape, polygon in zip(found, many, strict=True):
        assert shapely.hausdorff_distance(back(shape), polygon) < 1


def test_points_come_back_in_order() -> None:
    flat = shapes.encode_points(np.array([-3.5, -3.49, -3.6]), np.array([53.8, 53.9, 53.7]))
    assert np.allclose(decoded(flat), [(-3.5, 53.8), (-3.49, 53.9), (-3.6, 53.7)])


def test_outlines_of_nothing_are_nothing() -> None:
    assert shapes.encode_outlines(np.array([], dtype=object), tolerance_m=4) == []
    assert shapes.encode_polygons(np.array([], dtype=object)) == []


def test_centres_lie_inside() -> None:
    ring = shapely.box(270_000, 440_000, 270_400, 440_400).difference(
        shapely.box(270_050, 440_050, 270_350, 440_350)
    )
    [[lon, lat]] = shapes.centres(np.array([ring]))
    inside = gpd.GeoSeries([shapely.Point(lon, lat)], crs="EPSG:4326").to_crs("EPSG:27700").iloc[0]
    assert ring.contains(inside)
