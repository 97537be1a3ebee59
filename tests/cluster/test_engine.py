from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.cluster import DBSCAN

import builders
from hotspots import cluster
from hotspots.cluster import NOISE

Floats = NDArray[np.float64]

towns = st.tuples(st.integers(2, 150), st.integers(0, 10_000), st.sampled_from([50.0, 75.0, 100.0]))


def _fits(n: int, *, seed: int, n_fits: int) -> Floats:
    """Counts of many fits; neighbouring ones overlap as windows do, and one is empty."""
    months = np.column_stack(
        [builders.town_counts(n, seed=seed + i, mean=0.4) for i in range(n_fits + 5)]
    )
    sums = np.lib.stride_tricks.sliding_window_view(months, 6, axis=1).sum(axis=2)
    sums[:, n_fits // 2] = 0
    return np.asarray(sums)


def _labels(
    xy: Floats, weights: Floats, *, eps_m: float = 100, least: float = 10, skip_empty: bool = False
) -> NDArray[np.int32]:
    links = cluster.lay_out(builders.near(xy, eps_m=eps_m))
    return cluster.label_windows(links, weights, min_weight=least, skip_empty=skip_empty)


def _is_same_partition(a: NDArray[np.integer], b: NDArray[np.integer]) -> bool:
    pairs = set(zip(a.tolist(), b.tolist(), strict=True))
    return len(pairs) == len({x for x, _ in pairs}) == len({y for _, y in pairs})


class TestEachFit:
    @settings(max_examples=40, deadline=None)
    @given(towns, st.sampled_from([3, 10, 25]), st.sampled_from([1, 7, 60]))
    def test_equals_the_fit_made_alone(
        self, town: tuple[int, int, float], least: int, n_fits: int
    ) -> None:
        n, seed, eps_m = town
        xy, weights = builders.street_points(n, seed=seed), _fits(n, seed=seed, n_fits=n_fits)
        together = _labels(xy, weights, eps_m=eps_m, least=least)
        near = builders.near(xy, eps_m=eps_m)
        for fit in range(n_fits):
            alone = cluster.weighted_dbscan(near, weights[:, fit], min_weight=least)
            np.testing.assert_array_equal(together[:, fit], alone)

    @settings(max_examples=40, deadline=None)
    @given(towns, st.sampled_from([3, 10, 25]))
    def test_without_empty_points_equals_scikit_learn_on_rows(
        self, town: tuple[int, int, float], least: int
    ) -> None:
        n, seed, eps_m = town
        xy, weights = builders.street_points(n, seed=seed), _fits(n, seed=seed, n_fits=4)
        mine = _labels(xy, weights, eps_m=eps_m, least=least, skip_empty=True)
        for fit in range(4):
            row = np.repeat(np.arange(n), weights[:, fit].astype(int))
            if not len(row):
                assert (mine[:, fit] == NOISE).all()
                continue
            theirs = DBSCAN(eps=eps_m, min_samples=least, algorithm="brute").fit(xy[row])
            core = theirs.core_sample_indices_
            assert _is_same_partition(mine[row[core], fit], theirs.labels_[core])
            assert ((mine[row, fit] == NOISE) == (theirs.labels_ == NOISE)).all()
            assert (np.delete(mine[:, fit], row) == NOISE).all()

    def test_a_border_point_goes_to_its_nearest_core_point(self) -> None:
        x = np.array([-90.0, 0.0, 95.0, 180.0, 270.0])
        line = np.column_stack([x, np.zeros(5)])
        n = np.array([20.0, 1.0, 1.0, 1.0, 20.0])
        together = _labels(line, np.column_stack([n, n[::-1], 0 * n]), least=20)
        assert together.T.tolist() == [[0, 0, 1, 1, 1], [0, 0, 1, 1, 1], [NOISE] * 5]

    def test_clusters_are_numbered_by_their_lowest_core_point(self) -> None:
        far = np.array([[0.0, 0.0], [5000.0, 0.0], [50.0, 0.0], [9000.0, 0.0]])
        weights = np.array([[4.0, 1.0], [12.0, 12.0], [12.0, 1.0], [0.0, 30.0]])
        assert _labels(far, weights).T.tolist() == [[0, 1, 0, NOISE], [NOISE, 0, NOISE, 1]]

    def test_a_point_without_incidents_joins_two_clusters_unless_left_out(self) -> None:
        line = np.array([[0.0, 0.0], [90.0, 0.0], [180.0, 0.0]])
        weights = np.array([[20.0], [0.0], [20.0]])
        assert _labels(line, weights)[:, 0].tolist() == [0, 0, 0]
        assert _labels(line, weights, skip_empty=True)[:, 0].tolist() == [0, NOISE, 1]


@settings(max_examples=25, deadline=None)
@given(towns, st.integers(0, 99), st.booleans())
def test_the_order_of_points_and_fits_does_not_matter(
    town: tuple[int, int, float],
    shuffle: int,
    skip_empty: bool,  # noqa: FBT001 - drawn by hypothesis
) -> None:
    n, seed, eps_m = town
    xy, weights = builders.street_points(n, seed=seed), _fits(n, seed=seed, n_fits=30)
    rng = np.random.default_rng(shuffle)
    order, fits = rng.permutation(n), rng.permutation(30)
    straight = _labels(xy, weights, eps_m=eps_m, skip_empty=skip_empty)
    mixed = _labels(xy[order], weights[order][:, fits], eps_m=eps_m, skip_empty=skip_empty)
    for place, fit in enumerate(fits):
        assert _is_same_partition(straight[order, fit], mixed[:, place])


def test_single_precision_gives_the_same_labels() -> None:
    xy, weights = builders.street_points(400, seed=3), _fits(400, seed=3, n_fits=40)
    links = cluster.lay_out(builders.near(xy, eps_m=100))
    np.testing.assert_array_equal(
        cluster.label_windows(links, weights, min_weight=10),
        cluster.label_windows(links, weights.astype(np.float32), min_weight=10),
    )


def test_weights_are_left_as_they_were() -> None:
    xy, weights = builders.street_points(60, seed=4), _fits(60, seed=4, n_fits=25)
    before = weights.copy()
    _labels(xy, weights)
    np.testing.assert_array_equal(weights, before)


def test_points_at_one_place_are_neighbours() -> None:
    assert _labels(np.zeros((3, 2)), np.full((3, 1), 4.0))[:, 0].tolist() == [0, 0, 0]


def test_no_points_or_no_fits() -> None:
    assert _labels(np.empty((0, 2)), np.empty((0, 3))).shape == (0, 3)
    assert _labels(builders.street_points(5, seed=1), np.empty((5, 0))).shape == (5, 0)
