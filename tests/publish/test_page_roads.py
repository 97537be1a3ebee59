"""Streets of the base map: all of a district if there is room, else those near its hotspots."""

from __future__ import annotations

import numpy as np
import publication_builders as builders
import pytest
import shapely

from hotspots.publish import page_roads

X, Y = builders.CORNER
HOTSPOTS = np.array([shapely.box(X, Y, X + 50, Y + 50)])
LINES = np.array(
    [shapely.LineString([(X + 200 * i, Y), (X + 200 * i + 90, Y + 90)]) for i in range(40)]
)


def test_without_streets_there_are_none() -> None:
    assert page_roads.roads(np.array([], dtype=object), HOTSPOTS, within=None) == []


def test_a_district_gets_the_streets_that_touch_it() -> None:
    district = shapely.box(X, Y, X + 950, Y + 100)
    assert len(page_roads.roads(LINES, HOTSPOTS, within=district)) == 5


def test_where_there_is_no_room_those_near_hotspots_are_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(page_roads, "STEPS_MOST", 8)
    district = shapely.box(X, Y, X + 9_000, Y + 100)
    assert len(page_roads.roads(LINES, HOTSPOTS, within=district)) == 3
    monkeypatch.setattr(page_roads, "STEPS_MOST", 1)
    assert page_roads.roads(LINES, HOTSPOTS, within=district) == []


def test_a_whole_area_gets_those_near_hotspots_only() -> None:
    assert len(page_roads.roads(LINES, HOTSPOTS, within=None, reaches_m=(250,))) == 2
