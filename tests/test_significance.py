from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy.stats import chisquare

import towns
from hotspots import cluster, intensity, significance
from hotspots.cluster import DrawRules
from hotspots.significance import NullMaps

RULES = DrawRules(budget_m2=400_000)


class Place:
    """A town without other crime, its points all seen, that draws and judges as a refresh does."""

    def __init__(self, ground: towns.Town) -> None:
        self.ground = ground
        self.kernels = intensity.biweight_kernels(ground.distances)
        self.seen = np.ones(len(ground.xy), dtype=bool)

    def mix(self, count: NDArray[np.float64]) -> intensity.EbMix:
        means = [
            intensity.neighbour_means(k, count[:, None], self.seen)[:, 0] for k in self.kernels
        ]
        return intensity.eb_mix(count, tuple(means), np.zeros_like(count))

    def redraw(
        self, count: NDArray[np.float64]
    ) -> Callable[[NDArray[np.float32]], significance.Groups]:
        fixed = intensity.FixedMix.of(
            self.mix(count), self.kernels, self.seen,
            mean=float(count.mean()), other=np.zeros_like(count),
        )  # fmt: skip
        at = self.ground
        return lambda counts: cluster.draw_excess_mass(
            fixed.scores(counts), counts, at.area_m2, at.reach, at.near, RULES
        )

    def judge(
        self, count: NDArray[np.float64], *, n_simulations: int = 99, seed: int = 0
    ) -> tuple[NDArray[np.int64], pd.DataFrame]:
        at = self.ground
        score = self.mix(count).score
        labels = towns.draw_one(score, count, at.area_m2, at.reach, at.near, RULES)
        expected = intensity.background(count, at.xy)
        null = significance.simulate_null(
            expected, intensity.background(expected, at.xy), at.xy, self.redraw(count),
            n_incidents=int(count.sum()), n_simulations=n_simulations, seed=seed,
        )  # fmt: skip
        return labels, significance.judge_groups(labels, count, expected, null)


@pytest.fixture(scope="module")
def place() -> Place:
    return Place(towns.Town.of(1600, seed=11))


def _sloping(xy: NDArray[np.float64], total: float) -> NDArray[np.float64]:
    """Make a smooth background that is thickest in the middle of a town."""
    away = np.hypot(*(xy - xy.mean(axis=0)).T)
    smooth = np.exp(-0.5 * (away / 2500) ** 2)
    return np.asarray(total * smooth / smooth.sum())


class TestScanLlr:
    def test_it_is_kulldorffs(self) -> None:
        llr = significance.scan_llr(np.array([10.0]), np.array([4.0]), total=100)
        by_hand = 10 * np.log(10 / 4) + 90 * np.log(90 / 96)
        assert llr == pytest.approx(by_hand)

    def test_little_more_than_expected_is_no_hotspot(self) -> None:
        n, expected = np.array([2.0, 4.0, 0.0, 1500.0]), np.array([4.0, 4.0, 0.0, 1000.0])
        assert significance.scan_llr(n, expected, total=9000).tolist() == [0, 0, 0, 0]

    def test_all_incidents_in_one_group(self) -> None:
        llr = significance.scan_llr(np.array([10.0, 10.0]), np.array([5.0, 10.0]), total=10)
        assert llr == pytest.approx([10 * np.log(2), 0])


