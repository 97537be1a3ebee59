"""Judging an action: worked examples of the literature, properties, and planted changes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hotspots import intervention
from hotspots.intervention import Fault

TREATED, CONTROL = (207, 110), (308, 318)
RING, CONTROL_RING = (178, 157), (150, 140)
"""Counts before and after of the example of Wheeler and Ratcliffe (2018), Crime Science 7:11."""


def months(first: str, last: str, *, without: tuple[str, ...] = ()) -> pd.DatetimeIndex:
    every = pd.date_range(first, last, freq="MS")
    return every[~every.isin(pd.to_datetime(list(without)))]


# The literature


def test_wdd_of_the_paper() -> None:
    """The paper's counts and result, as the test of the authors' R package ptools repeats them."""
    found = intervention.wdd(TREATED, CONTROL, displaced=RING, control_displaced=CONTROL_RING)
    assert (found.value, found.variance) == (-118, 1568)
    assert round(found.value / np.sqrt(found.variance), 2) == -2.98
    assert (round(found.low), round(found.high)) == (-196, -40)
    assert intervention.verdict(found) == "fewer"


@pytest.mark.parametrize(
    ("control", "treated", "ratio", "value", "variance"),
    [
        # The example of the documentation of ptools: standard error 8.3666.
        ((20, 20), (20, 10), 1.0, -10, 70),
        # Two years before, one after (tests of ptools, "Time Weights"): sqrt(115).
        ((100, 50), (80, 20), 1 / 2, -20, 115),
        # Wheeler, "Some extensions to the WDD statistic" (2025): a standard error of 19.
        ((100, 90), (100, 80), 1.0, -10, 370),
    ],
)
def test_wdd_of_examples_of_its_author(
    control: tuple[int, int],
    treated: tuple[int, int],
    ratio: float,
    value: float,
    variance: float,
) -> None:
    found = intervention.wdd(treated, control, ratio=ratio)
    assert found.value == pytest.approx(value)
    assert found.variance == pytest.approx(variance)


def test_wdd_by_harm_adds_up_kinds_of_crime() -> None:
    """Counts of the example of ptools::wdd_harm; the result is worked out by hand."""
    treated = [[20, 25, 70], [10, 20, 20]]
    control = [[20, 30, 80], [20, 30, 60]]
    found = intervention.wdd(treated, control, weights=[10, 5, 1])
    assert found.value == 10 * -10 + 5 * -5 + 1 * -30
    assert found.variance == 100 * 70 + 25 * 105 + 230


def test_wdq_of_the_counts_of_the_paper() -> None:
    """The formula is Bowers and Johnson's as Guerette (2009) prints it; worked out by hand."""
    found = intervention.wdq(TREATED, CONTROL, RING)
    assert found == pytest.approx((157 / 318 - 178 / 308) / (110 / 318 - 207 / 308))
    assert found == pytest.approx(0.2582, abs=1e-4)


@pytest.mark.parametrize(
    ("treated", "control", "ring"),
    [
        ((10, 5), (0, 5), (8, 8)),
        ((10, 5), (5, 0), (8, 8)),
        ((10, 0), (5, 5), (8, 8)),
        ((0, 5), (5, 5), (8, 8)),
        ((10, 20), (5, 5), (8, 8)),
        ((10, 10), (5, 5), (8, 8)),
    ],
)
def test_wdq_is_not_read_with_zeros_or_without_a_fall(
    treated: tuple[int, int], control: tuple[int, int], ring: tuple[int, int]
) -> None:
    assert intervention.wdq(treated, control, ring) is None


@pytest.mark.parametrize(("after", "sign"), [(0, 1.0), (16, -1.0), (8, 0.0)])
def test_wdq_tells_gain_from_loss_around(after: int, sign: float) -> None:
    found = intervention.wdq((10, 5), (5, 5), (8, after))
    assert found is not None
    assert np.sign(found) == sign


# The difference


def test_wdd_is_symmetric() -> None:
    one, other = intervention.wdd(TREATED, CONTROL), intervention.wdd(CONTROL, TREATED)
    assert one.value == -other.value
    assert (one.low, one.high) == (-other.high, -other.low)
    assert intervention.wdd(TREATED, TREATED).value == 0


def test_several_like_places_count_as_their_mean_and_with_less_chance() -> None:
    one = intervention.wdd((40, 20), (40, 40))
    five = intervention.wdd((40, 20), (200, 200), control_weight=1 / 5)
    assert one.value == five.value == -20
    assert five.variance == 60 + 400 / 25


