"""Workbooks of Excel and LibreOffice: the one sheet that holds the table, as text."""

from __future__ import annotations

import datetime as dt
import io
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NoReturn

import pandas as pd
from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum

from hotspots.errors import InputError
from hotspots.sources.plain_text import MAX_BYTES, unpack
from hotspots.sources.sheet import Grid, heading_at, sheet_of
from hotspots.sources.zips import Archive, is_zip

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from python_calamine import CalamineSheet

    from hotspots.sources.sheet import Heading, Sheet

MOST_COLUMNS = 500
"""Columns that a sheet may have."""

MOST_CELLS = 20_000_000
"""Cells that a sheet may span, empty ones included."""

_OLD = b"\xd0\xcf\x11\xe0"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_BOOKS = ("xl/workbook.xml", "content.xml")
_OTHERS = {
    "word/document.xml": "a Word document",
    "ppt/presentation.xml": "a PowerPoint presentation",
    "xl/workbook.bin": "a binary workbook (.xlsb)",
}
_HEADING_ROWS = 40
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_TAIL = 200
_WHOLE = re.compile(rb"</(?:\w+:)?(?:worksheet|document-content|chartsheet|dialogsheet)>\s*$")
_CELL = re.compile(rb"""(?<![:\w])r\s*=\s*["']\s*([A-Za-z]*)(\d*)""")
_ROW_DIGITS, _COLUMN_LETTERS = 12, 6
_ERROR = re.compile(rb"""<c\b[^>]*\bt=["']e["']""")
_REPEATED = re.compile(
    rb"""<table:table-(?:row|cell)\b[^>]*-repeated="(\d{4,})"(?:[^>]*office:value|[^/>]*>"""
    rb"""(?:(?!</table:table-row).)*?office:value)""",
    re.DOTALL,
)
_SAFE_WHOLE = 10**15
"""A spreadsheet keeps fifteen figures of a number; a longer id has lost its end."""
_LONG_WHOLE = 10**11
_FEW_FIGURES = re.compile(r"(\d{1,3})0{9,}")
_PANIC = "PanicException"
"""What the reader of workbooks, written in Rust, raises when it gives up; it has no module."""
_SAVE_AGAIN = "Save the table as CSV (UTF-8)."


def is_workbook(path: Path) -> bool:
    """
    Say whether a file is a workbook or another office document, by its content.

    Raises
    ------
    InputError
        If it is a damaged or unsafe zip.
    """
    with path.open("rb") as raw:
        head = raw.read(8)
    if head.startswith(_OLD):
        return True
    if not is_zip(head):
        return False
    with Archive(path) as archive:
        return bool({*_BOOKS, *_OTHERS, "[Content_Types].xml"} & set(archive.names))


def read(
    path: Path,
    *,
    columns: Sequence[str] | None = None,
    is_heading: Heading | None = None,
) -> Sheet:
    """
    Read the sheet of a workbook that holds the table.

    Parameters
    ----------
    path : Path
        A workbook (.xlsx, .xlsm, .xls, .ods), told by its content.
    columns : sequence of str or None
        Names of the columns of a sheet without headings; None if it has them.
    is_heading : callable or None
        Says whether values are headings that the caller knows: it chooses the sheet, and the
        row of headings below lines of a title. None takes the only sheet with values.

    Returns
    -------
    Sheet
        Every value as text: dates as ISO, whole numbers without a point; one that lost its
        end to the spreadsheet as it shows it, such as 1E+12. Lines are rows of the sheet;
        hidden rows are among them.

    Raises
    ------
    InputError
        If it is damaged, unsafe, protected by a password, too large, no workbook, or if no
        sheet, or more than one, can be the table.
    """
    filled, n_errors = _filled(path)
    name = _chosen(path, filled, None if columns is not None else is_heading)
    sheet = _as_sheet(path, name, filled[name], columns, is_heading, is_only=len(filled) == 1)
    if not n_errors:
        return sheet
    words = f"{n_errors:,} cells of the workbook hold an error such as #REF!; read as empty"
    return replace(sheet, warnings=(*sheet.warnings, words))


