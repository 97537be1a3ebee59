"""Which months are known, and how well."""

from __future__ import annotations

import pandas as pd
import pytest

from hotspots import schema
from hotspots.pipeline import coverage
from hotspots.sources.police_uk import Supply

MONTHS = pd.date_range("2024-01-01", "2024-08-01", freq="MS", unit="ms")


def supply(month: str, rows_in: int = 100, *, is_newest: bool = True) -> Supply:
    return Supply(f"{month}.zip", "mannin", month, rows_in, is_newest, ())


def counts(rows: dict[str, int], crime_type: str = "Burglary") -> pd.Series:
    months = pd.DatetimeIndex([f"{month}-01" for month in rows]).as_unit("ms")
    index = pd.MultiIndex.from_product([months, [crime_type]], names=["month", "crime_type"])
    return pd.Series(list(rows.values()), index=index)


def made(
    rows: dict[str, int],
    *,
    supplies: tuple[Supply, ...] = (),
    other_months: tuple[str, ...] = (),
    revisions: pd.DataFrame | None = None,
    until: str | None = None,
) -> pd.DataFrame:
    kept = counts(rows)
    unlocated = pd.DataFrame(
        {"month": kept.index.get_level_values(0)[:1], "crime_type": ["Drugs"]}
    ).astype({"crime_type": "str"})
    months = kept.index.get_level_values(0)
    table = coverage.by_month(
        kept,
        unlocated,
        lists=pd.Series("list-2024-01", index=months, dtype="str"),
        supplies=supplies,
        other_months=other_months,
        revisions=schema.empty(schema.REVISIONS) if revisions is None else revisions,
        until=None if until is None else pd.Timestamp(until),
        force="mannin",
    )
    return schema.check(table, schema.COVERAGE)


def whole(table: pd.DataFrame, flag: str) -> list[str]:
    total = table[table["crime_type"] == schema.ALL_CRIME]
    return [f"{month:%Y-%m}" for month in total.loc[total[flag], "month"]]


def test_rows_are_counted_by_type_and_in_all() -> None:
    table = made({"2024-01": 5, "2024-02": 7})
    total = table[table["crime_type"] == schema.ALL_CRIME]
    assert total[["rows_in", "kept", "unlocated"]].to_numpy().tolist() == [[6, 5, 1], [7, 7, 0]]
    assert table["crime_type"].value_counts().to_dict() == {
        schema.ALL_CRIME: 2, "Burglary": 2, "Drugs": 1,
    }  # fmt: skip
    assert set(table["force"]) == {"mannin"}


def test_a_month_between_or_that_only_others_published_is_missing() -> None:
    table = made({"2024-01": 5, "2024-03": 7}, other_months=("2024-03", "2024-04", "2019-01"))
    assert whole(table, "is_missing") == ["2024-02", "2024-04"]
    assert not table["is_header_only"].any()
    assert coverage.observed(table).sum() == len(table) - 2


def test_a_file_of_only_a_header_is_known_as_such_and_never_zero() -> None:
    supplies = tuple(supply(f"2024-0{n}", 0 if n in (2, 4) else 9) for n in range(1, 5))
    table = made({"2024-01": 9, "2024-03": 9}, supplies=supplies)
    assert whole(table, "is_header_only") == ["2024-02", "2024-04"]
    assert not table["is_missing"].any()
    assert table.loc[table["is_header_only"], "list_id"].isna().all()


def test_an_empty_file_that_was_published_again_is_no_header_only_month() -> None:
    supplies = (supply("2024-01"), supply("2024-02", 0, is_newest=False), supply("2024-02"))
    assert whole(made({"2024-01": 9, "2024-02": 8}, supplies=supplies), "is_header_only") == []


def test_months_after_the_end_asked_for_are_not_spoken_of() -> None:
    table = made({"2024-01": 5, "2024-03": 7}, other_months=("2024-06",), until="2024-03-01")
    assert table["month"].max() == pd.Timestamp("2024-03-01")


def test_half_a_month_is_short_and_a_lockdown_is_not() -> None:
    published = [900, 1000, 500, 1100, 1000, 810, 1250, 950]
    rows = dict(zip(MONTHS.strftime("%Y-%m"), published, strict=True))
    assert whole(made(rows), "is_short") == ["2024-03"]


@pytest.mark.parametrize("n", [4, 20])
def test_a_small_area_may_vary(n: int) -> None:
    rows = {f"{month:%Y-%m}": n for month in MONTHS} | {"2024-04": n // 2}
    assert whole(made(rows), "is_short") == []


@pytest.mark.parametrize(("n", "is_short"), [(61, False), (60, False), (59, True)])
def test_a_month_is_short_only_if_chance_hardly_ever_makes_it_so(n: int, *, is_short: bool) -> None:
    rows = {f"{month:%Y-%m}": 100 for month in MONTHS} | {"2024-04": n}
    assert (whole(made(rows), "is_short") == ["2024-04"]) is is_short


def test_nothing_is_unusual_beside_two_months() -> None:
    assert whole(made({"2024-01": 900, "2024-02": 10, "2024-03": 900}), "is_short") == []


def test_a_revised_month_is_marked_unless_only_outcomes_changed() -> None:
    row = dict.fromkeys(schema.REVISIONS.names, 0) | {
        "force": "mannin", "older": "a", "newer": "b", "outcome_changed": 9,
    }  # fmt: skip
    revisions = pd.DataFrame(
        [row | {"month": MONTHS[0]}, row | {"month": MONTHS[1], "changed": 1}]
    ).astype({column.name: column.dtype for column in schema.REVISIONS.columns})
    table = made({"2024-01": 5, "2024-02": 7}, revisions=revisions)
    assert whole(table, "is_revised") == ["2024-02"]


def by_number(rows: list[int]) -> pd.Series:
    return pd.Series(rows, index=pd.date_range("2020-01-01", periods=len(rows), freq="MS"))


def test_the_usual_is_the_median_of_the_six_nearest_months() -> None:
    usual = coverage.usual_around(by_number([2**n for n in range(20)]))
    assert usual[0] == (8 + 16) / 2
    assert usual[1] == (8 + 16) / 2
    assert usual[9] == (2**8 + 2**10) / 2
    assert usual[19] == (2**15 + 2**16) / 2


@pytest.mark.parametrize(("gap", "is_known"), [(6, True), (7, False)])
def test_months_too_far_away_say_nothing(gap: int, *, is_known: bool) -> None:
    months = by_number([100] * 20)
    some = months.iloc[[0, gap - 2, gap - 1, gap]]
    usual = coverage.usual_around(some)
    assert bool(usual[0] == 100) is is_known


@pytest.mark.parametrize(("n", "is_short"), [(599, True), (601, False)])
def test_a_month_is_short_below_a_share_of_the_usual(n: int, *, is_short: bool) -> None:
    share = coverage.SHORT_SHARE * 10_000
    rows = by_number([10_000] * 6 + [int(share) + n - 600])
    assert coverage.are_short(rows).tolist() == [False] * 6 + [is_short]


def test_a_month_at_the_share_itself_is_not_short() -> None:
    rows = by_number([10_000] * 6 + [round(coverage.SHORT_SHARE * 10_000)])
    assert not coverage.are_short(rows).any()
    assert 0.5 < coverage.SHORT_SHARE < 0.81, "half a month is short, and no real whole one"
