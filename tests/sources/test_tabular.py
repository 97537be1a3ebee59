from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hotspots import schema
from hotspots.errors import InputError
from hotspots.sources import tabular

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@pytest.fixture
def sheet_file(tmp_path: Path) -> Path:
    return tmp_path / "table.csv"


def test_values_are_the_text_that_stood_there_without_blanks_around_it(sheet_file: Path) -> None:
    sheet_file.write_bytes(b"id, name \n007,  High Street \n1.00E+12,NA\n")
    sheet = tabular.read(sheet_file)
    assert sheet.table.to_dict("list") == {
        "id": ["007", "1.00E+12"],
        "name": ["High Street", "NA"],
    }
    assert [str(dtype) for dtype in sheet.table.dtypes] == ["str", "str"]


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_delimiter_and_line_end_are_told_by_the_lines(
    sheet_file: Path, delimiter: str, line_end: str
) -> None:
    rows = [["a", "b, c", "d"], ["1", "x", "2"], ["3", "y", "4"]]
    quoted = [[f'"{v}"' if "," in v and delimiter != "\t" else v for v in row] for row in rows]
    text = line_end.join(delimiter.join(row) for row in quoted)
    sheet_file.write_text(text, newline="")
    assert tabular.read(sheet_file).table.to_numpy().tolist() == rows[1:]
    assert list(tabular.read(sheet_file).table.columns) == rows[0]


def test_what_was_done_to_the_text_is_told(sheet_file: Path) -> None:
    sheet_file.write_bytes(gzip.compress("name,note\nCafé,£5\n".encode("cp1252"), mtime=0))
    sheet = tabular.read(sheet_file)
    assert sheet.table.iloc[0].tolist() == ["Café", "£5"]
    assert sheet.repairs == ("1 rows are not UTF-8 and were read as Windows-1252",)


def test_repeated_and_empty_headings_are_numbered(sheet_file: Path) -> None:
    sheet_file.write_text("a,a,,a (2)\n1,2,3,4\n")
    columns = list(tabular.read(sheet_file).table.columns)
    assert columns == ["a", "a (2)", "column 3", "a (2)#2"]


def test_lines_count_blank_lines_breaks_inside_values_and_misshapen_rows(sheet_file: Path) -> None:
    sheet_file.write_text('\n\nid,"na\nme",z\n1,"x\ny",3\n\n3\n4,5,6,7\n7,"q""q",1\n,,\n9,z,2\n\n')
    sheet = tabular.read(sheet_file)
    assert list(sheet.table.columns) == ["id", "na me", "z"]
    assert sheet.table["na me"].tolist() == ["x\ny", 'q"q', "z"]
    assert sheet.line.tolist() == [5, 10, 12]
    aside = sheet.set_aside.set_index("line")
    assert aside["status"].to_dict() == {8: "quarantined", 9: "quarantined", 11: "excluded"}
    assert aside.loc[9, "reason"] == "expected 3 values, found 4"
    assert aside.loc[9, "value"] == "4,5,6,7"
    assert sheet.rows_in == 6
    schema.check(sheet.set_aside, schema.SET_ASIDE)


def test_line_numbers_hold_in_a_file_of_several_megabytes(sheet_file: Path) -> None:
    n = 60_000
    rows = [f"{i},{'x' * 40},z" for i in range(n)]
    rows[n - 2] = "one,two"
    sheet_file.write_text("a,b,c\n" + "\n".join(rows))
    sheet = tabular.read(sheet_file)
    assert sheet.set_aside["line"].tolist() == [n]
    assert sheet.line.iloc[-1] == n + 1
    assert sheet.table["a"].iloc[-1] == str(n - 1)


def test_quotation_marks_in_tabbed_text_are_harmless(sheet_file: Path) -> None:
    sheet_file.write_text('"The Swan\t1\nThe "Swan"\t2\n"The ""New"" Swan"\t3\n')
    sheet = tabular.read(sheet_file, columns=["name", "n"])
    assert sheet.table["name"].tolist() == ['"The Swan', 'The "Swan"', 'The "New" Swan']
    assert sheet.line.tolist() == [1, 2, 3]


