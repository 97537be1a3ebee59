from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from numpy.typing import NDArray

import one_by_one
import towns
from hotspots import cluster
from hotspots.cluster import DrawRules, Maps, draw

RULES = DrawRules(budget_m2=120_000)


def _groups(labels: NDArray[np.int64]) -> set[frozenset[int]]:
    groups = [np.flatnonzero(labels == g) for g in range(labels.max(initial=-1) + 1)]
    return {frozenset(members.tolist()) for members in groups}


def _of_map(drawn: Maps, column: int) -> set[frozenset[int]]:
    mine = drawn.column == column
    groups = np.unique(drawn.group[mine])
    return {frozenset(drawn.point[mine & (drawn.group == g)].tolist()) for g in groups}


def _maps(n_points: int, n_maps: int, *, mean: float, seed: int) -> NDArray[np.float32]:
    chance = np.random.default_rng(seed)
    risk = chance.gamma(0.5, mean / 0.5, size=n_points)
    return chance.poisson(risk[:, None], size=(n_points, n_maps)).astype(np.float32)


@pytest.mark.parametrize("share", [0.05, 0.3, 2.0])
@pytest.mark.parametrize(("mean", "most"), [(0.1, None), (1.5, None), (1.5, 4)])
@pytest.mark.parametrize("has_last", [False, True])
def test_a_batch_is_drawn_as_its_maps_one_by_one(
    *, share: float, mean: float, most: int | None, has_last: bool
) -> None:
    place = towns.Town.of(500, seed=3)
    rules = dataclasses.replace(RULES, budget_m2=share * place.area_m2.sum(), most=most)
    count = _maps(500, 12, mean=mean, seed=5)
    count[:, 7] = 0
    # Scores of one set are never the same at two points, which a bare count would be.
    score = count + np.random.default_rng(1).random((500, 12)).astype(np.float32)
    ground = (place.area_m2, place.reach, place.near, rules)
    last = None
    if has_last:  # the same maps a month ago, when a tenth of the points stood otherwise
        moved = score * np.where(np.random.default_rng(2).random((500, 12)) < 0.1, 3, 1)
        last = cluster.draw_excess_mass(moved.astype(np.float32), count, *ground).labels(500, 12)
    drawn = cluster.draw_excess_mass(score, count, *ground, last=last)
    labels = drawn.labels(500, 12)
    for column in range(12):
        one = one_by_one.draw_excess_mass(
            score[:, column].astype(float), count[:, column].astype(float), *ground,
            last=None if last is None else last[:, column],
        )  # fmt: skip
        assert _of_map(drawn, column) == _groups(one)
        # Groups are numbered by value alike, but for groups whose values are the same.
        assert (labels[:, column] != one).mean() < 0.02


def test_maps_of_very_different_volume_are_drawn_together() -> None:
    place = towns.Town.of(500, seed=3)
    count = np.column_stack([_maps(500, 1, mean=m, seed=7) for m in (0.05, 40.0, 1.0)])
    score = count + np.random.default_rng(1).random((500, 3)).astype(np.float32)
    rules = dataclasses.replace(RULES, budget_m2=0.2 * place.area_m2.sum())
    ground = (place.area_m2, place.reach, place.near, rules)
    drawn = cluster.draw_excess_mass(score, count, *ground)
    for column in range(3):
        one = one_by_one.draw_excess_mass(
            score[:, column].astype(float), count[:, column].astype(float), *ground
        )
        assert _of_map(drawn, column) == _groups(one)


def test_a_batch_is_drawn_as_the_textbook_draws_its_maps() -> None:
    place = towns.Town.of(500, seed=4)
    count = _maps(500, 9, mean=2.0, seed=6)
    seen = np.random.default_rng(6).random(500) < 0.8
    count[~seen] = 0
    drawn = cluster.draw_textbook(
        count, place.area_m2, place.reach, place.near, RULES, min_incidents=10,
        seen=seen,
    )  # fmt: skip
    for column in range(9):
        one = one_by_one.draw_textbook(
            count[:, column].astype(float), place.area_m2, place.reach, place.near, RULES,
            min_incidents=10, seen=seen,
        )  # fmt: skip
        assert _of_map(drawn, column) == _groups(one)


def test_maps_of_a_batch_do_not_touch_each_other() -> None:
    place = towns.Town.of(300, seed=8)
    count = _maps(300, 6, mean=1.0, seed=9)
    score = count + np.random.default_rng(2).random((300, 6)).astype(np.float32)
    ground = (place.area_m2, place.reach, place.near, RULES)
    together = cluster.draw_excess_mass(score, count, *ground)
    for column in range(6):
        alone = cluster.draw_excess_mass(
            np.ascontiguousarray(score[:, [column]]), np.ascontiguousarray(count[:, [column]]),
            *ground,
        )  # fmt: skip
        assert _of_map(alone, 0) == _of_map(together, column)


def test_maps_with_nothing_on_them_have_no_groups() -> None:
    place = towns.Town.of(50, seed=1)
    nothing = np.zeros((50, 3), dtype=np.float32)
    ground = (place.area_m2, place.reach, place.near, RULES)
    assert len(cluster.draw_excess_mass(nothing, nothing, *ground).point) == 0
    seen = np.ones(50, dtype=bool)
    assert len(cluster.draw_textbook(nothing, *ground, min_incidents=5, seen=seen).point) == 0


def test_a_batch_of_one_point() -> None:
    place = towns.Town.of(1, seed=1)
    count = np.array([[5.0, 0.0, 2.0]], dtype=np.float32)
    drawn = cluster.draw_excess_mass(count, count, place.area_m2, place.reach, place.near, RULES)
    assert drawn.column.tolist() == [0]


def test_more_maps_than_the_order_can_hold_are_refused() -> None:
    place = towns.Town.of(4, seed=1)
    counts = np.ones((4, draw.MOST_MAPS + 1), dtype=np.float32)
    ground = (place.area_m2, place.reach, place.near, RULES)
    with pytest.raises(ValueError, match="257 maps in one batch"):
        cluster.draw_excess_mass(counts, counts, *ground)
    whole = cluster.draw_excess_mass(counts[:, 1:], counts[:, 1:], *ground)
    assert set(whole.column.tolist()) <= set(range(draw.MOST_MAPS))
