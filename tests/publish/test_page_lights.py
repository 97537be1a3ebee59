"""Dark stretches and ground: over 30 m from every listed lamp, and never outside the lists."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import publication_builders as builders
import pytest
import shapely

from hotspots import schema
from hotspots.publish import page_lights

X, Y = builders.CORNER


def line(*xs: float, y: float = 0) -> shapely.LineString:
    return shapely.LineString([(X + x, Y + y) for x in xs])


def lamps_at(*xs: float) -> gpd.GeoDataFrame:
    table = builders.publication(n_lamps=len(xs)).lamps
    points = gpd.points_from_xy([X + x for x in xs], [Y] * len(xs))
    return table.set_geometry(gpd.GeoSeries(points, crs="EPSG:27700"))


def test_a_stretch_between_two_lamps_is_dark_in_its_middle() -> None:
    xy = np.array([[X, Y], [X + 200, Y]])
    (found,) = page_lights.stretches(np.array([line(0, 200)]), xy)
    first, _, last, _ = found.bounds
    assert first - X == pytest.approx(30, abs=5.1)
    assert last - X == pytest.approx(170, abs=5.1)


@pytest.mark.parametrize("xs", [(0, 60), (400, 600)])
def test_what_is_lit_or_beyond_the_lists_is_no_stretch(xs: tuple[float, float]) -> None:
    xy = np.array([[X, Y], [X + 60, Y]])
    assert len(page_lights.stretches(np.array([line(*xs)]), xy)) == 0


def test_two_streets_end_to_end_are_two_stretches() -> None:
    xy = np.array([[X, Y + 100]])
    found = page_lights.stretches(np.array([line(0, 100), line(100, 200)]), xy)
    assert len(found) == 2


def test_ground_over_30_m_from_a_lamp_is_unlit() -> None:
    ground = shapely.box(X - 40, Y - 40, X + 40, Y + 40)
    parts = page_lights.unlit(ground, np.array([shapely.Point(X, Y)]))
    assert shapely.area(parts).sum() == pytest.approx(6400 - np.pi * 900, rel=0.02)
    assert len(page_lights.unlit(ground, np.array([shapely.Point(X + 900, Y)]))) == 0


def test_streets_are_told_where_they_are_known_and_ground_where_not() -> None:
    hotspots = np.array([shapely.box(X + 60, Y - 40, X + 140, Y + 40)])
    table = lamps_at(0, 200)
    by_street = page_lights.dark(table, np.array([line(0, 200)]), hotspots)["dark"]
    by_ground = page_lights.dark(table, np.array([], dtype=object), hotspots)["dark"]
    assert (len(by_street["lines"]), by_street["areas"]) == (1, [])
    assert (by_ground["lines"], len(by_ground["areas"])) == ([], 1)


def test_without_lamps_or_hotspots_nothing_is_said_to_be_dark() -> None:
    none = np.array([], dtype=object)
    hotspots = np.array([shapely.box(X, Y, X + 9, Y + 9)])
    bare = gpd.GeoDataFrame(schema.empty(schema.LAMPS), geometry="geometry", crs="EPSG:27700")
    assert page_lights.dark(bare, none, hotspots) == {"dark": None}
    assert page_lights.dark(lamps_at(0), none, none) == {"dark": None}
