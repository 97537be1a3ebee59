"""Sorting and comparing ids by their first bytes gives what comparing them whole would."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from hotspots.sources.police_uk.texts import PRINTED, has_only, last_equal, sorted_rows, whole

IDS = st.one_of(
    st.text("ab\x00é", max_size=3),
    st.sampled_from(["asb-2025-01-00-0", "asb-2025-01-00-10", "asb-2025", "asb-2025-01"]),
)


@given(st.lists(IDS), st.integers(0, 3))
def test_sorted_rows_sort_by_bytes(texts: list[str], skipped: int) -> None:
    rows = np.arange(len(texts))[skipped:]
    order = sorted_rows(pa.array(texts, pa.string()), rows)
    assert sorted(order) == list(rows)
    assert [texts[row] for row in order] == sorted(texts[skipped:], key=str.encode)


@given(st.lists(st.none() | IDS), st.integers(0, 3))
def test_last_equal_finds_the_last(texts: list[str | None], skipped: int) -> None:
    array = pa.array(texts, pa.string())[skipped:]
    texts = texts[skipped:]
    last = {text: row for row, text in enumerate(texts)}
    expected = [
        -1 if text is None or last[text] == row else last[text] for row, text in enumerate(texts)
    ]
    assert list(last_equal(array)) == expected


@given(st.lists(st.none() | st.text("ab \té", max_size=3)))
def test_texts_of_some_letters_only_are_told(texts: list[str | None]) -> None:
    said = has_only(pa.array(texts, pa.string()), PRINTED)
    assert said == (not set("".join(filter(None, texts))) - {"a", "b"})


def test_whole_joins_pieces() -> None:
    assert whole(pa.chunked_array([["a"], ["b"]])).to_pylist() == ["a", "b"]
    assert whole(pa.chunked_array([], pa.string())).to_pylist() == []
    one = pa.array(["a"])
    assert whole(one) is one
