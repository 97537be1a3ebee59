from __future__ import annotations

import numpy as np
import pytest

import towns
from hotspots import intensity


@pytest.mark.parametrize("spread", [0.5, 50.0])
def test_a_settled_rule_scores_its_own_map_as_the_fit_did(spread: float) -> None:
    # With a spread of 50 the counts vary no more than chance, and the strength is infinite.
    place = towns.Town.of(400, seed=2)
    chance = np.random.default_rng(2)
    count = chance.poisson(chance.gamma(spread, 3 / spread, 400)).astype(float)
    other = chance.poisson(4.0, 400).astype(float)
    kernels = intensity.biweight_kernels(place.distances)
    seen = np.ones(400, dtype=bool)
    means = tuple(intensity.neighbour_means(k, count[:, None], seen)[:, 0] for k in kernels)
    mix = intensity.eb_mix(count, means, other)
    fixed = intensity.FixedMix.of(mix, kernels, seen, mean=float(count.mean()), other=other)
    twice = np.column_stack([count, count]).astype(np.float32)
    assert fixed.scores(twice)[:, 1] == pytest.approx(mix.score, rel=1e-4)