@pytest.mark.parametrize("tail", ["", '4,"y,1\n5,z,1\n'])
def test_an_unclosed_quotation_mark_is_refused_not_silently_swallowing(
    sheet_file: Path, tail: str
) -> None:
    sheet_file.write_text('a,b,c\n1,x,1\n2,"y,1\n3,z,1\n' + tail)
    with pytest.raises(InputError, match=r"line 3: a quotation mark opens here"):
        tabular.read(sheet_file)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"a,b\n", "found no rows under the heading"),
        (b"a,b,c\n1,2\n3,4\n", "found no row of 3 values"),
        (b"just one column\nand text\n", "found one column only"),
        (b"PK\x03\x04rest", "found a zip file or an Excel workbook"),
    ],
)
def test_faulty_files_get_one_clear_message(sheet_file: Path, content: bytes, found: str) -> None:
    sheet_file.write_bytes(content)
    with pytest.raises(InputError, match=found) as caught:
        tabular.read(sheet_file)
    assert str(sheet_file) in str(caught.value)


_VALUES = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r\n"), max_size=8)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=st.lists(st.tuples(_VALUES, _VALUES, _VALUES), min_size=1, max_size=8))
def test_reading_gives_back_what_was_written(
    sheet_file: Path, rows: list[tuple[str, str, str]]
) -> None:
    # A first column of numbers keeps every row from being empty.
    written = pd.DataFrame(rows, columns=["b", "c", "d"], dtype="str")
    written.insert(0, "a", pd.Series(range(len(rows))).astype("str"))
    written.to_csv(sheet_file, index=False, quoting=1)
    sheet = tabular.read(sheet_file)
    expected = written.apply(lambda values: values.str.strip())
    pd.testing.assert_frame_equal(sheet.table, expected, check_column_type=False)
    assert sheet.line.tolist() == [*range(2, len(rows) + 2)]


def test_very_wide_tables_and_very_long_headings(sheet_file: Path) -> None:
    wide = ",".join(f"c{i}" for i in range(1_500))
    sheet_file.write_text(f'{wide}\n"x\ny"{"," * 1_499}\n')
    assert tabular.read(sheet_file).table.shape == (1, 1_500)
    sheet_file.write_text("a" * 200_000 + ",b\n1,2\n")
    with pytest.raises(InputError, match="line 1: the heading cannot be read"):
        tabular.read(sheet_file)


def is_place(values: Sequence[str]) -> bool:
    return {"x", "y"} <= {value.strip() for value in values}


def test_lines_of_a_title_above_known_headings_are_left_out(sheet_file: Path) -> None:
    sheet_file.write_text("Street lights\n,,\nMade,2024\n\nid,x,y\n1,2,3\n4,5,6\n")
    sheet = tabular.read(sheet_file, is_heading=is_place)
    assert list(sheet.table.columns) == ["id", "x", "y"]
    assert sheet.line.tolist() == [6, 7]
    assert (sheet.rows_in, len(sheet.set_aside)) == (2, 0)
    assert sheet.repairs == ("3 lines above the headings were left out",)


def test_rows_above_known_headings_are_no_title(sheet_file: Path) -> None:
    sheet_file.write_text("a,b,c\n1,2,3\nid,x,y\n1,2,3\n")
    with pytest.raises(InputError, match="line 3: other headings start here"):
        tabular.read(sheet_file, is_heading=is_place)


def test_a_line_that_says_the_delimiter_is_no_row(sheet_file: Path) -> None:
    sheet_file.write_text("sep=;\nid;x;y\n1;2;3\n")
    sheet = tabular.read(sheet_file, is_heading=is_place)
    assert (sheet.rows_in, sheet.line.tolist(), sheet.repairs) == (1, [3], ())


def test_headings_that_come_again_are_quarantined_and_others_refused(sheet_file: Path) -> None:
    sheet_file.write_text("id,x,y\n1,2,3\nid,x,y\n4,5,6\n")
    sheet = tabular.read(sheet_file, is_heading=is_place)
    assert sheet.set_aside[["line", "status"]].to_numpy().tolist() == [[3, "quarantined"]]
    assert (sheet.rows_in, len(sheet.table)) == (3, 2)
    for other in ("id,y,x", "id,x,y,z"):
        sheet_file.write_text(f"id,x,y\n1,2,3\n{other}\n4,5,6\n")
        with pytest.raises(InputError, match="line 3: other headings start here"):
            tabular.read(sheet_file, is_heading=is_place)


def test_rows_with_bytes_that_are_no_text_are_quarantined(sheet_file: Path) -> None:
    sheet_file.write_bytes(b"id,x\n1,a\n2,\x81\n3,\x00\n4,b\n5,\xe9\n")
    sheet = tabular.read(sheet_file)
    assert sheet.table["id"].tolist() == ["1", "4", "5"]
    assert sheet.set_aside["line"].tolist() == [3, 4]
    assert sheet.repairs == ("1 rows are not UTF-8 and were read as Windows-1252",)
    sheet_file.write_bytes(b"Title\nid,x\x81\n" + b"1,a\n" * 9)
    with pytest.raises(InputError, match="line 2: the headings hold bytes"):
        tabular.read(sheet_file, is_heading=lambda values: values[0] == "id")


