from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.cluster import DBSCAN

import builders
import towns
from hotspots import cluster, points
from hotspots.cluster import NOISE, DrawRules, cut, dbscan

made_towns = st.tuples(
    st.integers(1, 120), st.integers(0, 10_000), st.sampled_from([50.0, 75.0, 100.0])
)


def _label(
    xy: NDArray[np.float64], n: NDArray[np.float64], eps_m: float, least: float
) -> NDArray[np.int64]:
    return cluster.weighted_dbscan(builders.near(xy, eps_m=eps_m), n, min_weight=least)


class TestWeightedDbscan:
    def test_eps_is_inclusive(self) -> None:
        pair = np.array([[0.0, 0.0], [100.0, 0.0]])
        assert _label(pair, np.ones(2), 100, 2).tolist() == [0, 0]
        assert _label(pair, np.ones(2), 99.9, 2).tolist() == [NOISE, NOISE]

    def test_one_busy_point_is_a_cluster(self) -> None:
        assert _label(np.zeros((1, 2)), np.array([12.0]), 50, 10).tolist() == [0]

    def test_no_points(self) -> None:
        assert len(_label(np.empty((0, 2)), np.empty(0), 50, 10)) == 0

    def test_a_border_point_goes_to_its_nearest_core_point(self) -> None:
        # The middle point is in reach of two core points and nearer to the eastern one.
        x = np.array([-90.0, 0.0, 95.0, 180.0, 270.0])
        line = np.column_stack([x, np.zeros(5)])
        n = np.array([20.0, 1.0, 1.0, 1.0, 20.0])
        assert _label(line, n, 100, 20).tolist() == [0, 0, 1, 1, 1]
        assert _label(line[::-1], n[::-1], 100, 20).tolist() == [0, 0, 0, 1, 1]

    @settings(max_examples=60, deadline=None)
    @given(made_towns, st.sampled_from([3, 10, 25]))
    def test_core_labels_equal_scikit_learn(self, town: tuple[int, int, float], least: int) -> None:
        n, seed, eps_m = town
        xy, count = builders.street_points(n, seed=seed), builders.town_counts(n, seed=seed)
        count[0] += 1  # scikit-learn refuses a town where nothing happened
        mine = _label(xy, count, eps_m, least)
        model = DBSCAN(eps=eps_m, min_samples=least, algorithm="brute")
        theirs = model.fit(xy, sample_weight=count)
        core = np.zeros(n, dtype=bool)
        core[theirs.core_sample_indices_] = True
        assert _same_partition(mine[core], theirs.labels_[core])
        assert ((mine == NOISE) == (theirs.labels_ == NOISE)).all()

    @settings(max_examples=30, deadline=None)
    @given(made_towns, st.integers(0, 99))
    def test_row_order_does_not_matter(self, town: tuple[int, int, float], shuffle: int) -> None:
        n, seed, eps_m = town
        xy, count = builders.street_points(n, seed=seed), builders.town_counts(n, seed=seed)
        order = np.random.default_rng(shuffle).permutation(n)
        straight, shuffled = _label(xy, count, eps_m, 8), _label(xy[order], count[order], eps_m, 8)
        assert _same_partition(straight[order], shuffled)

    def test_weight_is_repetition(self) -> None:
        xy, count = builders.street_points(80, seed=9), builders.town_counts(80, seed=9) + 1
        repeated = np.repeat(xy, count.astype(int), axis=0)
        once = _label(xy, count, 100, 12)
        each = _label(repeated, np.ones(len(repeated)), 100, 12)
        np.testing.assert_array_equal(np.repeat(once, count.astype(int)), each)

    @settings(max_examples=30, deadline=None)
    @given(st.integers(2, 100), st.integers(0, 999))
    def test_a_wider_radius_never_adds_noise(self, n: int, seed: int) -> None:
        xy, count = builders.street_points(n, seed=seed), builders.town_counts(n, seed=seed)
        narrow, wide = _label(xy, count, 60, 10), _label(xy, count, 110, 10)
        assert not ((wide == NOISE) & (narrow != NOISE)).any()

    def test_moving_the_county_moves_nothing_else(self) -> None:
        xy, count = builders.street_points(100, seed=8), builders.town_counts(100, seed=8)
        np.testing.assert_array_equal(
            _label(xy, count, 100, 10), _label(xy + np.array([5000.0, -3000.0]), count, 100, 10)
        )


def _same_partition(a: NDArray[np.int64], b: NDArray[np.int64]) -> bool:
    pairs = set(zip(a.tolist(), b.tolist(), strict=True))
    return len(pairs) == len({x for x, _ in pairs}) == len({y for _, y in pairs})


