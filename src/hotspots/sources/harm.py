"""Harm weights: days of a typical sentence for each crime type, in a file that can be edited."""

from __future__ import annotations

import csv
import math
from importlib import resources
from typing import TYPE_CHECKING

from hotspots.errors import InputError
from hotspots.schema import CRIME_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MOST_BYTES = 100_000
FIX = "give one row for each crime type, under the headings crime_type and days"


def read(path: Path | None = None) -> dict[str, float]:
    """
    Read harm weights.

    Parameters
    ----------
    path : Path, optional
        The weights that come with the package if not given (FACTS §3).

    Returns
    -------
    dict of crime type to float
        Days, above zero, for each of ``schema.CRIME_TYPES`` in that order.

    Raises
    ------
    InputError
        With the line of the first row that cannot be used, or the types that are missing.
    """
    if path is None:
        text = resources.files("hotspots").joinpath("harm_weights.csv").read_text(encoding="utf-8")
        return _weights(text, "harm_weights.csv")
    return _weights(_text(path), str(path))


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MOST_BYTES:
            msg = f"{path}: is far too large for a table of {len(CRIME_TYPES)} weights; {FIX}."
            raise InputError(msg)
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        msg = f"{path}: byte {error.start} is not UTF-8; save the file as CSV UTF-8."
        raise InputError(msg) from error
    except OSError as error:
        msg = f"{path}: cannot be read ({error.strerror}); check that the file is there and open."
        raise InputError(msg) from error


def _weights(text: str, name: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for line, crime_type, days in _rows(text, name):
        if crime_type not in CRIME_TYPES:
            msg = (
                f"{name}, line {line}, column crime_type: {crime_type[:40]!r} is no police.uk type"
            )
            raise InputError(f"{msg}; write it as in {CRIME_TYPES[0]!r}.")
        if crime_type in found:
            msg = f"{name}, line {line}: {crime_type!r} has a weight already; keep one row of it."
            raise InputError(msg)
        found[crime_type] = _days(days, f"{name}, line {line}, column days")
    missing = [each for each in CRIME_TYPES if each not in found]
    if missing:
        msg = f"{name}: no weight for {', '.join(missing)}; {FIX}."
        raise InputError(msg)
    return {each: found[each] for each in CRIME_TYPES}


def _rows(text: str, name: str) -> Iterator[tuple[int, str, str]]:
    """Give the line, the type and the days of each row that is not empty."""
    reader = csv.reader(text.replace("\0", "\ufffd").splitlines())
    try:
        header = [each.strip().casefold() for each in next(reader, [])]
        missing = [each for each in ("crime_type", "days") if each not in header]
        if missing:
            msg = f"{name}, line 1: no column {' and no column '.join(missing)}; {FIX}."
            raise InputError(msg)
        places = header.index("crime_type"), header.index("days")
        for row in reader:
            if any(each.strip() for each in row):
                kind, days = (row[at].strip() if at < len(row) else "" for at in places)
                yield reader.line_num, kind, days
    except csv.Error as error:
        msg = f"{name}, line {reader.line_num}: cannot be read as CSV ({error}); {FIX}."
        raise InputError(msg) from error


def _days(text: str, place: str) -> float:
    try:
        days = float(text)
    except ValueError:
        days = math.nan
    if not 0 < days < math.inf:
        msg = f"{place}: {text[:40]!r} is no number above zero; write days, such as 222."
        raise InputError(msg)
    return days