def _filled(path: Path) -> tuple[dict[str, list[list[Any]]], int]:
    """Return the rows of every sheet that has any, and how many cells hold an error."""
    data = unpack(path)
    n_errors = 0
    if not data.startswith(_OLD):
        n_errors = _refuse_unsafe(path)
    elif _ENCRYPTED in data:
        _refuse_password(path)
    filled: dict[str, list[list[Any]]] = {}
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        for meta in book.sheets_metadata:
            if meta.typ == SheetTypeEnum.WorkSheet:
                cells = _cells(path, meta.name, book.get_sheet_by_name(meta.name))
                if cells:
                    filled[meta.name] = cells
    except PasswordError:
        _refuse_password(path)
    except CalamineError:
        msg = f"{path}: the workbook is damaged, or a password protects it. {_SAVE_AGAIN}"
        raise InputError(msg) from None
    except BaseException as error:
        if type(error).__name__ != _PANIC:
            raise
        _refuse_damaged(path, "its parts contradict each other")
    return filled, n_errors


def _refuse_damaged(path: Path, why: str) -> NoReturn:
    msg = f"{path}: the workbook is damaged ({why}). {_SAVE_AGAIN}"
    raise InputError(msg) from None


def _refuse_password(path: Path) -> NoReturn:
    msg = f"{path}: the workbook is protected by a password; save it without one, or as CSV."
    raise InputError(msg)


def _refuse_unsafe(path: Path) -> int:
    """
    Refuse a packed workbook before it is unpacked for good: bombs, and sheets too wide.

    Returns
    -------
    int
        Cells that hold an error, which its reader gives as empty.
    """
    n_errors = 0
    with Archive(path) as archive:
        names = archive.names
        if not set(_BOOKS) & set(names):
            found = next((_OTHERS[name] for name in names if name in _OTHERS), "no workbook")
            msg = f"{path}: expected a table, found {found}. {_SAVE_AGAIN}"
            raise InputError(msg)
        archive.admit(names)
        left = MAX_BYTES
        for name in names:
            if name == "content.xml" or _SHEET.fullmatch(name):
                xml = archive.read(name)
                left -= len(xml)
                if left < 0:
                    msg = f"{path}: the workbook unpacks to more than {MAX_BYTES // 2**20} MiB."
                    raise InputError(f"{msg} {_SAVE_AGAIN}")
                _refuse_wide(path, xml)
                n_errors += len(_ERROR.findall(xml))
                if not _WHOLE.search(xml[-_TAIL:]):
                    _refuse_damaged(path, f"{name} is cut short")
    return n_errors


def _refuse_wide(path: Path, xml: bytes) -> None:
    """Refuse a sheet that spans too much: the reader gives room to every cell it spans."""
    at = set(_CELL.findall(xml))
    widest = max((_column(letters) for letters in {letters for letters, _ in at}), default=0)
    # Digits without end are a row far beyond all; Python would not even read them.
    last = max((int(number[:_ROW_DIGITS]) for _, number in at if number), default=0)
    if widest > MOST_COLUMNS or widest * last > MOST_CELLS or _REPEATED.search(xml):
        msg = (
            f"{path}: a sheet spans {widest:,} columns and {last:,} rows, or repeats a value over "
            f"thousands of cells; delete what is not the table, or save the table as CSV (UTF-8)."
        )
        raise InputError(msg)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters[:_COLUMN_LETTERS].upper():
        number = number * 26 + letter - ord("A") + 1
    return number


def _cells(path: Path, name: str, sheet: CalamineSheet) -> list[list[Any]]:
    """Return the rows of a sheet from its first row and column on; none if it is empty."""
    if sheet.end is None:
        return []
    height, width = sheet.end[0] + 1, sheet.end[1] + 1
    if width > MOST_COLUMNS or height * width > MOST_CELLS:
        msg = f"{path}: the sheet {name!r} spans {width:,} columns and {height:,} rows. "
        raise InputError(msg + _SAVE_AGAIN)
    return sheet.to_python(skip_empty_area=False)


