"""What scores say in words and in the manifest."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from hotspots import schema
from hotspots.forecast import Unused
from hotspots.pipeline import foretold, ranking
from hotspots.schema import ALL_CRIME

OWN = ranking.OWN[ranking.HOTSPOTS]


def row(method: str, origin: str, **changes: object) -> dict[str, Any]:
    """One row of scores: 20 of 100 incidents on 0.1 % of the area, unless told otherwise."""
    known: dict[str, Any] = {
        "crime_group": ALL_CRIME, "origin": pd.Timestamp(origin), "horizon_months": 3,
        "method": method, "budget": OWN, "list_id": "list-2022-07", "months_observed": 12,
        "is_rebased": False, "n": 20.0, "n_all": 100, "charged_area_m2": 1e6,
        "area_share": 0.001, "is_filled": True, "n_units": 40.0, "hit": 0.2, "hit_low": 0.18,
        "hit_high": 0.22, "pai": 200.0, "pei": 0.8, "rri": 1.0, "ser": 20.0, "hold_rate": 0.5,
        "kept_excess": 0.6,
    }  # fmt: skip
    return known | changes


def scores(*rows: dict[str, Any]) -> pd.DataFrame:
    table = pd.DataFrame(list(rows))[schema.SCORES.names]
    table = table.astype({column.name: column.dtype for column in schema.SCORES.columns})
    return schema.check(table, schema.SCORES)


def both(origin: str, **changes: object) -> list[dict[str, Any]]:
    return [row(ranking.HOTSPOTS, origin, **changes), row(ranking.POINTS, origin, **changes)]


def test_tests_are_pooled_over_the_last_origins_of_the_latest_list() -> None:
    table = scores(
        *both("2022-01-01", list_id="list-2019-12", n=99.0),
        *both("2025-01-01"),
        *both("2025-02-01", n=90.0, n_all=300, hit=0.3, area_share=0.003),
        row(ranking.HOTSPOTS, "2024-06-01", n=0.0, hit=0.0),
        *both("2025-02-01", horizon_months=1, n=1.0),
    )
    ours = foretold.pooled(table).set_index("method").loc[ranking.HOTSPOTS]
    assert ours["hit"] == pytest.approx(110 / 400)
    assert ours["area_share"] == pytest.approx(0.002)
    assert ours["pai"] == pytest.approx(110 / 400 / 0.002)
    assert (ours["n_origins"], ours["horizon_months"]) == (2, 3)
    one = foretold.pooled(table, horizon_months=1).set_index("method").loc[ranking.HOTSPOTS]
    assert one["hit"] == pytest.approx(0.01)


def test_a_sentence_says_hits_ground_and_other_choices() -> None:
    table = scores(
        *both("2025-01-01"),
        row(ranking.RAW_COUNT, "2025-01-01", n=9.96, hit=0.0996),
        row(ranking.DBSCAN, "2025-01-01", n=4.0, hit=0.04, area_share=0.0002, is_filled=False),
    )
    said = foretold.sentence(foretold.pooled(table), ALL_CRIME)
    assert said == (
        "Of every 100 recorded crimes of the next three months, 20 (18 to 22) lay in the hotspots "
        "drawn before, on 0.1 % of the area. As much ground chosen another way held: single "
        "points 20, raw count 10, DBSCAN 4.0 on 0.02 %. 50 % of the hotspots were above their "
        "surroundings again; 60 % of their excess came again. Tested from January 2025."
    )


def test_nothing_to_test_is_said() -> None:
    quiet = scores(*both("2025-01-01", n=0.0, n_all=0, hit=None, hit_low=None, hit_high=None))
    assert "nothing to test" in foretold.sentence(foretold.pooled(quiet), ALL_CRIME)
    bare = scores(*both("2025-01-01", n=0.0, hit=0.0, area_share=0.0, pai=None))
    assert foretold.sentence(foretold.pooled(bare), ALL_CRIME).startswith("No hotspots were drawn")
    assert "not tested" in foretold.sentence(foretold.pooled(quiet), "Burglary")


def test_the_card_has_a_line_for_each_group_and_is_honest_about_the_rest() -> None:
    rows = [
        *both("2025-01-01"),
        row(ranking.RAW_COUNT, "2025-01-01"),
        *both("2025-01-01", crime_group="Burglary"),
        row(ranking.RAW_COUNT, "2025-01-01", crime_group="Burglary", hit=0.1, n=10.0),
        row(ranking.HOTSPOTS, "2025-01-01", budget="0.1 %", hit=0.19, n=19.0),
    ]
    card = dict(foretold.card(scores(*rows), [ALL_CRIME, "Burglary", "Robbery"]))
    assert card["How well it foretold"].endswith("On exactly 0.1 % of the area they held 19.")
    assert card["How well, by kind of crime"].endswith("Burglary 20 (10)")
    assert card["Not tested"].endswith("Robbery")
    nothing = foretold.card(schema.empty(schema.SCORES), [ALL_CRIME])
    assert nothing == (("How well it foretold", foretold.NOT_TESTED),)


def test_the_manifest_holds_each_group_with_its_baselines() -> None:
    (found,) = foretold.record(scores(*both("2025-01-01", kept_excess=None)))
    assert found["crime_group"] == ALL_CRIME
    assert found["origins"] == ["2025-01", "2025-01"]
    assert found["hit"] == pytest.approx(0.2)
    assert found["kept_excess"] is None
    assert found["hit_by_method"] == {ranking.HOTSPOTS: 0.2, ranking.POINTS: 0.2}
    assert foretold.record(schema.empty(schema.SCORES)) == []


def test_notes_name_the_tests_that_a_gap_prevents() -> None:
    months = pd.date_range("2022-07-01", "2023-06-01", freq="MS").drop([pd.Timestamp("2023-03-01")])
    coverage = pd.DataFrame({"month": months, "list_id": "list-2022-07"})
    unused = [
        Unused(pd.Timestamp("2022-04-01"), 3, "test month 2022-07 is on another list"),
        Unused(pd.Timestamp("2022-12-01"), 3, "test month 2023-03 has no data"),
        Unused(pd.Timestamp("2023-01-01"), 3, "test month 2023-03 has no data"),
        Unused(pd.Timestamp("2023-06-01"), 1, "test month 2023-07 has no data"),
    ]
    assert foretold.notes(unused, coverage, is_tested=True) == (
        "no test of the hotspots of December 2022 to January 2023: test month 2023-03 has no data",
    )
    assert foretold.notes([], coverage, is_tested=False) == (foretold.NOT_TESTED,)


def test_history_is_of_hotspots_on_their_own_ground() -> None:
    table = scores(
        *both("2025-01-01"), row(ranking.HOTSPOTS, "2024-01-01"),
        row(ranking.HOTSPOTS, "2025-01-01", budget="1 %"),
    )  # fmt: skip
    assert foretold.history(table)["origin"].dt.year.tolist() == [2024, 2025]


def test_a_history_alone_is_no_test_beside_other_methods() -> None:
    alone = scores(row(ranking.HOTSPOTS, "2025-01-01"))
    assert foretold.card(alone, [ALL_CRIME]) == (("How well it foretold", foretold.NOT_TESTED),)
    assert foretold.record(alone) == []
