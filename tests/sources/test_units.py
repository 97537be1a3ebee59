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
