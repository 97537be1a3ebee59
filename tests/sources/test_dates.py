"""Months out of dates as councils write them."""

from __future__ import annotations

import pandas as pd
import pytest

from hotspots.schema import MONTH
from hotspots.sources import dates


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("01/03/2014 00:00:00", "2014-03"),
        ("31/12/1999", "1999-12"),
        ("2014-03-09", "2014-03"),
        ("2014-03-09T10:00:00Z", "2014-03"),
        ("2014/3/9", "2014-03"),
        ("2014-03", "2014-03"),
        ("03/2014", "2014-03"),
        ("20140309", "2014-03"),
        (" 2014 ", "2014-01"),
        ("2014.0", "2014-01"),
        ("1901", "1901-01"),
        ("2099", "2099-01"),
    ],
)
def test_a_certain_date_gives_its_month(text: str, expected: str) -> None:
    found = dates.months(pd.Series([text]))
    assert str(found.dtype) == MONTH
    assert found.dt.strftime("%Y-%m").tolist() == [expected]


@pytest.mark.parametrize(
    "text",
    ["", "unknown", "01/01/1900", "01/01/3000", "2014-13-01", "13/2014", "0", "5 May", "2100"],
)
def test_what_is_no_certain_date_is_missing(text: str) -> None:
    assert dates.months(pd.Series([text])).isna().all()


def test_the_index_is_kept_and_repeats_are_read_alike() -> None:
    found = dates.months(pd.Series(["2014", "x", "2014"], index=[4, 9, 2]))
    assert found.index.tolist() == [4, 9, 2]
    assert found.isna().tolist() == [False, True, False]
    assert dates.months(pd.Series([], dtype="str")).empty
