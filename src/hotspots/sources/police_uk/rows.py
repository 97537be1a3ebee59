"""What the rows of CSVs and API answers share: their checks, and the batch a member becomes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hotspots.schema import CRIME_TYPES
from hotspots.sources.police_uk.texts import has_only, whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]

LONGITUDE_DEG = (-9.0, 3.0)
LATITUDE_DEG = (49.0, 61.0)
WORDS = pa.dictionary(pa.int32(), pa.string())
"""Type of text that repeats: each text once, and a number a row."""

_TYPE = pa.dictionary(pa.int8(), pa.string())
_MONTH = re.compile(r"20\d\d-(?:0[1-9]|1[0-2])")
_DECIMAL = b"0123456789.-"
_NUMBER = r"^-?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?$"
_WITH_POWER = r"^\s*-?([0-9]+\.?[0-9]*|\.[0-9]+)[eE][-+]?[0-9]{1,3}\s*$"
_DECIMALS_MIN = 5  # of a degree: a metre. A zero at the end of six may have been left out.
_VALUE_MAX = 200

ROUNDED = "damaged by a spreadsheet, which kept a few digits and a power of ten"
"""Reason of a row with a coordinate such as -2.7E+00."""

UNKNOWN_TYPE = "not a known crime type"
"""Reason of a row whose type police.uk has not published before, or that is garbled."""

READABLE = pa.schema(
    [
        ("line", pa.int64()),
        ("crime_id", pa.string()),
        ("api_id", pa.string()),
        ("month", pa.timestamp("ms")),
        ("crime_type", _TYPE),
        ("longitude", pa.float64()),
        ("latitude", pa.float64()),
        ("location", WORDS),
        ("lsoa_code", WORDS),
        ("outcome", WORDS),
        ("reported_by", WORDS),
    ]
)
"""Rows understood, with or without coordinates, in the order of the file."""

ASIDE = pa.schema(
    [
        ("line", pa.int64()),
        ("status", pa.string()),
        ("reason", pa.string()),
        ("column", pa.string()),
        ("value", pa.string()),
        ("month", pa.timestamp("ms")),
        ("crime_type", pa.string()),
    ]
)
"""Rows set aside, and why."""


@dataclass(frozen=True)
class Batch:
    """The rows of one member: those understood, those set aside, how many, and its new columns."""

    readable: Any  # pyarrow.Table of READABLE
    aside: Any  # pyarrow.Table of ASIDE
    rows_in: int
    new_columns: tuple[str, ...] = ()
    repairs: tuple[str, ...] = ()  # what was put right, in words with counts
    warnings: tuple[str, ...] = ()
    force: str | None = None  # force id, as the rows of a street CSV tell
    breaks_off: bool = False  # the last row is misshapen and its line has no end


@dataclass(frozen=True)
class Dialect:
    """
    How one kind of source names things.

    Attributes
    ----------
    types : mapping of str to str
        Published crime type or category to the crime type of ``schema.CRIME_TYPES``.
    renamed_types : mapping of str to str
        Types published until a change of name, to what they are called now.
    refused_types : mapping of str to str
        Published types that are known but cannot be used, with the reason.
    month, crime_type, longitude, latitude : str
        What messages call these columns.
    """

    types: Mapping[str, str]
    renamed_types: Mapping[str, str]
    refused_types: Mapping[str, str]
    month: str
    crime_type: str
    longitude: str
    latitude: str


@dataclass(frozen=True)
class Fault:
    """Rows to set aside, why, the published column at fault, and where its values are."""

    rows: Mask
    status: str
    reason: str
    column: str
    source: str


class _Sieve:
    """Takes the first fault of each row, and makes a table of the rows at fault."""

    def __init__(self, n_rows: int) -> None:
        self._fault = np.zeros(n_rows, np.int16)
        self._faults: list[tuple[str, str, str, pa.Array]] = []

    def set_aside(
        self, rows: Mask, status: str, reason: str, column: str, values: pa.Array
    ) -> None:
        """Set aside those ``rows`` that no earlier fault took."""
        if rows.any():
            self._faults.append((status, reason, column, values))
            self._fault[rows & (self._fault == 0)] = len(self._faults)

    @property
    def passed(self) -> Mask:
        passed: Mask = self._fault == 0
        return passed

    def table(self, lines: pa.Array, months: pa.Array, types: pa.Array) -> pa.Table:
        """Return the rows at fault as ``ASIDE``, fault by fault."""
        tables = [ASIDE.empty_table()]
        for number, (status, reason, column, values) in enumerate(self._faults, start=1):
            rows = pa.array(np.flatnonzero(self._fault == number))
            n = len(rows)
            tables.append(
                pa.table(
                    [
                        lines.take(rows),
                        pa.repeat(status, n),
                        pa.repeat(reason, n),
                        pa.repeat(column, n),
                        pc.utf8_slice_codeunits(values.take(rows).cast(pa.string()), 0, _VALUE_MAX),
                        months.take(rows),
                        types.take(rows).cast(pa.string()),
                    ],
                    schema=ASIDE,
                )
            )
        return pa.concat_tables(tables)


def sift(
    published: pa.Table, dialect: Dialect, *, month: str | None, more: Sequence[Fault] = ()
) -> Batch:
    """
    Check the rows of one member and part those understood from those set aside.

    Parameters
    ----------
    published : pyarrow.Table
        ``line`` int64; ``crime_id``, ``api_id`` text; all else, coordinates too, of type
        ``WORDS``. Empty text is null. One chunk a column.
    dialect : Dialect
        How the source names crime types and columns.
    month : str or None
        ``YYYY-MM`` that every row must state, or None where each may state its own.
    more : sequence of Fault
        Faults that only this kind of source has.

    Returns
    -------
    Batch
        A row's first fault decides: month, crime type, longitude, latitude, then ``more``.
    """
    text = {name: whole(published[name]) for name in published.column_names}
    sieve = _Sieve(published.num_rows)
    months = _check_month(text["month"], month, dialect, sieve)
    types, renamed = _check_type(text["crime_type"], dialect, sieve)
    longitude, latitude = _check_coordinates(text["longitude"], text["latitude"], dialect, sieve)
    for fault in more:
        sieve.set_aside(fault.rows, fault.status, fault.reason, fault.column, text[fault.source])
    columns = text | {
        "month": months,
        "crime_type": types,
        "longitude": longitude,
        "latitude": latitude,
        "location": text["location"].fill_null(""),
    }
    readable = pa.table([columns[name] for name in READABLE.names], schema=READABLE)
    passed = sieve.passed
    repairs = tuple(_renamings(renamed, text["crime_type"].indices, passed))
    if not passed.all():
        readable = readable.filter(pa.array(passed))
    aside = sieve.table(text["line"], months, text["crime_type"])
    return Batch(readable, aside, published.num_rows, repairs=repairs)


def of_words(
    text: pa.DictionaryArray, told: Sequence[bool] | Mask, *, where_null: bool = False
) -> Mask:
    """Say of each row what is ``told`` of its word, in the order of the dictionary."""
    return _mask(pc.fill_null(pa.array(told, pa.bool_()).take(text.indices), where_null))


def _check_month(text: pa.Array, month: str | None, dialect: Dialect, sieve: _Sieve) -> pa.Array:
    words = text.dictionary.to_pylist()
    known = [word if _MONTH.fullmatch(word) else None for word in words]
    no_month = of_words(text, [word is None for word in known], where_null=True)
    sieve.set_aside(no_month, "quarantined", "not a month of the form YYYY-MM", dialect.month, text)
    if month is not None:
        other = of_words(text, [word not in {None, month} for word in known])
        sieve.set_aside(
            other, "quarantined", f"not {month}, the month of the file", dialect.month, text
        )
    first_days = np.array([word or "NaT" for word in known], "datetime64[M]")
    return pa.array(first_days.astype("datetime64[ms]")).take(text.indices)


def _check_type(text: pa.Array, dialect: Dialect, sieve: _Sieve) -> tuple[pa.Array, dict[int, str]]:
    """Return the crime types, and by the number of a word what was put right about it."""
    words = text.dictionary.to_pylist()
    types, renamed = _types(words, dialect)
    numbers = {name: number for number, name in enumerate(CRIME_TYPES)}
    codes = pa.array([numbers.get(name) for name in types], pa.int8())
    code = codes.take(text.indices)
    for word, reason in dialect.refused_types.items():
        if word in words:
            is_word = _mask(pc.fill_null(pc.equal(text.indices, words.index(word)), False))
            sieve.set_aside(is_word, "quarantined", reason, dialect.crime_type, text)
    unknown = _mask(code.is_null())
    sieve.set_aside(unknown, "quarantined", UNKNOWN_TYPE, dialect.crime_type, text)
    return pa.DictionaryArray.from_arrays(code, pa.array(CRIME_TYPES)), renamed


def _types(words: Sequence[str], dialect: Dialect) -> tuple[list[str], dict[int, str]]:
    """Return the crime type that each of the ``words`` stands for, empty if none."""
    known = {name.casefold(): found for name, found in dialect.types.items()}
    types, renamed = [], {}
    for number, word in enumerate(words):
        plain = " ".join(word.split())
        found = dialect.types.get(word) or dialect.renamed_types.get(plain)
        found = found or known.get(plain.casefold(), "")
        if found and word not in dialect.types:
            renamed[number] = f"rows of the type {word!r}, read as {found!r}"
        types.append(found)
    return types, renamed


def _renamings(renamed: Mapping[int, str], indices: pa.Array, passed: Mask) -> Iterator[str]:
    for number, words in renamed.items():
        n = int((_mask(pc.fill_null(pc.equal(indices, number), False)) & passed).sum())
        if n:
            yield f"{n:,} {words}"


def _check_coordinates(
    longitude: pa.DictionaryArray, latitude: pa.DictionaryArray, dialect: Dialect, sieve: _Sieve
) -> tuple[pa.Array, pa.Array]:
    no_lon, no_lat = _mask(longitude.is_null()), _mask(latitude.is_null())
    numbers = []
    for text, missing, bounds, column in (
        (longitude, no_lon & ~no_lat, LONGITUDE_DEG, dialect.longitude),
        (latitude, no_lat & ~no_lon, LATITUDE_DEG, dialect.latitude),
    ):
        number = _numbers(text.dictionary)
        faults = (
            (_are_rounded(text.dictionary), ROUNDED),
            (_mask(number.is_null()), "not a number"),
            (_outside(number, bounds), f"outside {bounds[0]:g} to {bounds[1]:g} degrees"),
        )
        sieve.set_aside(missing, "quarantined", "empty, though the other is not", column, text)
        for told, reason in faults:
            if told.any():
                sieve.set_aside(of_words(text, told), "quarantined", reason, column, text)
        numbers.append(number.take(text.indices))
    return numbers[0], numbers[1]


def _numbers(words: pa.Array) -> pa.Array:
    """Return each word as a number, null where it is none."""
    if has_only(words, _DECIMAL):
        try:
            return words.cast(pa.float64())
        except pa.ArrowInvalid:
            pass  # such as a date
    trimmed = pc.utf8_trim_whitespace(words)
    is_number = pc.match_substring_regex(trimmed, _NUMBER)
    return pc.if_else(is_number, trimmed, pa.scalar(None, pa.string())).cast(pa.float64())


def _are_rounded(words: pa.Array) -> Mask:
    """Say which numbers have a power of ten and too few digits, as a spreadsheet shows them."""
    if has_only(words, _DECIMAL):
        return np.zeros(len(words), bool)
    found = _mask(pc.match_substring_regex(words, _WITH_POWER))
    for row in np.flatnonzero(found):
        exponent = Decimal(words[row].as_py().strip()).as_tuple().exponent
        found[row] = int(exponent) > -_DECIMALS_MIN
    return found


def _outside(number: pa.Array, bounds: tuple[float, float]) -> Mask:
    inside = pc.and_(pc.greater_equal(number, bounds[0]), pc.less_equal(number, bounds[1]))
    return ~_mask(pc.fill_null(inside, True))


def _mask(values: pa.Array) -> Mask:
    mask: Mask = values.to_numpy(zero_copy_only=False).astype(bool)
    return mask