class TestSimulateCounts:
    def test_every_map_has_all_incidents(self, place: Place) -> None:
        counts = significance.simulate_counts(
            _sloping(place.ground.xy, 500), place.ground.xy,
            n_incidents=500, n_maps=5, chance=np.random.default_rng(1),
        )  # fmt: skip
        assert counts.shape == (1600, 5)
        assert counts.sum(axis=0).tolist() == [500] * 5

    def test_points_get_their_shares(self) -> None:
        expected = np.array([0.0, 1e-4, 1.0, 3.0, 12.0])
        xy = np.column_stack([np.arange(5.0), np.zeros(5)])
        chance = np.random.default_rng(4)
        batches = [
            significance.simulate_counts(expected, xy, n_incidents=16, n_maps=8, chance=chance)
            for _ in range(1000)
        ]
        total = np.concatenate(batches, axis=1).sum(axis=1)
        assert total[0] == 0
        assert chisquare(total[2:], total[2:].sum() * expected[2:] / 16).pvalue > 0.001

    def test_a_place_gets_the_same_whatever_the_row_order(self, place: Place) -> None:
        expected, xy = _sloping(place.ground.xy, 500), place.ground.xy
        order = np.random.default_rng(5).permutation(1600)
        straight, shuffled = (
            significance.simulate_counts(
                expected[rows], xy[rows], n_incidents=500, n_maps=3,
                chance=np.random.default_rng(6),
            )
            for rows in (np.arange(1600), order)
        )  # fmt: skip
        assert (shuffled == straight[order]).all()

    @pytest.mark.parametrize("n", [0, 3])
    def test_nothing_expected_gives_empty_maps(self, n: int) -> None:
        counts = significance.simulate_counts(
            np.zeros(n), np.zeros((n, 2)), n_incidents=5, n_maps=2,
            chance=np.random.default_rng(1),
        )  # fmt: skip
        assert counts.shape == (n, 2)
        assert counts.sum() == 0


def test_planting_keeps_the_sum_and_the_ratio() -> None:
    planted = significance.plant(np.array([2.0, 2.0, 6.0]), np.array([True, False, False]), ratio=5)
    assert planted.sum() == pytest.approx(10)
    assert planted[0] / planted[1] == pytest.approx(5)


class TestRates:
    NULL = NullMaps(
        llr=np.array([1.0, 1, 2, 2, 3, 4, 4, 5, 6]), largest=np.array([0.0, 2, 3, 4, 4, 5, 6, 6, 6])
    )

    def test_family_wise_p_counts_the_real_map_in(self) -> None:
        p = significance.family_wise_p(np.array([7.0, 6.0, 5.0, 0.0]), self.NULL)
        assert p == pytest.approx([0.1, 0.4, 0.5, 1.0])

    def test_false_discovery_rate_is_chance_over_real(self) -> None:
        # 1 in 10 maps reaches 7 (the real one), 2 in 10 reach 6, 10 in 10 reach 0.
        q = significance.false_discovery_rate(np.array([7.0, 6.0, 0.0, 7.0]), self.NULL)
        assert q == pytest.approx([0.05, 0.2 / 3, 0.25, 0.05])

    def test_a_larger_ratio_is_never_less_sure(self) -> None:
        llr = np.random.default_rng(8).exponential(2, 50)
        null = NullMaps(np.sort(np.random.default_rng(9).exponential(2, 900)), np.ones(99))
        q = significance.false_discovery_rate(llr, null)
        assert (np.diff(q[np.argsort(llr)]) <= 0).all()
        assert (q > 0).all()

    def test_no_hotspots_have_no_rates(self) -> None:
        table = significance.judge_groups(np.full(3, -1), np.ones(3), np.ones(3), self.NULL)
        assert len(table) == 0
        assert list(table.columns) == ["n", "expected", "llr", "p_family", "q", "label"]

    def test_without_simulations_nothing_is_more_than_watched(self) -> None:
        none = NullMaps(np.empty(0), np.empty(0))
        table = significance.judge_groups(
            np.array([0, -1]), np.array([9.0, 1]), np.full(2, 5.0), none
        )
        assert table["label"].tolist() == ["watch"]


class TestTimesHot:
    labels = np.array([0, 0, 1, -1])
    expected = np.array([2.0, 2.0, 4.0, 1.0])

    def _times(self, counts: NDArray[np.float32], drawn: list[tuple[int, int, int]]) -> list[int]:
        column, point, group = np.array(drawn, dtype=np.int64).reshape(-1, 3).T
        found = cluster.Maps(column, point, group)
        times = significance.times_hot(self.labels, counts, self.expected, found, n_hotspots=2)
        return [int(each) for each in times]

    def test_half_of_the_incidents_on_drawn_points_make_a_hot_map(self) -> None:
        counts = np.array([[6, 6], [6, 5], [0, 0], [0, 0]], dtype=np.float32)
        # On the first map one point of two with the same count is drawn; on the second the lesser.
        assert self._times(counts, [(0, 0, 0), (1, 1, 1)]) == [1, 0]

    def test_a_busy_place_at_its_usual_number_is_not_hot(self) -> None:
        counts = np.array([[0], [0], [6], [0]], dtype=np.float32)
        assert self._times(counts, [(0, 2, 0)]) == [0, 0]
        assert self._times(counts + 1, [(0, 2, 0)]) == [0, 1]

    def test_hotspots_elsewhere_do_not_count(self) -> None:
        counts = np.full((4, 1), 20, dtype=np.float32)
        assert self._times(counts, [(0, 3, 0)]) == [0, 0]
        assert self._times(counts, []) == [0, 0]


