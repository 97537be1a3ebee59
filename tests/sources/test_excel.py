from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import xlsxwriter

from hotspots.errors import InputError
from hotspots.sources import excel
from hotspots.sources.pairs import is_heading

HEAD = ["id", "Easting", "Northing"]


def book(path: Path, **sheets: Sequence[Sequence[object]]) -> Path:
    with xlsxwriter.Workbook(path) as made:
        day = made.add_format({"num_format": "dd/mm/yyyy"})
        for name, rows in sheets.items():
            sheet = made.add_worksheet(name)
            for r, cells in enumerate(rows):
                for c, cell in enumerate(cells):
                    if isinstance(cell, dt.date):
                        sheet.write_datetime(r, c, cell, day)
                    elif cell is not None:
                        sheet.write(r, c, cell)
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lights.xlsx"


def test_every_value_is_the_text_that_stood_there(path: Path) -> None:
    cells = [
        "007", 12.0, 351_234.56, True, dt.date(2020, 1, 2), dt.datetime(2020, 1, 2, 3, 4),  # noqa: DTZ001
        123_456_789_012.0, 1e12, 12_345_678_901_234_567_890.0, " x ",
    ]  # fmt: skip
    book(path, A=[[f"c{i}" for i in range(len(cells))], cells])
    sheet = excel.read(path)
    assert sheet.table.iloc[0].tolist() == [
        "007", "12", "351234.56", "TRUE", "2020-01-02", "2020-01-02 03:04:00",
        "123456789012", "1E+12", "1.23456789012346E+19", "x",
    ]  # fmt: skip


def test_lines_are_rows_of_the_sheet_and_empty_ones_are_none(path: Path) -> None:
    book(path, A=[["Lights of the county"], [], HEAD, [1, 2, 3], [], [4, 5, 6]])
    sheet = excel.read(path, is_heading=is_heading)
    assert list(sheet.table.columns) == HEAD
    assert (sheet.line.tolist(), sheet.rows_in) == ([4, 6], 2)
    assert sheet.repairs == ("1 rows above the headings were left out",)
    assert sheet.warnings == ()


def test_columns_without_heading_and_value_are_left_out(path: Path) -> None:
    book(path, A=[["id", None, None, "x"], [1, None, 5, 2]])
    assert list(excel.read(path).table.columns) == ["id", "column 2", "x"]


def test_the_sheet_with_known_headings_is_taken_and_the_others_are_told(path: Path) -> None:
    book(path, Notes=[["Made", 2024], ["by", "us"]], Data=[HEAD, [1, 2, 3]], Empty=[])
    sheet = excel.read(path, is_heading=is_heading)
    assert sheet.table.to_numpy().tolist() == [["1", "2", "3"]]
    assert "'Data'" in sheet.warnings[0]


@pytest.mark.parametrize(
    ("sheets", "words"),
    [
        ({"A": [HEAD, [1, 2, 3]], "B": [HEAD, [1, 2, 3]]}, "more than one sheet .*'A', 'B'"),
        ({"A": [["a"], ["b"]], "B": [["c"], ["d"]]}, r"no sheet has known headings \('A', 'B'\)"),
        ({"A": [], "B": []}, "the workbook is empty"),
        ({"A": [HEAD]}, "found no rows under the heading"),
        ({"A": [HEAD, [None] * 700 + [1]]}, "spans 701 columns"),
    ],
)
def test_it_never_guesses_at_a_sheet(
    path: Path, sheets: dict[str, list[list[object]]], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        excel.read(book(path, **sheets), is_heading=is_heading)


def test_a_sheet_without_headings_takes_those_of_the_settings(path: Path) -> None:
    book(path, A=[["Swan", 1, 2], ["Ram", 3, 4]])
    sheet = excel.read(path, columns=["name", "x", "y"])
    assert sheet.table["name"].tolist() == ["Swan", "Ram"]
    assert sheet.line.tolist() == [1, 2]
    assert sheet.repairs == ()
    with pytest.raises(InputError, match="the settings name 2 columns, but the sheet 'A' has 3"):
        excel.read(path, columns=["name", "x"])


def test_what_is_no_workbook_is_told_by_its_content(tmp_path: Path) -> None:
    text = tmp_path / "lights.xlsx"
    text.write_text("id,x,y\n")
    assert not excel.is_workbook(text)
    letter = tmp_path / "letter.csv"
    with zipfile.ZipFile(letter, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    assert excel.is_workbook(letter)
    with pytest.raises(InputError, match="found a Word document"):
        excel.read(letter)
    plain = tmp_path / "plain.zip"
    with zipfile.ZipFile(plain, "w") as archive:
        archive.writestr("lights.csv", "id,x,y\n")
    assert not excel.is_workbook(plain)


@pytest.mark.parametrize(
    ("tail", "words"),
    [
        (bytes(600), "the workbook is damaged"),
        ("EncryptedPackage".encode("utf-16-le"), "protected by a password"),
    ],
)
def test_old_workbooks_that_cannot_be_opened(path: Path, tail: bytes, words: str) -> None:
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + tail)
    assert excel.is_workbook(path)
    with pytest.raises(InputError, match=words):
        excel.read(path)


def rewritten(path: Path, member: str, change: tuple[bytes, bytes]) -> None:
    """Change bytes of a member of a workbook."""
    data = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, content.replace(*change) if name == member else content)
    path.write_bytes(data.getvalue())


