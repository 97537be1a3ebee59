"""Quarters of calendar and financial years: their names, their months, and which are complete."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import pandas as pd

from hotspots.errors import DataMissingError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable

Years = Literal["calendar", "financial"]

MONTHS = 3
"""Months in a quarter."""

_NAME = re.compile(r"((?:19|20)\d\d)(?:-(\d\d))?-?Q([1-4])", re.IGNORECASE)
_FIRST_MONTH = {"calendar": 1, "financial": 4}


@dataclass(frozen=True, order=True)
class Quarter:
    """
    Three months that end a quarter of a year.

    Attributes
    ----------
    start : Timestamp
        First day of its first month.
    years : str
        ``calendar`` or ``financial``: which years it is a quarter of.
    """

    start: pd.Timestamp
    years: Years = "calendar"

    @classmethod
    def of(cls, month: pd.Timestamp, years: Years) -> Quarter:
        """Return the quarter that holds a month; both kinds of years share their quarters."""
        return cls(month - pd.DateOffset(months=(month.month - 1) % MONTHS), years)

    @classmethod
    def named(cls, name: str, years: Years) -> Quarter:
        """
        Return the quarter of a name such as ``2025-Q1``, or ``2025-26-Q1`` of a financial year.

        Raises
        ------
        SettingsError
            If it is no such name.
        """
        found = _NAME.fullmatch(name.strip())
        year = int(found[1]) if found else 0
        is_fine = found is not None and (
            found[2] is None or (years == "financial" and int(found[2]) == (year + 1) % 100)
        )
        if found is None or not is_fine:
            written = "2025-26-Q1" if years == "financial" else "2025-Q1"
            msg = f"--quarter {name!r} is no quarter of a {years} year; write {written}."
            raise SettingsError(msg)
        start = pd.Timestamp(year=year, month=_FIRST_MONTH[years], day=1)
        return cls(start + pd.DateOffset(months=MONTHS * (int(found[3]) - 1)), years)

    @property
    def months(self) -> pd.DatetimeIndex:
        """Its three months."""
        return pd.date_range(self.start, periods=MONTHS, freq="MS", unit="ms")

    @property
    def end(self) -> pd.Timestamp:
        """First day of its last month."""
        return self.start + pd.DateOffset(months=MONTHS - 1)

    @property
    def year_start(self) -> pd.Timestamp:
        """First day of the year it belongs to."""
        first = _FIRST_MONTH[self.years]
        back = (self.start.month - first) % 12
        return self.start - pd.DateOffset(months=back)

    @property
    def number(self) -> int:
        """Its number in the year, from 1."""
        return (self.start.month - _FIRST_MONTH[self.years]) % 12 // MONTHS + 1

    @property
    def name(self) -> str:
        """Its name, fit for a folder: ``2025-Q1`` or ``2025-26-Q1``."""
        year = self.year_start.year
        if self.years == "financial":
            return f"{year}-{(year + 1) % 100:02d}-Q{self.number}"
        return f"{year}-Q{self.number}"

    @property
    def title(self) -> str:
        """Its months in words: ``January to March 2025``."""
        return f"{self.start:%B} to {self.end:%B %Y}"

    def before(self, n: int) -> Quarter:
        """Return the quarter that is ``n`` quarters earlier."""
        return Quarter(self.start - pd.DateOffset(months=MONTHS * n), self.years)


def complete(months: Iterable[pd.Timestamp], years: Years) -> list[Quarter]:
    """List the quarters of which all three months are among ``months``, in order."""
    known = set(months)
    quarters = sorted({Quarter.of(month, years) for month in known})
    return [each for each in quarters if known.issuperset(each.months)]


def chosen(months: Iterable[pd.Timestamp], name: str | None, years: Years) -> Quarter:
    """
    Choose the quarter of a report: the one named, or the last complete one.

    Parameters
    ----------
    months : iterable of Timestamp
        Months that have data.
    name : str, optional
    years : str
        ``calendar`` or ``financial``.

    Raises
    ------
    SettingsError
        If the name is none of a quarter.
    DataMissingError
        If no month of the quarter has data, or no quarter is complete.
    """
    known = sorted(set(months))
    whole = complete(known, years)
    if name is None:
        if not whole:
            msg = (
                "no quarter has data for all its three months; name one with --quarter to report "
                "on the months there are."
            )
            raise DataMissingError(msg)
        return whole[-1]
    quarter = Quarter.named(name, years)
    if not set(quarter.months) & set(known):
        there = ", ".join(each.name for each in whole) or "none"
        msg = f"no data for {quarter.title} ({quarter.name}); complete quarters here: {there}."
        raise DataMissingError(msg)
    return quarter
