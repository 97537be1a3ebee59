"""
One street CSV of police.uk, read by line.

A line of the file is a row, but for what ``lines`` joins or sets aside, and keeps its number.
Lines end in LF, CR LF or CR; blank lines are passed over and counted nowhere.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from hotspots.errors import InputError, cut
from hotspots.schema import ASB, CRIME_TYPES
from hotspots.sources.police_uk.forces import BTP, IDS, force_id, is_of
from hotspots.sources.police_uk.headers import DELIMITERS, STREET, decoded, heading
from hotspots.sources.police_uk.lines import (
    FIRST_LINE,
    blank_lines,
    line_ends,
    tidied,
    with_line_feeds,
)
from hotspots.sources.police_uk.rows import (
    ASIDE,
    WORDS,
    Batch,
    Dialect,
    Fault,
    of_words,
    sift,
)
from hotspots.sources.police_uk.texts import PRINTED, has_only, whole

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from hotspots.sources.police_uk.headers import Heading

_READ = {
    "Crime ID": ("crime_id", pa.string()),
    "Month": ("month", WORDS),
    "Reported by": ("reported_by", WORDS),
    "Falls within": ("falls_within", WORDS),
    "Longitude": ("longitude", WORDS),
    "Latitude": ("latitude", WORDS),
    "Location": ("location", WORDS),
    "LSOA code": ("lsoa_code", WORDS),
    "Crime type": ("crime_type", WORDS),
    "Last outcome category": ("outcome", WORDS),
}

# Until April 2013 the types were fewer. Only a change of name can be undone: the API kept one
# category, violent-crime, through the renaming, so the publisher takes the two for the same.
# A type that was split later cannot be divided after the fact, and half of it would be wrong.
_DIALECT = Dialect(
    types={name: name for name in CRIME_TYPES},
    renamed_types={"Violent crime": "Violence and sexual offences"},
    refused_types={
        "Public disorder and weapons": "a type used until April 2013, split since into Public "
        "order and Possession of weapons; which of them this is cannot be known"
    },
    month="Month",
    crime_type="Crime type",
    longitude="Longitude",
    latitude="Latitude",
)

# The publisher itself writes "On or near " where there is no street.
_AS_PUBLISHED = frozenset({"location", "outcome", "line", "api_id"})
_LSOA = re.compile(r"[EWS]01\d{6}|[N9]\w+")  # that of Northern Ireland has had many forms
_DAMAGED_ID = r"^[0-9]([.,][0-9]+)?[eE][+-]?[0-9]+$"
_ID_LENGTH = 64
_DOS_END = b"\x1a"
_VALUE_MAX = 200


def read_street(data: bytes, *, file: str, month: str | None, force: str | None = None) -> Batch:
    """
    Read one street CSV.

    Parameters
    ----------
    data : bytes
        The file, UTF-8 or UTF-16 with a byte order mark, parted by commas, semicolons, tabs or
        bars, as its heading tells.
    file : str
        What messages call it.
    month : str or None
        ``YYYY-MM`` of its name; rows of another month are quarantined. None if the name of the
        file does not say, and each row may state its own.
    force : str or None
        Force id of its name, or the one that is wanted; rows of other forces are excluded. None
        takes the force that most rows name.

    Returns
    -------
    Batch
        A row a line that is not blank; ``rows_in`` is counted from the line ends, apart from
        what became of the rows.

    Raises
    ------
    InputError
        If the file is empty or cannot be parsed at all, or its header lacks a column or names
        one twice.
    """
    text, was_utf_16 = decoded(data, file)
    text = text.removesuffix(_DOS_END)
    if not text or text.isspace():
        raise InputError(f"{file}: the file is empty. Download it again.")
    text, ends = with_line_feeds(text)
    first_line = text[: text.find(b"\n")] if b"\n" in text else text
    head = heading(first_line.removesuffix(b"\r"), file)
    tidy = tidied(text, head)
    if tidy.text is not text:
        ends = line_ends(tidy.text)
    blank, n_lines = blank_lines(tidy.text, ends)
    published, uneven = _parse(tidy.text, head, file)
    lines = np.delete(np.arange(FIRST_LINE, n_lines + 1), np.array([*uneven], int) - FIRST_LINE)
    if len(lines) != published.num_rows:
        raise InputError(
            f"{file}: {n_lines} lines gave {published.num_rows + len(uneven)} rows, so its line "
            "numbers cannot be trusted. Save it as UTF-8 text with one row a line."
        )
    published = published.append_column("line", pa.array(lines))
    if blank:
        is_row = ~np.isin(lines, list(blank))
        published = published.filter(pa.array(is_row)).combine_chunks()
    published, padded = _without_blanks(published)
    batch = _sift(published, month, force)
    faults = dict(tidy.damaged)
    for line, (found, row) in uneven.items():
        fields = "field" if found == 1 else "fields"
        faults[line] = (f"{found} {fields} where the header has {len(head.names)}", row)
    repairs: dict[str, bool | Collection[int]] = {
        "of UTF-16 text, read as the byte order mark of the file says": was_utf_16,
        f"parted by {DELIMITERS[head.delimiter]}, as the heading is": head.delimiter != ",",
        "of Windows-1252 text, which is no UTF-8": tidy.recoded,
        "with a line break in quotation marks, read as one row": tidy.joined,
        "with blanks around values, which were taken off": padded,
    }
    return replace(
        batch,
        aside=pa.concat_tables([batch.aside, _faulty(faults)]),
        rows_in=n_lines - 1 - len(blank - tidy.damaged.keys()),
        new_columns=tuple(name for name in head.names if name and name not in STREET),
        repairs=(*_told(repairs, batch.readable), *batch.repairs),
        breaks_off=not text.endswith(b"\n") and n_lines in faults,
    )


def _told(repairs: Mapping[str, bool | Collection[int]], rows: pa.Table) -> Iterator[str]:
    """Say of how many of the ``rows`` that can be used something was put right, by their lines."""
    for words, lines in repairs.items():
        n = rows.num_rows if lines else 0
        if n and not isinstance(lines, bool):
            n = int(np.isin(rows["line"].to_numpy(), list(lines)).sum())
        if n:
            yield f"{n:,} rows {words}"


def _without_blanks(published: pa.Table) -> tuple[pa.Table, frozenset[int]]:
    """Take off the blanks around values, but for those of ``Location``; return the lines too."""
    touched = np.zeros(published.num_rows, bool)
    for place, name in enumerate(published.column_names):
        values = whole(published[name])
        if name in _AS_PUBLISHED:
            continue
        if name == "crime_id" and not _short(values):
            continue
        is_words = pa.types.is_dictionary(values.type)
        texts = values.dictionary if is_words else values
        if has_only(texts, PRINTED):
            continue
        trimmed = pc.utf8_trim_whitespace(texts)
        is_padded = pc.fill_null(pc.not_equal(texts, trimmed), False)
        if not pc.any(is_padded).as_py():
            continue
        if is_words:
            is_padded = pc.fill_null(is_padded.take(values.indices), False)
            trimmed = trimmed.take(values.indices)
        touched |= is_padded.to_numpy(zero_copy_only=False)
        trimmed = pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)
        plain = trimmed.dictionary_encode().cast(WORDS) if is_words else trimmed
        published = published.set_column(place, name, plain)
    return published, frozenset(published["line"].to_numpy()[touched].tolist())


def _parse(text: bytes, head: Heading, file: str) -> tuple[pa.Table, dict[int, tuple[int, str]]]:
    """Return the rows, and how many fields the lines had that are of another length."""
    body = pa.py_buffer(text).slice(text.find(b"\n") + 1 or len(text))
    api_id = pa.field("api_id", pa.string())
    if not body.size:
        return pa.schema([*_READ.values(), api_id]).empty_table(), {}
    uneven: dict[int, tuple[int, str]] = {}

    def note(row: pa_csv.InvalidRow) -> str:
        uneven[row.number + 1] = (row.actual_columns, row.text)  # the header is not in the body
        return "skip"

    try:
        table = pa_csv.read_csv(
            body,
            # Row numbers are known only to a single thread; members are read side by side instead.
            read_options=pa_csv.ReadOptions(
                use_threads=False, column_names=head.names, block_size=body.size + 1
            ),
            parse_options=pa_csv.ParseOptions(
                delimiter=head.delimiter, ignore_empty_lines=False, invalid_row_handler=note
            ),
            convert_options=pa_csv.ConvertOptions(
                include_columns=list(_READ),
                column_types={name: kind for name, (_, kind) in _READ.items()},
                null_values=[""],
                strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid as error:
        raise InputError(
            f"{file} cannot be read as CSV ({cut(error)}). Give it as data.police.uk published it."
        ) from error
    table = table.rename_columns([name for name, _ in _READ.values()])
    return table.append_column(api_id, pa.nulls(table.num_rows, api_id.type)), uneven


def _sift(published: pa.Table, month: str | None, force: str | None) -> Batch:
    ids = whole(published["crime_id"])
    n_short = _short(ids)
    own, strange = _forces(published, force, is_named=month is not None)
    reason = f"reported by {BTP}, whose records carry no place in the force"
    reported_by = whole(published["reported_by"])
    is_btp = of_words(reported_by, [word == BTP for word in reported_by.dictionary.to_pylist()])
    faults = [
        *_damaged_ids(ids, n_short),
        Fault(is_btp, "excluded", reason, "Reported by", "reported_by"),
        *strange,
    ]
    batch = sift(published, _DIALECT, month=month, more=faults)
    warnings = (
        *_id_warnings(batch.readable, n_short),
        *_lsoa_warnings(batch.readable),
        *_falls_warnings(published, batch.readable),
    )
    return replace(batch, force=own, warnings=warnings)


def _damaged_ids(ids: pa.Array, n_short: int) -> Iterator[Fault]:
    if n_short:
        damaged = pc.fill_null(pc.match_substring_regex(ids, _DAMAGED_ID), False)
        mask = damaged.to_numpy(zero_copy_only=False)
        reason = "an id that a spreadsheet turned into a number"
        yield Fault(mask, "quarantined", reason, "Crime ID", "crime_id")


def _id_warnings(rows: pa.Table, n_short: int) -> Iterator[str]:
    ids = whole(rows["crime_id"])
    is_asb = pc.equal(whole(rows["crime_type"]).indices, CRIME_TYPES.index(ASB))
    bare = pc.sum(pc.and_not(pc.is_null(ids), is_asb)).as_py()
    if bare:
        yield f"{bare:,} crimes without a Crime ID, which police.uk always gives; kept"
    short = _short(ids) if n_short else 0
    if short:
        yield f"{short:,} crimes with a Crime ID that has not the usual {_ID_LENGTH} letters; kept"


def _lsoa_warnings(rows: pa.Table) -> Iterator[str]:
    codes = whole(rows["lsoa_code"])
    strange = [
        code is not None and not _LSOA.fullmatch(code) for code in codes.dictionary.to_pylist()
    ]
    if any(strange):
        n = pc.sum(pa.array(strange).take(codes.indices)).as_py()
        if n:
            yield f"{n:,} rows with an LSOA code that is not like E01000001; kept"


def _falls_warnings(published: pa.Table, rows: pa.Table) -> Iterator[str]:
    falls = whole(published["falls_within"])
    if falls.null_count:
        lines = published["line"].filter(falls.is_null())
        n = pc.sum(pc.is_in(rows["line"], value_set=lines)).as_py()
        if n:
            yield f"{n:,} rows that name no force under Falls within; kept"


def _short(ids: pa.Array) -> int:
    """Count the ids that are not of the usual length."""
    return pc.sum(pc.not_equal(pc.binary_length(ids), _ID_LENGTH)).as_py() or 0


def _forces(
    published: pa.Table, force: str | None, *, is_named: bool
) -> tuple[str | None, list[Fault]]:
    """Return the force of the file by its rows, and the rows of other forces as faults."""
    falls = whole(published["falls_within"])
    words = falls.dictionary.to_pylist()
    others = [number for number, word in enumerate(words) if word != BTP]
    if not others:
        return force, []
    own = [number for number in others if force is not None and is_of(words[number], force)]
    if not own:
        rows_of = np.bincount(pc.drop_null(falls.indices).to_numpy(), minlength=len(words))
        most = force_id(words[max(others, key=lambda number: int(rows_of[number]))])
        is_foreign = force is not None and (
            not is_named or (most != force and {most, force} <= IDS)
        )
        if not is_foreign:
            own = [number for number in others if force_id(words[number]) == most]
            force = force or most
    faults = []
    for number in set(others) - set(own):
        is_other = pc.fill_null(pc.equal(falls.indices, number), False)
        reason = f"falls within {words[number]}, another force than {force}"
        mask = is_other.to_numpy(zero_copy_only=False)
        faults.append(Fault(mask, "excluded", reason, "Falls within", "falls_within"))
    return force, faults


def _faulty(faults: Mapping[int, tuple[str, str]]) -> pa.Table:
    """Return the quarantined lines that never became rows."""
    n = len(faults)
    return pa.table(
        [
            pa.array(faults, pa.int64()),
            pa.repeat("quarantined", n),
            pa.array([reason for reason, _ in faults.values()], pa.string()),
            pa.nulls(n, pa.string()),
            pa.array([row[:_VALUE_MAX] for _, row in faults.values()], pa.string()),
            pa.nulls(n, pa.timestamp("ms")),
            pa.nulls(n, pa.string()),
        ],
        schema=ASIDE,
    )
