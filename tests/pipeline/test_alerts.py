"""What to know before a trend is read: found when it is there, silent when it is not."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from hotspots import schema
from hotspots.pipeline import alerts
from hotspots.publish.words import ALERTS
from hotspots.sources.police_uk import Supply

if TYPE_CHECKING:
    from collections.abc import Mapping

MONTHS = pd.date_range("2024-01-01", periods=12, freq="MS", unit="ms")
FLAGS = ("is_missing", "is_header_only", "is_short", "is_revised")


def coverage(
    by_type: Mapping[str, list[int]], *, unlocated: list[int] | None = None, **flags: int
) -> pd.DataFrame:
    """Coverage of twelve months; a flag names the place of the month that has it."""
    rows = pd.DataFrame(dict(by_type), index=MONTHS)
    rows[schema.ALL_CRIME] = rows.sum(axis=1)
    table = rows.melt(var_name="crime_type", value_name="rows_in", ignore_index=False)
    table = table.rename_axis("month").reset_index()
    lost = pd.Series(0 if unlocated is None else unlocated, index=MONTHS)
    is_whole = table["crime_type"] == schema.ALL_CRIME
    table["unlocated"] = table["month"].map(lost).where(is_whole, 0)
    table["kept"] = table["rows_in"] - table["unlocated"]
    for flag in FLAGS:
        table[flag] = table["month"] == (MONTHS[flags[flag]] if flag in flags else pd.NaT)
    table = table.assign(force="mannin", list_id="list-2024-01")
    dtypes = {column.name: column.dtype for column in schema.COVERAGE.columns}
    return table.astype(dtypes)[schema.COVERAGE.names]


def find(table: pd.DataFrame, **more: Any) -> dict[tuple[str, str], pd.Series]:  # noqa: ANN401 - passed on
    nothing: dict[str, Any] = {
        "supplies": (),
        "other_months": (),
        "unknown_types": schema.empty(schema.SET_ASIDE),
        "vintages": pd.Series(dtype="str"),
    }
    revisions = more.pop("revisions", schema.empty(schema.REVISIONS))
    found = alerts.find(table, revisions, **(nothing | more))
    schema.check(found, schema.ALERTS)
    return {(row["kind"], row["subject"]): row for _, row in found.iterrows()}


STEADY = {"Burglary": [100] * 12, "Drugs": [30] * 12}


def test_steady_records_raise_no_alert() -> None:
    assert find(coverage(STEADY)) == {}


def test_a_fall_by_nine_tenths_is_an_alert_and_by_less_is_not() -> None:
    fell = STEADY | {"Burglary": [100] * 10 + [10, 100]}
    found = find(coverage(fell))
    assert list(found) == [("volume", "Burglary")]
    assert found["volume", "Burglary"]["words"] == (
        "Burglary: 10 records in November 2024, against a usual 100 in the months before."
    )
    assert find(coverage(STEADY | {"Burglary": [100] * 10 + [12, 100]})) == {}


def test_all_records_falling_is_an_alert_of_the_whole() -> None:
    found = find(coverage({name: [n[0]] * 11 + [0] for name, n in STEADY.items()}))
    assert ("volume", schema.ALL_CRIME) in found
    assert ("vanished type", "Burglary") in found


def test_few_incidents_may_come_and_go() -> None:
    assert find(coverage(STEADY | {"Robbery": [0, 0, 1, 0, 2, 0, 0, 1, 0, 0, 0, 0]})) == {}


def test_a_type_that_appears_or_vanishes_is_told() -> None:
    found = find(coverage(STEADY | {"Drugs": [30] * 11 + [0], "Robbery": [0] * 8 + [25] * 4}))
    assert found["new type", "Robbery"]["month"] == MONTHS[8]
    assert found["vanished type", "Drugs"]["month"] == MONTHS[11]


def test_what_was_usual_of_a_type_that_soon_vanished_counts_every_month() -> None:
    found = find(coverage(STEADY | {"Drugs": [60, 30, 30] + [0] * 9}))
    words = found["vanished type", "Drugs"]["words"]
    assert words == "Drugs has no records from April 2024 on, after 40 a month."


def test_a_type_nobody_knows_is_told_with_its_rows() -> None:
    rows = pd.DataFrame({"value": ["Piracy"] * 3, "month": MONTHS[[5, 4, 5]]})
    found = find(coverage(STEADY), unknown_types=rows)
    assert found["new type", "Piracy"]["month"] == MONTHS[4]
    assert "stands in three records from May 2024 on" in found["new type", "Piracy"]["words"]


def test_a_new_column_is_told_once_from_its_first_month() -> None:
    supplies = [Supply("f", "mannin", f"2024-0{n}", 9, True, ("Time",)) for n in (6, 5)]
    found = find(coverage(STEADY), supplies=supplies)
    assert found["new column", "Time"]["month"] == MONTHS[4]
    assert len(found) == 1


def test_months_that_lost_their_places_are_told_together() -> None:
    lost = [4] * 8 + [20, 21, 4, 4]
    found = find(coverage(STEADY, unlocated=lost))
    words = found["unlocated", schema.ALL_CRIME]["words"]
    assert words.startswith("Up to 16 % of the records of September 2024 to October 2024 have no")
    assert found["unlocated", schema.ALL_CRIME]["month"] == MONTHS[9]
    assert find(coverage(STEADY, unlocated=[1] * 8 + [4] * 4)) == {}, "under a twentieth"


def test_a_change_of_list_and_of_lsoa_vintage_is_noted() -> None:
    table = coverage(STEADY)
    lists = np.where(table["month"] < MONTHS[6], "list-2020-01", "list-2024-07")
    vintages = pd.Series(["2011"] * 3 + ["2021"], index=MONTHS[[0, 1, 4, 5]], dtype="str")
    found = find(table.assign(list_id=lists).astype({"list_id": "str"}), vintages=vintages)
    assert found["point list", "2024-07"]["month"] == MONTHS[6]
    assert found["lsoa vintage", "2021"]["month"] == MONTHS[5]
    assert "of 2021 from June 2024 on, of 2011 before" in found["lsoa vintage", "2021"]["words"]


@pytest.mark.parametrize(
    ("flag", "kind"),
    [("is_header_only", "header only"), ("is_short", "short"), ("is_missing", "force absent")],
)
def test_a_month_that_is_not_whole_is_told(flag: str, kind: str) -> None:
    found = find(coverage(STEADY, unlocated=None, **{flag: 7}), other_months=("2024-08",))
    assert list(found) == [(kind, "mannin")]
    assert "August 2024" in found[kind, "mannin"]["words"]


def test_a_month_that_nobody_published_is_no_fault_of_the_force() -> None:
    assert find(coverage(STEADY, is_missing=7)) == {}


@pytest.mark.parametrize(
    ("before", "moved", "is_told"), [(4000, 40, True), (4000, 39, False), (0, 0, False)]
)
def test_a_big_revision_is_told(before: int, moved: int, *, is_told: bool) -> None:
    row = {
        "force": "mannin", "month": MONTHS[3], "older": "a", "newer": "b", "rows_before": before,
        "rows_after": 4000, "added": 0, "removed": 0, "changed": moved, "outcome_changed": 900,
    }  # fmt: skip
    dtypes = {column.name: column.dtype for column in schema.REVISIONS.columns}
    found = find(coverage(STEADY), revisions=pd.DataFrame([row]).astype(dtypes))
    assert (("revised", "mannin") in found) == is_told


def test_old_records_are_stale_from_the_day_after_the_limit() -> None:
    end = pd.Timestamp("2024-12-01")
    fresh = alerts.stale(end, made_on=dt.date(2025, 4, 1), after_days=90)
    old = alerts.stale(end, made_on=dt.date(2025, 4, 2), after_days=90)
    assert fresh.empty
    assert old["words"].item().startswith("The newest records are of December 2024, 91 days")


def test_every_kind_has_its_words_on_a_page() -> None:
    kind = next(column for column in schema.ALERTS.columns if column.name == "kind")
    assert set(kind.values) == set(ALERTS)


@pytest.mark.parametrize(
    ("before", "n", "is_told"),
    [(100, 10, True), (100, 11, False), (20, 2, True), (19, 1, False)],
)
def test_a_fall_is_told_from_a_tenth_of_twenty_on(before: int, n: int, *, is_told: bool) -> None:
    found = find(coverage(STEADY | {"Robbery": [before] * 10 + [n, before]}))
    assert (("volume", "Robbery") in found) is is_told


def test_several_falls_of_one_type_are_told_together() -> None:
    found = find(coverage(STEADY | {"Burglary": [100] * 8 + [5, 100, 4, 3]}))
    assert found["volume", "Burglary"]["month"] == MONTHS[11]
    assert found["volume", "Burglary"]["words"] == (
        "Burglary: 5 records in September 2024, against a usual 100 in the months before; as "
        "low in November 2024 to December 2024."
    )


@pytest.mark.parametrize(
    ("counts", "is_told"),
    [([0] + [20] * 11, True), ([0] + [19] * 11, False), ([0] * 4 + [5] * 8, True)],
)
def test_a_type_is_new_if_twenty_would_have_been_usual(counts: list[int], *, is_told: bool) -> None:
    assert (("new type", "Robbery") in find(coverage(STEADY | {"Robbery": counts}))) is is_told


@pytest.mark.parametrize(
    ("counts", "is_told"),
    [
        ([20] * 11 + [0], True),
        ([19] * 11 + [0], False),
        ([90] + [0] * 4 + [20] + [0] * 6, True),
        ([10] * 10 + [0, 0], True),
        ([9] * 10 + [0, 0], False),
    ],
)
def test_a_type_is_gone_if_twenty_would_have_been_usual(
    counts: list[int], *, is_told: bool
) -> None:
    assert (("vanished type", "Robbery") in find(coverage(STEADY | {"Robbery": counts}))) is is_told


def test_what_was_usual_of_a_type_is_the_mean_of_its_last_half_year() -> None:
    found = find(coverage(STEADY | {"Robbery": [90, 90, 30, 30, 30, 30, 30, 30, 0, 0, 0, 0]}))
    assert found["vanished type", "Robbery"]["words"].endswith("after 30 a month.")
    found = find(coverage(STEADY | {"Robbery": [90, 96, 30, 30, 30, 30, 30, 0, 0, 0, 0, 0]}))
    assert found["vanished type", "Robbery"]["words"].endswith("after 41 a month.")


@pytest.mark.parametrize(
    ("usual", "n_lost", "is_told"), [(1, 5, True), (1, 4, False), (2, 6, False), (2, 7, True)]
)
def test_places_are_lost_from_a_twentieth_and_thrice_the_usual_on(
    usual: int, n_lost: int, *, is_told: bool
) -> None:
    found = find(coverage({"Burglary": [100] * 12}, unlocated=[usual] * 10 + [n_lost] * 2))
    assert (("unlocated", schema.ALL_CRIME) in found) is is_told


@pytest.mark.parametrize(("n_months", "is_told"), [(2, False), (3, True)])
def test_with_few_months_no_share_is_unusual(n_months: int, *, is_told: bool) -> None:
    table = coverage({"Burglary": [100] * 12}, unlocated=[1, 40, 1, *[1] * 9])
    few = table[table["month"] < MONTHS[n_months]].reset_index(drop=True)
    assert (("unlocated", schema.ALL_CRIME) in find(few)) is is_told


def test_long_names_are_cut() -> None:
    rows = pd.DataFrame({"value": ["P" * 61], "month": MONTHS[[5]]})
    supplies = [Supply("f", "mannin", "2024-05", 9, True, ("T" * 61,))]
    found = find(coverage(STEADY), unknown_types=rows, supplies=supplies)
    assert set(found) == {("new type", "P" * 60), ("new column", "T" * 60)}


def test_two_months_of_a_state_are_told_together_at_the_later() -> None:
    table = coverage(STEADY, is_short=7)
    table["is_short"] |= table["month"] == MONTHS[3]
    found = find(table)
    assert found["short", "mannin"]["month"] == MONTHS[7]
    assert found["short", "mannin"]["words"].startswith("April 2024, August 2024: far fewer")


def test_a_revision_tells_what_moved() -> None:
    row = {
        "force": "mannin", "month": MONTHS[3], "older": "a", "newer": "b", "rows_before": 100,
        "rows_after": 4000, "added": 1, "removed": 1_234, "changed": 56, "outcome_changed": 900,
    }  # fmt: skip
    dtypes = {column.name: column.dtype for column in schema.REVISIONS.columns}
    found = find(coverage(STEADY), revisions=pd.DataFrame([row]).astype(dtypes))
    assert found["revised", "mannin"]["words"] == (
        "April 2024 was published again: one record came, 1,234 went and 56 have another place or "
        "type."
    )


def test_a_month_without_a_row_of_a_type_has_none_of_it() -> None:
    table = coverage(STEADY | {"Robbery": [0] * 8 + [25] * 4})
    bare = table[table["rows_in"] > 0].reset_index(drop=True)
    assert find(bare)["new type", "Robbery"]["month"] == MONTHS[8]