class TestJudging:
    def test_maps_without_hotspots_show_few(self, place: Place) -> None:
        chance = np.random.default_rng(20)
        risk = _sloping(place.ground.xy, 1.0)
        tables = [
            place.judge(chance.multinomial(800, risk).astype(float), seed=i)[1] for i in range(40)
        ]
        n_maps = sum((table["label"] == "strong").any() for table in tables)
        # At 5 %, more than 6 of 40 happens by chance once in 250 times.
        assert n_maps <= 6
        assert sum(len(table) for table in tables) > 40

    def test_a_crowded_town_centre_is_no_hotspot(self, place: Place) -> None:
        # Ten incidents for each point: what smoothing takes off the middle might show.
        chance = np.random.default_rng(21)
        risk = _sloping(place.ground.xy, 1.0)
        tables = [
            place.judge(chance.multinomial(16_000, risk).astype(float), seed=i)[1]
            for i in range(15)
        ]
        assert sum((table["label"] == "strong").any() for table in tables) <= 3

    def test_planted_hotspots_are_found(self, place: Place) -> None:
        xy = place.ground.xy
        centres = xy[[410, 430, 810, 1170, 1190]]
        is_hot = (np.hypot(*(xy[:, None] - centres[None]).transpose(2, 0, 1)) < 100).any(axis=1)
        risk = significance.plant(_sloping(xy, 1.0), is_hot, ratio=8)
        count = np.random.default_rng(22).multinomial(2500, risk / risk.sum()).astype(float)
        labels, table = place.judge(count)
        sure = np.flatnonzero(table["label"] != "watch")
        hits = [is_hot[labels == group].any() for group in sure]
        found = [
            (np.isin(labels, sure) & (np.hypot(*(xy - centre).T) < 100)).any() for centre in centres
        ]
        assert sum(found) >= 4
        assert np.mean(hits) >= 0.8

    def test_the_same_seed_gives_the_same_judgement(self, place: Place) -> None:
        count = np.random.default_rng(23).negative_binomial(0.5, 0.4, 1600).astype(float)
        first, again, other = (place.judge(count, seed=s)[1] for s in (1, 1, 2))
        pd.testing.assert_frame_equal(first, again)
        assert not np.array_equal(first["q"], other["q"])

    def test_row_order_does_not_change_the_judgement(self, place: Place) -> None:
        chance = np.random.default_rng(24)
        count, order = (
            chance.negative_binomial(0.5, 0.4, 1600).astype(float),
            chance.permutation(1600),
        )
        straight_labels, straight = place.judge(count)
        shuffled_labels, shuffled = Place(towns.Town.at(place.ground.xy[order])).judge(count[order])
        assert (straight_labels[order] == shuffled_labels).all()
        pd.testing.assert_frame_equal(straight, shuffled)

    def test_one_point_holds_no_more_than_it_must(self) -> None:
        _, table = Place(towns.Town.at(np.zeros((1, 2)))).judge(np.array([40.0]))
        assert table["label"].tolist() == ["watch"]

    def test_all_incidents_at_one_point_of_a_town_are_a_hotspot(self, place: Place) -> None:
        count = np.zeros(1600)
        count[800] = 400
        labels, table = place.judge(count)
        assert table["label"].tolist() == ["strong"]
        assert np.flatnonzero(labels == 0).tolist() == [800]

    def test_no_incidents_have_nothing_to_judge(self, place: Place) -> None:
        labels, table = place.judge(np.zeros(1600), n_simulations=9)
        assert len(table) == 0
        assert (labels == -1).all()
