"""Layers of a partnership: drawn where they stand, counted as their measure counts them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import publication_builders as builders
import shapely

from hotspots.publish import page_layers


def test_layers_are_the_kinds_that_are_counted_and_the_register() -> None:
    names = ["lamps_n", "pub_within_100m", "Neighbourhood Watch_within_100m"]
    found = page_layers.layers(builders.publication(), names)
    assert found == [["Neighbourhood Watch", 2], ["pub", 1], [page_layers.DONE, -1]]


def test_a_kind_without_a_measure_is_no_layer() -> None:
    plain = builders.publication()
    bare = replace(plain, action_areas=plain.action_areas.iloc[:0])
    assert page_layers.layers(bare, ["lamps_n"]) == []
    assert page_layers.done(bare) == []


def test_the_register_is_found_near_hotspots_and_not_further_off() -> None:
    plain = builders.publication()
    ground = plain.action_areas.geometry.iloc[0]
    x, y = ground.bounds[2], ground.centroid.y
    boxes = [shapely.box(x + off, y, x + off + 9, y + 9) for off in (50, 500)]
    assert page_layers.done_near(plain, np.array([ground, *boxes])) == [[0], [0], []]
    assert [title for title, _ in page_layers.done(plain)] == [
        "Lamps in Mill Street, since October 2024"
    ]


def test_places_of_a_district_are_near_the_hotspots_that_list_them() -> None:
    plain = builders.publication()
    district = plain.districts.geometry.iloc[0]
    code = plain.districts["area_code"].iloc[0]
    own = plain.hotspots[plain.hotspots["district_code"] == code].geometry.to_numpy()
    chosen, near = page_layers.places(plain, ["Neighbourhood Watch", "pub"], district, own)
    assert [len(each["names"]) for each in chosen] == [len(each["at"]) // 2 for each in chosen]
    for polygon, numbers in zip(own, near, strict=True):
        apart = shapely.distance(plain.places.geometry.to_numpy(), polygon)
        assert len(numbers) == (apart <= page_layers.NEAR_M).sum()
    assert any(near)


def test_where_there_are_many_only_those_near_hotspots_are_kept() -> None:
    points = shapely.points(np.column_stack([np.arange(100) * 50.0, np.zeros(100)]))
    hotspots = np.array([shapely.box(0, -5, 10, 5)])
    kept, reach = page_layers.nearest_hotspots(points, hotspots, most=10, reaches_m=(1_000, 200))
    assert (kept.tolist(), reach) == ([0, 1, 2, 3, 4], 200)
    kept, reach = page_layers.nearest_hotspots(points, hotspots, most=100, reaches_m=(1,))
    assert (len(kept), reach) == (100, 0)
