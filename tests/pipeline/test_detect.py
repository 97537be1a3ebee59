from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

import builders
from hotspots.cluster import DrawRules
from hotspots.pipeline import detect
from hotspots.pipeline.drawing import DetectRules
from hotspots.pipeline.frames import PointList, point_lists
from hotspots.pipeline.tables import CrimeSet

BURGLARY = CrimeSet("Burglary", "type", ("Burglary",))
N = 400


def _town(months: list[str], *, hot_from: int = 0) -> tuple[PointList, ...]:
    """A town with one planted hotspot about its middle point, hot from a month on."""
    xy = builders.street_points(N, seed=3)
    table = builders.points_table(xy, first_month=months[0])
    rng = np.random.default_rng(3)
    n = rng.poisson(0.15, (N, len(months)))
    middle = np.hypot(*(xy - xy.mean(axis=0)).T) < 80
    n[np.ix_(middle, np.arange(len(months)) >= hot_from)] += 5
    counts = builders.counts_table(list(table["point_id"]), months, n, "Burglary")
    coverage = pd.DataFrame(
        {"month": pd.to_datetime(months).as_unit("ms"), "list_id": "list-2024-01"}
    )
    return point_lists(table, counts, coverage, eps_m=100)


def _rules(**changes: object) -> DetectRules:
    known = {
        "draw": DrawRules(budget_m2=120_000, max_area_m2=30_000),
        "method": "excess-mass",
        "min_incidents": 10,
        "min_year_incidents": 100,
        "history_months": 36,
    }
    return DetectRules(**(known | changes))  # type: ignore[arg-type]


def _months(n: int, start: str = "2024-01-01") -> list[str]:
    return [f"{stamp:%Y-%m-%d}" for stamp in pd.date_range(start, periods=n, freq="MS")]


def test_a_planted_hotspot_keeps_one_id_from_its_first_window() -> None:
    found = detect.detect(_town(_months(14)), [BURGLARY], _rules())
    drawn = found.drawn[BURGLARY]
    top = found.numbers["Burglary"][0]
    assert drawn.count[drawn.labels == 0].sum() > 200
    kinds = [event.kind for _, _, event in found.events if event.number == top]
    assert kinds == ["born", *["continued"] * (len(kinds) - 1)]
    assert len(kinds) >= 10
    assert min(month for _, month, _ in found.events) == pd.Timestamp("2024-03-01"), (
        "the first window of three months"
    )


def test_a_later_month_changes_no_earlier_event() -> None:
    whole = _town(_months(12))
    short = _cut(whole[0], 9)
    early = detect.detect((short,), [BURGLARY], _rules())
    late = detect.detect(whole, [BURGLARY], _rules())
    end = pd.Timestamp("2024-09-01")
    assert early.events == [event for event in late.events if event[1] <= end]
    assert len(late.events) > len(early.events)


def _cut(at: PointList, n_months: int) -> PointList:
    """The same list as known earlier."""
    counts = at.counts
    width = n_months * len(counts.types)
    matrix = replace(counts, months=counts.months[:n_months], values=counts.values[:, :width])
    return replace(at, counts=matrix)


def test_quarters_are_laid_back_from_the_last_month() -> None:
    quarterly = CrimeSet("Anti-social behaviour", "type", ("Burglary",))
    found = detect.detect(_town(_months(14), hot_from=8), [quarterly], _rules())
    windows = found.short["Anti-social behaviour"]
    assert len(windows) == 5, "the oldest has two of its three months, which is enough"
    middle = found.drawn[quarterly].labels == 0
    hot = [bool((w.drawn.labels[middle] >= 0).mean() > 0.5) for w in windows]
    assert hot == [False, False, False, True, True]


def test_a_half_year_with_two_thirds_of_its_months_counts() -> None:
    months = [m for m in _months(12) if m not in {"2024-05-01", "2024-06-01"}]
    assert len(detect.detect(_town(months), [BURGLARY], _rules()).short["Burglary"]) == 2
    months = [m for m in _months(12) if m not in {"2024-04-01", "2024-05-01", "2024-06-01"}]
    assert len(detect.detect(_town(months), [BURGLARY], _rules()).short["Burglary"]) == 1


def test_history_limits_recurrence() -> None:
    found = detect.detect(_town(_months(24)), [BURGLARY], _rules(history_months=12))
    assert len(found.short["Burglary"]) == 2


def test_a_set_with_too_little_crime_has_no_hotspots() -> None:
    found = detect.detect(_town(_months(12)), [BURGLARY], _rules(min_year_incidents=10**6))
    assert len(found.numbers["Burglary"]) == 0
    assert (found.drawn[BURGLARY].labels == -1).all()


def test_the_textbook_method() -> None:
    found = detect.detect(_town(_months(12)), [BURGLARY], _rules(method="dbscan", min_incidents=60))
    assert len(found.numbers["Burglary"]) >= 1
    assert found.drawn[BURGLARY].count[found.drawn[BURGLARY].labels == 0].sum() > 150


def test_two_months_are_too_few() -> None:
    found = detect.detect(_town(_months(2)), [BURGLARY], _rules())
    assert found.months_observed == 2
    assert (found.drawn[BURGLARY].labels == -1).all()
    assert found.drawn[BURGLARY].count.sum() > 100
    assert len(found.numbers["Burglary"]) == 0


def test_after_a_gap_too_few_months_have_no_hotspots_either() -> None:
    months = [*_months(6), "2025-08-01"]
    found = detect.detect(_town(months), [BURGLARY], _rules())
    assert found.months_observed == 1
    assert (found.drawn[BURGLARY].labels == -1).all()
    assert found.maps, "the earlier maps are remembered"


def test_every_map_is_remembered_with_its_register_numbers() -> None:
    found = detect.detect(_town(_months(6)), [BURGLARY], _rules())
    assert [each.month for each in found.maps] == list(pd.to_datetime(_months(6)[2:]))
    last, drawn = found.maps[-1], found.drawn[BURGLARY]
    np.testing.assert_array_equal(last.points, np.flatnonzero(drawn.labels >= 0))
    np.testing.assert_array_equal(
        last.numbers, found.numbers["Burglary"][drawn.labels[last.points]]
    )


def test_the_map_before_is_forgotten_after_a_gap_of_a_year() -> None:
    months = [*_months(4), *_months(4, "2025-06-01")]
    found = detect.detect(_town(months), [BURGLARY], _rules())
    assert found.last_map() is found.drawn
    gone = replace(found.frame, month=found.frame.month + pd.DateOffset(months=12))
    found.frame = gone
    assert found.last_map() is None
