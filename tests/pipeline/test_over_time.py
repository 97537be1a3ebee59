from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hotspots import schema, store
from hotspots.pipeline import over_time
from hotspots.sample import MISSING_MONTHS, NEW_LIST_MONTH


@pytest.fixture(scope="module")
def night(tables: Path) -> pd.DataFrame:
    """Months of the busiest hotspot of all, which was planted and is there from first to last."""
    hotspots = store.read_table(schema.HOTSPOTS, tables)
    busiest = hotspots.sort_values("n").iloc[-1]["hotspot_id"]
    series = store.read_table(schema.SERIES, tables)
    here: pd.DataFrame = series[series["hotspot_id"] == busiest].set_index("month")
    return here


def test_missing_months_have_no_row(night: pd.DataFrame) -> None:
    assert len(night) == 34
    assert not night.index.isin(pd.to_datetime(list(MISSING_MONTHS))).any()


def test_earlier_lists_are_marked_and_lose_little(night: pd.DataFrame) -> None:
    change = pd.Timestamp(f"{NEW_LIST_MONTH}-01")
    assert (night["is_rebased"] == (night.index < change)).all()
    before, after = night.loc[night["is_rebased"], "n"], night.loc[~night["is_rebased"], "n"]
    assert before.mean() == pytest.approx(after.mean(), rel=0.25)


def test_a_steady_place_shows_no_trend(tables: Path, night: pd.DataFrame) -> None:
    hotspots = store.read_table(schema.HOTSPOTS, tables).set_index("hotspot_id")
    row = hotspots.loc[night["hotspot_id"].iloc[0]]
    assert row["trend_low"] <= row["trend_per_year"] <= row["trend_high"]
    assert abs(row["trend_per_year"]) < 0.01


def test_windows_seen_are_those_with_enough_months(tables: Path) -> None:
    hotspots = store.read_table(schema.HOTSPOTS, tables)
    seen = hotspots.groupby("window_months")["windows_seen"].agg(["min", "max"])
    np.testing.assert_array_equal(seen.loc[3], [12, 12])
    np.testing.assert_array_equal(seen.loc[6], [6, 6])
    assert (hotspots["windows_hot"] <= hotspots["windows_seen"]).all()


def test_the_card_says_when_most_is_recorded() -> None:
    months = pd.date_range("2022-01-01", periods=36, freq="MS").as_unit("ms")
    n = np.where(months.month == 7, 20, 10)
    rows = over_time.season_rows(pd.DataFrame({"month": months, "n": n}))
    assert rows[0][0] == "Time of the year"
    assert "most is recorded in July (1.85 of a mean month)" in rows[0][1]
    assert "over 3 years or more" in rows[0][1]
    assert over_time.season_rows(pd.DataFrame({"month": months[:20], "n": n[:20]})) == ()
