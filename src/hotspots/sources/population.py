"""Residents by LSOA: a census table or mid-year estimates, as published or cut to some rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from hotspots.errors import InputError, cut
from hotspots.sources import table_file
from hotspots.sources.columns import listed, plain
from hotspots.sources.coordinates import numbers

if TYPE_CHECKING:
    from pathlib import Path

    from hotspots.sources.sheet import Sheet

_LSOA = r"[EW]01\d{6}"
_CODES = {
    "lsoa21": ("lsoa21code", "lsoa21cd", "lsoacode2021", "lsoa2021code", "2021superoutputareacode"),
    "lsoa11": ("lsoa11code", "lsoa11cd", "lsoacode2011", "lsoa2011code", "2011superoutputareacode"),
}
"""Headings of the codes, letters and digits only, by vintage."""

_RESIDENTS = (
    "totalresidents", "totalpopulation", "population", "residents", "allages", "allpersons",
    "usualresidents", "total", "observation", "obsvalue",
)  # fmt: skip
"""Headings of the number of residents, letters and digits only, the surest first."""

_MOST = 30_000
"""No LSOA has as many residents as this."""

_HOW_TO = "Use a table of residents by LSOA with columns such as lsoa21_code and total_residents."


@dataclass(frozen=True)
class PopulationFile:
    """
    One file of residents, read.

    Attributes
    ----------
    table : DataFrame
        ``lsoa_code`` (str) and ``residents`` (int64), sorted by code.
    vintage : str
        ``lsoa11`` or ``lsoa21``.
    """

    table: pd.DataFrame
    vintage: str


def read(path: Path) -> PopulationFile:
    """
    Read the residents of LSOAs.

    Parameters
    ----------
    path : Path
        CSV or workbook with a heading; other columns are left alone.

    Raises
    ------
    DataMissingError
        If there is no such file.
    InputError
        If it lacks a column, holds a code that is no LSOA or comes twice, or a number of
        residents that cannot be one.
    """
    sheet = table_file.read(path)
    headings = list(sheet.table.columns)
    code, vintage = _code_column(path, headings)
    people = _people_column(path, headings)
    codes = sheet.table[code]
    _refuse(path, sheet, code, ~codes.str.fullmatch(_LSOA), "an LSOA code such as E01012571")
    _refuse(path, sheet, code, codes.duplicated(), "each LSOA once, but this one came before")
    residents = numbers(sheet.table[people])
    fine = residents.between(0, _MOST) & (residents % 1).eq(0)
    _refuse(path, sheet, people, ~fine, f"residents, a whole number from 0 to {_MOST:,}")
    table = pd.DataFrame({"lsoa_code": codes.astype("str"), "residents": residents.astype("int64")})
    return PopulationFile(table.sort_values("lsoa_code", ignore_index=True), vintage)


def _code_column(path: Path, headings: list[str]) -> tuple[str, str]:
    for vintage, names in _CODES.items():
        for heading in headings:
            if plain(heading) in names:
                return heading, vintage
    msg = (
        f"{path}: found no column of LSOA codes of 2011 or 2021; the file has "
        f"{listed(headings[:8])}. {_HOW_TO}"
    )
    raise InputError(msg)


def _people_column(path: Path, headings: list[str]) -> str:
    by_name = {plain(heading): heading for heading in reversed(headings)}
    for name in _RESIDENTS:
        if name in by_name:
            return by_name[name]
    # "Total population: mid 2015 (excluding prisoners)": the year and the rest differ by edition.
    dated = [heading for name, heading in by_name.items() if name.startswith("totalpopulation")]
    if len(dated) == 1:
        return dated[0]
    msg = f"{path}: found no column of residents; the file has {listed(headings[:8])}. {_HOW_TO}"
    raise InputError(msg)


def _refuse(path: Path, sheet: Sheet, column: str, fault: pd.Series, expected: str) -> None:
    if fault.any():
        first = int(fault.to_numpy().argmax())
        found = cut(sheet.table[column].iloc[first], 60)
        msg = (
            f"{path}, line {sheet.line.iloc[first]}, column {cut(column, 60)!r}: expected "
            f"{expected}, found {found!r} ({int(fault.sum())} such rows). {_HOW_TO}"
        )
        raise InputError(msg)
