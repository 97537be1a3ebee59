"""Control limits: what a place usually sees."""

from __future__ import annotations

import numpy as np
import pytest

from hotspots.pipeline import control


def test_three_quarters_are_too_few() -> None:
    assert control.limits([10, 11, 12]) is None
    assert control.verdict(10, None) == control.TOO_FEW_QUARTERS


def test_quarters_all_alike_vary_by_chance_all_the_same() -> None:
    found = control.limits([100] * 8)

    assert found is not None
    assert found.spread == 1
    assert found.low < 80
    assert found.high > 120


def test_limits_are_wider_where_quarters_differ_more() -> None:
    even, uneven = control.limits([100] * 8), control.limits([60, 140] * 4)

    assert even is not None
    assert uneven is not None
    assert uneven.high - uneven.low > 2 * (even.high - even.low)


def test_limits_never_fall_below_nothing() -> None:
    found = control.limits([5, 6, 0, 9])

    assert found is not None
    assert found.low == 0


@pytest.mark.parametrize(("count", "said"), [(60, "below"), (100, "in line"), (200, "above")])
def test_counts_outside_the_limits_are_above_or_below(count: int, said: str) -> None:
    assert control.verdict(count, control.limits([100] * 8)) == said


def test_nothing_is_called_unusual_of_very_few_incidents() -> None:
    assert control.verdict(9, control.limits([1, 2, 1, 0])) == control.TOO_FEW_INCIDENTS


@pytest.mark.parametrize("n", [4, 8])
@pytest.mark.parametrize("spread", [1, 4])
def test_a_quarter_like_the_others_is_rarely_called_unusual(n: int, spread: int) -> None:
    chance = np.random.default_rng(5)
    mean = 80
    rows = (
        chance.poisson(mean, size=(1500, n + 1))
        if spread == 1
        else chance.negative_binomial(mean / (spread - 1), 1 / spread, size=(1500, n + 1))
    )
    said = [control.verdict(int(row[-1]), control.limits(row[:-1].tolist())) for row in rows]

    assert np.mean([each != control.IN_LINE for each in said]) <= 0.06


def test_a_change_has_an_interval_around_it() -> None:
    assert control.change(110, 100, 1.0) == (10, -19, 39)
