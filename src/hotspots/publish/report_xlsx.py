"""The tables of a report as a workbook in the layout of the Government Analysis Function."""

from __future__ import annotations

import datetime as dt
import io
import math
from typing import TYPE_CHECKING, Any

import pandas as pd
import xlsxwriter

from hotspots.publish import report_cells, words
from hotspots.publish.report import HIDDEN, PROPERTY_MOST, SHORTHAND
from hotspots.publish.report_html import heading
from hotspots.publish.texts import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from xlsxwriter.worksheet import Worksheet

    from hotspots.publish.report import Quarterly, Report, Table

_HEAD_ROW = 3
"""Row of the headings, from 0: title, what the sheet holds and the way back stand above it."""

_WIDEST = 60
_COVER_WIDTH, _TERM_WIDTH, _MEANING_WIDTH = 90, 30, 100
_LINE_HEIGHT = 15.5
_A4 = 9
_CODES = {"area_code": "Area code", "area_name": "Area"}


def report_xlsx(quarterly: Quarterly, report: Report) -> bytes:
    """
    Write the workbook of one report: the same bytes for the same report.

    Cover, contents, notes, then one table a sheet. Numbers are numbers; a text is never taken for
    a formula; what is missing is its shorthand, and no cell of a table is empty.
    """
    made = io.BytesIO()
    book = xlsxwriter.Workbook(
        made,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "nan_inf_to_errors": False,
        },
    )
    book.set_properties(
        {
            "title": heading(quarterly, report)[:PROPERTY_MOST],
            "author": "hotspots",
            "created": dt.datetime.combine(quarterly.made_on, dt.time()),
            "comments": "",
        }
    )
    _Book(book, quarterly, report).write()
    book.close()
    return made.getvalue()


