"""What became of an intervention, in words that a councillor understands and nobody misreads."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd
import pytest

from hotspots.publish import actions

CAUSAL = re.compile(r"\b(caus\w*|effect\w*|because|due to|led to|thanks to|prevent\w*|impact\w*)\b")


def row(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever a table holds
    plain = {
        "crime_group": "Burglary", "measure": "count", "verdict": "fewer", "reason": None,
        "notes": None, "comparison": "HS-town-0001, HS-town-0002", "months_before": 12,
        "months_after": 12, "start": pd.Timestamp("2023-04-01"), "before": 100.0, "after": 40.0,
        "wdd": -40.0, "wdd_low": -75.0, "wdd_high": -5.0, "wdd_total": float("nan"),
        "total_low": float("nan"), "total_high": float("nan"), "wdq": float("nan"),
        "expected_anyway": -30.0,
    }  # fmt: skip
    return plain | changes


def test_a_clear_fall_is_said_with_its_interval_and_what_happens_anyway() -> None:
    assert actions.paragraph(row()) == (
        (
            "About 40 fewer incidents of burglary than expected were reported in 12 months with "
            "data "
            "from April 2023 (95 % interval 5 to 75 fewer)."
        ),
        (
            "In its own area, reports fell by 60; half of that is what happens anyway after a bad "
            "year."
        ),
        (
            "What was expected follows two hotspots as busy before (HS-town-0001, "
            "HS-town-0002), so "
            "the fall after a bad year is in it already."
        ),
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"verdict": "more", "wdd": 40.0, "wdd_low": 5.0, "wdd_high": 75.0},
            (
                "About 40 more incidents of burglary than expected were reported in 12 months with "
                "data from April 2023 (95 % interval 5 to 75 more)."
            ),
        ),
        (
            {"verdict": "no clear change", "wdd": -1.0, "wdd_low": -9.0, "wdd_high": 7.0},
            (
                "No clear change: about one fewer incident of burglary than expected was "
                "reported in "
                "12 months with data from April 2023, but the 95 % interval goes from 9 fewer to 7 "
                "more."
            ),
        ),
        (
            {"verdict": "no clear change", "wdd": 0.2, "wdd_low": -9.0, "wdd_high": 9.4},
            (
                "No clear change: about as many incidents of burglary as expected were reported "
                "in 12 "
                "months with data from April 2023, but the 95 % interval goes from 9 fewer to 9 "
                "more."
            ),
        ),
        (
            {"verdict": "cannot be judged", "reason": "Too soon."},
            "It cannot be judged. Too soon.",
        ),
        (
            {"crime_group": "All crime and ASB", "measure": "harm", "months_after": 3},
            (
                "About 40 fewer days of harm from incidents than expected were reported in three "
                "months with data from April 2023 (95 % interval 5 to 75 fewer)."
            ),
        ),
    ],
)
def test_headlines(changes: dict[str, Any], words: str) -> None:
    assert actions.headline(row(**changes)) == words


@pytest.mark.parametrize(
    ("expected", "after", "words"),
    [
        (-1.0, 40.0, "fell by 60; hardly any of that is"),
        (-15.0, 40.0, "fell by 60; about a quarter of that is"),
        (-20.0, 40.0, "fell by 60; about a third of that is"),
        (-40.0, 40.0, "fell by 60; about two thirds of that is"),
        (-45.0, 40.0, "fell by 60; about three quarters of that is"),
        (-55.0, 40.0, "fell by 60; nearly all of that is"),
        (-60.0, 40.0, "fell by 60; all of that is"),
        (-90.0, 40.0, "fell by 60; all of that, and more, is"),
        (-30.0, 110.0, "rose by 10; with nothing done they would have been expected to fall by 30"),
        (0.3, 40.0, "fell by 60; with nothing done they would have been expected to stay as they"),
        (5.0, 100.0, "stayed as they were; with nothing done they would have been expected to"),
        (float("nan"), 40.0, "How much of a bad year goes by itself is not known"),
    ],
)  # fmt: skip
def test_what_happens_anyway(expected: float, after: float, words: str) -> None:
    assert words in actions.anyway(row(expected_anyway=expected, after=after))


def test_unequal_months_are_said_to_be_compared_month_for_month() -> None:
    said = actions.anyway(row(months_before=6, before=50.0, months_after=12, after=40.0))
    assert said.startswith("In its own area, reports fell by 60 month for month;")


@pytest.mark.parametrize(
    ("wdq", "words"),
    [
        (1.4, "fell by more than in the area itself"),
        (0.4, "reports around it fell too"),
        (-0.4, "rose by less than they fell"),
        (-1.4, "rose by more than they fell"),
    ],
)
def test_the_ring_is_told_and_its_quotient_only_after_a_clear_fall(wdq: float, words: str) -> None:
    ring = row(wdd_total=-50.0, total_low=-90.0, total_high=-10.0, wdq=wdq)
    said = actions.moved(ring)
    assert said.startswith("With the ring around it, about 50 fewer than expected (95 % interval")
    assert words in said
    unclear = actions.moved(ring | {"verdict": "no clear change"})
    assert "quotient" not in unclear


def test_what_cannot_be_judged_has_one_sentence() -> None:
    said = actions.paragraph(row(verdict="cannot be judged", reason="Too soon."))
    assert said == ("It cannot be judged. Too soon.",)


def test_no_words_say_what_brought_a_change_about() -> None:
    texts = [*actions.REASONS.values(), *actions.NOTES.values(), actions.caution(3)]
    for verdict in ("fewer", "more", "no clear change"):
        for wdq in (-2.0, -0.5, 0.5, 2.0):
            ring = {"wdd_total": -50.0, "total_low": -90.0, "total_high": -10.0, "wdq": wdq}
            texts += actions.paragraph(row(verdict=verdict, **ring))
    assert not [text for text in texts if CAUSAL.search(text.casefold())]


def test_several_comparisons_come_with_a_caution() -> None:
    assert "Of three comparisons, one in 20" in actions.caution(3)
    assert "one in 20" not in actions.caution(1)


def test_beside_an_area_of_the_register_what_happens_anyway_is_not_in_the_difference() -> None:
    said = actions.beside(row(comparison="the area named in the register"))
    assert said.startswith("What was expected follows the area named in the register; it need not")
