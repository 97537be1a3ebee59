"""Dates as councils write them: the month, only where it is certain."""

from __future__ import annotations

import pandas as pd

from hotspots.schema import MONTH

YEARS = (1901, 2099)
"""Years that are believed, inclusive; 1900 and 3000 stand for "unknown" and "never"."""

_DAY = r"\d{1,2}"
_TIME = r"(?:[T ].*)?"
_FORMS = (
    rf"(?P<y>\d{{4}})[/-](?P<m>\d{{1,2}})(?:[/-]{_DAY})?{_TIME}",
    rf"{_DAY}[/.-](?P<m>\d{{1,2}})[/.-](?P<y>\d{{4}}){_TIME}",
    r"(?P<m>\d{1,2})[/.-](?P<y>\d{4})",
    r"(?P<y>\d{4})(?P<m>\d{2})\d{2}",
    r"(?P<y>\d{4})(?:\.0)?",
)


def months(values: pd.Series[str]) -> pd.Series[pd.Timestamp]:
    """
    Return the months of dates.

    Parameters
    ----------
    values : Series of str
        A day (day first, or ISO), a month ("2021-03", "03/2021") or a year.

    Returns
    -------
    Series of datetime64[ms], indexed like ``values``
        First days of months, January where only the year is known; missing where the text is no
        date of the ``YEARS``.
    """
    given = pd.Series(values.unique(), dtype="str")  # of which a file has few
    year = pd.Series(float("nan"), given.index)
    month = pd.Series(1.0, given.index)
    for form in _FORMS:
        parts = given.str.strip().str.extract(f"^{form}$").astype("float64")
        fresh = year.isna() & parts["y"].notna()
        year = year.where(~fresh, parts["y"])
        month = month.where(~fresh | ("m" not in parts), parts.get("m", month))
    sure = year.between(*YEARS) & month.between(1, 12)
    numbers = pd.DataFrame({"year": year, "month": month, "day": 1.0}).where(sure)
    found = pd.Series(pd.to_datetime(numbers, errors="coerce").array, given.array)
    return pd.Series(found.reindex(values).to_numpy(), values.index, dtype=MONTH)