def test_zeros_need_no_exception_and_prove_nothing() -> None:
    nothing = intervention.wdd((0, 0), (0, 0))
    assert (nothing.value, nothing.low, nothing.high) == (0, 0, 0)
    assert intervention.verdict(nothing) == "no clear change"
    assert intervention.wdd((0, 8), (0, 0)).low > 0


@pytest.mark.parametrize(
    ("treated", "word"),
    [((90, 30), "fewer"), ((30, 90), "more"), ((30, 34), "no clear change")],
)
def test_verdict_needs_the_whole_interval(treated: tuple[int, int], word: str) -> None:
    assert intervention.verdict(intervention.wdd(treated, (50, 50))) == word


def test_without_a_change_nothing_is_clear_in_19_of_20_draws() -> None:
    rng = np.random.default_rng(11)
    said = [
        intervention.verdict(
            intervention.wdd(rng.poisson(30, 2), rng.poisson(150, 2) * [1, 1], control_weight=1 / 5)
        )
        for _ in range(4000)
    ]
    clear = np.mean([word != "no clear change" for word in said])
    assert 0.04 < clear < 0.06


def test_a_planted_fall_is_found_and_lies_in_the_interval() -> None:
    rng = np.random.default_rng(12)
    found = [
        intervention.wdd(rng.poisson([60, 30]), rng.poisson([300, 300]), control_weight=1 / 5)
        for _ in range(2000)
    ]
    assert np.mean([intervention.verdict(each) == "fewer" for each in found]) > 0.8
    assert np.mean([each.low <= -30 <= each.high for each in found]) == pytest.approx(
        0.95, abs=0.02
    )


def test_more_months_after_than_before_are_compared_as_rates() -> None:
    rng = np.random.default_rng(13)
    found = [
        intervention.wdd(rng.poisson([40, 80]), rng.poisson([40, 80]), ratio=2) for _ in range(2000)
    ]
    assert np.mean([each.value for each in found]) == pytest.approx(0, abs=1.5)
    assert np.mean([each.low <= 0 <= each.high for each in found]) == pytest.approx(0.95, abs=0.02)


# Months


def test_the_same_months_of_the_year_are_compared() -> None:
    known = months("2022-01-01", "2024-03-01")
    found = intervention.windows(known, start=pd.Timestamp("2023-07-01"), end=None)
    assert found.fault is None
    assert found.is_same_months
    assert known[found.after].strftime("%m").tolist() == known[found.before].strftime("%m").tolist()
    assert (found.after.sum(), found.before.sum(), found.ratio) == (9, 9, 1.0)


def test_a_missing_month_takes_its_partner_with_it() -> None:
    known = months("2022-01-01", "2024-06-01", without=("2022-09-01", "2023-11-01"))
    found = intervention.windows(known, start=pd.Timestamp("2023-07-01"), end=None)
    assert found.after.sum() == found.before.sum() == 10
    assert not known[found.after].month.isin([9, 11]).any()


def test_with_few_partners_all_months_of_the_year_before_are_taken() -> None:
    known = months("2023-04-01", "2024-03-01")
    found = intervention.windows(known, start=pd.Timestamp("2023-10-01"), end=None)
    assert not found.is_same_months
    assert (found.before.sum(), found.after.sum()) == (6, 6)
    later = intervention.windows(known, start=pd.Timestamp("2023-07-01"), end=None)
    assert (later.before.sum(), later.after.sum(), later.ratio) == (3, 9, 3.0)


def test_no_more_than_a_year_is_judged_and_nothing_after_the_end() -> None:
    known = months("2020-01-01", "2024-12-01")
    long = intervention.windows(known, start=pd.Timestamp("2022-03-01"), end=None)
    assert known[long.after][[0, -1]].strftime("%Y-%m").tolist() == ["2022-03", "2023-02"]
    short = intervention.windows(
        known, start=pd.Timestamp("2022-03-01"), end=pd.Timestamp("2022-06-01")
    )
    assert known[short.after][[0, -1]].strftime("%Y-%m").tolist() == ["2022-03", "2022-06"]


@pytest.mark.parametrize(
    ("first", "last", "fault"),
    [
        ("2022-01-01", "2023-06-01", Fault.NOT_BEGUN),
        ("2023-07-01", "2024-06-01", Fault.BEFORE_THE_DATA),
        ("2023-08-01", "2024-06-01", Fault.BEFORE_THE_DATA),
        ("2023-05-01", "2024-03-01", Fault.TOO_FEW_BEFORE),
        ("2022-01-01", "2023-08-01", Fault.TOO_FEW_AFTER),
        ("2022-01-01", "2023-09-01", None),
        ("2023-04-01", "2023-09-01", None),
    ],
)
def test_months_that_cannot_be_compared_have_a_reason(
    first: str, last: str, fault: Fault | None
) -> None:
    found = intervention.windows(months(first, last), start=pd.Timestamp("2023-07-01"), end=None)
    assert found.fault is fault


