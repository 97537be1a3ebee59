"""Kernel density and Gi* at the map points, against brute force."""

from __future__ import annotations

import numpy as np

import builders
from hotspots import intensity, points


def test_kernel_density_and_gi_star_equal_brute_force() -> None:
    xy = builders.street_points(30, seed=1)
    count = np.column_stack([builders.town_counts(30, seed=s) for s in (1, 2)])
    distances = points.neighbour_distances(xy, radius_m=250)
    apart = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    kernel = np.where(apart <= 200, 1 - (apart / 200) ** 2, 0) ** 2
    density = intensity.kernel_density(distances, count, radius_m=200)
    np.testing.assert_allclose(density, kernel @ count * 3 / (np.pi * 200**2))
    seen = np.arange(30) != 4
    known, w = count[seen], (apart <= 150)[np.ix_(seen, seen)].astype(float)
    n, total = len(known), w.sum(axis=1)[:, None]
    below = known.std(axis=0) * np.sqrt((n * total - total**2) / (n - 1))
    expected = (w @ known - known.mean(axis=0) * total) / below
    found = intensity.gi_star(distances, np.where(seen[:, None], count, 0), seen, radius_m=150)
    np.testing.assert_allclose(found[seen], expected)
    assert (found[4] == 0).all()
    assert (intensity.gi_star(distances, np.zeros((30, 1)), seen, radius_m=150) == 0).all()