def _ground(
    xy: NDArray[np.float64],
) -> tuple[NDArray[np.object_], NDArray[np.float64], NDArray[np.float64]]:
    cells = points.catchments(xy)
    return cells, shapely.area(cells), cluster.reaches(cells)


def test_widths_bound_the_true_width_closely() -> None:
    cells, _, reach = _ground(builders.street_points(60, seed=1))
    for cell, width in zip(cells, cluster.widths(reach), strict=True):
        corners = shapely.get_coordinates(cell)
        true = np.hypot(*(corners[:, None] - corners[None]).transpose(2, 0, 1)).max()
        assert true <= width <= 1.006 * true


class TestDrawing:
    rules = DrawRules(budget_m2=120_000)

    def _draw(
        self, xy: NDArray[np.float64], count: NDArray[np.float64], rules: DrawRules
    ) -> NDArray[np.int64]:
        _, area, reach = _ground(xy)
        near = builders.near(xy, eps_m=rules.eps_m)
        return towns.draw_one(count, count, area, reach, near, rules)

    def test_planted_hotspots_are_found(self) -> None:
        xy = builders.street_points(900, seed=12)
        count = np.random.default_rng(12).poisson(0.5, 900).astype(float)
        centre = xy.mean(axis=0)
        planted = np.hypot(*(xy - centre).T) < 90
        count[planted] += 40
        labels = self._draw(xy, count, self.rules)
        assert set(labels[planted]) == {0}

    @settings(max_examples=15, deadline=None)
    @given(st.integers(100, 600), st.integers(0, 999))
    def test_caps_and_budget_hold(self, n: int, seed: int) -> None:
        xy, count = builders.street_points(n, seed=seed), builders.town_counts(n, seed=seed)
        cells, area, _ = _ground(xy)
        labels = self._draw(xy, count, self.rules)
        assert area[labels != NOISE].sum() <= self.rules.budget_m2
        for label in range(labels.max() + 1):
            inside = labels == label
            corners = shapely.get_coordinates(shapely.union_all(cells[inside]))
            width = np.hypot(*(corners[:, None] - corners[None]).transpose(2, 0, 1)).max()
            assert width <= self.rules.max_width_m
            assert area[inside].sum() <= self.rules.max_area_m2
            assert count[inside].sum() >= self.rules.least_incidents

    def test_a_long_busy_street_is_cut(self) -> None:
        street = np.column_stack([np.arange(40) * 60.0, np.zeros(40)])
        labels = self._draw(street, np.full(40, 30.0), DrawRules(budget_m2=1e9))
        sizes = np.bincount(labels[labels >= 0])
        assert len(sizes) >= 6
        assert (labels >= 0).all()
        assert sizes.max() * 60 <= 400

    def test_numbers_run_by_value(self) -> None:
        pair = np.array([[0.0, 0.0], [3000.0, 0.0]])
        labels = self._draw(pair, np.array([5.0, 50.0]), DrawRules(budget_m2=1e9))
        assert labels.tolist() == [1, 0]

    def test_row_order_does_not_matter(self) -> None:
        xy, count = builders.street_points(300, seed=21), builders.town_counts(300, seed=21)
        count += np.arange(300) / 1000  # no ties: a tie is settled by index, and says so
        order = np.random.default_rng(0).permutation(300)
        assert _same_partition(
            self._draw(xy, count, self.rules)[order],
            self._draw(xy[order], count[order], self.rules),
        )

    def test_nothing_happened(self) -> None:
        xy = builders.street_points(30, seed=1)
        assert set(self._draw(xy, np.zeros(30), self.rules)) == {NOISE}

    def test_two_incidents_are_no_hotspot(self) -> None:
        xy = np.array([[0.0, 0.0], [3000.0, 0.0]])
        assert self._draw(xy, np.array([2.0, 3.0]), DrawRules(budget_m2=1e9)).tolist() == [-1, 0]

    def test_textbook_method_is_dbscan_cut_at_the_caps(self) -> None:
        xy, count = builders.street_points(200, seed=5), builders.town_counts(200, seed=5)
        _, area, reach = _ground(xy)
        near = builders.near(xy, eps_m=100)
        labels = cluster.draw_textbook(
            count[:, None].astype(np.float32), area, reach, near, DrawRules(budget_m2=0),
            min_incidents=15, seen=np.ones(200, dtype=bool),
        ).labels(200, 1)[:, 0]  # fmt: skip
        plain = cluster.weighted_dbscan(near, count, min_weight=15)
        np.testing.assert_array_equal(labels == NOISE, plain == NOISE)
        for label in range(labels.max() + 1):
            assert len(set(plain[labels == label])) == 1
            assert cluster.widths(reach[labels == label].max(axis=0)) <= 400

    def test_a_point_not_seen_yet_joins_no_cluster(self) -> None:
        xy = np.column_stack([40.0 * np.arange(6), np.zeros(6)])
        _, area, reach = _ground(xy)
        count = np.array([[9, 9, 0, 0, 9, 9]], dtype=np.float32).T
        ground = (area, reach, builders.near(xy, eps_m=100), DrawRules(budget_m2=0))
        seen = count[:, 0] > 0
        drawn = cluster.draw_textbook(count, *ground, min_incidents=9, seen=seen)
        assert drawn.labels(6, 1)[:, 0].tolist() == [0, 0, -1, -1, 1, 1]

    def test_a_hotspot_of_one_point_needs_more_to_be_kept(self) -> None:
        xy = np.array([[0.0, 0.0], [5000.0, 0.0], [5090.0, 0.0], [9000.0, 0.0]])
        count = np.array([30.0, 13.0, 13.0, 1.0])
        _, area, reach = _ground(xy)
        rules = DrawRules(budget_m2=area[1:3].sum() * 1.01, reach=9.0, lone_value=1.0)
        ground = (count, count, area, reach, builders.near(xy, eps_m=100))
        assert towns.draw_one(*ground, rules).tolist() == [0, -1, -1, -1]
        fair = dataclasses.replace(rules, lone_value=0.6)
        assert towns.draw_one(*ground, fair).tolist() == [-1, 0, 0, -1]

    def test_no_more_are_kept_than_asked_for(self) -> None:
        xy = np.column_stack([3000.0 * np.arange(4), np.zeros(4)])
        labels = self._draw(xy, np.array([5.0, 9, 7, 3]), DrawRules(budget_m2=1e9, most=2))
        assert labels.tolist() == [-1, 0, 1, -1]

    def test_last_months_hotspots_stay_against_an_equal(self) -> None:
        xy = np.array([[0.0, 0.0], [60.0, 0.0], [5000.0, 0.0], [5060.0, 0.0]])
        count = np.array([10.0, 10.0, 9.0, 9.0])
        _, area, reach = _ground(xy)
        rules = DrawRules(budget_m2=area[:2].sum() * 1.01, reach=4.0)
        ground = (area, reach, builders.near(xy, eps_m=100), rules)
        assert towns.draw_one(count, count, *ground).tolist() == [0, 0, -1, -1]
        last = np.array([-1, -1, 0, 0])
        kept = towns.draw_one(count, count, *ground, last=last)
        assert kept.tolist() == [-1, -1, 0, 0]
        far_more = np.array([20.0, 20.0, 9.0, 9.0])
        moved = towns.draw_one(far_more, far_more, *ground, last=last)
        assert moved.tolist() == [0, 0, -1, -1]

    def test_a_chain_is_cut_where_it_was_cut_before(self) -> None:
        xy = np.column_stack([80.0 * np.arange(8), np.zeros(8)])
        _, area, reach = _ground(xy)
        near = dbscan.pairs(builders.near(xy, eps_m=100))
        labels = np.zeros(8, dtype=np.int64)
        ground = (near, reach, area, DrawRules(budget_m2=0))
        fresh = cut.split_wide(labels, *ground, point=np.arange(8))
        last = np.array([4, 4, 4, 7, 7, 7, 7, -1])
        again = cut.split_wide(labels, *ground, point=np.arange(8), last=last)
        assert fresh.tolist() != again.tolist()
        assert again[:3].tolist() == [0, 0, 0]
        assert len(set(again[3:7].tolist())) == 1
        assert again[3] != again[0]

    def test_a_last_cluster_that_breaks_the_caps_is_cut_anew(self) -> None:
        xy = np.column_stack([80.0 * np.arange(8), np.zeros(8)])
        _, area, reach = _ground(xy)
        near = dbscan.pairs(builders.near(xy, eps_m=100))
        labels = np.zeros(8, dtype=np.int64)
        parts = cut.split_wide(
            labels, near, reach, area, DrawRules(budget_m2=0), point=np.arange(8), last=labels
        )
        for part in set(parts.tolist()):
            assert cluster.widths(reach[parts == part].max(axis=0)) <= 400


@pytest.mark.parametrize("eps_m", [100.0, 60.0, 0.0])
def test_within_keeps_pairs_up_to_the_radius(eps_m: float) -> None:
    xy = np.array([[0.0, 0.0], [100.0, 0.0], [100.0, 0.0], [160.0, 0.0]])
    kept = cluster.within(points.neighbour_distances(xy, radius_m=500), eps_m=eps_m)
    direct = points.neighbour_distances(xy, radius_m=eps_m)
    np.testing.assert_array_equal(kept.indptr, direct.indptr)
    np.testing.assert_array_equal(kept.indices, direct.indices)