# Like places


def test_places_alike_in_level_and_trend_come_first() -> None:
    candidates = np.array([[40.0, 40], [10, 70], [38, 41], [9, 9], [90, 90], [0, 0]])
    found = intervention.alike(np.array([40.0, 41.0]), candidates)
    assert found.tolist() == [0, 2, 1], "one with under half or over twice as many is not alike"
    assert intervention.alike(np.array([40.0, 41.0]), candidates, most=1).tolist() == [0]
    assert intervention.alike(np.array([1000.0, 0.0]), candidates).tolist() == []
    assert intervention.alike(np.array([1.0, 0.0]), np.empty((0, 2))).tolist() == []


def test_like_places_of_exactly_half_and_twice_are_still_alike() -> None:
    found = intervention.alike(
        np.array([10.0, 10.0]), np.array([[5.0, 5], [20, 20], [5, 4], [21, 20]])
    )
    assert sorted(found.tolist()) == [0, 1]


def test_spread_is_one_for_chance_and_more_for_places_that_drift() -> None:
    rng = np.random.default_rng(5)
    mean = rng.uniform(40, 80, 400)
    before, after = rng.poisson(mean).astype(float), rng.poisson(0.8 * mean).astype(float)
    assert intervention.spread(before, after, own=60) < 1.2
    drifted = rng.poisson(0.8 * mean * rng.gamma(5, 1 / 5, 400)).astype(float)
    assert intervention.spread(before, drifted, own=60) > 2
    assert intervention.spread(before[:9], drifted[:9], own=60) == 1
    assert intervention.spread(np.zeros(12), np.zeros(12), own=60) == 1


def test_spread_is_that_of_places_of_its_size_where_there_are_ten() -> None:
    before = np.array([10.0] * 10 + [1000.0] * 10)
    after = np.array([10.0] * 10 + [100.0, 1900.0] * 5)
    assert intervention.spread(before, after, own=15) == 1
    assert intervention.spread(before[1:], after[1:], own=15) > 100


# What happens anyway


def test_half_the_excess_goes_by_itself_where_half_is_kept() -> None:
    found = intervention.expected_change(60, background=20, kept_excess=0.5, trend=1.0, ratio=1.0)
    assert found == -20


@pytest.mark.parametrize(
    ("kept", "trend", "ratio", "change"),
    [(1.0, 1.0, 1.0, 0.0), (0.0, 1.0, 1.0, -40.0), (1.0, 0.9, 1.0, -6.0), (0.5, 2.0, 2.0, -40.0)],
)
def test_the_trend_of_the_area_is_in_what_happens_anyway(
    kept: float, trend: float, ratio: float, change: float
) -> None:
    found = intervention.expected_change(
        60, background=20, kept_excess=kept, trend=trend, ratio=ratio
    )
    assert found == pytest.approx(change)


def test_a_place_below_its_background_is_not_said_to_rise() -> None:
    kept = intervention.expected_change(10, background=20, kept_excess=0.5, trend=1.0, ratio=1.0)
    assert kept == 0


# The chart


def test_the_chart_comes_back_to_zero_before_and_counts_anew_after() -> None:
    observed = np.array([5.0, 3, 6, 2, 0, 0, 0])
    everywhere = np.full(7, 100.0)
    is_after = np.array([False] * 4 + [True] * 3)
    found = intervention.cumulative(observed, everywhere, is_after=is_after)
    assert found.expected.tolist() == [4.0] * 7
    assert found.total.tolist() == [1, 0, 2, 0, -4, -8, -12]
    assert found.limit[3] == 0
    assert (np.diff(found.limit[4:]) > 0).all()
    wider = intervention.cumulative(observed, everywhere, is_after=is_after, spread=4.0)
    assert wider.limit == pytest.approx(2 * found.limit)


def test_the_chart_stays_within_its_limits_in_19_of_20_months() -> None:
    rng = np.random.default_rng(8)
    is_after = np.arange(24) >= 12
    out = []
    for _ in range(1500):
        found = intervention.cumulative(
            rng.poisson(6, 24).astype(float), np.full(24, 1000.0), is_after=is_after
        )
        out.append(np.abs(found.total) > found.limit)
    share = np.mean(out, axis=0)
    assert share[[5, 14, 23]] == pytest.approx([0.05, 0.05, 0.05], abs=0.02)


def test_a_chart_of_a_quiet_place_expects_nothing() -> None:
    found = intervention.cumulative(
        np.zeros(4), np.zeros(4), is_after=np.array([False, False, True, True])
    )
    assert not found.total.any()
    assert not found.limit.any()