def test_an_empty_value_at_the_end_of_every_row_is_a_column(sheet_file: Path) -> None:
    sheet_file.write_text("id,x\n1,2,\n3,4,\n")
    sheet = tabular.read(sheet_file)
    assert list(sheet.table.columns) == ["id", "x", "column 3"]
    assert (sheet.rows_in, sheet.line.tolist()) == (2, [2, 3])


def test_padded_values_are_told_by_column(sheet_file: Path) -> None:
    sheet_file.write_text("id,name,type\n1, a,SL  \n2,b,  SL\n3,c,SL\n")
    padded = tabular.read(sheet_file).padded
    assert {name: values.tolist() for name, values in padded.items()} == {
        "type": [True, True, False]
    }


def test_utf_16_is_counted(sheet_file: Path) -> None:
    sheet_file.write_text("id\tx\n1\t2\n3\t4\n", encoding="utf-16")
    sheet = tabular.read(sheet_file)
    assert (sheet.rows_in, sheet.repairs) == (2, ("2 rows were read as UTF-16",))


def test_bytes_at_hand_are_read_in_place_of_the_file(sheet_file: Path) -> None:
    assert tabular.read(sheet_file, data=b"id,x\n1,2\n").rows_in == 1


def test_the_first_fifty_lines_tell_the_delimiter(sheet_file: Path) -> None:
    lines = [*["a,b"] * 25, *["a;b;c"] * 25, "a,b"]
    assert tabular._delimiter(sheet_file, lines) == ";"
    assert tabular._delimiter(sheet_file, ["a,b", *lines]) == ","


def test_of_a_single_column_the_first_letters_are_shown(sheet_file: Path) -> None:
    sheet_file.write_text("x" * 70 + "\n")
    with pytest.raises(InputError, match=rf"found one column only \('{'x' * 60}'\); expected col"):
        tabular.read(sheet_file)


@pytest.mark.parametrize(
    ("n_columns", "n_delimiters", "is_refused"),
    [(1, 1, True), (1, 0, False), (3, 2, True), (3, 1, False), (51, 50, True), (51, 49, False),
     (60, 50, True), (60, 49, False)],
)  # fmt: skip
def test_a_value_that_holds_a_row_is_refused(
    sheet_file: Path, n_columns: int, n_delimiters: int, *, is_refused: bool
) -> None:
    rows = pd.DataFrame([["a"] * n_columns, ["x\n" + "," * n_delimiters] + ["b"] * (n_columns - 1)])
    rows = rows.astype("str").set_axis([7, 9])
    if is_refused:
        with pytest.raises(InputError, match="line 9: a quotation mark opens here and swallows"):
            tabular._refuse_swallowed(sheet_file, rows, tabular._NO_ROWS, ",")
    else:
        tabular._refuse_swallowed(sheet_file, rows, tabular._NO_ROWS, ",")


@pytest.mark.parametrize(("n_above", "is_found"), [(39, True), (40, False)])
def test_headings_are_looked_for_in_forty_lines(
    sheet_file: Path, n_above: int, *, is_found: bool
) -> None:
    sheet_file.write_text("Lights,,\n" * n_above + "id,x,y\n1,2,3\n")
    if is_found:
        sheet = tabular.read(sheet_file, is_heading=is_place)
        assert list(sheet.table.columns) == ["id", "x", "y"]
        assert sheet.repairs == ("39 lines above the headings were left out",)
    else:
        with pytest.raises(InputError, match="line 41: other headings start here"):
            tabular.read(sheet_file, is_heading=is_place)


def test_headings_that_swallow_rows_are_refused_with_their_line(sheet_file: Path) -> None:
    sheet_file.write_text('\nid,"x,y\n1,2,3\n4,5,6\n7,8,9\n')
    with pytest.raises(InputError, match="line 2: a quotation mark opens here"):
        tabular.read(sheet_file)


def test_a_file_of_blanks_between_delimiters_holds_no_text(sheet_file: Path) -> None:
    sheet_file.write_text(",,\n , ,\n,,")
    with pytest.raises(InputError, match="line 1: the first 3 rows hold no text; save the table"):
        tabular.read(sheet_file)
