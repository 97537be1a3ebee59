from __future__ import annotations

import numpy as np
import pandas as pd

import builders
from hotspots.cluster import DrawRules
from hotspots.pipeline.detect import Detection, detect
from hotspots.pipeline.drawing import DetectRules
from hotspots.pipeline.frames import point_lists
from hotspots.pipeline.judge import judge
from hotspots.pipeline.tables import CrimeSet

BURGLARY = CrimeSet("Burglary", "type", ("Burglary",))
SAME = CrimeSet("homes", "group", ("Burglary",))
N = 900
RULES = DetectRules(DrawRules(budget_m2=250_000), "excess-mass", 12, 10, 36)


def _found(
    *, planted: float, rules: DetectRules = RULES, homes: np.ndarray | None = None
) -> Detection:
    """A year and a half of a town, its middle as much more at risk as is planted."""
    months = [f"{m:%Y-%m-%d}" for m in pd.date_range("2024-01-01", periods=18, freq="MS")]
    xy = builders.street_points(N, seed=4)
    table = builders.points_table(xy, first_month=months[0])
    risk = np.where(np.hypot(*(xy - xy.mean(axis=0)).T) < 110, planted, 1.0)
    n = np.random.default_rng(4).poisson(0.1 * risk[:, None], (N, 18))
    counts = builders.counts_table(list(table["point_id"]), months, n, "Burglary")
    coverage = pd.DataFrame(
        {"month": pd.to_datetime(months).as_unit("ms"), "list_id": "list-2024-01"}
    )
    lists = point_lists(table, counts, coverage, eps_m=100, exposed_xy=homes)
    return detect(lists, [BURGLARY, SAME], rules)


def test_a_planted_hotspot_is_strong_and_the_rest_is_not() -> None:
    found = _found(planted=9.0)
    judged = judge(found, [BURGLARY], RULES, n_simulations=199)["Burglary"]
    assert judged["label"].tolist()[0] == "strong"
    assert (judged["label"] == "strong").sum() <= 2
    assert judged["n"][0] > 3 * judged["expected"][0]


def test_a_town_without_hotspots_has_none_that_is_strong() -> None:
    judged = judge(_found(planted=1.0), [BURGLARY], RULES, n_simulations=199)["Burglary"]
    assert len(judged) > 5
    assert set(judged["label"]) == {"watch"}


def test_recurrence_by_chance_is_a_small_share() -> None:
    judged = judge(_found(planted=9.0), [BURGLARY], RULES, n_simulations=99)["Burglary"]
    assert judged["chance_hot"].between(0, 0.6).all()
    assert 0 < judged["chance_hot"].mean() < 0.3


def test_sets_of_the_same_types_have_the_same_verdict() -> None:
    found = _found(planted=5.0)
    both = judge(found, [BURGLARY, SAME], RULES, n_simulations=99)
    pd.testing.assert_frame_equal(both["Burglary"], both["homes"])
    alone = judge(found, [SAME], RULES, n_simulations=99)
    pd.testing.assert_frame_equal(both["homes"], alone["homes"])


def test_the_textbook_method_is_judged_too() -> None:
    rules = DetectRules(DrawRules(budget_m2=0), "dbscan", 25, 10, 36)
    found = _found(planted=9.0, rules=rules)
    judged = judge(found, [BURGLARY], rules, n_simulations=99)["Burglary"]
    assert judged["label"][0] == "strong"


def test_a_set_without_hotspots_is_not_judged() -> None:
    rules = DetectRules(RULES.draw, "excess-mass", 12, 10**6, 36)
    assert judge(_found(planted=5.0, rules=rules), [BURGLARY], rules, n_simulations=99) == {}


def test_without_a_short_window_chance_is_not_known() -> None:
    found = _found(planted=5.0)
    found.short["Burglary"] = []
    judged = judge(found, [BURGLARY], RULES, n_simulations=99)["Burglary"]
    assert judged["chance_hot"].isna().all()


def test_a_crowded_place_is_no_hotspot_once_its_homes_are_counted() -> None:
    xy = builders.street_points(N, seed=4)
    middle = np.hypot(*(xy - xy.mean(axis=0)).T) < 110
    homes = np.repeat(xy, np.where(middle, 90, 10), axis=0)
    found = _found(planted=9.0, homes=homes)
    judged = judge(found, [BURGLARY], RULES, n_simulations=99)["Burglary"]
    inside = found.drawn[BURGLARY].labels[middle]
    labels = judged["label"].iloc[np.unique(inside[inside >= 0])]
    assert set(labels) <= {"watch"}
