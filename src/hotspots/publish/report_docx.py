"""A quarterly report as a Word document: headings, marked header rows, pictures with words."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from typing import TYPE_CHECKING, Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from hotspots.publish import pictures, report_cells, words
from hotspots.publish.report import PROPERTY_MOST, SHORTHAND
from hotspots.publish.report_html import crime_rows, heading, sources
from hotspots.publish.texts import readable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hotspots.publish.charts import Chart, PlaceMap
    from hotspots.publish.report import Place, Quarterly, Report, Sentence

_ZIP_DAY = (1980, 1, 1, 0, 0, 0)
"""The earliest a zip can say: a document is the same however late it is made."""

_BLUE = RGBColor(0x12, 0x43, 0x6D)
_WIDTH_MM = 165
_PLACE_MM = 100
_COMPARISON_MM = 135
_LETTER_MM = 1.75
"""A letter of a table, about."""

_MOST_LETTERS = 30
_MOST_ROWS = 40


def report_docx(quarterly: Quarterly, report: Report) -> bytes:
    """Write the document of one report: the same bytes for the same report."""
    page = _Page(quarterly, report)
    page.opening()
    page.crime()
    page.hotspots()
    for each in report.places:
        page.place(each)
    page.rest()
    return page.bytes()


class _Page:
    """A document while it is written."""

    def __init__(self, quarterly: Quarterly, report: Report) -> None:
        self.quarterly = quarterly
        self.report = report
        self.document = Document()
        section = self.document.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.left_margin = section.right_margin = Mm(20)
        section.top_margin = section.bottom_margin = Mm(18)
        styles: Any = self.document.styles
        styles["Normal"].font.name = "Arial"
        styles["Normal"].font.size = Pt(10.5)
        for name, size in (("Title", 20), ("Heading 1", 15), ("Heading 2", 12)):
            styles[name].font.name = "Arial"
            styles[name].font.size = Pt(size)
            styles[name].font.color.rgb = _BLUE
            fonts = styles[name].element.get_or_add_rPr().get_or_add_rFonts()
            for key in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
                fonts.attrib.pop(qn(f"w:{key}"), None)
        language = OxmlElement("w:lang")
        language.set(qn("w:val"), "en-GB")
        styles["Normal"].element.get_or_add_rPr().append(language)
        self._properties()

    def _properties(self) -> None:
        made = dt.datetime.combine(self.quarterly.made_on, dt.time())
        told = self.document.core_properties
        told.title = heading(self.quarterly, self.report)[:PROPERTY_MOST]
        told.author = told.last_modified_by = "hotspots"
        told.subject = self.quarterly.title
        told.comments = ""
        told.language = "en-GB"
        told.created = told.modified = made
        told.revision = 1

    def opening(self) -> None:
        """Write the title, what to know first, and the headlines."""
        quarterly, report = self.quarterly, self.report
        self.document.add_heading(heading(quarterly, report), level=0)
        self.say(
            f"Quarter {quarterly.quarter}. Made from the records published up to the refresh of "
            f"{words.day(quarterly.made_on)}."
        )
        for each in quarterly.cautions:
            self.document.add_paragraph().add_run(_plain(each)).bold = True
        self.document.add_heading("In short", level=1)
        for sentence in report.headlines:
            self.document.add_paragraph(_plain(sentence.text), style="List Bullet")
        self.picture(report.charts["control"], _WIDTH_MM)

    def crime(self) -> None:
        """Write the table of crime and the comparison."""
        report = self.report
        self.new_page()
        self.document.add_heading("Kinds of crime", level=1)
        self.say(
            "Counts are incidents recorded by the police that could be put on a map. “Usually” is "
            "a range that a quarter like the earlier ones keeps to 19 times in 20."
        )
        columns = {
            "crime_group": "Kind of crime", "count": "This quarter",
            "rate_per_1000": "Per 1,000 residents", "last_year": "Same quarter last year",
            "before": "Quarter before", "year_to_date": "Year to date", "usual": "Usually",
            "verdict": "Against what is usual", "rank": "Rank of districts",
        }  # fmt: skip
        if report.is_force:
            del columns["rank"]
        if not report.tables["crime"].data["rate_per_1000"].notna().any():
            del columns["rate_per_1000"]
        rows = [[str(row[name]) for name in columns] for row in crime_rows(report)]
        numbers = [name not in {"crime_group", "verdict"} for name in columns]
        self.grid(list(columns.values()), rows, numbers)
        self.say(" ".join(f"[{key}] {meaning}." for key, meaning in SHORTHAND.items()))
        self.picture(report.charts["comparison"], _COMPARISON_MM)

    def hotspots(self) -> None:
        """Write what became of hotspots, and their list."""
        report = self.report
        self.new_page()
        self.document.add_heading("Hotspots", level=1)
        self.sentences(report.sections["hotspots"])
        if "concentration" in report.charts:
            self.picture(report.charts["concentration"], _WIDTH_MM)
        self.table("hotspot_changes")
        self.table("hotspots")
        self.table("gone")

    def place(self, place: Place) -> None:
        """Write the page of one hotspot."""
        self.new_page()
        self.document.add_heading(_plain(f"{place.rank}. {place.name}"), level=1)
        self.say(" ".join(each.text for each in place.sentences))
        self.picture(place.map, _PLACE_MM)
        self.terms(place.facts)
        self.picture(place.history, _PLACE_MM)
        self.document.add_heading("What is around", level=2)
        self.terms((name, value) for name, value, _ in place.surroundings)
        if place.surroundings:
            self.say(f"From: {sources(place)}.")
        if not place.surroundings:
            self.say("Surroundings are measured for the latest map only.")
        if place.unusual:
            self.document.add_heading("Unusual here", level=2)
            self.bullets(place.unusual)
        if place.questions:
            self.document.add_heading("What to look at", level=2)
            self.bullets(
                f"{about}: {question[:1].lower()}{question[1:]}"
                for about, question in place.questions
            )

    def rest(self) -> None:
        """Write the test, the interventions, the wards, the data and the method."""
        report, quarterly = self.report, self.quarterly
        self.new_page()
        self.document.add_heading(
            "How well hotspots of the quarter before foretold this one", level=1
        )
        self.sentences(report.sections["foretold"])
        self.document.add_heading("Interventions", level=1)
        self.sentences(report.sections["actions"])
        self.table("actions")
        if not report.is_force:
            self.document.add_heading("Wards", level=1)
            self.sentences(report.sections["wards"])
            self.table("wards")
        self.document.add_heading("How good the data is", level=1)
        self.sentences(report.sections["data"])
        for name in ("quality", "unlocated", "coverage"):
            self.table(name)
        self.document.add_heading("About these figures", level=1)
        self.document.add_heading("What the words mean", level=2)
        self.terms(quarterly.definitions)
        self.document.add_heading("Method card", level=2)
        self.terms(quarterly.method)
        self.document.add_heading("Notices", level=2)
        self.bullets(quarterly.notices)

    def new_page(self) -> None:
        """Begin a page."""
        self.document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)

    def say(self, text: str) -> None:
        """Write a paragraph."""
        self.document.add_paragraph(_plain(text))

    def sentences(self, told: Iterable[Sentence]) -> None:
        """Write a paragraph for each sentence."""
        for each in told:
            self.say(each.text)

    def bullets(self, told: Iterable[str]) -> None:
        """Write a list."""
        for each in told:
            self.document.add_paragraph(_plain(each), style="List Bullet")

    def terms(self, rows: Iterable[tuple[str, str]]) -> None:
        """Write labels and what they stand for."""
        for label, value in rows:
            paragraph = self.document.add_paragraph()
            paragraph.paragraph_format.space_after = Pt(2)
            paragraph.add_run(f"{_plain(label)}: ").bold = True
            paragraph.add_run(_plain(value))

    def table(self, name: str) -> None:
        """Write a table of the report, if it has rows."""
        table = self.report.tables[name]
        rows = report_cells.printed(table)
        if not rows:
            return
        wanted = report_cells.on_pages(table)
        heads = list(table.words.values())
        numbers = [report_cells.is_number(table.data, column) for column in table.words]
        self.caption(table.title)
        self.grid(
            [heads[i] for i in wanted],
            [[row[i] for i in wanted] for row in rows[:_MOST_ROWS]],
            [numbers[i] for i in wanted],
        )
        if len(rows) > _MOST_ROWS:
            self.say(f"And {len(rows) - _MOST_ROWS:,} more, in the spreadsheet.")

    def caption(self, text: str) -> None:
        """Write what a table is, kept with it."""
        paragraph = self.document.add_paragraph()
        paragraph.paragraph_format.keep_with_next = True
        paragraph.paragraph_format.space_before = Pt(8)
        paragraph.add_run(_plain(text)).bold = True

    def grid(
        self, heads: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[bool]
    ) -> None:
        """Write a table with a header row that is marked as such and repeats."""
        table = self.document.add_table(rows=0, cols=len(heads))
        table.autofit = False
        _ruled(table._tbl)  # noqa: SLF001 - python-docx has no way to colour the lines of a table
        for column, width in zip(table.columns, _widths(heads, rows), strict=True):
            column.width = Mm(width)
        for cells, is_head in [(heads, True), *((row, False) for row in rows)]:
            row = table.add_row()
            settings = row._tr.get_or_add_trPr()  # noqa: SLF001 - python-docx has no way to mark a header row
            settings.append(OxmlElement("w:cantSplit"))
            if is_head:
                settings.append(OxmlElement("w:tblHeader"))
            for cell, text, is_number in zip(row._tr.tc_lst, cells, numbers, strict=True):  # noqa: SLF001 - row.cells takes time by the square
                _fill(cell, _plain(text), is_bold=is_head, is_right=is_number)
        self.document.add_paragraph().paragraph_format.space_after = Pt(2)

    def picture(self, chart: Chart | PlaceMap, width_mm: float) -> None:
        """Put in a picture with its heading and its words."""
        self.caption(chart.title)
        self.document.add_picture(io.BytesIO(pictures.png(chart)), width=Mm(width_mm))
        drawing = self.document.inline_shapes[-1]._inline.docPr  # noqa: SLF001 - python-docx has no way to describe a picture
        drawing.set("descr", _plain(chart.words))
        drawing.set("title", _plain(chart.title))

    def bytes(self) -> bytes:
        """Return the document with its parts in one order and without the time of day."""
        made = io.BytesIO()
        self.document.save(made)
        final = io.BytesIO()
        with zipfile.ZipFile(made) as source, zipfile.ZipFile(final, "w") as target:
            for name in source.namelist():
                part = zipfile.ZipInfo(name, _ZIP_DAY)
                part.compress_type = zipfile.ZIP_DEFLATED
                target.writestr(part, source.read(name))
        return final.getvalue()


def _widths(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[float]:
    """Share the width of the page among columns: each its longest word, the rest by its letters."""
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(heads)
    pairs = list(zip(heads, columns, strict=True))
    least = [3 + max(_longest(text) for text in (head, *cells)) for head, cells in pairs]
    wanted = [
        max(low, 3 + min(max(map(len, cells), default=0), _MOST_LETTERS))
        for low, (_, cells) in zip(least, pairs, strict=True)
    ]
    more = sum(wanted) - sum(least)
    spare = max(_WIDTH_MM / _LETTER_MM - sum(least), 0.0)
    part = min(spare / more, 1.0) if more else 0.0
    letters = [low + part * (high - low) for low, high in zip(least, wanted, strict=True)]
    return [_WIDTH_MM * each / sum(letters) for each in letters]


def _longest(text: str) -> int:
    """Count the letters of the longest part that a line does not break within."""
    return max(map(len, re.split(r"[\s-]", text)))


def _ruled(table: Any) -> None:  # noqa: ANN401 - an element of lxml
    """Give a table pale lines between its rows."""
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "bottom", "insideH"):
        line = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", "8D949E")):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    table.tblPr.append(borders)


def _fill(cell: Any, text: str, *, is_bold: bool, is_right: bool) -> None:  # noqa: ANN401 - an element of lxml
    paragraph = cell.p_lst[0]
    properties = paragraph.get_or_add_pPr()
    if is_right:
        properties.jc_val = WD_ALIGN_PARAGRAPH.RIGHT
    spacing = OxmlElement("w:spacing")
    spacing.set(qn("w:after"), "0")
    properties.insert_element_before(spacing, "w:ind", "w:jc", "w:rPr")
    run = paragraph.add_r()
    settings = run.get_or_add_rPr()
    if is_bold:
        settings.append(OxmlElement("w:b"))
    size = OxmlElement("w:sz")
    size.set(qn("w:val"), "16")
    settings.append(size)
    run.add_t(text)


def _plain(text: str) -> str:
    """Leave out what XML cannot hold."""
    return "".join(letter if letter.isprintable() else " " for letter in readable(text))
