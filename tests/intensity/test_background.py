from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

import towns
from hotspots import intensity
from hotspots.intensity.background import N_CORRECTIONS


@pytest.fixture(scope="module")
def county() -> NDArray[np.float64]:
    return towns.Town.of(1600, seed=11).xy


class TestBackground:
    def test_it_keeps_the_number_of_incidents(self, county: NDArray[np.float64]) -> None:
        count = np.random.default_rng(1).poisson(2.0, 1600).astype(float)
        expected = intensity.background(count, county)
        assert expected.sum() == pytest.approx(count.sum())
        assert (expected > 0).all()

    def test_an_even_town_stays_even(self, county: NDArray[np.float64]) -> None:
        expected = intensity.background(np.full(1600, 3.0), county)
        assert expected == pytest.approx(3.0)

    def test_its_kernel_is_gaussian(self) -> None:
        chance = np.random.default_rng(2)
        xy, count = chance.uniform(0, 9000, (300, 2)), chance.poisson(2.0, 300).astype(float)
        apart = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
        kernel = np.exp(-0.5 * (apart / 1500) ** 2)
        rate = np.ones(300)
        for _ in range(1 + N_CORRECTIONS):
            rate *= (kernel @ count) / (kernel @ rate)
        rate *= count.sum() / rate.sum()
        assert intensity.background(count, xy) == pytest.approx(rate, rel=0.05)

    def test_a_smooth_county_is_found_again(self, county: NDArray[np.float64]) -> None:
        xy = 6 * county  # 17 km across
        truth = np.exp(-0.5 * (np.hypot(*(xy - xy.mean(axis=0)).T) / 2500) ** 2)
        middle = np.hypot(*(xy - xy.mean(axis=0)).T) < 4000
        found = intensity.background(truth, xy)
        assert found[middle] == pytest.approx(truth[middle], rel=0.03)

    def test_exposure_takes_its_share(self, county: NDArray[np.float64]) -> None:
        exposure = np.where(np.arange(1600) % 2 == 0, 30.0, 10.0)
        even = np.full(1600, 2.0)
        expected = intensity.background(even, county, exposure=exposure)
        assert expected[::2].mean() / expected[1::2].mean() == pytest.approx(3, rel=0.01)

    def test_a_point_without_exposure_still_expects_something(
        self, county: NDArray[np.float64]
    ) -> None:
        exposure = np.ones(1600)
        exposure[5] = 0
        expected = intensity.background(np.ones(1600), county, exposure=exposure)
        assert 0.05 < expected[5] / expected.mean() < 0.2

    def test_row_order_changes_no_bit_of_it(self, county: NDArray[np.float64]) -> None:
        chance = np.random.default_rng(3)
        count, order = chance.poisson(1.0, 1600).astype(float), chance.permutation(1600)
        straight = intensity.background(count, county)
        shuffled = intensity.background(count[order], county[order])
        assert (shuffled == straight[order]).all()

    def test_sets_over_the_same_points_may_share_their_neighbourhood(
        self, county: NDArray[np.float64]
    ) -> None:
        around = intensity.Neighbourhood.of(county)
        for count in np.random.default_rng(4).poisson(0.5, (3, 1600)).astype(float):
            assert (around.background(count) == intensity.background(count, county)).all()

    def test_far_from_all_crime_there_is_none(self) -> None:
        xy = np.array([[0.0, 0.0], [100.0, 0.0], [90_000.0, 0.0]])
        assert intensity.background(np.array([3.0, 0.0, 0.0]), xy)[2] == 0

    @pytest.mark.parametrize("n", [0, 1, 4])
    def test_no_incidents_expect_none(self, n: int) -> None:
        assert intensity.background(np.zeros(n), np.zeros((n, 2))).tolist() == [0] * n

    def test_one_point_expects_all(self) -> None:
        assert intensity.background(np.array([7.0]), np.zeros((1, 2))) == pytest.approx(7)