def test_a_cell_far_off_is_refused_before_room_is_made_for_it(path: Path) -> None:
    book(path, A=[HEAD, [1, 2, 3]])
    rewritten(path, "xl/worksheets/sheet1.xml", (b'r="C2"', b'r="XFD1048576"'))
    with pytest.raises(InputError, match="spans 16,384 columns and 1,048,576 rows"):
        excel.read(path)


def test_damaged_sheets_are_refused(path: Path) -> None:
    book(path, A=[HEAD, [1, 2, 3]])
    rewritten(path, "xl/worksheets/sheet1.xml", (b"<v>2", b"<v>2<"))
    with pytest.raises(InputError, match="damaged"):
        excel.read(path)
    book(path, A=[HEAD, [1, 2, 3]])
    rewritten(path, "xl/worksheets/sheet1.xml", (b"</worksheet>", b""))
    with pytest.raises(InputError, match=r"sheet1\.xml is cut short"):
        excel.read(path)
    book(path, A=[HEAD, [1, 2, 3]])
    path.write_bytes(path.read_bytes()[:-99])
    with pytest.raises(InputError, match="damaged"):
        excel.read(path)


def test_a_value_repeated_over_thousands_of_cells_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "lights.ods"
    cell = '<table:table-cell table:number-columns-repeated="16000" office:value="1"/>'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", f"<table:table-row>{cell}</table:table-row>")
    with pytest.raises(InputError, match="repeats a value over thousands of cells"):
        excel.read(path)


def test_cells_with_an_error_are_told_for_they_come_as_empty(path: Path) -> None:
    with xlsxwriter.Workbook(path) as made:
        sheet = made.add_worksheet("A")
        sheet.write_row(0, 0, HEAD)
        sheet.write_row(1, 0, [1, 2])
        sheet.write_formula(1, 2, "=1/0", None, "#DIV/0!")
    found = excel.read(path)
    assert found.table.iloc[0].tolist() == ["1", "2", ""]
    assert found.warnings == ("1 cells of the workbook hold an error such as #REF!; read as empty",)


@pytest.mark.parametrize(("n_columns", "is_read"), [(500, True), (501, False)])
def test_a_sheet_may_have_five_hundred_columns(
    path: Path, n_columns: int, *, is_read: bool
) -> None:
    book(path, A=[[f"c{n}" for n in range(n_columns)], [1] * n_columns])
    if is_read:
        assert excel.read(path).table.shape == (1, 500)
    else:
        with pytest.raises(InputError, match="spans 501 columns and 2 rows"):
            excel.read(path)


def test_a_workbook_that_unpacks_to_too_much_is_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book(path, A=[HEAD, [1, 2, 3]])
    with zipfile.ZipFile(path) as opened:
        size = opened.getinfo("xl/worksheets/sheet1.xml").file_size
    monkeypatch.setattr(excel, "MAX_BYTES", size)
    assert excel.read(path).rows_in == 1
    monkeypatch.setattr(excel, "MAX_BYTES", size - 1)
    with pytest.raises(InputError, match="the workbook unpacks to more than"):
        excel.read(path)


