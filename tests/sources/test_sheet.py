from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from hotspots.errors import InputError
from hotspots.schema import SET_ASIDE, check
from hotspots.sources.sheet import Grid, Sheet, heading_at, numbered, sheet_of

NONE = pd.DataFrame({"n": [], "text": [], "line": []}).astype({"text": "str", "line": "int64"})


def has_x(values: object) -> bool:
    return "x" in list(values)  # type: ignore[call-overload]


def sheet(
    rows: list[list[str]], *, spoiled: frozenset[int] = frozenset(), broken: pd.DataFrame = NONE
) -> Sheet:
    table = pd.DataFrame(rows, index=range(2, len(rows) + 2), dtype="str")
    grid = Grid(["id", "x"], table, broken, spoiled=spoiled)
    return sheet_of(Path("f.csv"), grid, parted=lambda t: t.split(","), is_heading=has_x)


@pytest.mark.parametrize(
    ("rows", "place"),
    [
        ([["id", "x"], ["1", "2"]], 0),
        ([["", ""], ["id", "x"]], 1),
        ([["Lights", ""], ["", ""], ["id", "x"], ["1", "2"]], 2),
        ([["a", "b", "c"], ["1", "2", "3"], ["id", "x", ""]], 0),
        ([["a", "b"], ["1", "2"]], 0),
    ],
)
def test_the_headings_are_the_first_row_or_below_a_title(rows: list[list[str]], place: int) -> None:
    assert heading_at(rows, has_x) == place
    if place < 2:
        assert heading_at(rows, None) == place


def test_headings_are_each_of_a_kind() -> None:
    assert numbered(["a", "", "a"]) == ["a", "column 2", "a (2)"]


def test_rows_are_parted_and_counted() -> None:
    broken = pd.DataFrame({"n": [3], "text": ["1,2,3"], "line": [9]}).astype({"text": "str"})
    found = sheet(
        [["1", "a "], ["", " "], ["id", "x"], ["2", "\ufffd"], ["3", "b"]],
        spoiled=frozenset({5}),
        broken=broken,
    )
    assert found.table.to_numpy().tolist() == [["1", "a"], ["3", "b"]]
    assert found.line.tolist() == [2, 6]
    aside = check(found.set_aside, SET_ASIDE)
    assert aside[["line", "status"]].to_numpy().tolist() == [
        [3, "excluded"], [4, "quarantined"], [5, "quarantined"], [9, "quarantined"],
    ]  # fmt: skip
    assert found.rows_in == 6
    assert found.padded["x"].tolist() == [True, False]


def test_without_a_row_or_with_other_headings_it_is_refused() -> None:
    with pytest.raises(InputError, match=r"f\.csv: found no rows under the heading"):
        sheet([["", ""]])
    with pytest.raises(InputError, match="line 3: other headings start here"):
        sheet([["1", "2"], ["x", "id"]])
    assert sheet([["1", "2"], ["x", "5"]]).rows_in == 2
