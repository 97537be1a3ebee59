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


@pytest.mark.parametrize(
    ("title", "heading", "place"),
    [
        (["a", "b", ""], ["id", "x", "y"], 1),
        (["a", "b", "c", ""], ["id", "x", "y", "z"], 0),
        (["a", "b", "c", "", "", ""], ["id", "x", "y", "z", "u", "v"], 1),
        (["a", "b", "c", "d", "", ""], ["id", "x", "y", "z", "u", "v"], 0),
    ],
)
def test_a_line_of_a_title_fills_hardly_a_cell(
    title: list[str], heading: list[str], place: int
) -> None:
    assert heading_at([title, heading], has_x) == place
    assert heading_at([["", ""], title, heading], has_x) == place + 1


def test_rows_without_any_value_have_their_heading_first() -> None:
    assert heading_at([["", " "], [""]], has_x) == 0
    assert heading_at([["", " "], [""]], None) == 0


def test_two_hundred_letters_of_what_cannot_be_used_are_shown() -> None:
    broken = pd.DataFrame({"n": [1], "text": ["y" * 300], "line": [9]}).astype({"text": "str"})
    found = sheet([["1", "a"], ["2", "\ufffd" + "z" * 300]], spoiled=frozenset({3}), broken=broken)
    aside = found.set_aside
    assert aside["value"].tolist() == ["\ufffd" + "z" * 199, "y" * 200]
    assert aside["column"].fillna("").tolist() == ["x", ""]
    assert aside["reason"].tolist() == [
        "the row holds bytes that are no text",
        "expected 2 values, found 1",
    ]


@pytest.mark.parametrize(("n_before", "is_found"), [(999, True), (1_000, False)])
def test_other_headings_are_looked_for_among_the_first_thousand_rows_of_words(
    n_before: int, *, is_found: bool
) -> None:
    rows = [["word", "1"]] * n_before
    texts = ["x,word"] * n_before + ["y,x"]
    broken = pd.DataFrame({"n": 2, "text": texts, "line": range(5_000, 5_001 + n_before)})
    if is_found:
        with pytest.raises(InputError, match=f"line {n_before + 2}: other headings start here"):
            sheet([*rows, ["x", "id"]])
        with pytest.raises(InputError, match="line 5000: other headings"):
            sheet(rows, broken=broken.astype({"text": "str"}))
    else:
        assert sheet([*rows, ["x", "id"]]).rows_in == n_before + 1


def test_a_file_of_only_misshapen_rows_tells_the_first() -> None:
    broken = pd.DataFrame({"n": [3, 4], "text": ["1,2,3", "1"], "line": [2, 3]})
    with pytest.raises(InputError, match=r"found no row of 2 values \(the first has 3\) under"):
        sheet([["", ""]], broken=broken.astype({"text": "str"}))
