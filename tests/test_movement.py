from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from hotspots import movement


class TestSeasons:
    def test_a_month_that_is_always_busier_stands_out(self) -> None:
        months = np.arange(36)
        n = np.where(months % 12 == 6, 20.0, 10.0)
        found = movement.seasons(months, n)
        assert [each.month for each in found] == list(range(1, 13))
        assert found[6].ratio == pytest.approx(20 / (130 / 12))
        assert {each.years for each in found} == {3}
        assert sum(each.ratio for each in found) == pytest.approx(12)

    def test_a_month_seen_more_often_weighs_no_more(self) -> None:
        months = np.arange(30)
        found = movement.seasons(months, np.full(30, 7.0))
        assert [each.ratio for each in found] == pytest.approx([1.0] * 12)
        assert [each.years for each in found] == [3] * 6 + [2] * 6

    def test_too_short_a_record_has_none(self) -> None:
        assert movement.seasons(np.arange(23), np.ones(23)) == ()
        gap = np.array([m for m in range(36) if m % 12 != 3 or m < 12])
        assert movement.seasons(gap, np.ones(len(gap))) == ()
        assert movement.seasons(np.arange(36), np.zeros(36)) == ()


class TestTrends:
    def test_a_rise_is_measured_a_year(self) -> None:
        months = np.arange(24)
        share = np.asarray(0.01 + 0.001 * months, dtype=np.float64)
        found = movement.trends(months, share[None, :])
        assert found.per_year == pytest.approx([0.012])
        assert found.low <= found.per_year <= found.high
        assert found.p < 0.001

    def test_gaps_keep_their_length(self) -> None:
        months = np.array([0, 1, 2, 20, 21, 22])
        found = movement.trends(months, 0.001 * months[None, :])
        assert found.per_year == pytest.approx([0.012])

    def test_noise_has_an_interval_around_nothing(self) -> None:
        share = np.random.default_rng(2).uniform(0.01, 0.02, (1, 36))
        found = movement.trends(np.arange(36), share)
        assert found.low < 0 < found.high
        assert found.p > 0.05

    def test_undefined_is_missing(self) -> None:
        assert np.isnan(movement.trends(np.arange(3), np.arange(3.0)[None, :])).all()
        found = np.array(movement.trends(np.arange(9), np.array([np.ones(9), np.arange(9.0)])))
        assert np.isnan(found[:, 0]).all()
        assert not np.isnan(found[:, 1]).any()

    def test_no_hotspot_has_no_trend(self) -> None:
        assert np.array(movement.trends(np.arange(9), np.empty((0, 9)))).shape == (4, 0)

    def test_fifteen_years_without_a_step_back_are_no_chance(self) -> None:
        found = movement.trends(np.arange(180), np.arange(180.0)[None, :])
        assert found.p.tolist() == [0.0]

    @pytest.mark.parametrize("size", [4, 14, 33, 34, 36])
    @pytest.mark.parametrize("most", [1, 3, 10**6])
    def test_each_row_is_as_scipy_has_it(self, size: int, most: int) -> None:
        chance = np.random.default_rng(size + most)
        months = np.sort(chance.choice(60, size, replace=False))
        rows = chance.integers(0, most, (40, size), endpoint=True).astype(np.float64)
        rows[0] = np.arange(size)
        rows[1] = np.arange(size)[::-1]
        rows[2] = np.r_[1, 0, np.arange(2, size)]
        rows = rows[np.ptp(rows, axis=1) > 0] / 7
        found = np.array(movement.trends(months, rows)).T
        for row, got in zip(rows, found, strict=True):
            slope, _, low, high = stats.theilslopes(row, months, 0.95)
            p = stats.kendalltau(months, row).pvalue
            assert got == pytest.approx([12 * slope, 12 * low, 12 * high, p], rel=1e-12, abs=1e-12)
