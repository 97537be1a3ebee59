from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import builders
from hotspots.cluster import DrawRules
from hotspots.pipeline.drawing import DetectRules, draw_sets
from hotspots.pipeline.frames import Frame, frames, point_lists
from hotspots.pipeline.tables import CrimeSet

BURGLARY = CrimeSet("Burglary", "type", ("Burglary",))
N = 400
RULES = DetectRules(DrawRules(budget_m2=120_000, max_area_m2=30_000), "excess-mass", 10, 10, 36)


def _last_frame(n: np.ndarray, months: list[str]) -> Frame:
    table = builders.points_table(builders.street_points(N, seed=3), first_month=months[0])
    counts = builders.counts_table(list(table["point_id"]), months, n, "Burglary")
    coverage = pd.DataFrame(
        {"month": pd.to_datetime(months).as_unit("ms"), "list_id": "list-2024-01"}
    )
    *_, last = frames(point_lists(table, counts, coverage, eps_m=100))
    return last


def _months(n: int) -> list[str]:
    return [f"{stamp:%Y-%m-%d}" for stamp in pd.date_range("2024-01-01", periods=n, freq="MS")]


@pytest.fixture(scope="module")
def steady() -> Frame:
    """Two years in which the same tenth of the points have three times the others' crime."""
    chance = np.random.default_rng(5)
    risk = np.where(np.arange(N) % 10 == 0, 0.6, 0.2)
    return _last_frame(chance.poisson(risk[:, None], (N, 24)), _months(24))


def test_the_year_before_helps_to_tell_risk_from_chance(steady: Frame) -> None:
    risk = np.where(np.arange(N) % 10 == 0, 0.6, 0.2)
    with_it, without = (
        draw_sets(steady, 12, [BURGLARY], RULES, with_earlier=e)[0][BURGLARY].score
        for e in (True, False)
    )
    assert np.corrcoef(with_it, risk)[0, 1] > np.corrcoef(without, risk)[0, 1] + 0.02


def test_a_window_that_speaks_for_itself_knows_nothing_earlier(steady: Frame) -> None:
    drawn = draw_sets(steady, 12, [BURGLARY], RULES, with_earlier=False)[0][BURGLARY]
    assert drawn.earlier == ()
    assert len(drawn.mix.coefficients) == 5


def test_the_first_year_has_no_earlier_record() -> None:
    chance = np.random.default_rng(6)
    frame = _last_frame(chance.poisson(0.3, (N, 12)), _months(12))
    drawn = draw_sets(frame, 12, [BURGLARY], RULES)[0][BURGLARY]
    assert [record.sum() for record in drawn.earlier] == [0, 0, 0]
    assert drawn.mix.coefficients[5:].tolist() == [0, 0, 0]


def test_earlier_records_end_before_the_window(steady: Frame) -> None:
    own, rebased = steady.earlier_counts(12, [("Burglary",)])
    whole, _, _ = steady.window_counts(24, [("Burglary",)])
    window, _, _ = steady.window_counts(12, [("Burglary",)])
    np.testing.assert_array_equal(own + window, whole)
    assert rebased.sum() == 0
