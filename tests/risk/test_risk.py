"""What the estimators find where the truth is known, by hand or by having planted it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from hotspots import risk
from hotspots.risk import planted, rtm

N_RUNS = 40


@cache
def small_county() -> NDArray[np.float64]:
    return planted.county(3000, side_m=25_000.0, chance=np.random.default_rng(3))


def as_sets(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    return counts[:, None]


# Blocks


def test_points_of_one_square_are_compared_and_a_lone_point_is_left_out() -> None:
    xy = np.array([[10.0, 10], [249, 249], [251, 10], [2010, 10], [2020, 20], [2240, 30]])
    blocks = risk.Blocks.of(xy)
    assert blocks.rows.tolist() == [0, 1, 3, 4, 5]
    assert blocks.sizes.tolist() == [2, 3]
    assert blocks.cluster.tolist() == [0, 1]
    one, other, block = blocks.pairs()
    assert block.tolist() == [0, 1, 1, 1]
    assert (blocks.owner[one] == block).all()
    assert (blocks.owner[other] == block).all()


def test_blocks_do_not_depend_on_the_order_of_points() -> None:
    xy = small_county()
    shuffled = np.random.default_rng(1).permutation(len(xy))
    first, again = risk.Blocks.of(xy), risk.Blocks.of(xy[shuffled])
    assert shuffled[again.rows].tolist() == first.rows.tolist()
    assert again.starts.tolist() == first.starts.tolist()


def test_no_points_make_no_blocks() -> None:
    blocks = risk.Blocks.of(np.empty((0, 2)))
    assert not len(blocks.starts)
    found = risk.matched(np.empty(0), np.empty((0, 2)), blocks)
    assert np.isnan(found.ratio).all()
    pairs = risk.CasePairs.of(np.empty((0, 2)), np.empty((0, 2)), blocks)
    assert np.isnan(risk.case_case(np.empty(0), pairs).p).all()


# The matched estimator


def test_an_exact_ratio_is_found_exactly_whatever_the_blocks_have() -> None:
    xy, chance = small_county(), np.random.default_rng(2)
    blocks, factor = risk.Blocks.of(xy), chance.normal(size=len(xy))
    of_block = np.exp(chance.normal(size=len(blocks.starts)))
    level = np.ones(len(xy))
    level[blocks.rows] = of_block[blocks.owner]
    exposure = chance.uniform(0.5, 2, len(xy))
    found = risk.matched(factor, as_sets(level * exposure * 1.7**factor), blocks, exposure=exposure)
    assert found.ratio[0] == pytest.approx(1.7)


def test_matched_places_agree_with_the_odds_of_a_single_pair() -> None:
    # Twenty blocks of two places: 30 incidents of 40 near a pub, give or take two.
    corner = 2000.0 * np.arange(20)
    xy = np.repeat(np.column_stack([corner, corner]), 2, axis=0) + [[10, 10], [90, 90]] * 20
    near = np.tile([1.0, 0.0], 20)
    counts = np.tile([32.0, 8.0, 28.0, 12.0], 10)
    found = risk.matched(near, as_sets(counts), risk.Blocks.of(xy))
    assert found.ratio[0] == pytest.approx(3.0)
    assert found.n[0] == 800
    assert found.n_clusters[0] == 20
    assert found.freedom[0] == pytest.approx(19)


def test_a_place_whose_factor_is_not_known_is_left_out() -> None:
    xy, chance = small_county(), np.random.default_rng(4)
    factor, counts = chance.normal(size=len(xy)), chance.poisson(2.0, len(xy)).astype(float)
    unknown = chance.random(len(xy)) < 0.3
    holed = np.where(unknown, np.nan, factor)
    whole = risk.matched(holed, as_sets(counts), risk.Blocks.of(xy))
    kept = ~unknown
    fewer = risk.matched(factor[kept], as_sets(counts[kept]), risk.Blocks.of(xy[kept]))
    for name in ("log_ratio", "error", "freedom"):
        assert getattr(whole, name) == pytest.approx(getattr(fewer, name))


def test_a_factor_that_never_differs_within_a_block_gives_no_ratio() -> None:
    xy = small_county()
    found = risk.matched(np.ones(len(xy)), np.ones((len(xy), 1)), risk.Blocks.of(xy))
    assert np.isnan(found.ratio[0])
    assert found.n[0] == found.n_clusters[0] == 0


def test_all_incidents_on_one_side_give_no_ratio() -> None:
    xy, chance = small_county(), np.random.default_rng(5)
    near = (chance.random(len(xy)) < 0.5).astype(float)
    found = risk.matched(near, as_sets(near), risk.Blocks.of(xy))
    assert np.isnan([found.ratio[0], found.p[0], found.low[0]]).all()


# Case against control


def test_for_yes_or_no_it_is_the_estimate_of_mantel_and_haenszel() -> None:
    xy, chance = small_county(), np.random.default_rng(6)
    near = (chance.random(len(xy)) < 0.3).astype(float)
    case, control = (chance.poisson(2.0, len(xy)).astype(float) for _ in range(2))
    blocks = risk.Blocks.of(xy)
    pairs = risk.CasePairs.of(as_sets(case), as_sets(control), blocks)
    found = risk.case_case(near, pairs)
    x, c, d = near[blocks.rows], case[blocks.rows], control[blocks.rows]
    n = np.maximum(blocks.by_block(c + d), 1)
    over = (blocks.by_block(c * x) * blocks.by_block(d * (1 - x)) / n).sum()
    under = (blocks.by_block(d * x) * blocks.by_block(c * (1 - x)) / n).sum()
    assert found.ratio[0] == pytest.approx(over / under)


def test_what_draws_both_crimes_alike_to_a_place_drops_out() -> None:
    xy, chance = small_county(), np.random.default_rng(7)
    factor = chance.normal(size=len(xy))
    draw = np.exp(2 * factor + chance.normal(size=len(xy)))
    pairs = risk.CasePairs.of(as_sets(draw * 1.5**factor), as_sets(draw), risk.Blocks.of(xy))
    assert risk.case_case(factor, pairs).ratio[0] == pytest.approx(1.5)


def test_every_crime_type_has_a_control_of_other_types_and_all_crime_has_none() -> None:
    for crime_type in risk.CONTROLS:
        control = risk.control_of([crime_type])
        assert control
        assert crime_type not in control
    assert risk.control_of(["Burglary", "Other theft"]) == ("Criminal damage and arson",)
    assert risk.control_of(list(risk.CONTROLS)) == ()


# Evidence


def test_false_discovery_rates_are_those_of_benjamini_and_hochberg() -> None:
    p = np.array([[0.01, 0.04], [0.03, np.nan], [0.02, 0.9]])
    expected = [[0.05, 0.05], [0.05, np.nan], [0.05, 0.9]]
    assert risk.false_discovery(p) == pytest.approx(np.array(expected), nan_ok=True)


def estimates(*log_ratios: float) -> risk.Estimates:
    n = len(log_ratios)
    whole = np.full(n, 50, dtype=np.int64)
    z = np.array(log_ratios) / 0.1
    return risk.Estimates(np.array(log_ratios), np.full(n, 0.1), np.full(n, 30.0), whole, whole, z)


def test_both_must_agree_with_both_intervals_and_few_false_discoveries() -> None:
    first = estimates(0.5, 0.5, 0.5, 0.5, -0.5, np.nan)
    second = estimates(0.5, 0.1, -0.5, 0.5, -0.5, 0.5)
    q = np.array([0.01, 0.01, 0.01, 0.06, 0.01, 0.01])
    associated = risk.is_associated(first, second, q)
    assert associated.tolist() == [True, False, False, False, True, False]


def test_a_few_busy_places_are_not_taken_for_certain() -> None:
    # One square speaks for the factor and nineteen say nothing: its own error is not to be seen.
    sure = estimates(0.5)
    assert sure.p[0] < 1e-4
    assert replace(sure, null_z=np.array([1.0])).p[0] > 0.3


def test_the_smallest_ratio_falls_with_the_error() -> None:
    few = replace(estimates(0.0), error=np.array([0.4]))
    assert few.smallest[0] == pytest.approx(np.exp(2.8 * 0.4))
    assert estimates(0.0).smallest[0] < few.smallest[0]
    assert estimates(0.0).low[0] * estimates(0.0).high[0] == pytest.approx(1)


# Which measures are factors


def test_measures_become_factors_in_a_unit_and_the_rest_says_why_not() -> None:
    xy, chance = small_county(), np.random.default_rng(8)
    n = len(xy)
    measures = pd.DataFrame(
        {
            "nearest_pub_m": chance.uniform(0, 500, n),
            "nearest_school_m": np.full(n, 40.0),
            "nearest_lamp_m": chance.uniform(0, 50, n),
            "lamps_per_ha": chance.normal(10, 4, n),
            "dark_share": np.where(np.arange(n) < 0.6 * n, np.nan, chance.random(n)),
            "wattage_w": np.full(n, np.nan),
            "imd_decile": chance.integers(1, 11, n).astype(float),
            "dimmed_share": np.where((xy < 6000).all(axis=1), chance.random(n), 0.5),
        }
    )
    factors, untested = risk.factors_of(measures, risk.Blocks.of(xy))
    assert [each.name for each in factors] == ["lamps_per_ha", "nearest_pub_m"]
    lamps, pub = factors
    assert set(np.unique(pub.values)) == {0.0, 1.0}
    assert np.std(lamps.values) == pytest.approx(1)
    assert "lamps per hectare (one standard deviation)" in lamps.unit
    reasons = dict(untested)
    assert set(reasons) == {"dark_share", "dimmed_share", "nearest_school_m", "wattage_w"}
    assert "known at only" in reasons["dark_share"]
    assert "10 are needed" in reasons["dimmed_share"]
    assert reasons["nearest_school_m"] == "the same at every map point"
    assert reasons["wattage_w"] == "not supplied"


# Simulations, with stored seeds


def test_made_up_fields_go_together_as_far_as_their_scale() -> None:
    xy = small_county()
    rough = planted.random_field(xy, scale_m=500.0, chance=np.random.default_rng(9), is_rough=True)
    smooth = planted.random_field(xy, scale_m=500.0, chance=np.random.default_rng(9))
    one, other, _ = risk.Blocks.of(xy).pairs()
    rows = risk.Blocks.of(xy).rows
    apart = [float(np.mean((each[rows[one]] - each[rows[other]]) ** 2)) for each in (rough, smooth)]
    assert apart[0] > 2 * apart[1], "a rough field differs between neighbours"
    assert rough.std() == pytest.approx(1)


def cover(plan: planted.Plan, *, is_smooth: bool) -> pd.DataFrame:
    """Coverage of both estimators, and their mean distance from the truth."""
    xy = small_county()
    blocks, rows = risk.Blocks.of(xy), []
    for run in range(N_RUNS):
        made = planted.plant(xy, plan, is_smooth=is_smooth, chance=np.random.default_rng((run, 11)))
        cases, controls = as_sets(made.cases), as_sets(made.controls)
        found = (
            risk.matched(made.factor, cases, blocks),
            risk.case_case(made.factor, risk.CasePairs.of(cases, controls, blocks)),
        )
        rows += [
            {
                "estimator": number,
                "holds": each.low[0] <= plan.ratio <= each.high[0],
                "off": each.log_ratio[0] - np.log(plan.ratio),
                "is_high": each.low[0] > 1,
            }
            for number, each in enumerate(found)
        ]
    return pd.DataFrame(rows).astype(float).groupby("estimator").mean()


@pytest.mark.parametrize("is_smooth", [False, True], ids=["yes or no", "smooth"])
@pytest.mark.parametrize(("scale_m", "bar"), [(2000.0, 0.9), (500.0, 0.8)])
def test_intervals_hold_a_ratio_of_two_as_often_as_they_must(
    scale_m: float, bar: float, *, is_smooth: bool
) -> None:
    plan = planted.Plan(ratio=2.0, n_cases=5000, n_controls=5000, confounded_m=scale_m)
    found = cover(plan, is_smooth=is_smooth)
    assert (found["holds"] >= bar).all(), found
    assert (found["off"].abs() < 0.15).all(), found
    assert (found["is_high"] >= 0.6).all(), found


@pytest.mark.parametrize("ratio", [1.0, 1.2, 1.5])
def test_smaller_ratios_are_met_too(ratio: float) -> None:
    found = cover(planted.Plan(ratio=ratio, n_cases=5000, n_controls=5000), is_smooth=True)
    assert (found["holds"] >= 0.85).all(), found
    assert (found["off"].abs() < 0.1).all(), found


def test_what_varies_as_finely_as_the_factor_is_told_by_the_control_alone() -> None:
    plan = planted.Plan(ratio=1.0, n_cases=5000, n_controls=5000, confounded_m=500.0, is_rough=True)
    found = cover(plan, is_smooth=True)
    assert found["holds"][0] < 0.6, "matching within 250 m cannot see it"
    assert found["holds"][1] >= 0.85
    assert found["is_high"][1] <= 0.1, "so that both are asked"


def test_of_twenty_noise_factors_hardly_any_is_called_associated() -> None:
    xy = small_county()
    blocks, any_found, picked = risk.Blocks.of(xy), 0, 0
    plan = planted.Plan(ratio=1.0, n_cases=5000, n_controls=5000, confounded_m=500.0)
    for run in range(14):
        chance = np.random.default_rng((run, 12))
        made = planted.plant(xy, plan, is_smooth=True, chance=chance)
        factors = planted.noise_factors(xy, 20, chance=chance)
        cases, controls = as_sets(made.cases), as_sets(made.controls)
        pairs = risk.CasePairs.of(cases, controls, blocks)
        first = [risk.matched(each, cases, blocks) for each in factors.T]
        second = [risk.case_case(each, pairs) for each in factors.T]
        q = risk.false_discovery(np.array([each.p for each in first]))
        verdicts = [risk.is_associated(*each) for each in zip(first, second, q, strict=True)]
        any_found += int(np.any(verdicts))
        if run == 0:
            names = [str(number) for number in range(20)]
            picked += len(rtm.stepwise(names, factors, made.cases))
    assert any_found <= 0.15 * 14
    assert picked >= 5, "stepwise Poisson sees ghosts, hence its warning"


# The comparison, and power


def test_stepwise_poisson_takes_in_what_was_planted_with_its_ratio() -> None:
    chance = np.random.default_rng(13)
    factors = chance.normal(size=(4000, 3))
    factors[:40, 2] = np.nan
    exposure = chance.uniform(0.5, 2, 4000)
    count = chance.poisson(exposure * 2 * 1.5 ** factors[:, 1]).astype(float)
    (picked,) = rtm.stepwise(["a", "b", "c"], factors, count, exposure=exposure)
    assert picked.name == "b"
    assert picked.ratio == pytest.approx(1.5, rel=0.05)
    assert rtm.stepwise([], np.empty((4000, 0)), count) == ()
    assert "comparison only" in rtm.WARNING


def test_planted_counts_keep_the_volume_and_follow_the_factor() -> None:
    chance = np.random.default_rng(14)
    count = chance.poisson(3.0, 5000).astype(float)
    near = (np.arange(5000) % 5 == 0).astype(float)
    for strength in (2.0, np.inf):
        rates = risk.Rates(count, np.full(5000, count.mean()), strength)
        made = risk.planted_counts(rates, near, ratio=2.0, chance=chance)
        assert made.sum() == pytest.approx(count.sum(), rel=0.03)
        assert made[near == 1].mean() / made[near == 0].mean() == pytest.approx(2, rel=0.1)


def test_more_incidents_and_larger_ratios_are_found_more_often() -> None:
    xy, chance = small_county(), np.random.default_rng(15)
    blocks = risk.Blocks.of(xy)
    volumes = np.repeat([150.0, 6000.0], 10)
    found = {}
    for ratio in (1.0, 2.5):
        near = planted.near_places(xy, np.zeros(len(xy)), chance=chance)
        flat = np.full(len(xy), 1 / len(xy))
        cases, controls = (
            np.column_stack([chance.poisson(n * flat * times**near) for n in volumes]).astype(float)
            for times in (ratio, 1.0)
        )
        verdicts = risk.found_on_map(cases, controls, near, blocks, n_tests=10)
        found[ratio] = verdicts[:10].mean(), verdicts[10:].mean()
    assert found[2.5][1] >= 0.9
    assert found[2.5][0] <= 0.3
    assert max(found[1.0]) <= 0.1