class _Book:
    """A workbook while it is written."""

    def __init__(self, book: xlsxwriter.Workbook, quarterly: Quarterly, report: Report) -> None:
        self.book = book
        self.quarterly = quarterly
        self.report = report
        self.title = book.add_format({"bold": True, "font_size": 16})
        self.bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        self.head = book.add_format(
            {"bold": True, "text_wrap": True, "valign": "bottom", "bottom": 1}
        )
        self.right = book.add_format({"align": "right"})
        self.link = book.add_format({"font_color": "#12436D", "underline": 1})
        self.formats = {
            "whole": book.add_format({"num_format": "#,##0"}),
            "one": book.add_format({"num_format": "#,##0.0"}),
            "percent": book.add_format({"num_format": "0.0%"}),
            "month": book.add_format({"num_format": "mmmm yyyy", "align": "left"}),
        }
        self.tables = [each for each in report.tables.values() if len(each.data)]

    def write(self) -> None:
        """Write every sheet."""
        self.cover()
        self.contents()
        self.notes()
        for table in self.tables:
            self.table(table)

    def sheet(self, name: str, title: str) -> Worksheet:
        """Begin a sheet with its title."""
        sheet = self.book.add_worksheet(name)
        sheet.hide_gridlines(2)
        sheet.set_paper(_A4)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.write_string(0, 0, title, self.title)
        return sheet

    def cover(self) -> None:
        """Say what the workbook is, and what to know first."""
        quarterly = self.quarterly
        sheet = self.sheet("Cover", heading(quarterly, self.report))
        sheet.set_column(0, 0, _COVER_WIDTH)
        lines = [
            (
                f"Quarter {quarterly.quarter}, {quarterly.title}. Made from the records "
                f"published up to the refresh of {words.day(quarterly.made_on)}."
            ),
            *quarterly.cautions,
            *(sentence.text for sentence in self.report.headlines),
            *quarterly.notices,
        ]
        for row, text in enumerate(lines, start=1):
            sheet.set_row(row, _height(text, _COVER_WIDTH))
            sheet.write_string(row, 0, text, self.wrapped)

    def contents(self) -> None:
        """List the sheets."""
        sheet = self.sheet("Contents", "Contents")
        sheet.set_column(0, 0, 22)
        sheet.set_column(1, 1, 80)
        sheet.write_string(1, 0, "This worksheet lists the worksheets of this workbook.")
        rows = [("Notes", "Shorthand and definitions")]
        rows += [(table.name, self.name_of(table)) for table in self.tables]
        heads = ("Worksheet", "Title")
        for column, text in enumerate(heads):
            sheet.write_string(_HEAD_ROW, column, text, self.head)
        for row, (name, title) in enumerate(rows, start=_HEAD_ROW + 1):
            sheet.write_url(row, 0, f"internal:'{name}'!A1", self.link, name)
            sheet.write_string(row, 1, title)
        self.marked(sheet, "contents", heads, len(rows))

    def notes(self) -> None:
        """Write the shorthand, the definitions and the method."""
        sheet = self.sheet("Notes", "Notes")
        sheet.set_column(0, 0, _TERM_WIDTH)
        sheet.set_column(1, 1, _MEANING_WIDTH)
        sheet.write_string(1, 0, "This worksheet contains one table: shorthand, terms and method.")
        rows = [
            (f"[{key}]", f"{meaning[:1].upper()}{meaning[1:]}.")
            for key, meaning in SHORTHAND.items()
        ]
        rows += [row for row in self.quarterly.definitions if not row[0].startswith("[")]
        rows += list(self.quarterly.method)
        heads = ("Term", "Meaning")
        for column, text in enumerate(heads):
            sheet.write_string(_HEAD_ROW, column, text, self.head)
        for row, (term, meaning) in enumerate(rows, start=_HEAD_ROW + 1):
            sheet.set_row(row, max(_height(term, _TERM_WIDTH), _height(meaning, _MEANING_WIDTH)))
            sheet.write_string(row, 0, term, self.bold)
            sheet.write_string(row, 1, meaning, self.wrapped)
        self.marked(sheet, "notes", heads, len(rows))

    def name_of(self, table: Table) -> str:
        """Return the title of a table with its place and quarter."""
        return f"{table.title}: {self.report.name}, {self.quarterly.title}"

    def table(self, table: Table) -> None:
        """Write one table on a sheet of its own."""
        sheet = self.sheet(table.name, self.name_of(table))
        columns = {name: told for name, told in _CODES.items() if name in table.data} | dict(
            table.words
        )
        states = {name: report_cells.state(table.data, name) for name in columns}
        used = sorted({why for column in states.values() for why in column if why})
        said = "This worksheet contains one table."
        if used:
            said += " " + " ".join(f"[{each}] {SHORTHAND[each]}." for each in used)
        sheet.write_string(1, 0, said)
        sheet.write_url(2, 0, "internal:'Contents'!A1", self.link, "Back to contents")
        for column, (name, told) in enumerate(columns.items()):
            sheet.write_string(_HEAD_ROW, column, told, self.head)
            width = self.column(sheet, column, table.data[name], states[name], name)
            sheet.set_column(column, column, min(max(width, len(told) // 2, 9) + 2, _WIDEST))
        sheet.freeze_panes(_HEAD_ROW + 1, 0)
        self.marked(sheet, table.name, list(columns.values()), len(table.data))

    def marked(self, sheet: Worksheet, name: str, heads: Iterable[str], n_rows: int) -> None:
        """Mark the rows as one table with a header row, for those who listen to it."""
        names = list(heads)
        sheet.add_table(
            _HEAD_ROW, 0, _HEAD_ROW + n_rows, len(names) - 1,
            {
                "name": f"table_{name}",
                "autofilter": False,
                "style": None,
                "columns": [{"header": each, "header_format": self.head} for each in names],
            },
        )  # fmt: skip

    def column(
        self, sheet: Worksheet, column: int, values: pd.Series, states: list[str], name: str
    ) -> int:
        """Write the cells of a column; give its width in letters."""
        width = 0
        for row, (value, why) in enumerate(
            zip(values.tolist(), states, strict=True), start=_HEAD_ROW + 1
        ):
            width = max(width, self.cell(sheet, (row, column), value, why, name))
        return width

    def cell(self, sheet: Worksheet, at: tuple[int, int], value: Any, why: str, name: str) -> int:  # noqa: ANN401 - a cell of a table
        """Write one cell."""
        if why:
            sheet.write_string(*at, f"[{why}]", self.right)
            return len(HIDDEN) + 2
        if isinstance(value, pd.Timestamp):
            sheet.write_datetime(*at, value.to_pydatetime(), self.formats["month"])
            return 14
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            kind = "percent" if name in report_cells.PERCENT else (
                "one" if isinstance(value, float) else "whole"
            )  # fmt: skip
            sheet.write_number(*at, value, self.formats[kind])
            return len(f"{value:,.0f}") + 2
        text = words.sentence(str(value)) if name == "crime_group" else clean(str(value))
        sheet.write_string(*at, text)
        return len(text)


def _height(text: str, width: int) -> float:
    """Say how high a row must be for a wrapped text; not every program works it out."""
    return _LINE_HEIGHT * max(1, math.ceil(0.9 * len(text) / width))
