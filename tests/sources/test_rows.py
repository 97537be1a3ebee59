from __future__ import annotations

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from hotspots.schema import ACCOUNT, SET_ASIDE, check
from hotspots.sources.rows import account, aside, together, unique


def test_rows_set_aside_keep_to_their_table_whatever_is_left_out() -> None:
    line = pd.Series([4, 2], index=[1, 0])
    found = check(aside("f.csv", line, status="excluded", reason="no lamp"), SET_ASIDE)
    assert found[["file", "line", "status", "reason"]].to_numpy().tolist() == [
        ["f.csv", 4, "excluded", "no lamp"],
        ["f.csv", 2, "excluded", "no lamp"],
    ]
    assert found[["column", "value", "month", "crime_type"]].isna().all(axis=None)


def test_reasons_and_values_go_with_their_row_not_with_their_place() -> None:
    line = pd.Series([9, 5], index=["b", "a"])
    found = aside(
        "f.csv",
        line,
        status="quarantined",
        reason=pd.Series({"a": "is five", "b": "is nine"}, dtype="str"),
        column=pd.Series({"a": "x", "b": "y"}, dtype="str"),
        value=pd.Series({"a": "5", "b": "9"}, dtype="str"),
    )
    assert found[["line", "reason", "column", "value"]].to_numpy().tolist() == [
        [9, "is nine", "y", "9"],
        [5, "is five", "x", "5"],
    ]


def test_no_rows_set_aside_are_a_table_all_the_same() -> None:
    nothing = aside("f.csv", pd.Series(dtype="int64"), status="excluded", reason="none")
    assert check(nothing, SET_ASIDE).empty
    assert check(together([nothing, nothing]), SET_ASIDE).empty
    assert check(together([]), SET_ASIDE).empty


def test_tables_set_aside_become_one_in_the_order_of_files_and_lines() -> None:
    first = aside("b.csv", pd.Series([7, 3]), status="excluded", reason="x")
    second = aside("a.csv", pd.Series([5]), status="quarantined", reason="y")
    third = aside("b.csv", pd.Series([4]), status="quarantined", reason="z")
    before = first.copy()
    found = check(together([first, second, third]), SET_ASIDE)
    assert [*zip(found["file"], found["line"], strict=True)] == [
        ("a.csv", 5),
        ("b.csv", 3),
        ("b.csv", 4),
        ("b.csv", 7),
    ]
    assert found["reason"].tolist() == ["y", "x", "z", "x"]
    assert found.index.tolist() == [0, 1, 2, 3]
    pd.testing.assert_frame_equal(first, before)


def test_the_account_counts_each_status_apart() -> None:
    numbers = {"unlocated": 1, "excluded": 2, "duplicate": 3, "quarantined": 4}
    parts = [
        aside("f.csv", pd.Series(range(1, n + 1)) + 10 * n, status=status, reason="x")
        for status, n in numbers.items()
    ]
    found = check(account("f.csv", rows_in=17, kept=7, set_aside=together(parts)), ACCOUNT)
    assert list(found.columns) == ACCOUNT.names
    assert found.to_dict("records") == [
        {"file": "f.csv", "member": "", "rows_in": 17, "kept": 7, **numbers}
    ]


def test_repeats_are_numbered_in_their_order() -> None:
    names = pd.Series(["A", "B", "A", "A"], index=[3, 2, 1, 0], dtype="str")
    assert unique(names).to_dict() == {3: "A", 2: "B", 1: "A#2", 0: "A#3"}
    assert names.tolist() == ["A", "B", "A", "A"]


@settings(max_examples=60, deadline=None)
@given(given=st.lists(st.sampled_from(["", "A", "A#2", "A#3", "A#2#2", "B"]), max_size=9))
def test_names_become_unique_and_are_only_added_to(given: list[str]) -> None:
    names = pd.Series(given, dtype="str")
    found = unique(names)
    assert found.is_unique
    assert found.index.equals(names.index)
    assert all(new.startswith(old) for old, new in zip(names, found, strict=True))
    assert unique(found).equals(found)
    # A made-up name may stand in the way of a given one, but not before anything repeats.
    n_before = int(names.duplicated().argmax()) if names.duplicated().any() else len(names)
    assert found[:n_before].equals(names[:n_before])