def test_the_only_sheet_is_taken_whatever_its_headings(path: Path) -> None:
    book(path, A=[["a", "b"], [1, 2]], Empty=[])
    assert excel.read(path, is_heading=is_heading).table.to_numpy().tolist() == [["1", "2"]]


@pytest.mark.parametrize(
    ("letters", "number"), [(b"A", 1), (b"Z", 26), (b"AA", 27), (b"AZ", 52), (b"XFD", 16_384)]
)
def test_letters_number_the_columns(letters: bytes, number: int) -> None:
    assert excel._column(letters) == number


def test_a_short_sheet_is_looked_at_whole(path: Path) -> None:
    for xml, is_whole in ((b"<worksheet></worksheet>", True), (b"<worksheet>", False)):
        with zipfile.ZipFile(path, "w") as made:
            made.writestr("xl/workbook.xml", b"<workbook/>")
            made.writestr("xl/worksheets/sheet1.xml", xml)
        if is_whole:
            assert excel._refuse_unsafe(path) == 0
        else:
            with pytest.raises(InputError, match="is cut short"):
                excel._refuse_unsafe(path)


def test_a_sheet_without_text_in_its_first_rows_is_refused(path: Path) -> None:
    book(path, A=[*[[" ", " "]] * 80, HEAD, [1, 2, 3]])
    with pytest.raises(InputError, match=r"rows of the sheet 'A' hold no text"):
        excel.read(path)
    with pytest.raises(InputError, match=r"hold no text|no sheet"):
        excel.read(path, is_heading=is_heading)


@pytest.mark.parametrize("far", ["A" + "9" * 5_000, "A9999999999", "a4000000000", "ABCDEFGH1"])
def test_a_cell_beyond_all_measure_is_refused_before_room_is_made_for_it(
    path: Path, far: str
) -> None:
    book(path, A=[HEAD, [1, 2, 3]])
    with zipfile.ZipFile(path) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    name = "xl/worksheets/sheet1.xml"
    assert b'r="A2"' in held[name]
    held[name] = held[name].replace(b'r="A2"', f'r="{far}"'.encode())
    with zipfile.ZipFile(path, "w") as archive:
        for each, data in held.items():
            archive.writestr(each, data)
    with pytest.raises(InputError, match="a sheet spans"):
        excel.read(path)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (99_999_999_999.0, "99999999999"),
        (1e10, "10000000000"),
        (1e11, "1E+11"),
        (-2e11, "-200000000000"),
        (1.2e12, "1.2E+12"),
        (1.23e12, "1.23E+12"),
        (1.234e12, "1234000000000"),
        (999_999_999_999_999, "999999999999999"),
        (1_000_000_000_000_001, "1.00000000000000E+15"),
        (-(10**15), "-1.00000000000000E+15"),
        (0.5, "0.5"),
        (-3.0, "-3"),
        (float("inf"), "inf"),
        (float("-inf"), "-inf"),
        (float("nan"), "nan"),
    ],
)
def test_numbers_are_written_as_they_were_typed(value: float, text: str) -> None:
    assert excel._text(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (False, "FALSE"),
        (dt.date(2020, 1, 2), "2020-01-02"),
        (dt.datetime(2020, 1, 2, 0, 0, 1), "2020-01-02 00:00:01"),  # noqa: DTZ001
        (dt.time(3, 4), "03:04:00"),
    ],
)
def test_other_values_are_written_out(value: object, text: str) -> None:
    assert excel._text(value) == text


