from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

import builders
from hotspots import cluster, points
from hotspots.crs import BNG
from hotspots.pipeline.frames import Frame, PointList, frames, point_lists

OLD = ["2024-01-01", "2024-02-01", "2024-03-01"]
NEW = ["2024-04-01", "2024-05-01"]


def _lists() -> tuple[PointList, ...]:
    """Two lists in one town: the new points lie 20 m east of the old ones."""
    xy = builders.street_points(60, seed=7)
    rng = np.random.default_rng(7)
    first_old = np.array(OLD)[rng.integers(0, 3, 60)]
    first_new = np.array(NEW)[rng.integers(0, 2, 60)]
    old = builders.points_table(xy).assign(first_month=pd.to_datetime(first_old).as_unit("ms"))
    new = builders.points_table(xy + np.array([20.0, 0.0]), list_id="list-2024-04").assign(
        first_month=pd.to_datetime(first_new).as_unit("ms")
    )
    counts = pd.concat(
        [
            builders.counts_table(list(t["point_id"]), months, _visits(t, months), "Burglary")
            for t, months in [(old, OLD), (new, NEW)]
        ]
    )
    coverage = pd.DataFrame(
        {"month": pd.to_datetime(OLD + NEW).as_unit("ms")}
        | {"list_id": ["list-2024-01"] * 3 + ["list-2024-04"] * 2}
    )
    table = gpd.GeoDataFrame(pd.concat([old, new], ignore_index=True), crs=BNG)
    return point_lists(table, counts, coverage, eps_m=100)


def _visits(table: gpd.GeoDataFrame, months: list[str]) -> np.ndarray:
    stamps = pd.to_datetime(months)
    seen = table["first_month"].to_numpy()[:, None] <= stamps.to_numpy()
    return np.asarray(seen, dtype=int)


def _copy(frame: Frame) -> dict[str, np.ndarray]:
    names = ("seen", "area_m2", "reach", "cells")
    return {name: getattr(frame, name).copy() for name in names}


def test_a_frame_knows_the_points_seen_so_far_and_their_ground() -> None:
    lists = _lists()
    for frame in frames(lists):
        seen = frame.seen
        assert (seen == (frame.at.first_month <= frame.month)).all()
        anew = points.catchments(frame.at.xy[seen])
        np.testing.assert_allclose(frame.area_m2[seen], shapely.area(anew), rtol=1e-9)
        assert (frame.area_m2[~seen] == 0).all()
        alone = [frame.polygon(np.array([i])) for i in np.flatnonzero(seen)]
        reach = cluster.reaches(np.array(alone))
        assert (frame.reach[seen] >= reach - 1e-6).all()
        np.testing.assert_allclose(frame.reach[seen], reach, atol=0.5)


def test_polygons_reach_fifty_metres_about_their_points() -> None:
    *_, last = frames(_lists())
    members = np.array([0, 5, 9])
    discs = points.discs(last.at.xy[members], 49.9)
    assert shapely.covers(last.polygon(members), discs).all()


def test_later_months_do_not_change_earlier_frames() -> None:
    lists = _lists()
    whole = [_copy(frame) for frame in frames(lists)]
    cut = [_copy(frame) for frame in frames(lists[:1])]
    for early, late in zip(cut, whole, strict=False):
        np.testing.assert_array_equal(early["area_m2"], late["area_m2"])


def test_windows_across_a_list_change_are_rebased_and_lose_nothing_near() -> None:
    old, new = _lists()
    everything = np.asarray(old.counts.values.sum(axis=1)).ravel()
    rebased = [frame for frame in map(_window, frames((old, new))) if frame[2]]
    assert [observed for _, observed, _, _ in rebased] == [4, 5]
    for total, _, _, frame in rebased:
        own = new.counts.sums(np.asarray(new.counts.months <= frame.month), [("Burglary",)])
        landed = points.nearest_within(old.xy, new.xy[frame.seen], reach_m=150) >= 0
        assert total.sum() == everything[landed].sum() + own.sum()


def _window(frame: Frame) -> tuple[np.ndarray, int, bool, Frame]:
    kept = replace(frame, seen=frame.seen.copy())
    return *frame.window_counts(12, [("Burglary",)]), kept


def test_a_window_may_end_after_the_last_month_observed() -> None:
    *_, last = frames(_lists())
    end = pd.Timestamp("2024-07-01")
    total, observed, _ = last.window_counts(3, [("Burglary",)], end=end)
    assert observed == 1
    assert total.sum() == last.at.counts.by_month(("Burglary",))[:, -1].sum()


def test_what_is_exposed_counts_in_the_catchment_it_stands_in() -> None:
    table = builders.points_table(np.array([[0.0, 0.0], [150.0, 0.0], [5000.0, 0.0]]))
    counts = builders.counts_table(
        list(table["point_id"]), OLD, np.ones((3, len(OLD)), int), "Burglary"
    )
    coverage = pd.DataFrame(
        {"month": pd.to_datetime(OLD).as_unit("ms"), "list_id": table["list_id"].iloc[0]}
    )
    stands = np.array([[10.0, 0.0], [60.0, 30.0], [90.0, 0.0], [5099.0, 0.0], [5101.0, 0.0]])
    ids = list(table.sort_values("point_id")["point_id"])
    (at,) = point_lists(table, counts, coverage, eps_m=100, exposed_xy=stands)
    assert at.exposure is not None
    found = dict(zip(at.ids, at.exposure.tolist(), strict=True))
    assert [found[each] for each in table["point_id"]] == [2, 1, 1]
    assert list(at.ids) == ids
    assert point_lists(table, counts, coverage, eps_m=100)[0].exposure is None
