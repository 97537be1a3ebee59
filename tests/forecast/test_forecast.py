"""Forward validation: figures worked by hand, budgets, tiles, polygons, folds, intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import builders
from hotspots import forecast, points
from hotspots.forecast.clip import shared_with_boxes

KM2 = 1e6


def _trial(
    train: list[float], test: list[float], area_m2: list[float], *, study_area_m2: float = KM2
) -> forecast.Trial:
    known, come, ground = (np.array(each, dtype=float) for each in (train, test, area_m2))
    background = np.full(len(train), 1 / len(train))
    return forecast.Trial(known, come, background, ground, study_area_m2)


def _measure(
    units: forecast.Units, trial: forecast.Trial, *budgets: forecast.Budget, seed: int = 1
) -> pd.DataFrame:
    flagged = {"it": forecast.Flagged(units, budgets)}
    resamples = forecast.Resamples.of_places(len(trial.train), seed=seed)
    return pd.DataFrame(forecast.measure(flagged, trial, resamples))


def _town(n: int = 40, *, seed: int = 3) -> forecast.MapPoints:
    xy = builders.street_points(n, seed=seed)
    return forecast.MapPoints(xy, points.catchments(xy))


def test_measures_are_as_worked_by_hand() -> None:
    trial = _trial([8, 1, 1, 0], [4, 2, 1, 3], [1e4, 1e4, 1e4, 1e4])
    units = forecast.ranked_points(trial.train / trial.area_m2, trial.area_m2)
    row = _measure(units, trial, forecast.Budget("b", area_m2=1e4)).iloc[0]
    assert row["n"] == 4
    assert row["n_all"] == 10
    assert row["hit"] == pytest.approx(0.4)
    assert row["pai"] == pytest.approx(0.4 / 0.01)
    assert row["pei"] == pytest.approx(1.0)
    assert row["rri"] == pytest.approx((4 / 8) / (10 / 10))
    assert row["ser"] == pytest.approx(4 / 0.01)
    assert row["kept_excess"] == pytest.approx((4 / 2.5 - 1) / (8 / 2.5 - 1))
    assert row["hold_rate"] == 0
    assert row["charged_area_m2"] == 1e4
    assert row["is_filled"]


def test_unit_that_crosses_the_budget_counts_pro_rata() -> None:
    trial = _trial([8, 4, 1], [4, 2, 1], [1e4, 2e4, 1e4])
    units = forecast.ranked_points(np.array([3.0, 2.0, 1.0]), trial.area_m2)
    row = _measure(units, trial, forecast.Budget("b", area_m2=1.5e4)).iloc[0]
    assert row["n"] == pytest.approx(4 + 2 / 4)
    assert row["n_units"] == pytest.approx(1.25)
    # The best map takes the first whole (4 in 1 ha) and half of either other (1 in 1 ha).
    assert row["pei"] == pytest.approx(4.5 / 4.5)


def test_top_k_takes_whole_units_and_says_if_there_are_too_few() -> None:
    trial = _trial([8, 4, 1], [4, 2, 1], [1e4, 2e4, 1e4])
    units = forecast.ranked_points(np.array([3.0, 2.0, 1.0]), trial.area_m2)
    tables = _measure(units, trial, forecast.Budget("a", top=2), forecast.Budget("b", top=9))
    assert tables["charged_area_m2"].tolist() == [3e4, 4e4]
    assert tables["is_filled"].tolist() == [True, False]


def test_a_budget_beyond_all_units_is_marked_as_not_filled() -> None:
    trial = _trial([8, 0, 0], [4, 2, 1], [1e4, 1e4, 1e4])
    units = forecast.ranked_points(trial.train, trial.area_m2)
    row = _measure(units, trial, forecast.Budget("b", area_m2=2e4)).iloc[0]
    assert not row["is_filled"]
    assert row["charged_area_m2"] == 1e4


def test_incidents_at_points_not_seen_by_the_origin_count_among_all_only() -> None:
    trial = _trial([8, 0], [4, 6], [1e4, 0.0])
    units = forecast.ranked_points(np.array([1.0, 9.0]), trial.area_m2)
    row = _measure(units, trial, forecast.Budget("b", area_m2=1e5)).iloc[0]
    assert (row["n"], row["n_all"], row["pei"]) == (4, 10, 1.0)


def test_hold_needs_more_than_chance_would_give() -> None:
    trial = _trial([9, 1, 1, 1], [9, 1, 1, 1], [1e4] * 4)
    units = forecast.ranked_points(np.array([4.0, 3.0, 2.0, 1.0]), trial.area_m2)
    row = _measure(units, trial, forecast.Budget("b", top=4)).iloc[0]
    # Of a mean of 3, nine or more come by chance 4 times in 1,000; one or more nearly always.
    assert row["hold_rate"] == 0.25


def test_nothing_to_measure_gives_missing_values_not_errors() -> None:
    trial = _trial([0, 0], [0, 0], [1e4, 1e4])
    nothing = forecast.ranked_points(trial.train, trial.area_m2)
    row = _measure(nothing, trial, forecast.Budget("b", area_m2=1e4), forecast.Budget("c", top=1))
    assert row["n"].tolist() == [0, 0]
    assert row[["hit", "hit_low", "pai", "pei", "rri", "ser", "hold_rate"]].isna().all(axis=None)
    assert forecast.measure({}, trial, forecast.Resamples.of_places(2, seed=1))["n"].size == 0


def test_one_point_can_be_scored() -> None:
    trial = _trial([5], [2], [1e4])
    units = forecast.ranked_points(trial.train, trial.area_m2)
    row = _measure(units, trial, forecast.Budget("b", area_m2=5e3)).iloc[0]
    assert row["n"] == 1.0
    assert row["hit"] == 0.5


@given(st.permutations(range(12)))
@settings(max_examples=25, deadline=None)
def test_scores_do_not_depend_on_the_order_of_rows(order: list[int]) -> None:
    rng = np.random.default_rng(5)
    train, test = rng.poisson(6, 12) + np.arange(12) / 100, rng.poisson(3, 12).astype(float)
    area_m2 = rng.uniform(4e3, 3e4, 12)
    budgets = [forecast.Budget("b", area_m2=4.4e4), forecast.Budget("c", top=3)]

    def scored(row: NDArray[np.int64]) -> pd.DataFrame:
        trial = _trial(list(train[row]), list(test[row]), list(area_m2[row]))
        units = forecast.ranked_points(trial.train / trial.area_m2, trial.area_m2)
        return _measure(units, trial, *budgets).drop(columns=["hit_low", "hit_high"])

    pd.testing.assert_frame_equal(scored(np.arange(12)), scored(np.array(order)))


def test_intervals_hold_the_rate_and_repeat_with_their_seed() -> None:
    rng = np.random.default_rng(2)
    test = rng.poisson(2, 500).astype(float)
    trial = forecast.Trial(test, test, np.full(500, 0.002), np.full(500, 1e4), 5e6)
    units = forecast.ranked_points(rng.random(500), trial.area_m2)
    budget = forecast.Budget("b", area_m2=1e6)
    row, again, other = (_measure(units, trial, budget, seed=s).iloc[0] for s in (1, 1, 2))
    assert row["hit_low"] < row["hit"] < row["hit_high"]
    assert row.equals(again)
    assert row["hit_low"] != other["hit_low"]
    # The variance of a ratio of two totals, both of them sums over places.
    flagged = np.isin(np.arange(500), np.flatnonzero((units.unit >= 0) & (units.unit < 100)))
    spread = 2 * 1.96 * np.sqrt(((test * (flagged - row["hit"])) ** 2).sum()) / test.sum()
    assert row["hit_high"] - row["hit_low"] == pytest.approx(spread, rel=0.2)


def test_intervals_are_those_of_the_flagged_part_of_every_resample() -> None:
    rng = np.random.default_rng(6)
    test = rng.poisson(0.7, 60).astype(float)
    area_m2 = rng.uniform(4e3, 3e4, 60)
    budgets = tuple(forecast.Budget(f"{m2}", area_m2=m2) for m2 in (3e5, 4e4, 1.7e5))
    methods = [
        forecast.Flagged(forecast.ranked_points(rng.random(60), area_m2), budgets) for _ in "ab"
    ]
    drawn = forecast.Resamples.of_places(60, seed=3)
    low, high = drawn.hit_intervals(methods, test).reshape(2, 2, 3)
    came = test @ drawn.weight
    for i, each in enumerate(methods):
        # Units that no budget reaches have no row.
        part = np.vstack([each.parts, np.zeros((61, 3))])[each.units.unit]
        hit = (part * test[:, None]).T @ drawn.weight / came
        found = np.quantile(hit, (0.025, 0.975), axis=1)
        np.testing.assert_allclose([low[i], high[i]], found, rtol=1e-5)


def test_areas_shared_with_boxes_equal_those_of_shapely() -> None:
    town = _town()
    rng = np.random.default_rng(4)
    index = rng.integers(0, 40, 200)
    corner = town.xy[index] + rng.uniform(-120, 60, (200, 2))
    boxes = np.hstack([corner, corner + rng.uniform(10, 200, (200, 2))])
    mine = shared_with_boxes(town.cells, index, boxes)
    theirs = shapely.area(shapely.intersection(town.cells[index], shapely.box(*boxes.T)))
    np.testing.assert_allclose(mine, theirs, atol=1e-3)


@pytest.mark.parametrize("size_m", [60.0, 150.0])
def test_squares_are_charged_the_union_of_squares_and_catchments(size_m: float) -> None:
    town = _town()
    count = builders.town_counts(40, seed=6)
    tiles = forecast.square_tiles(town, size_m=size_m)
    units = tiles.ranked(count)
    corner = np.floor(town.xy / size_m) * size_m
    squares = shapely.box(*corner.T, *(corner + size_m).T)
    for k in (1, 2, 5):
        inside = (units.unit >= 0) & (units.unit < k)
        ground = shapely.union_all([*squares[inside], *town.cells[inside]])
        assert units.area_m2[:k].sum() == pytest.approx(ground.area, rel=1e-6)


def test_areas_are_charged_the_union_of_areas_and_catchments() -> None:
    town = _town()
    west, south = town.xy.min(axis=0)
    halves = shapely.box([west - 9, west + 200], south - 9, [west + 200, west + 500], south + 999)
    tiles = forecast.area_tiles(town, halves)
    units = tiles.ranked(np.where(town.xy[:, 0] < west + 200, 2.0, 1.0))
    first = halves[0].union(shapely.union_all(town.cells[units.unit == 0]))
    both = shapely.union_all([*halves, *town.cells[units.unit >= 0]])
    assert units.area_m2[0] == pytest.approx(first.area, rel=1e-6)
    assert units.area_m2.sum() == pytest.approx(both.area, rel=1e-6)


def test_tiles_brought_up_to_date_equal_tiles_made_anew() -> None:
    xy = builders.street_points(60, seed=8)
    cells, furthest_m = np.full(60, None, dtype=object), np.zeros(60)
    seen, nobody = np.arange(60) < 50, np.zeros(60, dtype=bool)
    points.grow_catchments(cells, furthest_m, xy, seen=seen, new=seen)
    before = forecast.MapPoints(xy, cells.copy())
    points.grow_catchments(cells, furthest_m, xy, seen=~nobody, new=~seen)
    after = forecast.MapPoints(xy, cells)
    old = forecast.square_tiles(before, size_m=150)
    halves = shapely.box(xy.min(), xy.min(), xy.max(), xy[:, 1].mean() + np.array([0.0, 500.0]))
    count = builders.town_counts(60, seed=9)
    for kept, anew in (
        (
            forecast.square_tiles(after, size_m=150, before=old),
            forecast.square_tiles(after, size_m=150),
        ),
        (
            forecast.area_tiles(after, halves[:1], before=forecast.area_tiles(before, halves[:1])),
            forecast.area_tiles(after, halves[:1]),
        ),
    ):
        np.testing.assert_array_equal(kept.ranked(count).unit, anew.ranked(count).unit)
        np.testing.assert_allclose(kept.ranked(count).area_m2, anew.ranked(count).area_m2)


def test_polygons_are_charged_their_ground_and_the_catchments_inside_once() -> None:
    town = _town()
    discs = points.discs(town.xy[[3, 4, 3]], 90.0)
    units = forecast.polygon_units(town, discs)
    for k in (1, 2, 3):
        inside = (units.unit >= 0) & (units.unit < k)
        ground = shapely.union_all([*discs[:k], *town.cells[inside]])
        assert units.area_m2[:k].sum() == pytest.approx(ground.area, rel=1e-6)
    assert units.area_m2[2] == pytest.approx(0.0, abs=1e-6)
    assert units.unit[3] == 0


def test_polygons_without_an_order_go_by_count() -> None:
    town = _town()
    count = np.zeros(40)
    count[[7, 20]] = [2.0, 5.0]
    discs = points.discs(town.xy[[7, 20, 30]], 5.0)
    assert forecast.by_count(town, discs, count).tolist() == [1, 0, 2]


def test_no_polygons_make_no_units() -> None:
    units = forecast.polygon_units(_town(), np.empty(0, dtype=object))
    assert (units.unit == -1).all()
    assert len(units.area_m2) == 0


def _months(first: str, last: str, list_id: str, *, without: tuple[str, ...] = ()) -> pd.Series:
    months = pd.date_range(first, last, freq="MS").difference(pd.to_datetime(list(without)))
    return pd.Series(list_id, index=months)


def test_last_origins_share_both_horizons() -> None:
    used, unused = forecast.plan_folds(_months("2023-01", "2024-12", "a"))
    assert [(f"{f.origin:%Y-%m}", f.horizon_months) for f in used] == [
        ("2024-07", 1), ("2024-07", 3), ("2024-08", 1), ("2024-08", 3), ("2024-09", 1),
        ("2024-09", 3),
    ]  # fmt: skip
    assert {f.months_observed for f in used} == {12}
    assert {each.reason for each in unused} == {"test month 2025-01 has no data"}


def test_a_test_with_a_missing_month_is_not_made() -> None:
    used, unused = forecast.plan_folds(
        _months("2023-01", "2024-12", "a", without=("2024-11",)), n_origins=1
    )
    assert [f"{f.origin:%Y-%m}" for f in used] == ["2024-07", "2024-07"]
    reasons = {(f"{u.origin:%Y-%m}", u.horizon_months): u.reason for u in unused}
    assert reasons["2024-08", 3] == "test month 2024-11 has no data"
    assert ("2024-08", 1) not in reasons


def test_no_fold_straddles_lists_unless_asked() -> None:
    both = pd.concat([_months("2023-01", "2023-12", "a"), _months("2024-01", "2024-06", "b")])
    used, unused = forecast.plan_folds(both)
    assert {f.list_id for f in used} == {"a"}
    assert all(f.origin + pd.DateOffset(months=f.horizon_months) <= both.index[11] for f in used)
    assert any("straddles" in u.reason for u in unused)
    asked, _ = forecast.plan_folds(both, across_lists=True)
    assert {(f.list_id, f.is_rebased) for f in asked} == {("a", False), ("b", True)}


def test_missing_months_of_training_are_counted_out() -> None:
    gaps = ("2023-08", "2023-09", "2023-10")
    used, _ = forecast.plan_folds(_months("2023-01", "2024-03", "a", without=gaps), n_origins=1)
    assert {f.months_observed for f in used} == {9}


def test_a_short_history_is_tested_on_what_there_is() -> None:
    used, _ = forecast.plan_folds(_months("2024-01", "2024-04", "a"))
    assert [(f"{f.origin:%Y-%m}", f.horizon_months) for f in used] == [("2024-03", 1)]
    used, unused = forecast.plan_folds(_months("2024-01", "2024-02", "a"))
    assert not used
    assert unused[0].reason == "1 of its 12 training months have data"


def _hotspots(town: forecast.MapPoints, *, seed: int) -> NDArray[np.int64]:
    """Some groups of neighbouring points, numbered from 0."""
    rng = np.random.default_rng(seed)
    labels = np.full(len(town.xy), -1)
    for label in range(6):
        middle = town.xy[rng.integers(0, len(town.xy))]
        near = np.hypot(*(town.xy - middle).T) < rng.uniform(10, 120)
        labels[near & (labels < 0)] = label
    _, labels[labels >= 0] = np.unique(labels[labels >= 0], return_inverse=True)
    return labels


@pytest.mark.parametrize("seed", range(8))
def test_hotspots_by_their_rims_are_charged_as_their_polygons_are(seed: int) -> None:
    town = _town(60, seed=seed)
    labels = _hotspots(town, seed=seed)
    area_m2 = shapely.area(town.cells)
    members = np.flatnonzero(labels >= 0)
    rims = forecast.Rims.none(town, radius_m=50).about(town, members, points.discs)
    found = rims.units(labels, area_m2)
    discs = points.discs(town.xy[members], 50)
    polygons = forecast.polygon_units(town, discs, owner=labels[members])
    np.testing.assert_array_equal(found.unit, polygons.unit)
    np.testing.assert_allclose(found.area_m2, polygons.area_m2, atol=0.5)


def test_rims_follow_catchments_that_change() -> None:
    xy = builders.street_points(60, seed=8)
    cells, furthest_m = np.full(60, None, dtype=object), np.zeros(60)
    seen, everybody = np.arange(60) % 6 != 0, np.ones(60, dtype=bool)
    points.grow_catchments(cells, furthest_m, xy, seen=seen, new=seen)
    before = forecast.MapPoints(xy, cells.copy())
    members = np.flatnonzero(seen)
    rims = forecast.Rims.none(before, radius_m=50).about(before, members, points.discs)
    points.grow_catchments(cells, furthest_m, xy, seen=everybody, new=~seen)
    after = forecast.MapPoints(xy, cells)
    labels = np.where(seen, np.arange(60) // 10, -1)
    area_m2 = shapely.area(cells)
    kept = rims.about(after, members, points.discs).units(labels, area_m2)
    anew = forecast.Rims.none(after, radius_m=50).about(after, members, points.discs)
    np.testing.assert_allclose(kept.area_m2, anew.units(labels, area_m2).area_m2, atol=0.5)


def test_no_hotspots_have_no_ground() -> None:
    town = _town()
    rims = forecast.Rims.none(town, radius_m=50).about(town, np.array([3]), points.discs)
    units = rims.units(np.full(40, -1), shapely.area(town.cells))
    assert (units.unit == -1).all()
    assert len(units.area_m2) == 0