def _chosen(path: Path, filled: dict[str, list[list[Any]]], is_heading: Heading | None) -> str:
    """Return the sheet that is the table; refuse to guess among several."""
    if not filled:
        msg = f"{path}: the workbook is empty; supply it again."
        raise InputError(msg)
    fitting = list(filled)
    if is_heading is not None:
        fitting = [name for name, rows in filled.items() if _has_heading(rows, is_heading)]
        with_rows = [name for name in fitting if len(filled[name]) > 1]
        fitting = with_rows or fitting
    if len(fitting) == 1:
        return fitting[0]
    if not fitting and len(filled) == 1:
        return next(iter(filled))
    shown = ", ".join(map(repr, fitting or filled))
    what = "more than one sheet can be the table" if fitting else "no sheet has known headings"
    msg = f"{path}: {what} ({shown}); keep the one that counts, or save it as CSV (UTF-8)."
    raise InputError(msg)


def _has_heading(rows: list[list[Any]], is_heading: Heading) -> bool:
    texts = [[_text(value) for value in row] for row in rows[:_HEADING_ROWS]]
    return any(any(row) for row in texts) and is_heading(texts[heading_at(texts, is_heading)])


def _as_sheet(
    path: Path,
    name: str,
    rows: list[list[Any]],
    columns: Sequence[str] | None,
    is_heading: Heading | None,
    *,
    is_only: bool,
) -> Sheet:
    texts = [[_text(value) for value in row] for row in rows]
    start, headings, skipped = 0, list(columns or ()), 0
    if columns is None:
        at = heading_at(texts[:_HEADING_ROWS], is_heading)
        if not any(value.strip() for value in texts[at]):
            msg = (
                f"{path}: the first {_HEADING_ROWS} rows of the sheet {name!r} hold no text; put "
                "the headings there."
            )
            raise InputError(msg)
        start = at + 1
        headings = [" ".join(value.split()) for value in texts[at]]
        skipped = sum(map(any, texts[:at]))
    if len(texts) == start:
        msg = f"{path}: found no rows under the heading of the sheet {name!r}; supply it again."
        raise InputError(msg)
    table = pd.DataFrame(texts[start:], dtype="str")
    table.index = pd.RangeIndex(start + 1, start + 1 + len(table), name="line")
    if columns is None:
        used = [bool(heading) or bool(table[place].ne("").any()) for place, heading in
                enumerate(headings) if place in table.columns]  # fmt: skip
        places = [place for place, is_used in enumerate(used) if is_used]
        table, headings = table[places], [headings[place] for place in places]
    elif table.shape[1] != len(headings):
        msg = (
            f"{path}: the settings name {len(headings)} columns, but the sheet {name!r} has "
            f"{table.shape[1]}; correct `columns` in the settings."
        )
        raise InputError(msg)
    table.columns = pd.RangeIndex(table.shape[1])
    blank = frozenset(table.index[(table == "").all(axis=1)].tolist())
    none = pd.DataFrame({"n": [], "text": [], "line": []}).astype({"text": "str", "line": "int64"})
    repairs = (f"{skipped:,} rows above the headings were left out",) if skipped else ()
    return sheet_of(
        path,
        Grid(headings, table, none, blank),
        parted=lambda _: (),
        is_heading=None if columns is not None else is_heading,
        has_heading=columns is None,
        repairs=repairs,
        warnings=() if is_only else (f"read from the sheet {name!r}; the others were left alone",),
    )


def _text(value: Any) -> str:  # noqa: ANN401 - a cell holds anything
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, (int, float)):
        return _number(value)
    if isinstance(value, dt.datetime):
        return str(value.date() if value.time() == dt.time() else value)
    return str(value)


def _number(value: float) -> str:
    """Write a number as it was typed, but as a spreadsheet shows it where it lost its end."""
    if value != value or value in (float("inf"), float("-inf")) or int(value) != value:  # noqa: PLR0124
        return repr(value)
    whole = int(value)
    if abs(whole) >= _SAFE_WHOLE:
        return f"{whole:.14E}"
    if abs(whole) >= _LONG_WHOLE and (few := _FEW_FIGURES.fullmatch(str(whole))):
        return f"{whole:.{len(few[1].rstrip('0')) - 1}E}"
    return str(whole)
