from __future__ import annotations

import numpy as np
import pytest

import builders
from hotspots import intensity, points


def test_kernels_are_biweight_and_leave_the_point_out() -> None:
    xy = np.array([[0.0, 0.0], [60.0, 0.0], [130.0, 0.0], [600.0, 0.0]])
    near, wider, widest = intensity.biweight_kernels(
        points.neighbour_distances(xy, radius_m=max(intensity.RADII_M))
    )
    assert near[0, 1] == pytest.approx((1 - (60 / 120) ** 2) ** 2)
    assert near[0, 2] == 0
    assert wider[0, 2] == pytest.approx((1 - (130 / 250) ** 2) ** 2)
    assert widest[0, 3] == 0
    assert near.diagonal().sum() == 0


def test_neighbour_means_use_only_points_seen() -> None:
    xy = np.array([[0.0, 0.0], [50.0, 0.0], [-50.0, 0.0]])
    kernel = intensity.biweight_kernels(points.neighbour_distances(xy, radius_m=500))[0]
    counts = np.array([[0.0], [8.0], [0.0]])
    both = intensity.neighbour_means(kernel, counts, np.array([True, True, True]))
    one = intensity.neighbour_means(kernel, counts, np.array([True, True, False]))
    assert both[0, 0] == pytest.approx(4)
    assert one[0, 0] == pytest.approx(8)


def test_a_lonely_point_has_no_neighbour_mean() -> None:
    xy = np.array([[0.0, 0.0], [9000.0, 0.0]])
    kernel = intensity.biweight_kernels(points.neighbour_distances(xy, radius_m=500))[0]
    means = intensity.neighbour_means(kernel, np.array([[3.0], [5.0]]), np.array([True, True]))
    assert means.ravel().tolist() == [0, 0]


def _score(counts: np.ndarray, xy: np.ndarray) -> intensity.EbMix:
    kernels = intensity.biweight_kernels(points.neighbour_distances(xy, radius_m=500))
    seen = np.ones(len(xy), dtype=bool)
    means = [intensity.neighbour_means(k, counts[:, None], seen)[:, 0] for k in kernels]
    return intensity.eb_mix(counts, tuple(means), np.zeros_like(counts))


def test_scores_lie_between_the_record_and_the_prior() -> None:
    xy, counts = builders.street_points(400, seed=2), builders.town_counts(400, seed=2)
    mix = _score(counts, xy)
    low = np.minimum(counts, mix.prior_mean) - 1e-9
    high = np.maximum(counts, mix.prior_mean) + 1e-9
    assert ((mix.score >= low) & (mix.score <= high)).all()
    assert (mix.coefficients >= 0).all()
    assert ((mix.own_share >= 0) & (mix.own_share <= 1)).all()
    np.testing.assert_allclose(
        mix.score, (counts + mix.strength) * mix.prior_mean / (mix.prior_mean + mix.strength)
    )


def test_uneven_counts_are_trusted_more_than_even_ones() -> None:
    xy = builders.street_points(400, seed=4)
    rng = np.random.default_rng(4)
    even = _score(rng.poisson(5, 400).astype(float), xy)
    uneven = _score(builders.town_counts(400, seed=4, mean=5), xy)
    assert uneven.strength < even.strength


def test_counts_that_vary_no_more_than_chance_give_the_prior() -> None:
    counts = np.full(50, 4.0)
    mix = intensity.eb_mix(counts, (counts, counts, counts), np.zeros(50))
    assert mix.strength == np.inf
    np.testing.assert_allclose(mix.score, 4)


def test_scores_foretell_better_than_raw_counts() -> None:
    # METHODS §3 in small: neighbours have like rates; one year to learn from, one to test.
    rng = np.random.default_rng(11)
    xy = builders.street_points(2500, seed=11)
    hill = np.exp(-((xy - xy.mean(axis=0)) ** 2).sum(axis=1) / (2 * 600**2))
    rate = (0.05 + 1.5 * hill) * rng.gamma(1.5, 1 / 1.5, len(xy))
    first, second = rng.poisson(rate).astype(float), rng.poisson(rate)
    mix = _score(first, xy)
    best = 100
    by_score = second[np.argsort(-mix.score, kind="stable")[:best]].sum()
    by_count = second[np.argsort(-first, kind="stable")[:best]].sum()
    assert by_score > by_count


def test_an_empty_area_scores_nothing() -> None:
    none = np.zeros(5)
    mix = intensity.eb_mix(none, (none, none, none), none)
    np.testing.assert_allclose(mix.score, 0, atol=1e-8)


def test_input_is_untouched() -> None:
    counts = builders.town_counts(100, seed=1)
    before = counts.copy()
    _score(counts, builders.street_points(100, seed=1))
    np.testing.assert_array_equal(counts, before)