@pytest.mark.parametrize(
    ("xml", "is_read"),
    [
        (b'<c r="SF40000"/>', True),
        (b'<c r="SF40001"/>', False),
        (b'<c r="SG1"/>', False),
        (b'<c r="A20000000"/>', True),
        (b'<c r="A20000001"/>', False),
        (b'<c r="A40001"/><c r="SF1"/>', False),
        (b'<table:table-cell -repeated="999" office:value="1"/>', True),
        (b'<table:table-cell x-repeated="1000" office:value="1"/>', False),
    ],
)
def test_a_sheet_may_span_so_many_cells(path: Path, xml: bytes, *, is_read: bool) -> None:
    if is_read:
        excel._refuse_wide(path, xml)
    else:
        with pytest.raises(InputError, match="a sheet spans"):
            excel._refuse_wide(path, xml)


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("A" + "9" * 20, "spans 1 columns and 999,999,999,999 rows"),
        ("AAAAAAA1", "spans 12,356,631 columns and 1 rows"),
    ],
)
def test_the_name_of_a_cell_is_read_so_far(path: Path, cell: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        excel._refuse_wide(path, f'<c r="{cell}"/>'.encode())


@pytest.mark.parametrize(("n_above", "is_found"), [(39, True), (40, False)])
def test_headings_stand_in_the_first_forty_rows(
    path: Path, n_above: int, *, is_found: bool
) -> None:
    book(path, A=[*[["Lights"]] * n_above, HEAD, [1, 2, 3]])
    if is_found:
        sheet = excel.read(path, is_heading=is_heading)
        assert list(sheet.table.columns) == HEAD
        assert sheet.repairs == ("39 rows above the headings were left out",)
    else:
        with pytest.raises(InputError, match="line 41: other headings start here"):
            excel.read(path, is_heading=is_heading)


@pytest.mark.parametrize(("n_blank", "is_found"), [(39, True), (40, False)])
def test_rows_of_blanks_above_the_headings_are_no_text(
    path: Path, n_blank: int, *, is_found: bool
) -> None:
    book(path, A=[*[[" ", " "]] * n_blank, HEAD, [1, 2, 3]])
    if is_found:
        assert excel.read(path).line.tolist() == [41]
    else:
        with pytest.raises(InputError, match="the first 40 rows of the sheet 'A' hold no text"):
            excel.read(path)


def test_of_two_sheets_with_known_headings_the_one_with_rows_is_taken(path: Path) -> None:
    book(path, A=[HEAD], B=[HEAD, [1, 2, 3]])
    sheet = excel.read(path, is_heading=is_heading)
    assert sheet.table.to_numpy().tolist() == [["1", "2", "3"]]
    assert sheet.warnings == ("read from the sheet 'B'; the others were left alone",)
    with pytest.raises(InputError, match="more than one sheet can be the table"):
        excel.read(book(path, A=[HEAD], B=[HEAD]), is_heading=is_heading)


@pytest.mark.parametrize(("n_blanks", "is_whole"), [(188, True), (189, False)])
def test_the_end_of_a_sheet_is_looked_for_near_its_end(
    path: Path, n_blanks: int, *, is_whole: bool
) -> None:
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("xl/workbook.xml", b"<workbook/>")
        made.writestr("xl/worksheets/sheet1.xml", b"</worksheet>" + b" " * n_blanks)
    if is_whole:
        assert excel._refuse_unsafe(path) == 0
    else:
        with pytest.raises(InputError, match="cut short"):
            excel._refuse_unsafe(path)


def test_errors_of_all_sheets_are_counted(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("xl/workbook.xml", b"<workbook/>")
        for n in (1, 2):
            cells = b'<c r="A1" t="e"/>' * n
            made.writestr(f"xl/worksheets/sheet{n}.xml", cells + b"</worksheet>")
    assert excel._refuse_unsafe(path) == 3


@pytest.mark.parametrize(
    ("last_row", "last_column", "is_read"),
    [(0, 499, True), (0, 500, False), (39_999, 499, True), (40_000, 499, False)],
)
def test_a_sheet_of_any_kind_may_span_so_many_cells(
    path: Path, last_row: int, last_column: int, *, is_read: bool
) -> None:
    sheet: Any = SimpleNamespace(end=(last_row, last_column), to_python=lambda **_: [["1"]])
    if is_read:
        assert excel._cells(path, "A", sheet) == [["1"]]
    else:
        words = f"the sheet 'A' spans {last_column + 1:,} columns and {last_row + 1:,} rows"
        with pytest.raises(InputError, match=words):
            excel._cells(path, "A", sheet)
    assert excel._cells(path, "A", SimpleNamespace(end=None)) == []  # type: ignore[arg-type]
