from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from hotspots.schema import SET_ASIDE, check
from hotspots.sources import layer, units
from hotspots.sources.layer import Features

TODAY = date(2026, 11, 22)


@pytest.fixture
def register(tmp_path: Path) -> Features:
    path = tmp_path / "lights.csv"
    path.write_text(
        "id,Unit Type,Unit Name,Status,End Date,x,y\n"
        "1,SL,Column 6m,In use,,353000,429000\n"
        "2,SL,Illuminated Sign,In use,,353000,429000\n"
        "3,SL,Column,Removed,01/01/2020,353000,429000\n"
        "4,SL,Column,In use,01/01/2020,353000,429000\n"
        "5,QQ,Thing,In use,01/01/3000,353000,429000\n"
    )
    return layer.load(path, expected="lights", fix="Mend it.")


def test_every_column_of_types_counts_unless_one_is_named(register: Features) -> None:
    assert units.type_columns(register, None) == ["Unit Type", "Unit Name"]
    assert units.type_columns(register, "Unit Type") == ["Unit Type"]


def test_a_unit_is_excluded_once_for_the_first_reason(register: Features) -> None:
    types = units.type_columns(register, None)
    found = check(units.excluded(register, types, today=TODAY), SET_ASIDE)
    assert found[["line", "column", "reason"]].to_numpy().tolist() == [
        [3, "Unit Name", "not a street light by its unit type"],
        [4, "Status", "no longer there by its status"],
        [5, "End Date", "no longer there by its end date"],
    ]


def test_kinds_that_say_nothing_are_doubted(register: Features) -> None:
    kept = pd.Series([True, False, False, False, True])
    (words,) = units.doubts(register, ["Unit Type", "Unit Name"], kept)
    assert "'QQ' (1) in 'Unit Type'" in words
    assert units.doubts(register, [], kept) == ()
    assert units.doubts(register, ["Unit Type"], pd.Series([True] + [False] * 4)) == ()


def test_several_lamps_are_added_up() -> None:
    (words,) = units.several(pd.Series(["1", "2", "3", "x"], dtype="str"), "Lamps")
    assert words.startswith("2 rows have more than one lamp in 'Lamps', 5 together")
    assert units.several(pd.Series(["1", ""], dtype="str"), "Lamps") == ()


def test_of_columns_that_fit_the_first_with_values_is_recognised() -> None:
    table = pd.DataFrame({"Lamp Type": ["", ""], "LAMP": ["SON", ""]}, dtype="str")
    headings = {"lamp": ("lamptype", "lamp"), "ward": ("ward",)}
    assert units.recognised(table, headings) == {"lamp": "LAMP"}


def test_a_date_that_never_was_ends_nothing_and_is_told(tmp_path: Path) -> None:
    path = tmp_path / "lights.csv"
    path.write_text(
        "id,End Date,x,y\n1,31/02/2015,353000,429000\n2,2015-02-28,353000,429000\n"
        "3,01/01/3000,353000,429000\n"
    )
    found = layer.load(path, expected="lights", fix="Mend it.")
    assert units.excluded(found, [], today=TODAY)["line"].tolist() == [3]
    (words,) = units.impossible_ends(found, pd.Series([True, False, True]))
    assert words.startswith("1 end dates in 'End Date' are no dates, such as '31/02/2015'")
    assert units.impossible_ends(found, pd.Series([False, True, True])) == ()


@pytest.mark.parametrize(
    ("end", "today", "is_over"),
    [
        ("22/11/2026", TODAY, False),
        ("21/11/2026", TODAY, True),
        ("2026-11-21", TODAY, True),
        ("20261121", TODAY, True),
        ("21.11.2026 00:00", TODAY, True),
        ("31/12/2099", date(2150, 1, 1), True),
        ("01/01/2100", date(2150, 1, 1), False),
        ("01/01/1901", TODAY, True),
        ("31/12/1900", TODAY, False),
        ("x", TODAY, False),
        ("", TODAY, False),
    ],
)
def test_an_end_lies_in_the_past_of_people(end: str, today: date, *, is_over: bool) -> None:
    assert units._is_over(pd.Series([end], dtype="str"), today).tolist() == [is_over]


def test_five_kinds_that_say_nothing_are_shown(tmp_path: Path) -> None:
    path = tmp_path / "lights.csv"
    kinds = ["QA", "QB", "QC", "QD", "QE", "QF"]
    rows = [f"{n},{kind},353000,429000" for n, kind in enumerate([*kinds, *kinds[:5]])]
    path.write_text("\n".join(["id,Unit Type,x,y", *rows, ""]))
    found = layer.load(path, expected="lights", fix="Mend it.")
    (words,) = units.doubts(found, ["Unit Type"], pd.Series(True, found.table.index))
    assert words.startswith(
        "units of the types 'QA' (2), 'QB' (2), 'QC' (2), 'QD' (2), 'QE' (2) in 'Unit Type' are"
    )


def test_a_long_date_is_cut(tmp_path: Path) -> None:
    path = tmp_path / "lights.csv"
    date_given = "31/02/2015 " + "x" * 60
    path.write_text(f"id,End Date,x,y\n1,{date_given},353000,429000\n")
    found = layer.load(path, expected="lights", fix="Mend it.")
    (words,) = units.impossible_ends(found, pd.Series([True]))
    assert f"such as {date_given[:40]!r}; these" in words


@pytest.mark.parametrize("flag", ["Y", "yes", "True"])
def test_dead_flags_are_believed(tmp_path: Path, flag: str) -> None:
    path = tmp_path / "lights.csv"
    path.write_text(f"id,Dead Flag,x,y\n1,{flag},353000,429000\n2,N,353000,429000\n")
    found = layer.load(path, expected="lights", fix="Mend it.")
    gone = units.excluded(found, [], today=TODAY)
    assert gone["line"].tolist() == [2]
    assert gone["reason"].tolist() == ["marked as dead in the register"]


def test_a_row_without_a_type_of_the_first_kind_is_not_doubted(tmp_path: Path) -> None:
    path = tmp_path / "lights.csv"
    path.write_text("id,Unit Type,Unit Name,x,y\n1,SL,A,353000,429000\n2,,QQ,353000,429000\n")
    found = layer.load(path, expected="lights", fix="Mend it.")
    kept = pd.Series(True, found.table.index)
    assert units.doubts(found, ["Unit Type", "Unit Name"], kept) == ()
    (words,) = units.doubts(found, ["Unit Name", "Unit Type"], kept)
    assert "'QQ' (1) in 'Unit Name'" in words
