from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from hotspots import schema, store
from hotspots.pipeline import describe


@pytest.fixture(scope="module")
def found(tables: Path) -> dict[str, pd.DataFrame]:
    names = (schema.HOTSPOTS, schema.MEMBERS, schema.SERIES, schema.MIX, schema.HISTORY)
    return {each.name: store.read_table(each, tables) for each in names}


def test_ids_are_written_like_the_manual_says() -> None:
    assert describe.hotspot_id("lancashire", 1) == "HS-lancashire-0001"
    assert describe.hotspot_id("lancashire", 12345) == "HS-lancashire-12345"


def test_counts_agree_between_tables(found: dict[str, pd.DataFrame]) -> None:
    hotspots = found["hotspots"].set_index("hotspot_id")["n"]
    for name in ("members", "mix"):
        total = found[name].groupby("hotspot_id")["n"].sum()
        pd.testing.assert_series_equal(total, hotspots.sort_index(), check_names=False)
    ends = found["hotspots"].set_index("hotspot_id")[["window_start", "window_end"]]
    series = found["series"].join(ends, on="hotspot_id")
    inside = series["month"].between(series["window_start"], series["window_end"])
    total = series[inside].groupby("hotspot_id")["n"].sum()
    pd.testing.assert_series_equal(total, hotspots.sort_index(), check_names=False)


def test_ranks_are_whole_and_follow_the_count(found: dict[str, pd.DataFrame]) -> None:
    for _, group in found["hotspots"].groupby("crime_group"):
        for column in ("rank", "rank_harm", "rank_sqrt_harm"):
            assert sorted(group[column]) == list(range(1, len(group) + 1))
        assert group.sort_values("rank")["n"].is_monotonic_decreasing
        assert group.sort_values("rank_harm")["harm"].is_monotonic_decreasing


def test_polygons_keep_the_caps_and_hold_their_points(
    found: dict[str, pd.DataFrame], tables: Path
) -> None:
    hotspots = found["hotspots"]
    assert hotspots["width_m"].max() <= 400
    assert hotspots["area_m2"].max() <= 250_000
    assert hotspots.geometry.is_valid.all()
    points = store.read_table(schema.POINTS, tables).set_index("point_id").geometry
    polygons = hotspots.set_index("hotspot_id").geometry
    members = found["members"]
    apart = shapely.distance(
        polygons.reindex(members["hotspot_id"]).to_numpy(),
        points.reindex(members["point_id"]).to_numpy(),
    )
    assert apart.max() < 0.1


def test_names_are_streets_and_a_district(found: dict[str, pd.DataFrame]) -> None:
    hotspots = found["hotspots"]
    assert (hotspots["name"] == hotspots["streets"] + ", " + hotspots["district"]).all()
    assert not hotspots["streets"].str.contains("Parking Area|Supermarket|On or near").any()


def test_every_published_hotspot_has_a_life(found: dict[str, pd.DataFrame]) -> None:
    hotspots, history = found["hotspots"], found["history"]
    last = history[history["window_end"] == hotspots["window_end"].iloc[0]]
    alive = last[last["event"].isin(["born", "continued", "split"])]
    assert set(alive["hotspot_id"]) == set(hotspots["hotspot_id"])
    first = history.groupby("hotspot_id")["window_end"].min()
    born = hotspots.set_index("hotspot_id")["born"]
    assert (first.reindex(born.index) == born).all()


def test_one_heavy_incident_is_flagged() -> None:
    mix = pd.DataFrame({"Robbery": [1.0, 4.0], "Anti-social behaviour": [50.0, 50.0]})
    harm = describe._harm(mix, {"Robbery": 365, "Anti-social behaviour": 1})
    assert harm["is_one_event"].tolist() == [True, False]
    assert harm["harm"].tolist() == [365 + 50, 4 * 365 + 50]
    assert harm["rank_harm"].tolist() == [2, 1]


def test_much_harm_from_few_incidents_is_a_frequency_desert() -> None:
    table = pd.DataFrame({"rank": [9, 1, 10, 4, 5], "rank_harm": [1, 2, 10, 3, 9]})
    more = pd.DataFrame({"rank": [2, 3, 6, 7, 8], "rank_harm": [4, 5, 6, 7, 8]})
    found = describe._is_desert(pd.concat([table, more], ignore_index=True))
    assert found.tolist() == [True, *[False] * 9]


def test_ties_in_rank_go_to_the_second_value_then_the_order() -> None:
    rank = describe._rank(pd.Series([5, 5, 9]), pd.Series([1.0, 2.0, 0.0]))
    assert rank.tolist() == [3, 2, 1]
    assert describe._rank(pd.Series([1, 1]), pd.Series([0.0, 0.0])).tolist() == [1, 2]


def test_the_width_is_that_of_the_corners() -> None:
    assert describe._width(shapely.box(0, 0, 30, 40)) == pytest.approx(50)
    ring = shapely.Point(0, 0).buffer(10)
    assert describe._width(ring) == pytest.approx(20, rel=1e-3)
    assert np.isfinite(describe._width(shapely.MultiPolygon([ring, shapely.box(50, 0, 60, 1)])))
