"""English Indices of Deprivation: Files 7, 2 and 1 of 2019, and File 7 of 2025."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from hotspots.errors import InputError, cut
from hotspots.schema import DEPRIVATION, check
from hotspots.sources import table_file
from hotspots.sources.columns import listed, plain
from hotspots.sources.coordinates import numbers
from hotspots.sources.rows import account

if TYPE_CHECKING:
    from pathlib import Path

    from hotspots.sources.sheet import Sheet

_DOMAINS = {
    "imd": "Index of Multiple Deprivation (IMD)",
    "income": "Income",
    "employment": "Employment",
    "education": "Education, Skills and Training",
    "health": "Health Deprivation and Disability",
    "crime": "Crime",
    "housing": "Barriers to Housing and Services",
    "environment": "Living Environment",
}
_VINTAGES = {"LSOA code (2011)": ("lsoa11", 32_844), "LSOA code (2021)": ("lsoa21", 33_755)}
"""Heading of the codes to the vintage and the number of LSOAs in England, the last rank."""

_LSOA = r"[A-Z]01\d{6}"
_HOW_TO = "Use File 7 of the English Indices of Deprivation as it was published."


@dataclass(frozen=True)
class DeprivationFile:
    """
    One file of the Indices of Deprivation, read.

    Attributes
    ----------
    table : DataFrame, ``schema.DEPRIVATION``
        One row per LSOA and domain, sorted; rank and decile are national, 1 most deprived.
    set_aside : DataFrame, ``schema.SET_ASIDE``
        Rows left out, which are empty ones only.
    account : DataFrame, ``schema.ACCOUNT``
        One row: rows in = kept + set aside.
    repairs : tuple of str
        What was put right, in words with counts.
    """

    table: pd.DataFrame
    set_aside: pd.DataFrame
    account: pd.DataFrame
    repairs: tuple[str, ...] = ()


def read(path: Path) -> DeprivationFile:
    """
    Read ranks and deciles of deprivation, the overall index and its seven domains.

    Parameters
    ----------
    path : Path
        File 7 (2019 or 2025), File 2 or File 1 (2019) as CSV, whole or cut to some rows;
        File 1 holds the overall index only. A byte order mark and thousands separators
        are tolerated.

    Returns
    -------
    DeprivationFile
        A file with a faulty row is refused: a table of statistics with a hole in it is no table.

    Raises
    ------
    DataMissingError
        If there is no such file.
    InputError
        If it is damaged, lacks columns, holds a code that is no LSOA, a code
        twice, or a rank or decile that is no whole number in its range.
    """
    sheet = table_file.read(path)
    misshapen = sheet.set_aside.loc[sheet.set_aside["status"].eq("quarantined")]
    if len(misshapen):
        first = misshapen.iloc[0]
        msg = f"{path}, line {first['line']}: {first['reason']}. {_HOW_TO}"
        raise InputError(msg)
    headings = list(sheet.table.columns)
    code, vintage, last_rank = _code_column(path, headings)
    found = _measure_columns(path, headings)
    codes = sheet.table[code]
    _refuse(path, sheet, code, ~codes.str.fullmatch(_LSOA), "an LSOA code such as E01012571")
    _refuse(path, sheet, code, codes.duplicated(), "each LSOA once, but this one came before")
    domains = []
    for domain, (rank, decile) in found.items():
        values = {
            "lsoa_code": codes,
            "vintage": vintage,
            "domain": domain,
            "rank": _whole(path, sheet, rank, last_rank),
            "decile": _whole(path, sheet, decile, 10),
        }
        domains.append(pd.DataFrame(values))
    table = pd.concat(domains).sort_values(["lsoa_code", "domain"], ignore_index=True)
    types = {entry.name: entry.dtype for entry in DEPRIVATION.columns}
    return DeprivationFile(
        check(table.astype(types), DEPRIVATION),
        sheet.set_aside,
        account(path.name, rows_in=sheet.rows_in, kept=len(codes), set_aside=sheet.set_aside),
        sheet.repairs,
    )


def _code_column(path: Path, headings: list[str]) -> tuple[str, str, int]:
    for heading in headings:
        for expected, (vintage, last_rank) in _VINTAGES.items():
            if plain(heading) == plain(expected):
                return heading, vintage, last_rank
    held = listed(headings[:8])
    msg = f"{path}: found no column {listed(_VINTAGES)}; the file has {held}. {_HOW_TO}"
    raise InputError(msg)


def _measure_columns(path: Path, headings: list[str]) -> dict[str, tuple[str, str]]:
    """Return the rank and decile columns of each domain: all eight, or the overall index only."""
    # "Income Rank (where 1 is most deprived)", but not "Income Deprivation Affecting Children …".
    found = {
        (domain, measure): next(
            (name for name in headings if re.fullmatch(_pattern(words, measure), plain(name))), None
        )
        for domain, words in _DOMAINS.items()
        for measure in ("Rank", "Decile")
    }
    present = {domain for (domain, _), heading in found.items() if heading}
    needed = {"imd"} if present <= {"imd"} else set(_DOMAINS)
    missing = [
        f"{_DOMAINS[domain]} {measure}"
        for (domain, measure), heading in found.items()
        if domain in needed and heading is None
    ]
    if missing:
        msg = f"{path}: found no column {listed(missing)}. {_HOW_TO}"
        raise InputError(msg)
    return {
        domain: (str(found[domain, "Rank"]), str(found[domain, "Decile"]))
        for domain in _DOMAINS
        if domain in needed
    }


def _pattern(words: str, measure: str) -> str:
    return f"{plain(words)}{plain(measure)}(where1ismostdeprived.*)?"


def _whole(path: Path, sheet: Sheet, column: str, last: int) -> pd.Series[int]:
    """Return a column of whole numbers from 1 to ``last``, or refuse the first that is not."""
    values = numbers(sheet.table[column])
    fine = values.between(1, last) & (values % 1).eq(0)
    _refuse(path, sheet, column, ~fine, f"a whole number from 1 to {last:,}")
    return values.astype("int64")


def _refuse(path: Path, sheet: Sheet, column: str, fault: pd.Series[bool], expected: str) -> None:
    if fault.any():
        first = int(fault.to_numpy().argmax())
        found = cut(sheet.table[column].iloc[first], 60)
        msg = (
            f"{path}, line {sheet.line.iloc[first]}, column {cut(column, 60)!r}: expected "
            f"{expected}, found {found!r} ({int(fault.sum())} such rows). {_HOW_TO}"
        )
        raise InputError(msg)
